"""The program of this repository under the real engine, deployed into a real sandbox."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jwt
import pytest
import yaml

from tests.support.clone import NUMBER, Clone
from tests.support.waiting import PATIENCE

SECOND, THIRD = "+15551234568", "+15551234569"
DEFAULTS: dict[str, Any] = {
    "answer": True,
    "statusEvents": ["initiated", "ringing", "answered", "completed"],
    "record": "record-from-answer",
    "forwardTo": ["+15557654321"],
    "delivery": {"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"]},
    "fallbackUrl": "default",
}


@pytest.fixture
def clone(undeployed: Clone) -> Clone:
    """A stack with credentials and one number, and without a page that places calls."""
    undeployed.configure(defaults=DEFAULTS, allowedOrigins=None, callers=None)
    return undeployed


def functions(clone: Clone) -> dict[str, int]:
    """Return the project's functions with their versions."""
    return {f["slug"]: f["version"] for f in clone.supabase("GET", "functions")}


def preview(clone: Clone, *options: str, ok: bool = True) -> str:
    """Preview with the difference of every property."""
    return clone.pulumi("preview", "--diff", *options, ok=ok)


def fail_to_deploy(clone: Clone) -> str:
    """Deploy, which is expected to fail."""
    return clone.pulumi("up", "--yes", "--skip-preview", ok=False)


def destroy(clone: Clone, *, ok: bool = True) -> str:
    """Delete every resource."""
    return clone.pulumi("destroy", "--yes", "--skip-preview", ok=ok)


@pytest.mark.slow
def test_the_whole_path(clone: Clone) -> None:
    """Deployed, called, drifted, changed, repaired, given back; no secret in the state."""
    secrets = {
        "twilio:authToken": clone.values["twilio_auth_token"],
        "supabase:accessToken": clone.values["supabase_access_token"],
    }
    # The settings of `local` have the sandbox's constants in clear.
    clone.pulumi(
        "config", "set-all", *(part for item in secrets.items() for part in ("--secret", "=".join(item)))
    )
    text = preview(clone)
    assert "would run" in text
    assert f"{NUMBER} (" in text
    assert "nothing is bought" in text
    assert functions(clone) == {}
    clone.up()
    outputs = json.loads(
        clone.run("pulumi", "stack", "output", "--json", "--show-secrets", "--stack", "local").stdout
    )
    assert outputs["webhookUrl"] == clone.values["webhook_url"]
    assert outputs["numbers"][NUMBER]["voiceUrl"] == clone.values["webhook_url"]
    assert outputs["callOptions"]["StatusCallbackEvent"] == DEFAULTS["statusEvents"]
    assert set(functions(clone)) == {"twilio-webhook", "twilio-fallback"}
    assert clone.number()["voice_url"] == f"{clone.values['webhook_url']}#rc=3&rp=ct,rt,5xx"
    preview(clone, "--expect-no-changes")

    story = clone.call()
    assert story["status"] == "completed"
    rows = clone.query("select status, call_sid from twilio_calls order by direction")
    assert [r["status"] for r in rows] == ["completed", "completed"]
    recordings = clone.query("select status from twilio_recordings")
    assert recordings == [{"status": "completed"}]

    clone.click(NUMBER, StatusCallback="https://drift.example.com/x")
    drift = "https://drift.example.com/x"
    lines = [" ".join(line.split()) for line in preview(clone).splitlines() if "=>" in line]
    assert lines == [
        f'~ statusCallback : "{clone.values["webhook_url"]}" => "{drift}"',  # what the refresh found
        f'~ statusCallback: "{drift}" => "{clone.values["webhook_url"]}"',  # what the update would do
    ]
    clone.up()

    before = functions(clone)
    key_secret = "the-secret-of-the-key"
    clone.configure(
        defaults={**DEFAULTS, "record": "do-not-record"},
        functionsApiKeySid=f"SK{'7' * 32}",
        softphoneApiKeySid=f"SK{'8' * 32}",
    )
    for key in ("functionsApiKeySecret", "softphoneApiKeySecret"):
        clone.pulumi("config", "set", "--secret", f"voicehooks:{key}", key_secret)
    text = preview(clone)
    assert "do-not-record" in text
    clone.up()
    assert functions(clone)["twilio-webhook"] == before["twilio-webhook"] + 1
    names = {secret["name"] for secret in clone.supabase("GET", "secrets")}
    assert {"VOICEHOOKS_API_KEY_SID", "VOICEHOOKS_API_KEY_SECRET"} <= names
    assert {"VOICEHOOKS_SOFTPHONE_KEY_SID", "VOICEHOOKS_SOFTPHONE_KEY_SECRET"} <= names

    state = "".join(path.read_text() for path in (clone.folder / ".voicehooks" / "state").rglob("*.json"))
    assert NUMBER in state
    for secret in (*secrets.values(), key_secret):
        assert secret not in state
    destroy(clone)
    assert functions(clone) == {}
    assert not clone.number()["voice_url"]
    assert clone.query("select count(*) as n from twilio_calls")


@pytest.mark.slow
def test_a_broken_function_never_reaches_its_slug(clone: Clone) -> None:
    """Code that does not start, then code that answers wrongly: the numbers keep what answered before."""
    clone.up()
    good, number = functions(clone), clone.number()
    handler = clone.folder / "functions" / "twilio-webhook" / "index.ts"
    working = handler.read_text(encoding="utf-8")
    for broken in ("throw new Error('boom');\n", "Deno.serve(() => new Response('ok'));\n"):
        handler.write_text(broken, encoding="utf-8")
        clone.configure(checkSeconds=5)
        failed = fail_to_deploy(clone)
        assert "twilio-webhook-candidate" in failed
        assert functions(clone) == good
        assert clone.number() == number
    handler.write_text(working, encoding="utf-8")
    clone.up()


@pytest.mark.slow
def test_shared_application_and_every_other_number(clone: Clone) -> None:
    """One app for all numbers without URLs of their own; "*" takes those that nobody else uses."""
    clone.click(THIRD, VoiceUrl="https://somebody.example.com/x")
    clone.configure(
        sharedApplication=True,
        numbers={NUMBER: {"record": "do-not-record"}, "*": {}},
        dialingPermissions={"US": {"lowRisk": True}},
    )
    text = preview(clone)
    assert f'"*" leaves out 1: {THIRD} (another voice URL)' in text
    clone.up()
    apps = {clone.number(n)["voice_application_sid"] for n in (NUMBER, SECOND)}
    assert len(apps) == 1
    assert apps.pop().startswith("AP")
    assert clone.number(THIRD)["voice_url"] == "https://somebody.example.com/x"
    preview(clone, "--expect-no-changes")
    clone.configure(numbers={NUMBER: {"delivery": {"retries": 1}}, "*": {}})
    clone.up()
    assert clone.number()["voice_url"] == f"{clone.values['webhook_url']}#rc=1"
    assert not clone.number()["voice_application_sid"]
    clone.configure(sharedApplication=False, numbers={NUMBER: {}})
    clone.up()
    assert clone.number()["voice_url"].startswith(clone.values["webhook_url"])
    assert not clone.number(SECOND)["voice_application_sid"]
    destroy(clone)


@pytest.mark.slow
def test_numbers_wait_for_the_checks_and_destroy_leaves_none_of_our_urls(clone: Clone) -> None:
    """First a handler that fails its checks: no number is written. Then the way back of a number in use.

    A changed secret is checked by the functions that read it. A number that somebody changed gets all other
    fields back, and one whose earlier URL nobody knows stops the destroy before a function is deleted.
    """
    theirs = "https://somebody.example.com/x"
    clone.click(NUMBER, VoiceUrl=theirs, VoiceMethod="GET", StatusCallback=theirs)
    clone.configure(numbers={NUMBER: {"replaceExisting": True}}, checkSeconds=5)
    handler = clone.folder / "functions" / "twilio-webhook" / "index.ts"
    working = handler.read_text(encoding="utf-8")
    handler.write_text("Deno.serve(() => new Response('ok'));\n", encoding="utf-8")
    before = clone.number()
    fail_to_deploy(clone)
    assert clone.number() == before
    handler.write_text(working, encoding="utf-8")
    clone.configure(checkSeconds=60)
    clone.up()
    assert clone.number()["voice_url"].startswith(clone.values["webhook_url"])

    versions = functions(clone)
    clone.pulumi("config", "set", "--secret", "voicehooks:secondaryAuthToken", "b" * 32)
    clone.up()
    assert {slug for slug, version in functions(clone).items() if version > versions[slug]} == {
        "twilio-webhook",
        "twilio-fallback",
    }

    # A number that used this handler before it was in the settings: nobody knows what it had earlier.
    clone.click(SECOND, VoiceUrl=clone.values["webhook_url"])
    clone.configure(numbers={NUMBER: {"replaceExisting": True}, SECOND: {"replaceExisting": True}})
    clone.up()
    clone.click(NUMBER, StatusCallback="https://own.example.com/s")
    failed = destroy(clone, ok=False)
    assert SECOND in failed
    assert 'on_delete="clear"' in failed
    assert "twilio-webhook" in functions(clone)
    clone.configure(numbers={NUMBER: {"replaceExisting": True}, SECOND: {"onDelete": "clear"}})
    clone.up()
    destroy(clone)
    assert functions(clone) == {}
    assert not clone.number(SECOND)["voice_url"]
    after = clone.number()
    assert (after["voice_url"], after["voice_method"]) == (theirs, "GET")


def previewed(clone: Clone) -> dict[str, dict[str, Any]]:
    """Preview; return the state that each resource would have, by its name."""
    text = clone.pulumi("preview", "--json")
    return {
        step["urn"].rsplit("::", 1)[1]: step["newState"]
        for step in json.loads(text[text.index("{") :])["steps"]
        if "newState" in step and step["newState"]["type"].split(":")[0] in {"twilio", "supabase", "voicehooks"}
    }


def test_each_number_gets_its_own_settings_after_the_checked_functions(clone: Clone) -> None:
    """The inputs of each resource of an environment whose numbers differ, and what they wait for."""
    own = "https://own.example.com"
    clone.configure(
        numbers={
            NUMBER: {},
            SECOND: {
                "answer": False,
                "statusEvents": ["initiated"],
                "fallbackUrl": f"{own}/f",
                "delivery": {"retries": 1},
            },
            THIRD: {
                "voiceUrl": f"{own}/v",
                "statusCallback": f"{own}/s",
                "fallbackUrl": "",
                "onDelete": "clear",
            },
        },
        diverted={SECOND: {"to": f"{own}/d", "method": "GET", "keep": True}},
        protectNumbers=True,
        allowedOrigins=["https://crm.example.com"],
        callers={},
        dialingPermissions={"US": {"lowRisk": True}},
    )
    made = previewed(clone)

    fallback = clone.values["webhook_url"].replace("twilio-webhook", "twilio-fallback")
    first, second, third = (made[number]["inputs"] for number in (NUMBER, SECOND, THIRD))
    urls = {
        "voiceUrl": clone.values["webhook_url"],
        "statusCallback": clone.values["webhook_url"],
        "voiceFallbackUrl": fallback,
    }
    methods = {"voiceMethod": "POST", "statusCallbackMethod": "POST", "voiceFallbackMethod": "POST"}
    assert {**urls, **methods}.items() <= first.items()
    assert first["delivery"] == DEFAULTS["delivery"]
    assert first["ownUrls"] == [clone.values["webhook_url"], fallback]
    assert {
        "voiceUrl": f"{own}/d",
        "voiceMethod": "GET",
        "voiceApplicationSid": "",
        "statusCallback": "",
        "voiceFallbackUrl": f"{own}/f",
        "delivery": {"retries": 1},
    }.items() <= second.items()
    assert {
        "voiceUrl": f"{own}/v",
        "statusCallback": f"{own}/s",
        "voiceFallbackUrl": "",
        "onDelete": "clear",
    }.items() <= third.items()
    assert "voiceFallbackMethod" not in third
    assert all(made[number]["protect"] for number in (NUMBER, SECOND, THIRD))

    functions = ("twilio-webhook", "twilio-fallback")
    for waiting in (NUMBER, SECOND, THIRD, "dialing-permissions"):
        waited = {urn.rsplit("::", 1)[1] for urn in made[waiting]["dependencies"]}
        assert waited >= set(functions), waiting
    for slug in (*functions, "place-call", "control-call", "recording"):
        assert made[slug]["inputs"]["verifyJwt"] == (slug not in functions)
        assert {urn.rsplit("::", 1)[1] for urn in made[slug]["dependencies"]} >= {"schema", "secrets"}
        assert {"checks", "candidateChecks", "triggers"} <= made[slug]["inputs"].keys()
    assert "original" not in made["twilio-webhook"]["inputs"]
    assert made["dialing-permissions"]["inputs"]["countries"] == {"US": {"lowRisk": True}}


def test_a_shared_application_serves_the_numbers_without_urls_of_their_own(clone: Clone) -> None:
    """A setting that acts on the number itself gives it URLs of its own; "*" includes the unused numbers."""
    clone.click(THIRD, VoiceUrl="https://somebody.example.com/x")
    clone.configure(
        sharedApplication=True,
        adoptFunction=True,
        defaults={**DEFAULTS, "fallbackUrl": ""},
        numbers={NUMBER: {"delivery": {"retries": 1}}, "*": {"record": "do-not-record"}},
    )
    made = previewed(clone)

    assert made["shared"]["inputs"]["voiceUrl"] == clone.values["webhook_url"]
    assert made[NUMBER]["inputs"]["voiceUrl"] == clone.values["webhook_url"]
    assert "voiceApplicationSid" not in made[NUMBER]["inputs"]
    assert "voiceApplicationSid" in made[SECOND]["inputs"]
    assert "voiceUrl" not in made[SECOND]["inputs"]
    assert not made[SECOND].get("protect")
    assert THIRD not in made
    assert not {"twilio-fallback", "place-call", "dialing-permissions"} & made.keys()
    # What an adopted function answered before, it answers again once it is given back.
    assert made[NUMBER]["inputs"].get("ownUrls", []) == []
    assert made["twilio-webhook"]["inputs"]["adopt"]


def test_missing_credentials_are_all_named(clone: Clone) -> None:
    """An initialised stack without settings says in one answer what is missing and how to set it."""
    known = yaml.safe_load(clone.settings_file.read_text(encoding="utf-8"))
    without = {key: value for key, value in known.items() if key != "config"}
    clone.settings_file.write_text(yaml.safe_dump(without), encoding="utf-8")
    text = preview(clone, ok=False)
    assert "5 settings are missing in stack local" in text
    assert "pulumi config set --stack local --secret twilio:authToken" in text
    assert "Traceback" not in text


@pytest.mark.slow
def test_a_preview_warns_while_nobody_has_decided_who_may_call(clone: Clone) -> None:
    """Where place-call is deployed, until voicehooks:callers is set; an empty one is a decision."""
    warning = "place-call lets every user who signs in"
    assert warning not in preview(clone)
    clone.configure(allowedOrigins=["https://crm.example.com"])
    assert warning in preview(clone)
    clone.configure(callers={})
    assert warning not in preview(clone)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"numbers": {NUMBER: {"ringSecond": 3}}}, "did you mean ringSeconds?"),
        ({"numbers": {"+15550000000": {}}}, "is not a number of account"),
        ({"numbers": {NUMBER: {"voiceUrl": "http://example.com/x"}}}, "does not start with https://"),
    ],
)
def test_bad_input_gets_one_sentence(clone: Clone, changes: dict[str, Any], said: str) -> None:
    """A wrong key or value is named, and nothing is begun."""
    clone.configure(**changes)
    text = preview(clone, ok=False)
    assert said in text
    assert "Traceback" not in text
    assert functions(clone) == {}


@pytest.mark.slow
def test_what_is_not_ours_is_refused(clone: Clone) -> None:
    """A secret, a table, a number's URL from elsewhere: each stops the update before it is harmed."""
    clone.click(NUMBER, VoiceUrl="https://somebody.example.com/x")
    assert "replace_existing" in preview(clone, ok=False)
    clone.click(NUMBER, VoiceUrl="")
    clone.query("create table public.twilio_calls (id int)")
    failed = fail_to_deploy(clone)
    assert "twilio_calls" in failed
    assert functions(clone) == {}
    clone.query("drop table public.twilio_calls")
    clone.supabase("POST", "secrets", json=[{"name": "VOICEHOOKS_AUTH_TOKEN", "value": "somebody's"}])
    assert "VOICEHOOKS_AUTH_TOKEN" in preview(clone, ok=False)


@pytest.mark.slow
def test_softphones_get_their_token_from_a_deployed_function(clone: Clone) -> None:
    """With an API key for softphones, voice-token is deployed, and a signed-in user gets a token."""
    secret = "s" * 32
    key = f"SK{'7' * 32}"
    clone.pulumi("config", "set", "--secret", "voicehooks:softphoneApiKeySecret", secret)
    clone.configure(allowedOrigins=["http://localhost:8080"], callers={}, softphoneApiKeySid=key)
    clone.up()

    user = clone.supabase_control("POST", "tokens", json={"sub": "11111111-2222-4333-8444-555555555555"})[
        "token"
    ]
    answer = httpx.post(
        f"{clone.values['supabase_url']}/functions/v1/voice-token",
        headers={"Authorization": f"Bearer {user}", "apikey": clone.values["supabase_publishable_key"]},
        json={},
        timeout=PATIENCE,
    )

    assert answer.status_code == 200, answer.text
    header, claims = (
        jwt.decode_complete(answer.json()["token"], secret, ["HS256"])[part] for part in ("header", "payload")
    )
    assert (header["cty"], claims["iss"]) == ("twilio-fpa;v=1", key)
    secrets = {secret["name"] for secret in clone.supabase("GET", "secrets")}
    assert {"VOICEHOOKS_SOFTPHONE_KEY_SID", "VOICEHOOKS_SOFTPHONE_KEY_SECRET"} <= secrets
