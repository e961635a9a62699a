"""An account set up in the console by the guide, from `voicehooks init` to a preview that changes no number.

The real engine, and both emulators with what the guide leaves: numbers with URLs, a function and
secrets of those names, tables that another program created.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.support.clone import Clone
from tests.support.hand_deployed import NUMBER

SECOND, THIRD = "+15551234568", "+15551234569"
_HAND_MADE = 'Deno.serve(() => new Response("<Response/>", {headers: {"Content-Type": "text/xml"}}));\n'


@pytest.fixture
def clone(undeployed: Clone) -> Clone:
    """A clone whose sandbox holds what somebody set up in the consoles."""
    _click_together(undeployed)
    return undeployed


def _click_together(clone: Clone) -> None:
    webhook = f"{clone.values['supabase_url']}/functions/v1/twilio-webhook"
    clone.click(NUMBER, VoiceUrl=webhook, StatusCallback=webhook, FriendlyName="Sales")
    clone.click(
        SECOND, VoiceUrl="https://old.example/voice#rc=2", StatusCallback="https://old.example/status#rc=2"
    )
    app = clone.twilio(
        "POST", "Applications.json", data={"FriendlyName": "ivr", "VoiceUrl": "https://ivr.example/voice"}
    )
    clone.click(THIRD, VoiceApplicationSid=app["sid"])
    metadata = {"entrypoint_path": "index.ts", "name": "twilio-webhook", "verify_jwt": False}
    clone.supabase(
        "POST",
        "functions/deploy",
        params={"slug": "twilio-webhook"},
        files=[
            ("metadata", (None, json.dumps(metadata))),
            ("file", ("index.ts", _HAND_MADE.encode())),
        ],
    )
    clone.supabase("POST", "secrets", json=[{"name": "TWILIO_AUTH_TOKEN", "value": "by hand"}])
    clone.query("create table leads (id int primary key); insert into leads values (1)")


def _variables(clone: Clone, **more: str) -> dict[str, str]:
    values = clone.values
    (clone.folder / "state").mkdir(exist_ok=True)
    return {
        "TWILIO_ACCOUNT_SID": values["twilio_account_sid"],
        "TWILIO_AUTH_TOKEN": values["twilio_auth_token"],
        "TWILIO_BASE_URL": values["twilio_base_url"],
        "SUPABASE_API_URL": values["supabase_api_url"],
        "SUPABASE_ACCESS_TOKEN": values["supabase_access_token"],
        "SUPABASE_PROJECT_REF": values["supabase_project_ref"],
        "PULUMI_BACKEND_URL": f"file://{clone.folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "a long one",
        **more,
    }


def _everything(clone: Clone) -> dict[str, Any]:
    """All that the two accounts hold."""
    return {
        "numbers": clone.twilio("GET", "IncomingPhoneNumbers.json")["incoming_phone_numbers"],
        "apps": clone.twilio("GET", "Applications.json")["applications"],
        "functions": clone.supabase("GET", "functions"),
        "secrets": clone.supabase("GET", "secrets"),
        "tables": clone.query("select schemaname, tablename from pg_tables order by 1, 2"),
    }


@pytest.mark.slow
def test_from_clicked_together_to_an_empty_preview(clone: Clone) -> None:
    """Init and adopt take the account over by reading alone, and the preview changes no number."""
    variables = _variables(clone)
    before = _everything(clone)
    clone.control("DELETE", "api-requests")

    made = clone.voicehooks("init", "team", "--public-url", clone.values["supabase_url"], environment=variables)
    assert made.returncode == 0, made.stdout + made.stderr
    adopted = clone.voicehooks("adopt", "-s", "team", "--all", "--yes", "--json", environment=variables)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr

    document = json.loads(adopted.stdout)
    assert sorted(document["imported"]) == [NUMBER, SECOND, THIRD]
    assert document["preview"]["unchangedNumbers"] == 3
    assert document["preview"]["changedNumbers"] == {}
    text = (clone.folder / "Pulumi.team.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)["config"]
    events = ["initiated", "ringing", "answered", "completed"]
    assert config["voicehooks:numbers"] == {
        NUMBER: {"answer": True, "statusEvents": events},
        SECOND: {
            "voiceUrl": "https://old.example/voice",
            "statusCallback": "https://old.example/status",
            "delivery": {"retries": 2},
        },
        THIRD: {},
    }
    assert config["voicehooks:adoptFunction"] == "true"
    saved = clone.folder / "adopted" / "team" / "twilio-webhook"
    assert [p.read_text() for p in saved.rglob("*.ts")] == [_HAND_MADE]
    for secret in ("twilio_auth_token", "supabase_access_token"):
        assert clone.values[secret] not in text + adopted.stdout + adopted.stderr + made.stdout + made.stderr

    asked = clone.control("GET", "api-requests")["api_requests"]
    assert {r["method"] for r in asked} == {"GET"}
    assert _everything(clone) == before

    # And the update itself: the numbers stay, and destroy leaves the accounts as they were found.
    _pulumi(clone, variables, "up", "--yes", "--skip-preview")
    assert _everything(clone)["numbers"] == before["numbers"]
    _pulumi(clone, variables, "destroy", "--yes", "--skip-preview")
    after = _everything(clone)
    assert after["numbers"] == before["numbers"]
    assert after["secrets"] == before["secrets"]
    assert [f["slug"] for f in after["functions"]] == ["twilio-webhook"]
    body = clone.supabase("GET", "functions/twilio-webhook")
    assert body["ezbr_sha256"] == before["functions"][0]["ezbr_sha256"]


@pytest.mark.slow
def test_the_plan_of_the_first_update_shows_every_number_that_it_changes(clone: Clone) -> None:
    """Other code answers and records the sales number, and the phone menu's number is written as well."""
    variables = _variables(clone)
    made = clone.voicehooks("init", "team", "--public-url", clone.values["supabase_url"], environment=variables)
    assert made.returncode == 0, made.stdout + made.stderr
    adopted = clone.voicehooks("adopt", "-s", "team", "--all", "--yes", environment=variables)
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    file = clone.folder / "Pulumi.team.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    defaults = content["config"].setdefault("voicehooks:defaults", {})
    defaults |= {"record": "record-from-answer", "forwardTo": ["+15557654321"], "fallbackUrl": "default"}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")

    done = clone.voicehooks("plan", "--stack", "team", "--json", environment=variables)

    assert done.returncode == 0, done.stdout + done.stderr
    plan = json.loads(done.stdout)
    changes = {(change["subject"], change["setting"].partition(" (")[0]): change for change in plan["changes"]}
    answered = changes[NUMBER, "answered by"]
    assert answered["new"] == "this project's handler, which rings +15557654321, recorded"
    assert answered["risks"] == ["other code answers", "recording on"]
    assert changes["twilio-webhook", "function"]["risks"] == ["other code answers"]
    assert {number for number, setting in changes if setting == "voiceFallbackUrl"} >= {SECOND, THIRD}
    assert plan["names"][NUMBER] == "Sales"


def _pulumi(clone: Clone, variables: dict[str, str], *arguments: str) -> None:
    done = clone.run("pulumi", *arguments, "--stack", "team", "--non-interactive", environment=variables)
    assert done.returncode == 0, done.stdout + done.stderr
