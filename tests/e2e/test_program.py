"""The program of this repository under the real engine, deployed into a real sandbox."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.engine import Project
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
NUMBER, SECOND, THIRD = "+15551234567", "+15551234568", "+15551234569"
DEFAULTS: dict[str, Any] = {
    "answer": True,
    "statusEvents": ["initiated", "ringing", "answered", "completed"],
    "record": "record-from-answer",
    "forwardTo": ["+15557654321"],
    "delivery": {"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"]},
    "fallbackUrl": "default",
}
REF = "sandboxsandboxsandbo"


@dataclass
class Environment:
    """A sandbox and a stack of this repository's program that is to be deployed into it."""

    values: dict[str, str]
    project: Project

    @property
    def webhook(self) -> str:
        """The webhook URL."""
        return self.values["webhook_url"]

    def number(self, e164: str = NUMBER) -> dict[str, Any]:
        """Return a number as Twilio answers it."""
        path = f"/2010-04-01/Accounts/{self.values['twilio_account_sid']}/IncomingPhoneNumbers.json"
        page = httpx.get(self.values["twilio_base_url"] + path, auth=self._twilio, timeout=PATIENCE).json()[
            "incoming_phone_numbers"
        ]
        return next(n for n in page if n["phone_number"] == e164)

    def click(self, e164: str, **fields: str) -> None:
        """Change a number as somebody would in the console."""
        path = f"/2010-04-01/Accounts/{self.values['twilio_account_sid']}/IncomingPhoneNumbers"
        url = f"{self.values['twilio_base_url']}{path}/{self.number(e164)['sid']}.json"
        httpx.post(url, data=fields, auth=self._twilio, timeout=PATIENCE).raise_for_status()

    def functions(self) -> dict[str, int]:
        """Return the project's functions with their versions."""
        return {f["slug"]: f["version"] for f in self.supabase("GET", "functions")}

    def supabase(self, method: str, path: str, **request: Any) -> Any:
        """Ask the Management API about the project."""
        answer = httpx.request(
            method,
            f"{self.values['supabase_api_url']}/v1/projects/{REF}/{path}",
            headers={"Authorization": f"Bearer {self.values['supabase_access_token']}"},
            **request,
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def settings(self, **changes: Any) -> None:
        """Set keys of voicehooks: in the stack's configuration."""
        self.project.configure({f"voicehooks:{key}": value for key, value in changes.items()})

    @property
    def _twilio(self) -> tuple[str, str]:
        return self.values["twilio_account_sid"], self.values["twilio_auth_token"]


@pytest.fixture
def environment(sandbox: dict[str, str], tmp_path: Path) -> Environment:
    """Return a stack with credentials and one number, in a sandbox as new as on the first day."""
    for name in ("infra", "functions", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    definition = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    config = {
        "twilio:accountSid": sandbox["twilio_account_sid"],
        "twilio:baseUrl": sandbox["twilio_base_url"],
        "supabase:apiUrl": sandbox["supabase_api_url"],
        "voicehooks:supabaseProject": REF,
        "voicehooks:publicUrl": sandbox["supabase_url"],
        "voicehooks:defaults": DEFAULTS,
        "voicehooks:numbers": {NUMBER: {}},
    }
    project = Project(tmp_path, config, definition=definition)
    project.set_secrets(
        {
            "twilio:authToken": sandbox["twilio_auth_token"],
            "supabase:accessToken": sandbox["supabase_access_token"],
        }
    )
    return Environment(sandbox, project)


@pytest.mark.slow
def test_the_whole_path(environment: Environment) -> None:
    """Deployed, called, drifted, changed, repaired, given back; no secret in the state."""
    preview = environment.project.preview()
    assert "would run" in preview
    assert f"{NUMBER} (" in preview
    assert "nothing is bought" in preview
    assert environment.functions() == {}
    environment.project.up()
    outputs = environment.project.outputs()
    assert outputs["webhookUrl"] == environment.webhook
    assert outputs["numbers"][NUMBER]["voiceUrl"] == environment.webhook
    assert outputs["callOptions"]["StatusCallbackEvent"] == DEFAULTS["statusEvents"]
    assert set(environment.functions()) == {"twilio-webhook", "twilio-fallback"}
    assert environment.number()["voice_url"] == f"{environment.webhook}#rc=3&rp=ct,rt,5xx"
    environment.project.preview("--expect-no-changes")

    call = httpx.post(
        f"{environment.values['twilio_base_url']}/_sandbox/calls",
        json={"from": "+15550100001", "to": NUMBER},
        timeout=PATIENCE,
    ).json()
    twin = f"{environment.values['twilio_base_url']}/_sandbox/calls/{call['sid']}"
    story = httpx.get(twin, params={"wait": 60}, timeout=PATIENCE).json()
    assert story["status"] == "completed"
    rows = environment.supabase(
        "POST", "database/query", json={"query": "select status, call_sid from twilio_calls order by direction"}
    )
    assert [r["status"] for r in rows] == ["completed", "completed"]
    recordings = environment.supabase(
        "POST", "database/query", json={"query": "select status from twilio_recordings"}
    )
    assert recordings == [{"status": "completed"}]

    environment.click(NUMBER, StatusCallback="https://drift.example.com/x")
    drift = "https://drift.example.com/x"
    lines = [" ".join(line.split()) for line in environment.project.preview().text.splitlines() if "=>" in line]
    assert lines == [
        f'~ statusCallback : "{environment.webhook}" => "{drift}"',  # what the refresh found
        f'~ statusCallback: "{drift}" => "{environment.webhook}"',  # what the update would do
    ]
    environment.project.up()

    before = environment.functions()
    key_secret = "the-secret-of-the-key"
    environment.settings(defaults={**DEFAULTS, "record": "do-not-record"}, functionsApiKeySid=f"SK{'7' * 32}")
    environment.project.set_secret("voicehooks:functionsApiKeySecret", key_secret)
    preview = environment.project.preview()
    assert "do-not-record" in preview
    environment.project.up()
    assert environment.functions()["twilio-webhook"] == before["twilio-webhook"] + 1
    secrets = {secret["name"] for secret in environment.supabase("GET", "secrets")}
    assert {"VOICEHOOKS_API_KEY_SID", "VOICEHOOKS_API_KEY_SECRET"} <= secrets

    state = environment.project.state()
    for secret in ("twilio_auth_token", "supabase_access_token"):
        assert environment.values[secret] not in state
    assert key_secret not in state
    environment.project.destroy()
    assert environment.functions() == {}
    assert not environment.number()["voice_url"]
    assert environment.supabase(
        "POST", "database/query", json={"query": "select count(*) as n from twilio_calls"}
    )


@pytest.mark.slow
def test_a_broken_function_never_reaches_its_slug(environment: Environment) -> None:
    """Code that does not start, then code that answers wrongly: the numbers keep what answered before."""
    environment.project.up()
    good, number = environment.functions(), environment.number()
    handler = environment.project.folder / "functions" / "twilio-webhook" / "index.ts"
    working = handler.read_text(encoding="utf-8")
    for broken in ("throw new Error('boom');\n", "Deno.serve(() => new Response('ok'));\n"):
        handler.write_text(broken, encoding="utf-8")
        environment.settings(checkSeconds=5)
        failed = environment.project.run("up", "--yes", "--skip-preview", ok=False)
        assert "twilio-webhook-candidate" in failed
        assert environment.functions() == good
        assert environment.number() == number
    handler.write_text(working, encoding="utf-8")
    environment.project.up()


@pytest.mark.slow
def test_shared_application_and_every_other_number(environment: Environment) -> None:
    """One app for all numbers without URLs of their own; "*" takes those that nobody else uses."""
    environment.click(THIRD, VoiceUrl="https://somebody.example.com/x")
    environment.settings(
        sharedApplication=True,
        numbers={NUMBER: {"record": "do-not-record"}, "*": {}},
        dialingPermissions={"US": {"lowRisk": True}},
    )
    preview = environment.project.preview()
    assert f'"*" leaves out 1: {THIRD} (another voice URL)' in preview
    environment.project.up()
    apps = {environment.number(n)["voice_application_sid"] for n in (NUMBER, SECOND)}
    assert len(apps) == 1
    assert apps.pop().startswith("AP")
    assert environment.number(THIRD)["voice_url"] == "https://somebody.example.com/x"
    environment.project.preview("--expect-no-changes")
    environment.settings(numbers={NUMBER: {"delivery": {"retries": 1}}, "*": {}})
    environment.project.up()
    assert environment.number()["voice_url"] == f"{environment.webhook}#rc=1"
    assert not environment.number()["voice_application_sid"]
    environment.settings(sharedApplication=False, numbers={NUMBER: {}})
    environment.project.up()
    assert environment.number()["voice_url"].startswith(environment.webhook)
    assert not environment.number(SECOND)["voice_application_sid"]
    environment.project.destroy()


@pytest.mark.slow
def test_numbers_wait_for_the_checks_and_destroy_leaves_none_of_our_urls(environment: Environment) -> None:
    """First a handler that fails its checks: no number is written. Then the way back of a number in use.

    A changed secret is checked by the functions that read it. A number that somebody changed gets all other
    fields back, and one whose earlier URL nobody knows stops the destroy before a function is deleted.
    """
    theirs = "https://somebody.example.com/x"
    environment.click(NUMBER, VoiceUrl=theirs, VoiceMethod="GET", StatusCallback=theirs)
    environment.settings(numbers={NUMBER: {"replaceExisting": True}}, checkSeconds=5)
    handler = environment.project.folder / "functions" / "twilio-webhook" / "index.ts"
    working = handler.read_text(encoding="utf-8")
    handler.write_text("Deno.serve(() => new Response('ok'));\n", encoding="utf-8")
    before = environment.number()
    environment.project.run("up", "--yes", "--skip-preview", ok=False)
    assert environment.number() == before
    handler.write_text(working, encoding="utf-8")
    environment.settings(checkSeconds=60)
    environment.project.up()
    assert environment.number()["voice_url"].startswith(environment.webhook)

    versions = environment.functions()
    environment.project.set_secret("voicehooks:secondaryAuthToken", "b" * 32)
    environment.project.up()
    assert {slug for slug, version in environment.functions().items() if version > versions[slug]} == {
        "twilio-webhook",
        "twilio-fallback",
    }

    # A number that used this handler before it was in the settings: nobody knows what it had earlier.
    environment.click(SECOND, VoiceUrl=environment.webhook)
    environment.settings(numbers={NUMBER: {"replaceExisting": True}, SECOND: {"replaceExisting": True}})
    environment.project.up()
    environment.click(NUMBER, StatusCallback="https://own.example.com/s")
    failed = environment.project.run("destroy", "--yes", "--skip-preview", ok=False)
    assert SECOND in failed
    assert 'on_delete="clear"' in failed
    assert "twilio-webhook" in environment.functions()
    environment.settings(numbers={NUMBER: {"replaceExisting": True}, SECOND: {"onDelete": "clear"}})
    environment.project.up()
    environment.project.destroy()
    assert environment.functions() == {}
    assert not environment.number(SECOND)["voice_url"]
    after = environment.number()
    assert (after["voice_url"], after["voice_method"]) == (theirs, "GET")


def previewed(environment: Environment) -> dict[str, dict[str, Any]]:
    """Preview; return the state that each resource would have, by its name."""
    text = environment.project.run("preview", "--json", "--non-interactive").text
    return {
        step["urn"].rsplit("::", 1)[1]: step["newState"]
        for step in json.loads(text[text.index("{") :])["steps"]
        if "newState" in step and step["newState"]["type"].split(":")[0] in {"twilio", "supabase", "voicehooks"}
    }


def test_each_number_gets_its_own_settings_after_the_checked_functions(environment: Environment) -> None:
    """The inputs of each resource of an environment whose numbers differ, and what they wait for."""
    own = "https://own.example.com"
    environment.settings(
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
    made = previewed(environment)

    fallback = environment.webhook.replace("twilio-webhook", "twilio-fallback")
    first, second, third = (made[number]["inputs"] for number in (NUMBER, SECOND, THIRD))
    urls = {
        "voiceUrl": environment.webhook,
        "statusCallback": environment.webhook,
        "voiceFallbackUrl": fallback,
    }
    methods = {"voiceMethod": "POST", "statusCallbackMethod": "POST", "voiceFallbackMethod": "POST"}
    assert {**urls, **methods}.items() <= first.items()
    assert first["delivery"] == DEFAULTS["delivery"]
    assert first["ownUrls"] == [environment.webhook, fallback]
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
    for slug in (*functions, "place-call", "recording"):
        assert made[slug]["inputs"]["verifyJwt"] == (slug not in functions)
        assert {urn.rsplit("::", 1)[1] for urn in made[slug]["dependencies"]} >= {"schema", "secrets"}
        assert {"checks", "candidateChecks", "triggers"} <= made[slug]["inputs"].keys()
    assert "original" not in made["twilio-webhook"]["inputs"]
    assert made["dialing-permissions"]["inputs"]["countries"] == {"US": {"lowRisk": True}}


def test_a_shared_application_serves_the_numbers_without_urls_of_their_own(environment: Environment) -> None:
    """A setting that acts on the number itself gives it URLs of its own; "*" includes the unused numbers."""
    environment.click(THIRD, VoiceUrl="https://somebody.example.com/x")
    environment.settings(
        sharedApplication=True,
        adoptFunction=True,
        defaults={**DEFAULTS, "fallbackUrl": ""},
        numbers={NUMBER: {"delivery": {"retries": 1}}, "*": {"record": "do-not-record"}},
    )
    made = previewed(environment)

    assert made["shared"]["inputs"]["voiceUrl"] == environment.webhook
    assert made[NUMBER]["inputs"]["voiceUrl"] == environment.webhook
    assert "voiceApplicationSid" not in made[NUMBER]["inputs"]
    assert "voiceApplicationSid" in made[SECOND]["inputs"]
    assert "voiceUrl" not in made[SECOND]["inputs"]
    assert not made[SECOND].get("protect")
    assert THIRD not in made
    assert not {"twilio-fallback", "place-call", "dialing-permissions"} & made.keys()
    # What an adopted function answered before, it answers again once it is given back.
    assert made[NUMBER]["inputs"].get("ownUrls", []) == []
    assert made["twilio-webhook"]["inputs"]["adopt"]


def test_missing_credentials_are_all_named(environment: Environment) -> None:
    """An initialised stack without settings says in one answer what is missing and how to set it."""
    path = environment.project.folder / "Pulumi.test.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({k: v for k, v in known.items() if k != "config"}), encoding="utf-8")
    text = environment.project.run("preview", ok=False)
    assert "5 settings are missing in stack test" in text
    assert "pulumi config set --stack test --secret twilio:authToken" in text
    assert "Traceback" not in text.text


def test_a_preview_warns_while_nobody_has_decided_who_may_call(environment: Environment) -> None:
    """Where place-call is deployed, until voicehooks:callers is set; an empty one is a decision."""
    warning = "place-call lets every user who signs in"
    assert warning not in environment.project.preview()
    environment.settings(allowedOrigins=["https://crm.example.com"])
    assert warning in environment.project.preview()
    environment.settings(callers={})
    assert warning not in environment.project.preview()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"numbers": {NUMBER: {"ringSecond": 3}}}, "did you mean ringSeconds?"),
        ({"numbers": {"+15550000000": {}}}, "is not a number of account"),
        ({"numbers": {NUMBER: {"voiceUrl": "http://example.com/x"}}}, "does not start with https://"),
    ],
)
def test_bad_input_gets_one_sentence(environment: Environment, changes: dict[str, Any], said: str) -> None:
    """A wrong key or value is named, and nothing is begun."""
    environment.settings(**changes)
    text = environment.project.run("preview", ok=False)
    assert said in text
    assert "Traceback" not in text.text
    assert environment.functions() == {}


def test_what_is_not_ours_is_refused(environment: Environment) -> None:
    """A secret, a table, a number's URL from elsewhere: each stops the update before it is harmed."""
    environment.click(NUMBER, VoiceUrl="https://somebody.example.com/x")
    assert "replace_existing" in environment.project.run("preview", ok=False)
    environment.click(NUMBER, VoiceUrl="")
    environment.supabase("POST", "database/query", json={"query": "create table public.twilio_calls (id int)"})
    failed = environment.project.run("up", "--yes", "--skip-preview", ok=False)
    assert "twilio_calls" in failed
    assert environment.functions() == {}
    environment.supabase("POST", "database/query", json={"query": "drop table public.twilio_calls"})
    environment.supabase("POST", "secrets", json=[{"name": "VOICEHOOKS_AUTH_TOKEN", "value": "somebody's"}])
    assert "VOICEHOOKS_AUTH_TOKEN" in environment.project.run("preview", ok=False)
