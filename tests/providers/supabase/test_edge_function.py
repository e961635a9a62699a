"""A function's life under Pulumi: deployed, unchanged, changed, drifted, put right, given back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret, ServicerClient
from tests.providers.supabase.conftest import ANSWER, REF, RIGHT, SHARED, Project, run

KIND = "EdgeFunction"
# What an import cannot know, left out.
AS_IMPORTED = dict.fromkeys(("revisionFile", "checks", "projectUrl", "checkTimeoutSeconds"))


def inputs(project: Project, **given: Any) -> dict[str, Any]:
    """Return a program's inputs for the function ``answer``."""
    base = {
        "projectRef": REF,
        "slug": "answer",
        "directory": "functions/answer",
        "verifyJwt": False,
        "revisionFile": "revision.json",
        "projectUrl": project.url,
        "checks": [RIGHT],
        "checkTimeoutSeconds": 5,
    }
    return {k: v for k, v in {**base, **given}.items() if v is not None}


def create(project: Project, client: ServicerClient | None = None, **given: Any) -> Resource:
    """Deploy the function ``answer``."""
    created: Resource = run((client or project.plugin()).create(KIND, "f", inputs(project, **given)))
    return created


def changes(project: Project, resource: Resource, **given: Any) -> dict[str, str]:
    """Return what the next preview shows, in a new process, after its refresh."""
    client = project.plugin()
    seen = run(client.read(resource))
    assert seen is not None
    found: dict[str, str] = run(client.diff(seen, inputs(project, **given)))
    return found


def update(
    project: Project, resource: Resource, client: ServicerClient | None = None, **given: Any
) -> Resource:
    """Refresh and update, in a new process where none is given."""
    client = client or project.plugin()
    seen = run(client.read(resource))
    assert seen is not None
    updated: Resource = run(client.update(seen, inputs(project, **given)))
    return updated


class TestDeploying:
    """From files to a function that answers."""

    def test_the_first_deploy(self, project: Project) -> None:
        """The function answers with its revision; the outputs describe it; no candidate is left."""
        resource = create(project)
        live = project.functions()
        assert set(live) == {"answer"}
        assert project.ask().json() == {
            "text": "says hello",
            "revision": resource.state["revision"],
            "slug": "answer",
        }
        assert resource.id == f"{REF}/answer"
        assert resource.state["functionId"] == live["answer"]["id"]
        assert resource.state["version"] == live["answer"]["version"] == 1
        assert resource.state["bundleSha256"] == live["answer"]["ezbr_sha256"]
        assert resource.state["url"] == f"{project.url}/functions/v1/answer"
        assert live["answer"]["verify_jwt"] is False
        assert live["answer"]["name"] == "answer"
        assert set(resource.state["fileHashes"]) == {"answer/index.ts", "_shared/text.ts"}

    def test_a_preview_changes_nothing_and_knows_the_revision(self, project: Project) -> None:
        """What can be known beforehand is: the revision, the URL."""
        client = project.plugin()
        preview = run(client.create(KIND, "f", inputs(project), preview=True))
        assert project.functions() == {}
        resource = create(project)
        assert preview.state["revision"] == resource.state["revision"]
        assert preview.state["url"] == resource.state["url"]
        assert preview.state["version"] is UNKNOWN

    def test_unknown_settings_are_no_obstacle_to_a_preview(self, project: Project) -> None:
        """Generated files, triggers and checks that other resources will give."""
        project.write("functions/answer/index.ts", 'import s from "./generated.ts"; Deno.serve(s);')
        given = inputs(project, files=UNKNOWN, triggers={"A": UNKNOWN}, checks=UNKNOWN)
        preview = run(project.plugin().create(KIND, "f", given, preview=True))
        assert "revision" in preview.state
        assert preview.state["revision"] is UNKNOWN
        given = inputs(project, files={"generated.ts": UNKNOWN})
        preview = run(project.plugin().create(KIND, "f", given, preview=True))
        assert preview.state["revision"] is UNKNOWN

    def test_the_candidate_is_asked_first(self, project: Project) -> None:
        """The candidate answers its own checks, before the slug is deployed."""
        candidate = {
            "name": "as candidate",
            "method": "GET",
            "expect": {"json": {"slug": "answer-candidate", "revision": "{revision}"}},
        }
        create(project, candidateChecks=[candidate])
        written = [r for r in project.requests() if not r.startswith("GET")]
        assert written == [
            "POST /functions/deploy",
            "DELETE /functions/answer-candidate",
            "POST /functions/deploy",
        ]

    def test_no_candidate_on_request(self, project: Project) -> None:
        """An empty list of candidate checks goes straight to the slug."""
        create(project, candidateChecks=[])
        assert [r for r in project.requests() if not r.startswith("GET")] == ["POST /functions/deploy"]

    def test_all_settings_arrive(self, project: Project) -> None:
        """Name, verify_jwt and the import map are sent and deployed."""
        project.write("functions/answer/deno.json", "{}")
        create(project, name="The answer", verifyJwt=True, checks=None)
        live = project.functions()["answer"]
        assert (live["name"], live["verify_jwt"], live["import_map"]) == ("The answer", True, True)
        assert project.ask().status_code == 401

    def test_forms_headers_and_bodies_reach_the_function(self, project: Project) -> None:
        """Checks send what they say, a form in the order of its names, and read what comes back."""
        project.write(
            "functions/answer/index.ts",
            "Deno.serve(async (r) => new Response(`${r.method} ${new URL(r.url).search} "
            '${r.headers.get("x-key")} ${await r.text()}`, { status: 202 }));',
        )
        form = {
            "name": "form",
            "path": "?a=b",
            "headers": {"X-Key": "one"},
            "form": {"b": "2 2", "a": "é"},
            "expect": {"status": 202, "contains": "POST ?a=b one a=%C3%A9&b=2+2"},
        }
        body = {
            "name": "body",
            "method": "PUT",
            "body": "text",
            "expect": {"status": 202, "contains": "null text"},
        }
        create(project, checks=[form, body])
        assert set(project.functions()) == {"answer"}


class TestDifferences:
    """What the next preview shows."""

    def test_nothing_changes_where_nothing_changed(self, project: Project) -> None:
        """A second preview is empty."""
        resource = create(project, files={"settings.json": "{}"}, triggers={"A": "1"})
        assert changes(project, resource, files={"settings.json": "{}"}, triggers={"A": "1"}) == {}

    def test_changed_files_are_named(self, project: Project) -> None:
        """Changed, added and removed files show by their names."""
        resource = create(project)
        project.write(
            "functions/answer/index.ts",
            'import "./new.ts";\n' + ANSWER.format(word="bye").split("\n", 1)[1].replace("text(", "String("),
        )
        project.write("functions/answer/new.ts", "export {};")
        assert changes(project, resource) == {
            'fileHashes["answer/index.ts"]': "UPDATE",
            'fileHashes["answer/new.ts"]': "ADD",
            'fileHashes["_shared/text.ts"]': "DELETE",
        }

    def test_a_file_that_is_not_reached_changes_nothing(self, project: Project) -> None:
        """A test beside the function is none of its files."""
        resource = create(project)
        project.write("functions/answer/index_test.ts", "1")
        project.write("functions/answer/revision.json", '{"revision": "something else"}')
        assert changes(project, resource) == {}

    @pytest.mark.parametrize(
        ("given", "path", "kind"),
        [
            ({"verifyJwt": True, "checks": None}, "verifyJwt", "UPDATE"),
            ({"name": "The answer"}, "name", "ADD"),
            ({"files": {"settings.json": "{}"}}, "files", "ADD"),
            ({"triggers": {"A": "1"}}, "triggers", "ADD"),
        ],
    )
    def test_settings_alone_are_a_change(
        self, project: Project, given: dict[str, Any], path: str, kind: str
    ) -> None:
        """With the files unchanged, a changed setting shows, is deployed, and is then no change any more."""
        resource = create(project)
        assert changes(project, resource, **given)[path] == kind
        updated = update(project, resource, **given)
        assert updated.state["version"] == 2
        assert updated.state["revision"] != resource.state["revision"]
        assert changes(project, updated, **given) == {}

    def test_generated_files_and_triggers_show_by_name(self, project: Project) -> None:
        """One line a file, one a trigger."""
        resource = create(project, files={"a.json": "1", "b.json": "1"}, triggers={"X": "1", "Y": "1"})
        found = changes(project, resource, files={"a.json": "1", "b.json": "2"}, triggers={"X": "2", "Y": "1"})
        assert found == {'files["b.json"]': "UPDATE", "triggers.X": "UPDATE"}

    def test_another_slug_is_another_function(self, project: Project) -> None:
        """Slug and project cannot be changed in place."""
        resource = create(project)
        assert changes(project, resource, slug="other") == {"slug": "UPDATE_REPLACE"}

    def test_changed_checks_deploy_nothing(self, project: Project) -> None:
        """What is live is asked by the new checks; wrong answers fail the update."""
        resource = create(project)
        other = {"name": "other", "method": "GET", "expect": {"json": {"text": "says hello"}}}
        updated = update(project, resource, checks=[other])
        assert updated.state["version"] == 1
        wrong = {**other, "expect": {"json": {"text": "says bye"}}}
        with pytest.raises(
            Refused, match="check 'other' expected status 200 with .*says bye.*last seen: status 200"
        ):
            update(project, updated, checks=[wrong], checkTimeoutSeconds=1)

    def test_files_that_change_while_the_update_runs(self, project: Project) -> None:
        """What is deployed is what the preview named, or nothing."""
        client = project.plugin()
        resource = create(project)
        project.write_function("bye")
        seen = run(client.read(resource))
        assert seen is not None
        checked = run(client.check(KIND, "f", inputs(project), seen.inputs))
        project.write_function("changed again")

        async def late_update() -> None:
            client.check = lambda *_: _later(checked)  # type: ignore[method-assign]
            await client.update(seen, inputs(project))

        with pytest.raises(Refused, match=r"answer/index\.ts changed while the update ran"):
            run(late_update())
        assert project.said() == "says hello"


async def _later(value: Any) -> Any:
    return value


class TestDrift:
    """What others do shows, and is put right."""

    def test_a_deploy_from_elsewhere(self, project: Project) -> None:
        """It shows as one change, and the next update brings this program's files back."""
        resource = create(project)
        project.deploy_elsewhere()
        assert changes(project, resource) == {"deployment": "UPDATE"}
        updated = update(project, resource)
        assert project.said() == "says hello"
        assert changes(project, updated) == {}

    def test_a_refresh_does_not_take_it_for_ours(self, project: Project) -> None:
        """Drift that a refresh has written into the state is still drift afterwards."""
        resource = create(project)
        project.deploy_elsewhere()
        refreshed = run(project.plugin().read(resource))
        assert refreshed is not None
        assert changes(project, refreshed) == {"deployment": "UPDATE"}

    def test_a_flipped_verify_jwt(self, project: Project) -> None:
        """The setting that others are known to flip shows as itself, and is put right."""
        resource = create(project)
        project.api.patch("/functions/answer", json={"verify_jwt": True}).raise_for_status()
        assert changes(project, resource) == {"verifyJwt": "UPDATE"}
        updated = update(project, resource)
        assert project.functions()["answer"]["verify_jwt"] is False
        assert changes(project, updated) == {}

    def test_a_changed_name_matters_where_the_program_gives_one(self, project: Project) -> None:
        """A name that the program does not give is not its business, and survives a deploy."""
        resource = create(project)
        project.api.patch("/functions/answer", json={"name": "renamed"}).raise_for_status()
        assert changes(project, resource) == {}
        project.write_function("bye")
        resource = update(project, resource)
        assert project.functions()["answer"]["name"] == "renamed"
        resource = update(project, resource, name="Ours")
        project.api.patch("/functions/answer", json={"name": "renamed"}).raise_for_status()
        assert changes(project, resource, name="Ours") == {"name": "UPDATE"}

    def test_a_deleted_function_is_created_again(self, project: Project) -> None:
        """A refresh reports it as gone."""
        resource = create(project)
        project.api.delete("/functions/answer").raise_for_status()
        assert run(project.plugin().read(resource)) is None

    def test_a_missing_project_is_not_a_missing_function(self, project: Project) -> None:
        """A project that the token cannot see must not make the state forget its functions."""
        resource = create(project)
        elsewhere = Resource(resource.urn, f"{'x' * 20}/answer", resource.inputs, resource.state)
        with pytest.raises(Refused, match="project x{20} does not exist, or the access token may not see it"):
            run(project.plugin().read(elsewhere))


class TestAdoption:
    """Functions that were there before."""

    @pytest.mark.parametrize("preview", [True, False])
    def test_an_existing_function_is_refused(self, project: Project, preview: bool) -> None:
        """Preview and update say which one, and what to add."""
        project.deploy_elsewhere()
        with pytest.raises(
            Refused, match=rf"adopt: project {REF} already has a function answer .*add adopt=True"
        ):
            run(project.plugin().create(KIND, "f", inputs(project), preview=preview))
        assert project.said() == "foreign"

    def test_an_adopted_function_is_kept_and_given_back(self, project: Project) -> None:
        """Files and settings of before come back when the resource goes; they are secret in the state."""
        project.deploy_elsewhere(name="Theirs", verify_jwt=False)
        client = project.plugin()
        run(client.create(KIND, "f", inputs(project, adopt=True), preview=True))
        assert "is taken over; its files are kept" in client.said
        resource = create(project, adopt=True)
        assert project.said() == "says hello"
        assert isinstance(resource.state["original"], Secret)
        project.write_function("bye")
        resource = update(project, resource, adopt=True)
        client = project.plugin()
        run(client.delete(resource))
        assert project.said() == "foreign"
        assert project.functions()["answer"]["name"] == "Theirs"
        assert "its previous files are restored" in client.said

    def test_somebodys_newer_deploy_is_not_undone_by_a_delete(self, project: Project) -> None:
        """Where somebody else has deployed over an adopted function since, a delete leaves it."""
        project.deploy_elsewhere()
        resource = create(project, adopt=True)
        project.deploy_elsewhere(word="newer")
        client = project.plugin()
        run(client.delete(resource))
        assert project.said() == "newer"
        assert "deployed from elsewhere since" in client.said

    def test_what_a_killed_create_left_is_taken_for_ours(self, project: Project) -> None:
        """A function that is exactly what would be deployed needs no adopt and no second deploy."""
        create(project)
        resource = create(project)
        assert resource.state["version"] == 1
        assert "original" not in resource.state
        run(project.plugin().delete(resource))
        assert project.functions() == {}

    def test_a_delete_of_a_function_that_is_gone(self, project: Project) -> None:
        """It succeeds, and deletes nothing else."""
        resource = create(project)
        project.deploy_elsewhere("other")
        project.api.delete("/functions/answer").raise_for_status()
        run(project.plugin().delete(resource))
        assert set(project.functions()) == {"other"}
        assert "DELETE /functions/other" not in project.requests()


class TestImport:
    """Taking a function into a program that was deployed by hand."""

    def test_an_import_is_followed_by_an_empty_preview(self, project: Project) -> None:
        """Where folder and settings are the same as what is deployed, nothing differs."""
        create(project, revisionFile=None, checks=None)
        imported = run(project.plugin().import_(KIND, "f", f"{REF}/answer"))
        assert imported is not None
        assert imported.inputs["directory"] == "functions/answer"
        assert run(project.plugin().check(KIND, "f", imported.inputs)) == imported.inputs
        assert changes(project, imported, **AS_IMPORTED) == {}

    def test_differing_files_are_named(self, project: Project) -> None:
        """The paths of the Supabase CLI are understood: files show by their names here."""
        files = {
            "supabase/functions/answer/index.ts": ANSWER.format(word="hand-made"),
            "supabase/functions/answer/revision.json": '{"revision": "development"}\n',
            "supabase/functions/_shared/text.ts": SHARED,
        }
        answer = project.api.post(
            "/functions/deploy",
            params={"slug": "answer"},
            files=[
                *(("file", (path, text)) for path, text in files.items()),
                (
                    "metadata",
                    (None, '{"entrypoint_path": "supabase/functions/answer/index.ts", "verify_jwt": false}'),
                ),
            ],
        )
        assert answer.status_code == 201, answer.text
        imported = run(project.plugin().import_(KIND, "f", f"{REF}/answer"))
        assert imported is not None
        assert changes(project, imported, **AS_IMPORTED) == {'fileHashes["answer/index.ts"]': "UPDATE"}
        run(project.plugin().delete(update(project, imported, **AS_IMPORTED)))
        assert project.said() == "says hand-made"

    def test_nothing_to_import(self, project: Project) -> None:
        """A slug without a function imports nothing; another form of ID is a clear error."""
        assert run(project.plugin().import_(KIND, "f", f"{REF}/nothing")) is None
        with pytest.raises(Refused, match="is not a project's reference, a slash and a slug"):
            run(project.plugin().import_(KIND, "f", "answer"))


class TestInputs:
    """What cannot be right is refused before anything is sent."""

    def test_every_wrong_input_at_once(self, project: Project) -> None:
        """Each failure with its property, in one go."""
        wrong = inputs(
            project,
            projectRef="nope",
            slug="1answer",
            files={"../x": "y"},
            revisionFile="/etc/passwd",
            projectUrl="http://x/",
            consecutiveChecks=0,
            checks=[{"name": "x", "expect": {"stauts": 200}}],
            verifyJwt=None,
        )
        with pytest.raises(CheckFailed) as failed:
            run(project.plugin().check(KIND, "f", wrong))
        assert set(failed.value.failures) == {
            "projectRef",
            "slug",
            "files",
            "revisionFile",
            "projectUrl",
            "consecutiveChecks",
            "checks[0].expect.stauts",
            "verifyJwt",
        }

    def test_a_missing_import_is_a_check_failure(self, project: Project) -> None:
        """The preview names file and line."""
        project.write("functions/_shared/text.ts", '\n\nexport * from "./gone.ts";')
        with pytest.raises(CheckFailed, match="directory: _shared/text.ts line 3 imports ./gone.ts"):
            run(project.plugin().check(KIND, "f", inputs(project)))

    def test_a_secret_generated_file_makes_the_revision_secret(self, project: Project) -> None:
        """A hash over a secret is one."""
        resource = create(project, files={"key.json": Secret('"hidden"')})
        assert isinstance(resource.state["revision"], Secret)
        assert isinstance(resource.state["files"]["key.json"], Secret)
        assert not any("hidden" in str(h) for h in resource.state["fileHashes"].values())
