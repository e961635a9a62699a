"""The rollout: nothing unchecked stays behind a slug, whatever goes wrong and whenever it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import httpx
import pytest

from tests.providers.servicer_client import Refused, Resource, ServicerClient
from tests.providers.supabase.conftest import REF, RIGHT, Project, run
from tests.providers.supabase.test_edge_function import KIND, changes, create, inputs, update

AS_CANDIDATE = {**RIGHT, "name": "candidate"}
WRONG = {"name": "wrong", "method": "GET", "expect": {"json": {"text": "something else"}}}


def whole(project: Project, words: Collection[str] = ("says hello", "says bye")) -> None:
    """Make sure that the slug answers with one whole revision, and that no candidate is left."""
    assert project.said() in words
    assert set(project.functions()) == {"answer"}


class TestFailing:
    """A function that does not answer correctly."""

    def test_a_wrong_candidate_never_reaches_the_slug(self, project: Project) -> None:
        """The message says which check, what was expected and what was seen last."""
        resource = create(project)
        project.write_function("bye")
        with pytest.raises(Refused) as refused:
            update(project, resource, candidateChecks=[WRONG], checkTimeoutSeconds=1)
        text = str(refused.value)
        assert 'answer-candidate: check \'wrong\' expected status 200 with {"text": "something else"}' in text
        assert 'last seen: status 200, {"text":"says bye"' in text
        assert "given up after 1 s; answer itself was not touched" in text
        whole(project, {"says hello"})
        assert project.functions()["answer"]["version"] == 1

    def test_a_function_that_does_not_start(self, project: Project) -> None:
        """Code that throws at its start is found out as candidate."""
        resource = create(project)
        project.write("functions/answer/index.ts", 'throw new Error("no");')
        with pytest.raises(Refused, match="status 503.*BOOT_ERROR.*answer itself was not touched"):
            update(project, resource, checkTimeoutSeconds=1)
        whole(project, {"says hello"})

    def test_a_function_that_cannot_be_bundled(self, project: Project) -> None:
        """The platform's own words arrive, and the slug is not touched."""
        resource = create(project)
        project.write("functions/answer/index.ts", "this is no TypeScript")
        client = project.plugin()
        with pytest.raises(Refused, match="Failed to bundle the function.*answer itself was not touched"):
            update(project, resource, client)
        assert "could not be removed" not in client.said
        whole(project, {"says hello"})

    def test_the_first_deploy_is_removed_again(self, project: Project) -> None:
        """Where nothing was before, nothing is afterwards."""
        with pytest.raises(Refused, match="answer was removed again") as refused:
            create(project, checks=[WRONG], candidateChecks=[AS_CANDIDATE], checkTimeoutSeconds=1)
        assert refused.value.kept is None
        assert project.functions() == {}

    def test_the_previous_files_are_put_back(self, project: Project) -> None:
        """A revision that fails under the slug itself gives way to the one before, and the diff stays."""
        resource = create(project)
        project.write_function("bye")
        with pytest.raises(Refused, match="the previous files of answer are back, as version 3") as refused:
            update(project, resource, checks=[WRONG], candidateChecks=[AS_CANDIDATE], checkTimeoutSeconds=1)
        whole(project, {"says hello"})
        assert refused.value.kept is not None
        kept_id, kept = refused.value.kept
        # As the engine does: new inputs and the state that came with the failure.
        after = Resource(resource.urn, kept_id, {**resource.inputs, "checks": [WRONG]}, kept)
        assert changes(project, after) == {'fileHashes["answer/index.ts"]': "UPDATE", "checks": "UPDATE"}
        repaired = update(project, after)
        assert project.said() == "says bye"
        assert changes(project, repaired) == {}

    def test_every_check_is_asked(self, project: Project) -> None:
        """A function that answers the first check and not the second is not deployed."""
        resource = create(project)
        project.write_function("bye")
        with pytest.raises(Refused, match="check 'wrong' expected"):
            update(project, resource, candidateChecks=[AS_CANDIDATE, WRONG], checkTimeoutSeconds=1)
        whole(project, {"says hello"})
        with pytest.raises(Refused, match="check 'wrong' expected"):
            update(project, resource, checks=[RIGHT, WRONG], candidateChecks=[], checkTimeoutSeconds=1)
        whole(project, {"says hello"})

    def test_an_adopted_function_is_put_back(self, project: Project) -> None:
        """The previous files are restored if ours fail under the slug."""
        project.deploy_elsewhere(name="Theirs")
        with pytest.raises(Refused, match="the previous files of answer are back"):
            create(project, adopt=True, checks=[WRONG], candidateChecks=[AS_CANDIDATE], checkTimeoutSeconds=1)
        assert project.said() == "foreign"
        assert project.functions()["answer"]["name"] == "Theirs"

    def test_what_cannot_be_put_back_is_reported_and_remembered(self, project: Project) -> None:
        """With the API gone at the wrong moment: what may be served is reported, the next run repairs it."""
        resource = create(project)
        project.write_function("bye")
        client = project.plugin()
        seen = run(client.read(resource))
        assert seen is not None
        project.fault(
            api=[{"status": 403, "method": "POST", "path": "/functions/deploy", "after": 1, "times": None}]
        )
        given = inputs(project, candidateChecks=[], checks=[WRONG], checkTimeoutSeconds=1)
        with pytest.raises(Refused, match="could not be brought back .*run pulumi up again") as refused:
            run(client.update(seen, given))
        project.fault(clear=True)
        assert project.said() == "says bye"
        assert refused.value.kept is not None
        after = Resource(resource.urn, refused.value.kept[0], resource.inputs, refused.value.kept[1])
        assert changes(project, after)["deployment"] == "UPDATE"
        assert changes(project, update(project, after)) == {}

    def test_a_function_without_sources_is_not_replaced_unseen(self, project: Project) -> None:
        """Files that cannot be downloaded could not be put back, so nothing is deployed over them."""
        resource = create(project)
        project.write_function("bye")
        project.fault(api=[{"status": 404, "path": "/answer/body", "times": None}])
        with pytest.raises(
            Refused, match="version 1. cannot be downloaded, so that nothing could put them back"
        ):
            update(project, resource)
        whole(project, {"says hello"})

    def test_a_secret_of_a_check_does_not_show_in_its_failure(self, project: Project) -> None:
        """A function that echoes a header does not make the message tell it."""
        project.write(
            "functions/answer/index.ts", 'Deno.serve((r) => new Response("got " + r.headers.get("x-key")));'
        )
        check = {**WRONG, "headers": {"X-Key": "a-very-secret-signature"}}
        with pytest.raises(Refused, match=r"last seen: status 200, got \*\*\*"):
            create(project, checks=[check], checkTimeoutSeconds=1)


class TestSpreading:
    """A deploy takes its time to arrive everywhere."""

    @pytest.mark.parametrize("spread", [{"requests": 3}, {"requests": 3, "mixed": True}, {"seconds": 0.5}])
    def test_old_answers_are_waited_for(self, project: Project, spread: dict[str, Any]) -> None:
        """Old answers and 404 at first, or old and new ones by turns, are no failure; progress is told."""
        resource = create(project)
        project.write_function("bye")
        project.fault(spread=spread)
        client = project.plugin()
        updated = update(project, resource, client, checkTimeoutSeconds=30)
        assert project.said() == "says bye"
        assert updated.state["version"] == 2
        assert "last seen: status 404, Function not found" in client.said

    def test_several_right_answers_in_a_row_are_needed(self, project: Project) -> None:
        """One right answer among old ones is not enough."""
        resource = create(project)
        project.write_function("bye")
        project.fault(spread={"requests": 100, "mixed": True})
        with pytest.raises(Refused, match="given up after 1 s"):
            update(project, resource, checkTimeoutSeconds=1, consecutiveChecks=2)

    def test_a_paused_project_is_not_waited_for(self, project: Project) -> None:
        """The gateway's own answer ends the checks at once."""
        resource = create(project)
        project.fault(functions=[{"function": "answer", "status": 540, "times": None}])
        other = {**RIGHT, "name": "again"}
        with pytest.raises(Refused, match="is paused; restore it"):
            update(project, resource, checks=[other], checkTimeoutSeconds=60)


class TestCandidate:
    """The slug with -candidate appended."""

    def test_somebody_elses_function_of_that_slug(self, project: Project) -> None:
        """It is not overwritten; preview and update say what to do."""
        project.deploy_elsewhere("answer-candidate")
        for preview in (True, False):
            with pytest.raises(Refused, match="has a function answer-candidate that this stack did not deploy"):
                run(project.plugin().create(KIND, "f", inputs(project), preview=preview))
        assert project.said("answer-candidate") == "foreign"
        assert set(project.functions()) == {"answer-candidate"}

    def test_one_that_a_killed_run_left_is_replaced(self, project: Project) -> None:
        """It is known by its display name, and gone after the next deploy, or with the function."""
        resource = create(project)
        marked = "candidate to be checked, deployed by pulumi-supabase"
        project.deploy_elsewhere("answer-candidate", name=marked)
        project.write_function("bye")
        resource = update(project, resource)
        whole(project, {"says bye"})
        project.deploy_elsewhere("answer-candidate", name=marked)
        run(project.plugin().delete(resource))
        assert project.functions() == {}

    def test_somebody_elses_function_of_that_slug_outlives_a_destroy(self, project: Project) -> None:
        """Deleting the function removes its candidate, and no function that only has the candidate's slug."""
        resource = create(project)
        project.deploy_elsewhere("answer-candidate")
        run(project.plugin().delete(resource))
        assert set(project.functions()) == {"answer-candidate"}
        assert project.said("answer-candidate") == "foreign"

    def test_one_that_cannot_be_removed_is_reported(self, project: Project) -> None:
        """The deploy itself is not undone by it."""
        project.fault(api=[{"status": 403, "method": "DELETE", "times": None}])
        client = project.plugin()
        run(client.create(KIND, "f", inputs(project)))
        assert "answer-candidate could not be removed" in client.said
        assert project.said() == "says hello"


def _interrupted(project: Project, resource: Resource, at: int) -> tuple[bool, str]:
    """Update, interrupted by the user at the request number ``at``; tell whether it ended so."""
    client = project.plugin()

    async def go() -> tuple[bool, str]:
        seen = await client.read(resource)
        assert seen is not None
        sent = 0
        api = client.servicer._client
        assert api is not None

        async def count(_: Any) -> None:
            nonlocal sent
            sent += 1
            if sent == at:
                client.servicer.cancellation.cancel()

        for http in (api.public, api._rest._http):
            http.event_hooks = {"request": [count], "response": []}
        try:
            await client.update(seen, inputs(project))
        except Refused as refused:
            return True, str(refused)
        return False, str(sent)

    return run(go())


def _update_until_check(
    project: Project, resource: Resource, slug: str, stop: str, client: ServicerClient | None = None
) -> None:
    """Update; stop at the first check of a slug: the engine's Cancel, or the task itself is cancelled."""
    client = client or project.plugin()

    async def go() -> None:
        seen = await client.read(resource)
        assert seen is not None
        api = client.servicer._client
        assert api is not None
        task = asyncio.create_task(client.update(seen, inputs(project)))

        async def interrupt(request: httpx.Request) -> None:
            if request.url.path.endswith(f"/{slug}"):
                api.public.event_hooks = {"request": [], "response": []}
                if stop == "task":
                    task.cancel()
                else:
                    client.servicer.cancellation.cancel()

        api.public.event_hooks = {"request": [interrupt], "response": []}
        await task

    run(go())


@pytest.fixture
def _short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the API's rate limit end within a second instead of a minute."""
    monkeypatch.setattr("pulumi_supabase.client._reset_of", lambda _: 0.2)


@pytest.mark.usefixtures("_short_window")
@pytest.mark.parametrize("status", [429, 503])
def test_an_interrupted_check_of_the_candidate_removes_it(project: Project, status: int) -> None:
    """Also where the API is busy: the interrupt ends other waits, not the one for the clean-up."""
    resource = create(project)
    project.write_function("bye")
    project.fault(api=[{"status": status, "method": "DELETE", "times": 1}])
    with pytest.raises(Refused, match="interrupted"):
        _update_until_check(project, resource, "answer-candidate", "engine")
    whole(project, {"says hello"})


@pytest.mark.usefixtures("_short_window")
@pytest.mark.parametrize("status", [429, 503])
def test_an_interrupted_check_of_the_slug_brings_the_files_back(project: Project, status: int) -> None:
    """Also where the API is busy on the way back."""
    resource = create(project)
    project.write_function("bye")
    # The second deploy is the one under the slug, the third the one that brings the files back.
    project.fault(
        api=[{"status": status, "method": "POST", "path": "/functions/deploy", "after": 2, "times": 1}]
    )
    with pytest.raises(Refused, match="interrupted; the previous files of answer are back"):
        _update_until_check(project, resource, "answer", "engine")
    whole(project, {"says hello"})


def test_a_cancelled_task_brings_the_files_back(project: Project) -> None:
    """A task that is cancelled, as at the end of the process, leaves no unchecked revision behind the slug."""
    resource = create(project)
    project.write_function("bye")
    client = project.plugin()
    with pytest.raises(asyncio.CancelledError):
        _update_until_check(project, resource, "answer", "task", client)
    assert "the previous files of answer are back, as version 3" in client.said
    whole(project, {"says hello"})


def test_an_interrupt_at_any_step(project: Project) -> None:
    """Whenever the user stops it: one whole revision, no candidate left, and it goes on later."""
    interrupted, at = 0, 1
    resource = create(project)
    while True:
        project.write_function("bye")
        stopped, text = _interrupted(project, resource, at)
        if not stopped:
            break
        assert "interrupted" in text, text
        whole(project)
        interrupted += 1
        assert changes(project, resource), "the change is still to be made"
        # Back to the beginning for the next step.
        project.write_function("hello")
        resource = update(project, resource)
        assert project.said() == "says hello"
        at += 1
    assert interrupted >= 8, "each request and each wait was interrupted once"
    whole(project, {"says bye"})


@pytest.mark.parametrize("at", range(8))
def test_a_lost_answer_at_any_step(project: Project, at: int) -> None:
    """An answer of the API that gets lost (done, but answered 502) is asked for again; the deploy succeeds."""
    resource = create(project)
    project.write_function("bye")
    client = project.plugin()
    seen = run(client.read(resource))
    assert seen is not None
    project.fault(api=[{"status": 502, "after": at, "times": 1, "apply": True}])
    updated = run(client.update(seen, inputs(project)))
    whole(project, {"says bye"})
    project.fault(clear=True)
    assert changes(project, updated) == {}


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, no handler either."""


@pytest.mark.slow
@pytest.mark.parametrize("at", range(9))
def test_a_killed_process_at_any_step(project: Project, at: int) -> None:
    """A process that is gone between two requests leaves one whole revision; the next run finishes the job."""
    resource = create(project)
    project.write_function("bye")
    client = project.plugin()

    async def go() -> None:
        seen = await client.read(resource)
        assert seen is not None
        sent = 0
        api = client.servicer._client
        assert api is not None

        async def die(_: Any) -> None:
            nonlocal sent
            sent += 1
            if sent > at:
                raise Killed

        for http in (api.public, api._rest._http, api.steadfast._rest._http):
            http.event_hooks = {"request": [die], "response": []}
        await client.update(seen, inputs(project))

    with pytest.raises(Killed):
        run(go())
    assert project.said() in {"says hello", "says bye"}
    assert set(project.functions()) <= {"answer", "answer-candidate"}
    updated = update(project, resource)
    whole(project, {"says bye"})
    assert changes(project, updated) == {}
    assert updated.id == f"{REF}/answer"
