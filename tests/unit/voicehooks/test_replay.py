"""`voicehooks replay`: which callback is sent, as what, signed with what, and what is refused before.

The clients are the real ones; only the transport and the engine are replaced.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from twilio.request_validator import HMAC_SHA256, RequestValidator

from voicehooks.commands.replay import command
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment

SOURCE, TARGET = "AC" + "1" * 32, "AC" + "2" * 32
OURS, CALLER, THEIRS, SECOND = "+15551234567", "+15550001111", "+15557654321", "+15557654322"
CALL = "CA" + "1" * 32
KEY = f"{CALL}:voice:abc"
PARAMS = {"AccountSid": SOURCE, "CallSid": CALL, "To": OURS, "From": CALLER, "Direction": "inbound"}
HANDLER = "http://127.0.0.1:2/functions/v1/twilio-webhook"
SECRET = "the secret of the key"


def event(key: str = KEY, **fields: Any) -> dict[str, Any]:
    """A stored callback."""
    return {"event_key": key, "call_sid": CALL, "kind": "voice", "params": PARAMS, "path": None, **fields}


class Stacks:
    """Two stacks: `prod`, and `local`, which is in a sandbox.

    Attributes:
        config: the configuration of `local`.
        state: the resources of its state.
        events: what the database of `prod` finds.
        stored: what the database of `local` finds.
        answer: the handler's answer.
        posts: what the handler got.
        questions: what the databases were asked.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {
            "twilio:accountSid": TARGET,
            "twilio:authToken": "token of local",
            "twilio:baseUrl": "http://127.0.0.1:1",
            "supabase:accessToken": "s",
            "supabase:apiUrl": "http://127.0.0.1:3",
            "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
            "voicehooks:publicUrl": "http://127.0.0.1:2",
            "voicehooks:numbers": {THEIRS: {}, SECOND: {}},
        }
        self.state: list[dict[str, Any]] = []
        self.events = [event()]
        self.stored = [{"event_key": "x"}]
        self.answer: httpx.Response | Exception = httpx.Response(200, text="<Response/>")
        self.posts: list[httpx.Request] = []
        self.questions: list[dict[str, str]] = []

    def environment(self, name: str) -> Environment:
        """The stack of that name."""
        prod = {
            "twilio:accountSid": SOURCE,
            "twilio:authToken": "token of prod",
            "supabase:accessToken": "s",
            "voicehooks:supabaseProject": "zyxwvutsrqponmlkjihg",
            "voicehooks:numbers": {OURS: {}},
        }
        found = Environment(name, self.folder)
        found.__dict__["config"] = prod if name == "prod" else self.config
        found.engine = self  # type: ignore[assignment]
        return found

    def resources(self, *, show_secrets: bool) -> list[dict[str, Any]]:
        """The state, in the place of the engine's; with its secrets only if they are asked for."""
        return self.state if show_secrets else []

    async def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of any side."""
        await request.aread()
        if request.url.path.endswith("/api-keys"):
            return httpx.Response(200, json=[{"name": "default", "type": "secret", "api_key": "k"}])
        if request.method == "POST":
            self.posts.append(request)
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer
        self.questions.append(dict(request.url.params))
        return httpx.Response(200, json=self.stored if request.url.host == "127.0.0.1" else self.events)


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    """Two stacks, and nobody who could be asked."""
    found = Stacks(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.respond)
    monkeypatch.setattr(command, "Environment", found.environment)
    return found


def replayed(key: str = KEY, *, number: str = "", as_json: bool = True) -> int:
    """Replay a callback of `prod` at `local`."""
    return command.run(key, source="prod", target="local", number=number, as_json=as_json)


def refusal(**arguments: Any) -> CommandError:
    """What a replay is refused with."""
    with pytest.raises(CommandError) as caught:
        replayed(**arguments)
    return caught.value


def test_a_callback_is_sent_as_the_targets_own(stacks: Stacks, capsys: pytest.CaptureFixture[str]) -> None:
    """With its account and first number, at the path where it came, signed with its token."""
    stacks.events = [event(path="/whisper")]
    assert replayed() == 0
    (post,) = stacks.posts
    form = {name: values[0] for name, values in parse_qs(post.content.decode()).items()}
    assert form == {**PARAMS, "AccountSid": TARGET, "To": THEIRS}
    assert str(post.url) == f"{HANDLER}/whisper"
    signature = post.headers["X-Twilio-Signature"]
    assert RequestValidator("token of local").validate(f"{HANDLER}/whisper", form, signature)
    assert "X-Twilio-Webhooks-Signature-Settings" not in post.headers
    document = json.loads(capsys.readouterr().out)
    assert document.pop("milliseconds") >= 0
    assert document == {
        "event": KEY,
        "kind": "voice",
        "source": "prod",
        "target": "local",
        "url": f"{HANDLER}/whisper",
        "number": THEIRS,
        "status": 200,
        "answer": "<Response/>",
        "stored": True,
    }
    assert stacks.questions[-1] == {
        "select": "event_key",
        "call_sid": f"eq.{CALL}",
        "kind": "eq.voice",
        "limit": "1",
    }


def test_a_request_to_the_fallback_is_sent_there(stacks: Stacks) -> None:
    """The handler may take the same parameters for something else."""
    stacks.events = [event(kind="fallback")]
    assert replayed() == 0
    assert str(stacks.posts[0].url) == HANDLER.replace("twilio-webhook", "twilio-fallback")
    assert stacks.questions[-1]["kind"] == "eq.fallback"


@pytest.mark.parametrize("secret", [SECRET, ""])
def test_a_target_that_accepts_a_key_only_gets_one_signed_with_it(stacks: Stacks, secret: str) -> None:
    """The key is in the stack's state; without it nothing is sent, and never one signed with the token."""
    stacks.config["voicehooks:account"] = {"webhookRules": True, "signature": "key-only"}
    stacks.state = [
        {
            "urn": f"urn:pulumi:local::voicehooks::twilio:index:WebhookSharedKey::{id_}",
            "type": "twilio:index:WebhookSharedKey",
            "id": id_,
            "outputs": {"secret": value},
        }
        for id_, value in (("webhooks_sharedkey_0", ""), ("webhooks_sharedkey_1", secret))
    ]
    if not secret:
        assert refusal().do == "pulumi up"
        assert stacks.posts == []
        return
    assert replayed() == 0
    (post,) = stacks.posts
    form = {name: values[0] for name, values in parse_qs(post.content.decode()).items()}
    assert (
        post.headers["X-Twilio-Webhooks-Signature-Settings"] == "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    )
    expected = RequestValidator(SECRET).compute_signature(HANDLER, form, HMAC_SHA256)
    assert post.headers["X-Twilio-Signature"] == expected


@pytest.mark.parametrize(
    ("status", "stored", "code"),
    [(200, True, 0), (204, True, 0), (200, False, 1), (199, True, 1), (300, True, 1), (403, True, 1)],
)
def test_accepted_is_a_good_answer_and_a_row(stacks: Stacks, status: int, stored: bool, code: int) -> None:
    """An answer without a row, and a refusal of what was there before, are no success."""
    stacks.answer = httpx.Response(status)
    stacks.stored = [{"event_key": "x"}] if stored else []
    assert replayed() == code


def test_the_lines_name_the_answer_and_where_to_look(
    stacks: Stacks, capsys: pytest.CaptureFixture[str]
) -> None:
    """The logs are named if it was not accepted."""
    assert replayed(as_json=False) == 0
    accepted = capsys.readouterr().out.splitlines()
    assert accepted[:2] == [f"voice of prod -> local, as {THEIRS}", f"  {KEY}"]
    assert accepted[2].endswith(", stored")
    assert accepted[3:] == ["  <Response/>"]
    stacks.stored = []
    assert replayed(as_json=False) == 1
    assert capsys.readouterr().out.splitlines()[2].endswith(", not stored")
    stacks.answer = httpx.Response(503)
    assert replayed(as_json=False) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "    voicehooks logs --stack local"


def test_another_number_of_the_target_can_be_named(stacks: Stacks, capsys: pytest.CaptureFixture[str]) -> None:
    """One that its settings have; the callback's own numbers stay if none of them is the source's."""
    assert replayed(number=SECOND) == 0
    assert parse_qs(stacks.posts[0].content.decode())["To"] == [SECOND]
    capsys.readouterr()
    stacks.events = [
        event(params={"AccountSid": SOURCE, "From": CALLER, "To": SECOND, "Direction": "outbound-api"})
    ]
    assert replayed(number=THEIRS) == 0
    assert parse_qs(stacks.posts[1].content.decode())["To"] == [SECOND]
    assert json.loads(capsys.readouterr().out)["number"] == ""
    error = refusal(number=OURS)
    assert OURS in error.why
    assert error.do == "give --number"
    stacks.config["voicehooks:numbers"] = {"*": {}}
    assert "no number" in refusal().why
    assert len(stacks.posts) == 2


def test_a_callback_is_found_by_its_key_or_how_it_begins(stacks: Stacks) -> None:
    """An exact key takes precedence over longer ones that begin like it."""
    stacks.events = [event(KEY + ":2"), event(KEY, kind="status"), event(KEY + ":3")]
    assert replayed(KEY) == 0
    assert stacks.questions[-1]["kind"] == "eq.status"
    assert stacks.questions[-2] == {
        "select": "event_key,call_sid,kind,params,path",
        "event_key": f"like.{KEY}*",
        "kind": "not.in.(placed,refused,reconciled,transfer)",  # what a function stored, Twilio did not send
        "order": "received_at",
        "limit": "6",
    }
    stacks.events = [event(KEY + ":2")]
    assert replayed(KEY) == 0


def test_what_is_not_one_callback_is_refused(stacks: Stacks) -> None:
    """Several, none, and a key that could be a pattern."""
    stacks.events = [event(f"{CALL}:{number}") for number in range(6)]
    several = refusal()
    assert [f"{CALL}:{number}" in several.why for number in range(6)] == [True] * 5 + [False]
    stacks.events = []
    assert "voicehooks calls --stack prod" in refusal().do
    asked = len(stacks.questions)
    for odd in ("CA1*", "", "CA1,kind", "CA1&x"):
        assert "voicehooks calls --stack prod" in refusal(key=odd).do
    assert len(stacks.questions) == asked
    assert stacks.posts == []


def test_a_stack_does_not_replay_to_itself(stacks: Stacks) -> None:
    """It has the callback already."""
    with pytest.raises(CommandError) as caught:
        command.run(KEY, source="local", target="local", number="", as_json=True)
    assert caught.value.do == "give another stack with --to"
    assert stacks.questions == []


@pytest.mark.parametrize(
    "change",
    [
        {"twilio:baseUrl": ""},
        {"voicehooks:publicUrl": "https://api.example.com"},
    ],
)
def test_personal_data_moves_into_what_is_not_a_sandbox_only_if_its_name_is_typed(
    stacks: Stacks, change: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sandbox for half of the stack is none: the rows go where the public URL is."""
    stacks.config |= change
    assert refusal().do == "run it in a terminal"
    assert "prod" in capsys.readouterr().err
    monkeypatch.setattr(command, "confirm_name", lambda name, *, yes, otherwise: yes or name != "local")
    assert "local" in refusal().why
    assert stacks.posts == []
    monkeypatch.setattr(command, "confirm_name", lambda name, *, yes, otherwise: name == "local" and not yes)
    stacks.events = [event()]
    replayed()
    assert len(stacks.posts) == 1


def test_a_handler_that_cannot_be_reached_is_named(stacks: Stacks) -> None:
    """With the command that finds out why."""
    stacks.answer = httpx.ConnectError("refused")
    error = refusal()
    assert HANDLER in error.what
    assert error.do == "voicehooks doctor --stack local"
