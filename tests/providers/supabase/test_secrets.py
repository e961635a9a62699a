"""Secrets of a project's functions: only those declared, and none of anybody else's."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.supabase.conftest import REF, Project, run

KIND = "EdgeFunctionSecrets"


def inputs(**values: Any) -> dict[str, Any]:
    """Return a program's inputs; a name beginning with an underscore is another property."""
    others = {k[1:]: v for k, v in values.items() if k.startswith("_")}
    return {
        "projectRef": REF,
        "values": Secret({k: v for k, v in values.items() if not k.startswith("_")}),
        **others,
    }


def create(project: Project, **values: Any) -> Resource:
    """Create the secrets."""
    created: Resource = run(project.plugin().create(KIND, "s", inputs(**values)))
    return created


def refreshed(project: Project, resource: Resource) -> Resource:
    """Return the resource after a refresh in a new process."""
    seen = run(project.plugin().read(resource))
    assert seen is not None
    return seen


def changes(project: Project, resource: Resource, **values: Any) -> dict[str, str]:
    """Return what the next preview shows."""
    found: dict[str, str] = run(project.plugin().diff(refreshed(project, resource), inputs(**values)))
    return found


def update(project: Project, resource: Resource, **values: Any) -> Resource:
    """Refresh and update."""
    updated: Resource = run(project.plugin().update(refreshed(project, resource), inputs(**values)))
    return updated


def put(project: Project, **values: str) -> None:
    """Set secrets as somebody else would."""
    body = [{"name": n, "value": v} for n, v in values.items()]
    project.api.post("/secrets", json=body).raise_for_status()


def digest(value: str) -> str:
    """Return what Supabase shows of a value."""
    return hashlib.sha256(value.encode()).hexdigest()


def writes(project: Project) -> list[str]:
    """Return the requests that changed something."""
    return [r for r in project.requests() if not r.startswith("GET")]


def test_the_whole_life(project: Project) -> None:
    """Created in one write, unchanged, one renewed and one dropped and one added, deleted; others' stay."""
    put(project, THEIRS="stays")
    resource = create(project, ONE="1", TWO="2")
    assert writes(project) == ["POST /secrets"]
    assert project.secrets() == {"THEIRS": digest("stays"), "ONE": digest("1"), "TWO": digest("2")}
    assert changes(project, resource, ONE="1", TWO="2") == {}
    assert changes(project, resource, ONE="x", THREE="3") == {
        "values.ONE": "UPDATE",
        "values.TWO": "DELETE",
        "values.THREE": "ADD",
    }
    resource = update(project, resource, ONE="x", THREE="3")
    assert writes(project) == ["POST /secrets", "POST /secrets", "DELETE /secrets"]
    assert project.secrets() == {"THEIRS": digest("stays"), "ONE": digest("x"), "THREE": digest("3")}
    assert resource.state["created"] == ["ONE", "THREE"]
    run(project.plugin().delete(resource))
    assert project.secrets() == {"THEIRS": digest("stays")}


def test_fifty_changes_are_one_write(project: Project) -> None:
    """Any number of changes is one bulk write, with only the values that differ."""
    values = {f"N{n}": str(n) for n in range(50)}
    resource = create(project, **values)
    update(project, resource, **{**values, "N1": "changed"})
    update(project, resource, **dict.fromkeys(values, "changed"))
    assert writes(project) == ["POST /secrets"] * 3


class TestForeign:
    """Names that exist already."""

    @pytest.mark.parametrize("preview", [True, False])
    def test_another_value_is_refused(self, project: Project, preview: bool) -> None:
        """Preview and update name it; nothing is written, not even the others."""
        put(project, TAKEN="theirs")
        with pytest.raises(Refused, match="values: TAKEN exists already .*another value.*adopt=True"):
            run(project.plugin().create(KIND, "s", inputs(TAKEN="ours", NEW="1"), preview=preview))
        assert project.secrets() == {"TAKEN": digest("theirs")}

    def test_the_same_value_is_taken_as_it_is(self, project: Project) -> None:
        """Nothing is overwritten, so nothing is refused; a delete leaves it."""
        put(project, SAME="value")
        resource = create(project, SAME="value", NEW="1")
        assert resource.state["created"] == ["NEW"]
        client = project.plugin()
        run(client.delete(resource))
        assert project.secrets() == {"SAME": digest("value")}
        assert "SAME existed before and stay as they are" in client.said

    def test_adopt_overwrites_and_says_so(self, project: Project) -> None:
        """The preview tells what is overwritten; a delete cannot bring it back and leaves the name."""
        put(project, TAKEN="theirs")
        client = project.plugin()
        run(client.create(KIND, "s", inputs(TAKEN="ours", _adopt=True), preview=True))
        assert "TAKEN exist and are overwritten" in client.said
        resource = create(project, TAKEN="ours", _adopt=True)
        assert project.secrets() == {"TAKEN": digest("ours")}
        run(project.plugin().delete(resource))
        assert project.secrets() == {"TAKEN": digest("ours")}

    def test_a_name_added_later_is_refused_too(self, project: Project) -> None:
        """An update is no way around it."""
        resource = create(project, ONE="1")
        put(project, TAKEN="theirs")
        seen = refreshed(project, resource)
        for preview in (True, False):
            with pytest.raises(Refused, match="TAKEN exists already"):
                run(project.plugin().update(seen, inputs(ONE="2", TAKEN="ours"), preview=preview))
        assert project.secrets() == {"ONE": digest("1"), "TAKEN": digest("theirs")}


class TestDrift:
    """What others do to our names."""

    def test_a_value_changed_elsewhere(self, project: Project) -> None:
        """It shows under its name and is put right; no value or digest of it is plain anywhere."""
        resource = create(project, ONE="1", TWO="2")
        put(project, ONE="changed elsewhere")
        seen = refreshed(project, resource)
        assert isinstance(seen.inputs["values"], Secret)
        assert changes(project, resource, ONE="1", TWO="2") == {"values.ONE": "UPDATE"}
        update(project, resource, ONE="1", TWO="2")
        assert project.secrets() == {"ONE": digest("1"), "TWO": digest("2")}

    def test_a_name_deleted_elsewhere(self, project: Project) -> None:
        """It shows as added and is written again."""
        resource = create(project, ONE="1", TWO="2")
        project.api.request("DELETE", "/secrets", json=["ONE"]).raise_for_status()
        assert changes(project, resource, ONE="1", TWO="2") == {"values.ONE": "ADD"}
        resource = update(project, resource, ONE="1", TWO="2")
        assert project.secrets() == {"ONE": digest("1"), "TWO": digest("2")}
        run(project.plugin().delete(resource))
        assert project.secrets() == {}

    def test_a_refresh_keeps_key_and_fingerprints(self, project: Project) -> None:
        """A refresh does not deploy functions again."""
        resource = create(project, ONE="1")
        put(project, ONE="x")
        seen = refreshed(project, resource)
        assert seen.state["key"] == resource.state["key"]
        assert seen.state["fingerprints"] == resource.state["fingerprints"]


class TestFingerprints:
    """Eight digits that tell same from different, and nothing else."""

    def test_they_change_with_the_value_alone(self, project: Project) -> None:
        """The same value keeps its fingerprint, another gets another; equal values do not look equal."""
        resource = create(project, ONE="1", TWO="1")
        before = resource.state["fingerprints"]
        assert all(len(f) == 8 and int(f, 16) >= 0 for f in before.values())
        assert before["ONE"] != before["TWO"]
        after = update(project, resource, ONE="2", TWO="1").state["fingerprints"]
        assert after["TWO"] == before["TWO"]
        assert after["ONE"] != before["ONE"]
        back = update(project, resource, ONE="1", TWO="1").state["fingerprints"]
        assert back == before

    def test_a_preview_knows_them(self, project: Project) -> None:
        """Known values have known fingerprints in an update's preview, so functions' triggers are known."""
        resource = create(project, ONE="1", TWO="1")
        given = {"projectRef": REF, "values": {"ONE": Secret("2"), "TWO": UNKNOWN}}
        preview = run(project.plugin().update(refreshed(project, resource), given, preview=True))
        assert preview.state["fingerprints"]["TWO"] is UNKNOWN
        updated = update(project, resource, ONE="2", TWO="1")
        assert preview.state["fingerprints"]["ONE"] == updated.state["fingerprints"]["ONE"]

    def test_another_key_makes_others(self, project: Project) -> None:
        """Two stacks with the same value cannot be compared."""
        first = create(project, ONE="1")
        second = create(project, ONE="1")
        assert first.state["fingerprints"] != second.state["fingerprints"]


class TestSecrecy:
    """Nothing of a value outside of what Pulumi encrypts."""

    def test_values_digests_and_key_are_secret(self, project: Project) -> None:
        """Whatever the program marked, the state has all three as secrets and nothing of them plain."""
        given = {"projectRef": REF, "values": {"ONE": "not marked as secret"}}
        resource = run(project.plugin().create(KIND, "s", given))
        for name in ("values", "digests", "key"):
            assert isinstance(resource.state[name], Secret), name
        plain = json.dumps({k: v for k, v in resource.state.items() if not isinstance(v, Secret)})
        assert "not marked" not in plain
        assert digest("not marked as secret")[:8] not in plain

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("SUPABASE_URL", "x", "begin with SUPABASE_"),
            ("LONG", "very secret " * 2100, "has 25,200 characters, Supabase accepts 24,576"),
            ("A=B", "x", "none of them '='"),
            ("N" * 257, "x", "1 to 256 characters"),
            ("NUL", "a\0b", "NUL"),
        ],
    )
    def test_what_supabase_would_refuse_is_refused_before(
        self, project: Project, name: str, value: str, words: str
    ) -> None:
        """Each with its name, none with its value, and no request is made."""
        with pytest.raises(CheckFailed) as failed:
            run(project.plugin().check(KIND, "s", inputs(FINE="1", **{name: value})))
        assert set(failed.value.failures) == {f"values.{name}"}
        assert words in failed.value.failures[f"values.{name}"]
        assert "very secret" not in str(failed.value)
        assert project.requests() == []


class TestImport:
    """Taking names into a program that were set by hand."""

    def test_names_are_imported_and_kept_on_delete(self, project: Project) -> None:
        """The values are not known until the program gives them; equal ones are not written again."""
        put(project, ONE="1", TWO="2", OTHER="3")
        imported = run(project.plugin().import_(KIND, "s", f"{REF}/ONE,TWO"))
        assert imported is not None
        assert imported.id == REF
        resource = update(project, imported, ONE="1", TWO="2")
        assert writes(project) == []
        assert changes(project, resource, ONE="1", TWO="2") == {}
        run(project.plugin().delete(resource))
        assert set(project.secrets()) == {"ONE", "TWO", "OTHER"}


def test_a_failing_delete_is_remembered(project: Project) -> None:
    """Where the write went through and the delete did not, the state knows both."""
    resource = create(project, ONE="1", TWO="2")
    seen = refreshed(project, resource)
    project.fault(api=[{"status": 403, "method": "DELETE", "times": 1}])
    with pytest.raises(Refused, match="edge_functions_secrets_write") as refused:
        run(project.plugin().update(seen, inputs(ONE="x")))
    assert refused.value.kept is not None
    after = Resource(resource.urn, refused.value.kept[0], seen.inputs, refused.value.kept[1])
    assert project.secrets() == {"ONE": digest("x"), "TWO": digest("2")}
    update(project, after, ONE="x")
    assert project.secrets() == {"ONE": digest("x")}
