"""ProjectOriginals: what a project had, in the state before anything is written to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, Refused, Resource, Secret
from tests.providers.supabase.conftest import REF, Project, run
from tests.providers.supabase.test_edge_function import inputs as function_inputs
from tests.providers.supabase.test_secrets import inputs as secret_inputs
from tests.providers.supabase.test_secrets import put
from tests.support.interception import intercepted

KIND = "ProjectOriginals"


def record(project: Project, **given: Any) -> Resource:
    """Create a record."""
    resource: Resource = run(project.plugin().create(KIND, "originals", {"projectRef": REF, **given}))
    return resource


def names(project: Project) -> set[str]:
    """Return the names of the project's secrets that these tests use."""
    return {s["name"] for s in project.get("/secrets")} & {"OURS", "THEIRS"}


def test_secrets_of_a_killed_create_are_deleted_later(project: Project) -> None:
    """They are there already, with our values; the record says that this stack created one of them."""
    put(project, THEIRS="same")
    found = record(project, secretNames=["OURS", "THEIRS"])
    assert found.state["existingSecrets"] == ["THEIRS"]
    put(project, OURS="ours")  # what the killed create wrote
    given = secret_inputs(OURS="ours", THEIRS="same", _existing=found.state["existingSecrets"])
    resource = run(project.plugin().create("EdgeFunctionSecrets", "s", given))
    assert resource.state["created"] == ["OURS"]
    run(project.plugin().delete(resource))
    assert names(project) == {"THEIRS"}


def test_a_secret_of_a_killed_update_is_deleted_later(project: Project) -> None:
    """The same for a name that was added later."""
    resource = run(project.plugin().create("EdgeFunctionSecrets", "s", secret_inputs(THEIRS="x", _existing=[])))
    put(project, OURS="ours")
    more = secret_inputs(THEIRS="x", OURS="ours", _existing=[])
    resource = run(project.plugin().update(run(project.plugin().read(resource)), more))
    assert resource.state["created"] == ["OURS", "THEIRS"]


def test_a_record_changes_nothing_for_secrets_in_the_state(project: Project) -> None:
    """Given later, it is no difference, and what the state says of its names stays."""
    put(project, THEIRS="same")
    resource = run(
        project.plugin().create("EdgeFunctionSecrets", "s", secret_inputs(THEIRS="same", OURS="ours"))
    )
    later = secret_inputs(THEIRS="same", OURS="ours", _existing=["OURS"])
    assert run(project.plugin().diff(resource, later)) == {}
    assert run(project.plugin().update(resource, later)).state["created"] == ["OURS"]


@pytest.mark.usefixtures("quick_retries")
def test_answers_about_secrets_that_are_lost(project: Project) -> None:
    """The resource is kept as partly created, and its delete removes what was written."""
    with intercepted(project.api_url) as proxy:
        proxy.strike("POST", "/secrets", times=8)
        with pytest.raises(Refused, match="run pulumi up again") as caught:
            run(project.plugin(apiUrl=proxy.url).create("EdgeFunctionSecrets", "s", secret_inputs(OURS="ours")))
    assert names(project) == {"OURS"}
    assert caught.value.kept is not None
    resource_id, state = caught.value.kept
    kept = Resource(project.plugin().urn("EdgeFunctionSecrets", "s"), resource_id, {"projectRef": REF}, state)
    run(project.plugin().delete(kept))
    assert names(project) == set()


def test_an_adopted_function_whose_create_was_killed(project: Project) -> None:
    """Our files are live already; the record has the earlier ones, and a delete puts those back."""
    project.write_function("theirs")
    theirs = run(project.plugin().create("EdgeFunction", "f", function_inputs(project)))
    assert project.said() == "says theirs"
    found = record(project, functions=["answer", "absent"])
    files = found.state["functionFiles"].value
    assert files["absent"] == ""
    project.write_function("ours")
    run(project.plugin().update(theirs, function_inputs(project)))  # what the killed create deployed
    given = function_inputs(project, adopt=True, original=Secret(files["answer"]))
    resource = run(project.plugin().create("EdgeFunction", "f", given))
    assert project.said() == "says ours"
    later = {**given, "original": Secret("{}")}
    assert run(project.plugin().diff(run(project.plugin().read(resource)), later)) == {}
    run(project.plugin().delete(resource))
    assert project.said() == "says theirs"


def test_a_function_that_was_not_there_is_deleted_also_with_adopt(project: Project) -> None:
    """With adopt, a killed create finds its own files; the record says that there was nothing before."""
    project.write_function("ours")
    run(project.plugin().create("EdgeFunction", "f", function_inputs(project)))
    given = function_inputs(project, adopt=True, original=Secret(""))
    resource = run(project.plugin().create("EdgeFunction", "f", given))
    run(project.plugin().delete(resource))
    assert "answer" not in project.functions()


@pytest.mark.parametrize("unknown", ["projectRef", "secretNames", "functions"])
def test_what_is_not_known_yet_is_read_by_the_update(project: Project, unknown: str) -> None:
    """A preview of a program whose project or names come from another resource."""
    given = {"projectRef": REF, "secretNames": ["OURS"], "functions": ["answer"], unknown: UNKNOWN}
    preview = run(project.plugin().create(KIND, "originals", given, preview=True))
    assert preview.state["existingSecrets"] is UNKNOWN
    assert preview.state["functionFiles"] == Secret(UNKNOWN)


def test_what_was_read_is_kept(project: Project) -> None:
    """A preview reads as the update does; what is recorded is not read again, new names are."""
    put(project, THEIRS="x")
    given = {"projectRef": REF, "secretNames": ["THEIRS"]}
    preview = run(project.plugin().create(KIND, "originals", given, preview=True))
    found = record(project, secretNames=["THEIRS"])
    assert preview.state == {**found.state}
    put(project, OURS="x")
    more = {**given, "secretNames": ["OURS", "THEIRS"]}
    found = run(project.plugin().update(run(project.plugin().read(found)), more))
    assert found.state["existingSecrets"] == ["OURS", "THEIRS"]
    project.api.request("DELETE", "/secrets", json=["OURS", "THEIRS"]).raise_for_status()
    refreshed = run(project.plugin().read(found))
    assert refreshed.state["existingSecrets"] == ["OURS", "THEIRS"]
    assert run(project.plugin().update(refreshed, more)).state["existingSecrets"] == ["OURS", "THEIRS"]
    run(project.plugin().delete(found))
