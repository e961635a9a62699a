"""What each check of the doctor says to what Twilio, Supabase and the stack's state hold."""

from __future__ import annotations

import asyncio
import hashlib
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_supabase.client import SupabaseError
from pulumi_twilio.client import TwilioError

from infra.settings_parser import parse
from tests.unit.infra.test_settings import MINIMAL
from voicehooks.commands.doctor.checks import callers, numbers, supabase_project, twilio_account
from voicehooks.commands.doctor.model import Result
from voicehooks.stack.deployed_state import State

NUMBER, SID, APP, FOREIGN = "+15551234567", "PN" + "1" * 32, "AP" + "1" * 32, "AP" + "2" * 32
HOOK = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"
EVENTS = ["initiated", "ringing", "answered", "completed"]
TOKEN, OTHER = "a" * 32, "b" * 32


class Context:
    """Facts that are given; one that is an exception is raised."""

    name, up, file = "dev", "pulumi up --stack dev", "Pulumi.dev.yaml"
    environment = SimpleNamespace(auth_token=TOKEN, account_sid="AC1")

    def __init__(self, **facts: Any) -> None:
        self._facts = {"project_ref": "abcdefghijklmnopqrst", **facts}

    def __getattr__(self, name: str) -> Any:
        async def fact(*_: Any, **__: Any) -> Any:
            if isinstance(self._facts[name], Exception):
                raise self._facts[name]
            return self._facts[name]

        return fact

    def setting(self, key: str, value: str) -> str:
        return f"pulumi config set {key} {value}"


def examined(check: Any, **facts: Any) -> list[tuple[str, str]]:
    """Run a check; return subject and severity of each finding."""
    result: Result = asyncio.run(check(Context(**facts)))
    return [(finding.subject, finding.severity or "") for finding in result.findings]


def resource(kind: str, name: str, **outputs: Any) -> dict[str, Any]:
    """A resource of the stack's state."""
    inputs = outputs.pop("inputs", {})
    return {
        "urn": f"urn:pulumi:dev::voicehooks::{kind}::{name}",
        "type": kind,
        "id": SID,
        "inputs": inputs,
        "outputs": {"e164": name, **outputs},
    }


def routed(**more: Any) -> State:
    """A stack with one number, and perhaps an app."""
    number = {"inputs": {"voiceUrl": HOOK}, "voiceUrl": HOOK, **more}
    resources = [resource("twilio:index:VoiceConfiguration", NUMBER, **number)]
    if "voiceApplicationSid" in number["inputs"]:
        resources.append(resource("twilio:index:Application", "shared", applicationSid=APP))
    return State(resources)


def live(**fields: Any) -> dict[str, Any]:
    """The number at Twilio."""
    return {
        NUMBER: {
            "sid": SID,
            "phone_number": NUMBER,
            "capabilities": {"voice": True},
            "voice_url": HOOK,
            **fields,
        }
    }


def settings(**changes: Any) -> Any:
    """Settings of an environment with one number."""
    return parse({**MINIMAL, **{f"voicehooks:{k}": v for k, v in changes.items()}}, {}, stack="dev")


@pytest.mark.parametrize(
    ("at_twilio", "state", "found"),
    [
        (live(), routed(), False),
        ({}, routed(), True),
        (live(capabilities={"voice": False}), routed(), True),
        (live(capabilities=None), routed(), True),
        (live(), State([resource("twilio:index:VoiceConfiguration", "+15550000009")]), True),
    ],
)
def test_numbers_are_owned_callable_and_deployed(at_twilio: Any, state: State, found: bool) -> None:
    """Each number that the settings name."""
    facts = {"settings": settings(), "live_numbers": at_twilio, "state": state}
    assert examined(numbers._numbers, **facts) == ([(NUMBER, "")] if found else [])


@pytest.mark.parametrize(
    ("at_twilio", "state", "found"),
    [
        (live(), routed(), False),
        (live(trunk_sid="TK1"), routed(), True),
        (live(voice_application_sid=FOREIGN), routed(), True),
        (live(trunk_sid="TK1"), routed(inputs={}), False),
        (
            live(voice_application_sid=APP),
            routed(inputs={"voiceApplicationSid": APP}, voiceApplicationSid=APP),
            False,
        ),
        (live(), routed(inputs={"voiceApplicationSid": APP}, voiceApplicationSid=APP), True),
        (
            live(voice_application_sid=FOREIGN),
            routed(inputs={"voiceApplicationSid": APP}, voiceApplicationSid=APP),
            True,
        ),
    ],
)
def test_nothing_overrides_a_numbers_urls(at_twilio: Any, state: State, found: bool) -> None:
    """A trunk, another app, or the lack of the shared one; not where the settings leave the number as it is."""
    facts = {"live_numbers": at_twilio, "state": state, "live_applications": {}}
    assert examined(numbers._precedence, **facts) == ([(NUMBER, "")] if found else [])


def test_where_a_numbers_calls_go() -> None:
    """Through a trunk, an app or its own URLs, with retries and fallback."""
    number = live(voice_url=f"{HOOK}#rc=2", voice_fallback_url="https://static.example.com/f.xml")[NUMBER]
    assert numbers._route(NUMBER, number, {}).endswith("fallback https://static.example.com/f.xml; 2 retries")
    assert HOOK in numbers._route(NUMBER, number, {})
    app = {"voice_url": "https://app.example.com/v"}
    through = numbers._route(NUMBER, number | {"voice_application_sid": APP}, {APP: app})
    assert "https://app.example.com/v" in through
    assert HOOK not in through
    assert "trunk" in numbers._route(NUMBER, number | {"trunk_sid": "TK" + "1" * 32}, {})
    assert "(nothing); fallback (none)" in numbers._route(NUMBER, {"voice_url": None}, {})


@pytest.mark.parametrize(
    ("defaults", "deployed", "names"),
    [
        ({"answer": True}, {"answer": True}, []),
        ({"answer": True, "record": "do-not-record"}, {"answer": True}, ["record"]),
        ({}, {"answer": True}, ["answer"]),
        ({"ringSeconds": 20}, {"ringSeconds": 30}, ["ringSeconds"]),
        # What Twilio answers, and the settings say nothing of.
        ({}, {"voiceUrl": HOOK, "statusCallback": HOOK, "delivery": {"retries": 1}, "trunkSid": ""}, []),
    ],
)
def test_settings_that_are_not_deployed_are_found(
    defaults: dict[str, Any], deployed: dict[str, Any], names: list[str]
) -> None:
    """A setting that changed, came or went since the last update."""
    state = State(
        [
            resource("twilio:index:VoiceConfiguration", NUMBER),
            resource("pulumi:pulumi:Stack", "voicehooks-dev", numbers={NUMBER: deployed}),
        ]
    )
    result = asyncio.run(numbers._settings_drift(Context(settings=settings(defaults=defaults), state=state)))  # type: ignore[arg-type]
    assert [finding.what.split(" ")[0] for finding in result.findings] == names


@pytest.mark.parametrize(
    ("account", "secondary", "severity"),
    [
        ({"auth_token": TOKEN}, "", None),
        ({"auth_token": ""}, "", None),
        ({"auth_token": OTHER}, "", ""),
        ({"auth_token": OTHER}, OTHER, "warning"),
        ({"auth_token": OTHER}, "c" * 32, ""),
        (TwilioError(20003, "Authenticate", 401), "", ""),
    ],
)
def test_only_the_primary_token_signs(account: Any, secondary: str, severity: str | None) -> None:
    """Another token is a problem, except in the middle of a rotation."""
    found = examined(
        twilio_account._signing_token, account=account, config={"voicehooks:secondaryAuthToken": secondary}
    )
    assert found == ([] if severity is None else [("", severity)])


@pytest.mark.parametrize(
    ("account", "severity"),
    [
        ({"status": "active", "type": "Full"}, None),
        ({"status": "active"}, None),
        ({"status": "suspended", "type": "Full"}, ""),
        ({"status": "active", "type": "Trial"}, "warning"),
    ],
)
def test_an_account_is_active_and_no_trial(account: dict[str, str], severity: str | None) -> None:
    """A trial account works, with limits."""
    assert examined(twilio_account._account, account=account) == ([] if severity is None else [("", severity)])


@pytest.mark.parametrize(
    ("answer", "severity"),
    [
        ({"balance": "5.01", "currency": "USD"}, None),
        ({"balance": "5", "currency": "USD"}, "warning"),
        ({"balance": "0", "currency": "USD"}, "problem"),
        ({"balance": "-1.5"}, "problem"),
        (TwilioError(20404, "none", 404), None),
        (TwilioError(20003, "none", 403), None),
    ],
)
def test_a_low_balance_is_a_warning_and_an_empty_one_a_problem(answer: Any, severity: str | None) -> None:
    """Accounts without a balance of their own have none to run out."""
    client = Context(get=answer)
    client.account = lambda path: path  # type: ignore[method-assign]
    assert examined(twilio_account._balance, twilio=client) == ([] if severity is None else [("", severity)])


def functions(**outputs: Any) -> State:
    """A stack with the function that Twilio calls and one for pages."""
    kind = "supabase:index:EdgeFunction"
    return State(
        [
            resource(kind, "twilio-webhook", slug="twilio-webhook", verifyJwt=False, **outputs),
            resource(kind, "recording", slug="recording", verifyJwt=True),
        ]
    )


BOTH = {
    "twilio-webhook": {"status": "ACTIVE", "verify_jwt": False, "ezbr_sha256": "a", "version": 3},
    "recording": {"status": "ACTIVE", "verify_jwt": True, "ezbr_sha256": "b", "version": 3},
}


def test_functions_are_active_and_checked_by_the_gateway_where_pages_call() -> None:
    """One that is gone or inactive, and one whose verify_jwt was switched."""
    state = functions()
    odd = {
        "twilio-webhook": {**BOTH["twilio-webhook"], "verify_jwt": True, "status": "THROTTLED"},
        "recording": {**BOTH["recording"], "verify_jwt": False},
    }
    one = {"twilio-webhook": BOTH["twilio-webhook"]}
    assert examined(supabase_project._function, state=state, functions=BOTH) == []
    assert examined(supabase_project._function, state=state, functions=one) == [("recording", "")]
    assert examined(supabase_project._function, state=state, functions=odd) == [("twilio-webhook", "")]
    (gone,) = asyncio.run(supabase_project._function(Context(state=state, functions=one))).findings  # type: ignore[arg-type]
    assert gone.link == "https://supabase.com/dashboard/project/abcdefghijklmnopqrst/functions"
    assert examined(supabase_project._verify_jwt, state=state, functions=BOTH) == []
    assert examined(supabase_project._verify_jwt, state=state, functions=one) == []
    assert examined(supabase_project._verify_jwt, state=state, functions=odd) == [
        ("twilio-webhook", ""),
        ("recording", ""),
    ]


def test_a_revision_that_somebody_else_deployed_is_found() -> None:
    """By the bundle's digest; a function whose last deploy is not known is not compared."""
    same = functions(lastDeployed={"bundleSha256": "a", "version": 3})
    other = functions(lastDeployed={"bundleSha256": "c", "version": 2})
    assert examined(supabase_project._revision, state=same, functions=BOTH) == []
    assert examined(supabase_project._revision, state=other, functions=BOTH) == [("twilio-webhook", "")]
    assert examined(supabase_project._revision, state=other, functions={}) == []


def test_secrets_that_are_gone_or_changed_are_found() -> None:
    """The auth token is compared with the configured one, which may have been rotated since the update."""
    values = {"VOICEHOOKS_AUTH_TOKEN": OTHER, "VOICEHOOKS_CALL_OPTIONS": "{}"}
    state = State([resource("supabase:index:EdgeFunctionSecrets", "secrets", values=values)])
    digests = {
        "VOICEHOOKS_AUTH_TOKEN": hashlib.sha256(TOKEN.encode()).hexdigest(),
        "VOICEHOOKS_CALL_OPTIONS": hashlib.sha256(b"{}").hexdigest(),
    }
    found = [(name, "") for name in values]
    assert examined(supabase_project._secrets, state=state, secret_digests=digests) == []
    assert examined(supabase_project._secrets, state=state, secret_digests={}) == found
    assert examined(supabase_project._secrets, state=state, secret_digests=dict.fromkeys(values, "x")) == found
    assert examined(supabase_project._secrets, state=State([]), secret_digests={}) == []


@pytest.mark.parametrize(
    ("keys", "legacy", "severity"),
    [
        ([{"type": "secret", "name": "default"}], {"enabled": False}, None),
        ([{"type": "secret", "name": "other"}], {"enabled": True}, "problem"),
        ([{"type": "legacy", "name": "service_role"}], {"enabled": True}, "warning"),
        ([{"type": "legacy", "name": "service_role"}], {"enabled": False}, "problem"),
        ([{"type": "legacy", "name": "service_role"}], SupabaseError(404, "gone"), "warning"),
        ([], {"enabled": True}, "problem"),
    ],
)
def test_the_functions_have_a_key_for_the_database(keys: Any, legacy: Any, severity: str | None) -> None:
    """The legacy key still works where it is enabled."""
    found = examined(supabase_project._api_keys, api_keys=keys, management=legacy)
    assert found == ([] if severity is None else [("", severity)])


@pytest.mark.parametrize(("status", "fine"), [("ACTIVE_HEALTHY", True), ("", True), ("INACTIVE", False)])
def test_a_project_that_does_not_run_is_found(status: str, fine: bool) -> None:
    """A paused project answers nothing."""
    assert examined(supabase_project._project, management={"status": status}) == ([] if fine else [("", "")])


OPEN = {"disable_signup": False, "external": {"anonymous_users": True}}


@pytest.mark.parametrize(
    ("changes", "slugs", "auth", "found"),
    [
        ({}, ["place-call"], OPEN, True),
        ({}, ["place-call"], {**OPEN, "disable_signup": True}, False),
        ({"callers": {}}, ["place-call"], OPEN, True),
        ({"callers": {"claim": "role"}}, ["place-call"], OPEN, False),
        ({}, ["recording"], OPEN, False),
    ],
)
def test_anyone_who_can_sign_up_can_call(
    monkeypatch: pytest.MonkeyPatch, changes: Any, slugs: list[str], auth: Any, found: bool
) -> None:
    """Unless a claim decides, sign-up is closed or place-call is not deployed."""

    async def answered(*_: Any) -> Any:
        return auth

    monkeypatch.setattr(callers, "_auth_settings", answered)
    state = State([resource("supabase:index:EdgeFunction", slug, slug=slug) for slug in slugs])
    assert examined(callers._sign_up, settings=settings(**changes), state=state) == (
        [("place-call", "")] if found else []
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"StatusCallback": f"{HOOK}#rc=3", "StatusCallbackEvent": EVENTS}, []),
        ({"StatusCallback": HOOK, "StatusCallbackEvent": EVENTS[1:]}, [("callOptions", "warning")]),
        ({"StatusCallback": HOOK}, [("callOptions", "warning")]),
        ({"StatusCallback": "https://other.example/x", "StatusCallbackEvent": EVENTS}, [("callOptions", "")]),
        ({"Timeout": 25}, [("callOptions", "")]),
        (None, [("callOptions", "")]),
    ],
)
def test_a_created_call_would_be_followed(options: Any, found: list[tuple[str, str]]) -> None:
    """The deployed options name the handler and all four events."""
    state = State([resource("pulumi:pulumi:Stack", "voicehooks-dev", callOptions=options)])
    assert examined(callers._created_calls, settings=settings(), state=state) == found
