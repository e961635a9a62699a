"""`voicehooks divert` against a running sandbox: one number elsewhere, what the next `up` says, and back."""

from __future__ import annotations

import json

import pytest

from tests.support.clone import Clone
from tests.support.hand_deployed import NUMBER

ELSEWHERE = "https://static.example.com/closed.xml"


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment."""
    return deployed


def fields(number: dict[str, str]) -> dict[str, str]:
    """What a diversion may change, by Twilio's names for writing."""
    return {
        "VoiceUrl": number["voice_url"] or "",
        "VoiceMethod": number["voice_method"],
        "VoiceApplicationSid": number["voice_application_sid"] or "",
    }


def ok(clone: Clone, *arguments: str) -> str:
    """Run it; it must go well."""
    done = clone.voicehooks("divert", NUMBER, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_and_back_is_exact(clone: Clone) -> None:
    """One write to Twilio and the calls go elsewhere; --undo puts back every field and the settings file."""
    before, text = clone.number(), (clone.folder / "Pulumi.local.yaml").read_text()
    clone.control("DELETE", "api-requests")

    shown = ok(clone, "--to", ELSEWHERE)
    assert shown.splitlines()[:3] == [
        f"local  {NUMBER}  diverted",
        f"  was   {before['voice_url']}",
        f"  now   {ELSEWHERE}",
    ]
    requests = clone.control("GET", "api-requests")["api_requests"]
    assert [request["method"] for request in requests] == ["GET", "POST"]
    assert clone.number()["voice_url"] == ELSEWHERE
    assert clone.number()["status_callback"] == before["status_callback"]
    entry = clone.settings()["voicehooks:diverted"][NUMBER]
    assert entry["before"]["voiceUrl"] == before["voice_url"]

    ok(clone, "--undo")
    assert {**clone.number(), "date_updated": 0} == {**before, "date_updated": 0}
    assert (clone.folder / "Pulumi.local.yaml").read_text() == text


def test_next_up_stops_and_asks(clone: Clone) -> None:
    """`pulumi up` changes nothing and names who diverted it, where to, and both ways on."""
    ok(clone, "--to", ELSEWHERE)
    said = clone.pulumi("up", "--yes", "--skip-preview", ok=False)
    assert f"{NUMBER} was diverted to {ELSEWHERE} by " in said
    assert f"voicehooks divert {NUMBER} --undo --stack local" in said
    assert f"voicehooks divert {NUMBER} --keep --stack local" in said
    assert "Traceback" not in said
    assert clone.number()["voice_url"] == ELSEWHERE


@pytest.mark.slow
def test_kept_diversion_survives_a_deploy_and_can_still_be_undone(clone: Clone) -> None:
    """With --keep everything else is deployed, the number stays elsewhere; afterwards --undo works as ever."""
    before = clone.number()
    ok(clone, "--to", ELSEWHERE)
    ok(clone, "--keep")
    clone.up()
    assert clone.number()["voice_url"].partition("#")[0] == ELSEWHERE
    ok(clone, "--undo")
    assert clone.number()["voice_url"] == before["voice_url"]
    clone.up()
    assert fields(clone.number()) == fields(before)


@pytest.mark.slow
def test_second_diversion_remembers_the_first_origin(clone: Clone) -> None:
    """Diverted twice, it goes back to what was there before the first time."""
    before = clone.number()
    ok(clone, "--to", ELSEWHERE)
    ok(clone, "--to", ELSEWHERE + "?2", "--method", "GET")
    assert (clone.number()["voice_url"], clone.number()["voice_method"]) == (ELSEWHERE + "?2", "GET")
    ok(clone, "--undo")
    assert fields(clone.number()) == fields(before)


def test_works_while_supabase_is_down(clone: Clone) -> None:
    """Nothing of Supabase is asked."""
    clone.supabase_control("POST", "faults", json={"api": [{"status": 503, "message": "down"}]})
    try:
        ok(clone, "--to", ELSEWHERE)
        ok(clone, "--undo")
    finally:
        clone.supabase_control("POST", "faults", json={"clear": True})


@pytest.mark.slow
def test_works_without_the_stacks_state(clone: Clone) -> None:
    """Where the state cannot be read, the file and the usual variables have to do, and it says so."""
    state = clone.folder / ".voicehooks" / "state"
    state.rename(state.with_name("state-away"))
    state.write_text("a broken disk")
    try:
        done = clone.voicehooks("divert", NUMBER, "--to", ELSEWHERE)
    finally:
        state.unlink()
        state.with_name("state-away").rename(state)
    assert done.returncode == 0, done.stderr
    assert "local: its state cannot be read" in done.stderr
    assert clone.number()["voice_url"] == ELSEWHERE


@pytest.mark.slow
def test_number_in_an_application_leaves_it_and_returns(clone: Clone) -> None:
    """A TwiML App would answer in place of the URL, so the number leaves it, and gets it back."""
    app = clone.twilio("POST", "Applications.json", data={"FriendlyName": "other"})["sid"]
    clone.click(VoiceApplicationSid=app)
    shown = ok(clone, "--to", ELSEWHERE)
    assert f"was   the TwiML App {app}" in shown
    assert not clone.number()["voice_application_sid"]
    ok(clone, "--undo")
    assert clone.number()["voice_application_sid"] == app


@pytest.mark.slow
def test_change_by_somebody_else_is_not_overwritten_unasked(clone: Clone) -> None:
    """--undo stops where the number is no longer what was written; --force goes on."""
    before = clone.number()
    ok(clone, "--to", ELSEWHERE)
    clone.click(VoiceUrl="https://somebody.example/else")
    done = clone.voicehooks("divert", NUMBER, "--undo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it was changed since" in done.stderr
    assert "--undo --force" in done.stderr
    ok(clone, "--undo", "--force")
    assert fields(clone.number()) == fields(before)


def test_refusal_by_twilio_leaves_nothing_behind(clone: Clone) -> None:
    """Twilio does not take the write: the settings file is as before, the error is one sentence."""
    text = (clone.folder / "Pulumi.local.yaml").read_text()
    fault = {"fault": "rest-error", "status": 400, "code": 21402, "message": "VoiceUrl is not valid"}
    clone.control("POST", "faults", json={**fault, "method": "POST", "path": "IncomingPhoneNumbers"})
    try:
        done = clone.voicehooks("divert", NUMBER, "--to", ELSEWHERE)
    finally:
        clone.control("DELETE", "faults")
    assert done.returncode == 2
    assert done.stderr.startswith(f"voicehooks: {NUMBER} was not changed: Twilio 21402: VoiceUrl is not valid")
    assert (clone.folder / "Pulumi.local.yaml").read_text() == text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--to", "http://a.example"], "it does not start with https://"),
        (["--to", "https://a.example#rc=1"], "it has a fragment"),
        (["--to", ELSEWHERE, "--method", "PUT"], "neither POST nor GET"),
        (["--undo"], f"{NUMBER} is not diverted"),
        (["--undo", "--keep"], "exactly one of --to URL, --undo and --keep"),
        ([], "exactly one of --to URL, --undo and --keep"),
    ],
)
def test_impossible_requests_are_refused(clone: Clone, arguments: list[str], sentence: str) -> None:
    """One sentence, exit code 2, nothing changed; with --json the same as a document."""
    done = clone.voicehooks("divert", NUMBER, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    document = json.loads(clone.voicehooks("divert", NUMBER, *arguments, "--json").stdout)
    assert set(document["error"]) == {"what", "why", "do"}


def test_json_tells_both_routes(clone: Clone) -> None:
    """What was and what is, by the names of the settings."""
    document = json.loads(ok(clone, "--to", ELSEWHERE, "--json"))
    assert (document["stack"], document["action"]) == ("local", "diverted")
    assert document["now"] == {"voiceUrl": ELSEWHERE, "voiceMethod": "POST", "voiceApplicationSid": ""}
    assert document["was"]["voiceUrl"].endswith("/twilio-webhook") or "#" in document["was"]["voiceUrl"]
