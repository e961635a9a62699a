"""`voicehooks call` around the call: consent, exit codes, the document, what Twilio is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.voicehooks.call_rows import CALL, ended_row
from voicehooks.commands.call import command, explanations
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.diagnosis import Finding, compare, diagnose
from voicehooks.commands.call.order import decide
from voicehooks.commands.call.progress import (
    EXPECTATIONS,
    OUTGOING_EXPECTATION,
    RECORDING_EXPECTATION,
    Expectation,
    Step,
)
from voicehooks.commands.call.report import CallReport
from voicehooks.commands.call.timeline import Exchange
from voicehooks.commands.call.twilio_side import TwilioCall, TwilioSide, WebhookRequest
from voicehooks.commands.doctor.run import select
from voicehooks.output.errors import CommandError

OURS, LEAD, URL = "+15551234567", "+15559876543", "https://project.supabase.co/functions/v1/twilio-webhook"
ACCOUNT = "AC" + "1" * 32


class Twilio:
    """An account: answers by path, and what was posted."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.posted: list[tuple[str, dict[str, Any], bool]] = []

    async def get(self, what: str, path: str, **filters: Any) -> dict[str, Any]:
        name = path.removesuffix(".json").rpartition("/")[2] or "account"
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer(**filters) if callable(answer) else answer
        return found

    async def post(
        self, what: str, path: str, form: dict[str, Any], *, repeatable: bool = True
    ) -> dict[str, Any]:
        self.posted.append((path, form, repeatable))
        return {"sid": CALL}


def side(**answers: Any) -> tuple[Twilio, TwilioSide]:
    """An account and the command's view of it."""
    twilio: Any = Twilio(**answers)
    return twilio, TwilioSide(twilio)


def test_a_call_is_placed_once() -> None:
    """A request that was repeated after a lost answer would be a second call, which is billed."""
    twilio, account = side()
    assert asyncio.run(account.place({"To": LEAD})) == CALL
    assert twilio.posted == [("Calls.json", {"To": LEAD}, False)]


@pytest.mark.parametrize(("status", "ended"), [("in-progress", True), ("ringing", True), ("completed", False)])
def test_only_a_call_that_is_not_over_is_ended(status: str, ended: bool) -> None:
    """Twilio refuses to end one that is."""
    twilio, account = side(**{CALL: {"status": status, "duration": None}})
    asyncio.run(account.hang_up(CALL))
    assert twilio.posted == ([(f"Calls/{CALL}.json", {"Status": "completed"}, True)] if ended else [])


def test_what_twilio_knows_of_a_call() -> None:
    """Its status and length; its errors, each once and in order."""
    notes = [{"error_code": code} for code in ("12100", "11200", "12100", None)]
    _, account = side(
        **{CALL: {"status": "completed", "duration": "7"}, "Notifications": {"notifications": notes}}
    )
    assert asyncio.run(account.call(CALL)) == TwilioCall("completed", 7)
    assert asyncio.run(account.error_codes(CALL)) == [11200, 12100]
    _, account = side(**{CALL: {"status": "busy", "duration": ""}})
    assert asyncio.run(account.call(CALL)) == TwilioCall("busy", None)


NO = CommandError("it cannot be read", "no")


@pytest.mark.parametrize(
    ("answer", "trial"), [({"type": "Trial"}, True), ({"type": "Full"}, False), (NO, None)]
)
def test_whether_an_account_is_a_trial(answer: Any, trial: bool | None) -> None:
    """An API key cannot read the account: then it is not known."""
    assert asyncio.run(side(account=answer)[1].is_trial()) is trial


@pytest.mark.parametrize(
    ("answer", "verified"),
    [
        ({"outgoing_caller_ids": [{"phone_number": LEAD}]}, True),
        ({"outgoing_caller_ids": [{"phone_number": LEAD + "0"}]}, False),
        ({"outgoing_caller_ids": []}, False),
        (NO, None),
    ],
)
def test_whether_a_number_is_verified(answer: Any, verified: bool | None) -> None:
    """Exactly this number."""
    assert asyncio.run(side(OutgoingCallerIds=answer)[1].is_verified(LEAD)) is verified


class Environment:
    """A stack on a real account, or the sandbox's."""

    def __init__(self, *, is_sandbox: bool) -> None:
        self.name, self.is_sandbox, self.account_sid = "prod", is_sandbox, ACCOUNT
        self.twilio_api_url = "http://127.0.0.1:1"
        outputs: dict[str, Any] = {"numbers": {OURS: {}}, "callOptions": {}}
        self.engine = SimpleNamespace(outputs=lambda: outputs)


def report(finding: Finding | None = None) -> CallReport:
    """How a call went."""
    request = WebhookRequest(URL, 200, CALL, {}, milliseconds=12, body="<Response><Dial/></Response>")
    exchange = Exchange(
        1.0, CALL, {"call_status": "ringing"}, "", 0, request=request, stored_at=1.25, kind="status"
    )
    row = ended_row()
    return CallReport(
        "prod",
        CALL,
        [Step("connecting", 0.0, "Connecting...", "x")],
        [exchange],
        CallRows([row], [], []),
        finding,
        billed=True,
        hung_up=False,
        checks=["urls: wrong"],
    )


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The orders of the calls that were made on a real account; each goes as the last report says."""
    orders: list[Any] = []

    async def test_call(environment: Any, display: Any, order: Any) -> CallReport:
        orders.append(order)
        return report()

    @asynccontextmanager
    async def open_twilio(_: Any) -> AsyncIterator[Any]:
        yield Twilio(account={"type": "Full"})

    monkeypatch.setattr(command, "Environment", lambda stack: Environment(is_sandbox=stack == "local"))
    monkeypatch.setattr(command, "open_twilio", open_twilio)
    monkeypatch.setattr(command, "_test_call", test_call)
    return orders


def call(*, to: str = LEAD, yes: bool = True, stack: str = "prod", as_json: bool = True) -> int:
    """Run it."""
    return command.run(to=to, caller="", agent="", yes=yes, stack=stack, as_json=as_json)


def test_the_document(made: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict, the steps, Twilio's requests with their answers, and the rows, on standard output alone."""
    assert call() == 0
    document = json.loads(capsys.readouterr().out)
    assert document.pop("calls")[0]["call_sid"] == CALL
    assert document == {
        "stack": "prod",
        "callSid": CALL,
        "steps": [{"step": "connecting", "seconds": 0.0, "detail": "x"}],
        "exchanges": [
            {
                "seconds": 1.0,
                "callSid": CALL,
                "kind": "status",
                "twilio": "status ringing",
                "url": URL,
                "answerStatus": 200,
                "answerMilliseconds": 12,
                "answerTwiml": ["Dial"],
                "stored": True,
                "storedAfterSeconds": 0.25,
                "duplicate": False,
            }
        ],
        "finding": None,
        "billed": True,
        "hungUp": False,
        "checks": ["urls: wrong"],
        "verdict": "pass",
        "events": [],
        "recordings": [],
    }
    assert [order.to for order in made] == [LEAD]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_finding_is_exit_code_1(
    made: list[Any], as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its cause and its remedy."""

    async def test_call(*_: Any) -> CallReport:
        return report(Finding("it is lost", "a cause", "do this", "voicehooks x"))

    monkeypatch.setattr(command, "_test_call", test_call)
    assert call(as_json=as_json) == 1
    out = capsys.readouterr().out
    if as_json:
        document = json.loads(out)
        assert (document["verdict"], document["finding"]) == (
            "fail",
            {"what": "it is lost", "likelyCause": "a cause", "do": "do this", "command": "voicehooks x"},
        )
    else:
        assert [line.strip() for line in out.splitlines()[-5:]] == [
            "FAIL  it is lost",
            "likely cause: a cause",
            "do: do this",
            "doctor: urls: wrong",
            "voicehooks x",
        ]


def test_a_billed_call_needs_a_yes(
    made: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal it is --yes; a no makes no call."""
    with pytest.raises(CommandError, match="give --yes"):
        call(yes=False)
    monkeypatch.setattr(command, "confirm", lambda question, *, yes, otherwise: yes)
    with pytest.raises(CommandError, match="did not confirm"):
        call(yes=False)
    assert made == []
    assert "billed" in capsys.readouterr().err


def test_a_sandbox_that_does_not_run_is_named(made: list[Any]) -> None:
    """Before anything waits for it; nobody is asked, since nothing is billed."""
    with pytest.raises(CommandError) as refused:
        call(stack="local", yes=False)
    assert (refused.value.do, made) == ("voicehooks sandbox up", [])


@pytest.mark.parametrize(
    ("account", "verified", "agent", "refused"),
    [
        ({"type": "Full"}, {"outgoing_caller_ids": []}, "", False),
        ({"type": "Trial"}, {"outgoing_caller_ids": []}, "", True),
        ({"type": "Trial"}, {"outgoing_caller_ids": [{"phone_number": LEAD}]}, "", False),
        ({"type": "Trial"}, {"outgoing_caller_ids": [{"phone_number": LEAD}]}, "client:ana", False),
        ({"type": "Trial"}, {"outgoing_caller_ids": [{"phone_number": LEAD}]}, "+15550000001", True),
        ({"type": "Trial"}, NO, "", False),
        (NO, {"outgoing_caller_ids": []}, "", False),
    ],
)
def test_a_trial_account_calls_verified_numbers(
    account: Any, verified: Any, agent: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent too, unless it is no number; what is not known refuses nothing."""

    @asynccontextmanager
    async def open_twilio(_: Any) -> AsyncIterator[Any]:
        yield Twilio(account=account, OutgoingCallerIds=verified)

    monkeypatch.setattr(command, "open_twilio", open_twilio)
    environment: Any = Environment(is_sandbox=False)
    outputs = environment.engine.outputs()
    order = decide(to=LEAD, caller="", agent=agent, stack="prod", is_sandbox=False, outputs=outputs)
    if refused:
        with pytest.raises(CommandError) as error:
            asyncio.run(command._name_limits(environment, order))
        assert error.value.what == f"no call to {agent or LEAD}"
    else:
        asyncio.run(command._name_limits(environment, order))


@pytest.mark.parametrize("status", [401, 403, 404, 500, None])
def test_each_refusal_has_its_remedy(status: int | None) -> None:
    """The command, complete with the stack; the first request that failed counts."""
    request = WebhookRequest(URL, status, call_sid=CALL, params={}, milliseconds=None, body="")
    fine = WebhookRequest("https://fine.example", 200, call_sid=CALL, params={}, milliseconds=None, body="")
    exchanges = [Exchange(1.0, CALL, {}, "", 0, request=each) for each in (fine, request)]
    found = diagnose(EXPECTATIONS[0], exchanges, "prod")
    assert (
        found.command
        == {
            401: "pulumi up --stack prod",
            403: "pulumi up --stack prod",
            404: "pulumi up --stack prod --refresh",
            500: "voicehooks logs --stack prod",
            None: "voicehooks doctor --stack prod",
        }[status]
    )
    assert URL in found.likely_cause
    assert bool(found.do) == (status in (500, None))


def test_a_call_that_the_database_does_not_know() -> None:
    """It can be fetched from Twilio; a length that is not known on either side is no difference."""
    found = compare(None, TwilioCall("completed", 8), "prod")
    assert found is not None
    assert found.command == "voicehooks reconcile --stack prod"
    row = ended_row(status="busy", duration_seconds=None)
    assert compare(row, TwilioCall("busy", None), "prod") is None
    assert compare(row, TwilioCall("completed", None), "prod") is not None


@pytest.mark.parametrize("wait", [*EXPECTATIONS, OUTGOING_EXPECTATION, RECORDING_EXPECTATION])
def test_the_checks_that_could_explain_it_run(wait: Expectation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a check of the doctor, the database is among them, and each finding has its repair."""
    asked: list[list[str]] = []

    async def examine(_: Any, codes: list[str]) -> Any:
        asked.append([check.code for check in select(codes)])
        findings = [SimpleNamespace(what="a", do="", fix="c"), SimpleNamespace(what="d", do="e", fix="")]
        return SimpleNamespace(findings=findings)

    monkeypatch.setattr(explanations, "examine", examine)
    none: Any = None
    assert asyncio.run(explanations.run_checks(none, wait.webhook)) == ["a: c", "d: e"]
    codes = {"voice": "verify-jwt", "status": "events", "recording": "recording"}
    assert {codes[wait.webhook], "drift", "probe", "schema"} <= {*asked[0]}


def test_requests_of_a_call_and_the_legs_that_it_dialed() -> None:
    """Each as Twilio's log has it; our own requests to Twilio's API are none of them."""
    leg = "CA" + "7" * 32
    event = {
        "request": {"url": f"{URL}#rc=3", "parameters": {"call_sid": leg, "call_status": "ringing"}},
        "response": {"response_code": 204, "request_duration": "12", "response_body": None},
    }
    own = {
        "request": {"url": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"},
        "response": None,
    }
    bare = {"request": {"url": URL}, "response": {"response_code": 0}}
    asked: list[str] = []

    class Log(Twilio):
        async def get(self, what: str, path: str, **filters: Any) -> dict[str, Any]:
            asked.append(path)
            if path == "Calls.json":
                assert filters["ParentCallSid"] == CALL
                return {"calls": [{"sid": leg}]}
            return {"events": [own, bare] if CALL in path else [event]}

    log: Any = Log()
    found = asyncio.run(TwilioSide(log).requests(CALL))
    assert [(r.url, r.status, r.call_sid, r.milliseconds, r.body) for r in found] == [
        (URL, None, CALL, None, ""),
        (URL, 204, leg, 12, ""),
    ]
    assert [request.succeeded for request in found] == [False, True]
    assert asked == ["Calls.json", f"Calls/{CALL}/Events.json", f"Calls/{leg}/Events.json"]
