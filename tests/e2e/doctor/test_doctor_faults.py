"""`voicehooks doctor`: each misconfiguration is found by exactly the fitting check, with the right repair."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.hand_deployed import BIN, NUMBER
from tests.support.terminal import run_in_terminal
from voicehooks.commands.doctor.checks import probe
from voicehooks.commands.doctor.table import CHECKS
from voicehooks.output.json import to_json

ELSEWHERE = "https://other.example.com/voice"


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment."""
    return deployed


def healthy_number(clone: Clone) -> dict[str, str]:
    """The number's fields as deployed."""
    live = clone.number()
    return {
        "VoiceUrl": live["voice_url"],
        "VoiceMethod": live["voice_method"],
        "VoiceFallbackUrl": live["voice_fallback_url"],
        "StatusCallback": live["status_callback"],
        "StatusCallbackMethod": live["status_callback_method"],
        "VoiceApplicationSid": "",
        "TrunkSid": "",
    }


def test_healthy_environment_has_no_finding(clone: Clone) -> None:
    """A system just deployed and called: every check is fine, and none is left out."""
    report = examined(clone)
    assert findings_by_check(report) == {}
    assert {o.status for o in report.outcomes} == {"ok"}
    assert (report.exit_code, report.verdict) == (0, "no finding")


@dataclass(frozen=True)
class Click:
    """A change in Twilio's console, the check that finds it, and words of its finding."""

    fields: dict[str, str]
    code: str
    status: str
    words: str


CLICKS = {
    "voice-url-elsewhere": Click({"VoiceUrl": ELSEWHERE}, "drift", "problem", "voiceUrl was changed elsewhere"),
    "voice-url-cleared": Click({"VoiceUrl": ""}, "drift", "problem", "voiceUrl"),
    "http": Click({"VoiceUrl": "http://crm.example.com/voice"}, "urls", "problem", "use https"),
    "trailing-slash": Click({"StatusCallback": "https://crm.example.com/status/"}, "urls", "problem", "slash"),
    "credentials-in-url": Click({"VoiceUrl": "https://u:p@crm.example.com/v"}, "urls", "problem", "user name"),
    "voice-method": Click({"VoiceMethod": "GET"}, "urls", "problem", "voiceMethod"),
    "status-method": Click({"StatusCallbackMethod": "GET"}, "urls", "problem", "statusCallbackMethod"),
    "status-callback-cleared": Click({"StatusCallback": ""}, "events", "problem", "call ends"),
    "status-callback-elsewhere": Click({"StatusCallback": ELSEWHERE}, "drift", "problem", "statusCallback"),
    "fallback-cleared": Click({"VoiceFallbackUrl": ""}, "fallback", "warning", "handler fails"),
    "fallback-elsewhere": Click({"VoiceFallbackUrl": ELSEWHERE}, "drift", "problem", "voiceFallbackUrl"),
    "trunk": Click({"TrunkSid": "TK" + "1" * 32}, "precedence", "problem", "SIP trunk"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLICKS)
def test_click_in_the_console(clone: Clone, name: str) -> None:
    """What somebody changes at a number is found by one check, which names the repair."""
    click, before = CLICKS[name], healthy_number(clone)
    clone.click(**click.fields)
    try:
        report = examined(clone)
    finally:
        clone.click(**before)
    assert findings_by_check(report) == {click.code: click.status}
    (finding,) = report.findings
    assert click.words in finding.what
    assert finding.subject == NUMBER
    assert finding.fix
    assert finding.link.startswith("https://console.twilio.com/")
    assert "u:p@" not in json.dumps(to_json(report))


def test_retries_taken_away(clone: Clone) -> None:
    """A URL without its connection overrides is the matter of the retries alone."""
    before = healthy_number(clone)
    clone.click(VoiceUrl=before["VoiceUrl"].partition("#")[0])
    try:
        report = examined(clone)
    finally:
        clone.click(**before)
    assert findings_by_check(report) == {"delivery": "warning"}
    assert report.exit_code == 0


def test_slow_answer(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that answers correctly and slowly is a warning."""
    monkeypatch.setattr(probe, "_SLOW_SECONDS", 0)
    assert findings_by_check(examined(clone)) == {"probe": "warning"}


def test_foreign_application(clone: Clone) -> None:
    """A TwiML App on the number overrides its URLs."""
    app = clone.twilio("POST", "Applications.json", data={"FriendlyName": "theirs", "VoiceUrl": ELSEWHERE})
    before = healthy_number(clone)
    clone.click(VoiceApplicationSid=app["sid"])
    try:
        report = examined(clone)
    finally:
        clone.click(**before)
        clone.twilio("DELETE", f"Applications/{app['sid']}.json")
    assert findings_by_check(report) == {"precedence": "problem"}
    assert set(report.symptoms) == {"connecting", "recording", "updates"}


ACCOUNT = {
    "suspended": ({"status": "suspended"}, {"account": "problem"}, {"status": "active"}),
    "trial": ({"type": "Trial"}, {"account": "warning"}, {"type": "Full"}),
    "no-balance": ({"balance": "-1.00"}, {"balance": "problem"}, {"balance": "100.00"}),
    "low-balance": ({"balance": "3.00"}, {"balance": "warning"}, {"balance": "100.00"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCOUNT)
def test_account(clone: Clone, name: str) -> None:
    """The state of the account is one check's finding; what follows from it is not repeated."""
    change, expected, back = ACCOUNT[name]
    clone.control("POST", "account", json=change)
    try:
        report = examined(clone)
    finally:
        clone.control("POST", "account", json=back)
    assert findings_by_check(report) == expected


def test_token_rotated_away(clone: Clone) -> None:
    """A token that Twilio no longer takes: the credentials are the finding, the rest of Twilio's is not run."""
    token = clone.values["twilio_auth_token"]
    clone.control("POST", "account", json={"authToken": "b" * 32})
    try:
        report = examined(clone)
    finally:
        clone.control("POST", "account", json={"authToken": token})
    assert findings_by_check(report) == {"twilio-credentials": "problem"}
    states = {o.check.code: o.status for o in report.outcomes}
    assert (states["drift"], states["schema"], states["probe"]) == ("not-run", "ok", "ok")


def _api_key(clone: Clone, sid: str, secret: str) -> Callable[[], Any]:
    """Let Pulumi's requests be made with an API key."""
    path = clone.folder / "Pulumi.local.yaml"
    before = path.read_text(encoding="utf-8")
    content = yaml.safe_load(before)
    content["config"] |= {"twilio:apiKeySid": sid, "twilio:apiKeySecret": secret}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return lambda: path.write_text(before, encoding="utf-8")


API_KEYS = {
    "revoked": (None, "Twilio refuses the API key SK"),
    "restricted": ({"type": "restricted", "permissions": ["/twilio/voice/calls/list"]}, "lacks 3 permissions"),
}


@pytest.mark.parametrize("name", API_KEYS)
def test_api_key(clone: Clone, name: str) -> None:
    """An API key that is gone, or that may too little, is the credentials' finding, with what it lacks."""
    order, words = API_KEYS[name]
    key = (
        {"sid": "SK" + "0" * 32, "secret": "gone"}
        if order is None
        else clone.control("POST", "api-keys", json=order)
    )
    undo = _api_key(clone, key["sid"], key["secret"])
    try:
        report = examined(clone)
    finally:
        undo()
    assert findings_by_check(report) == {"twilio-credentials": "problem"}
    (finding,) = report.findings
    assert words in finding.what
    if order is not None:
        assert finding.observed == "without IncomingPhoneNumbers: list, Applications: list, Recordings: list"
    assert key["secret"] not in json.dumps(to_json(report))


def test_standard_api_key_is_enough(clone: Clone) -> None:
    """A key that may do all but the account itself: every check can tell, and none finds anything."""
    key = clone.control("POST", "api-keys", json={"type": "standard"})
    undo = _api_key(clone, key["sid"], key["secret"])
    try:
        assert findings_by_check(examined(clone)) == {}
    finally:
        undo()


def test_rotation_half_done(clone: Clone) -> None:
    """Twilio signs with the token that the settings call secondary: a warning that says how to finish."""
    path = clone.folder / "Pulumi.local.yaml"
    before, token = path.read_text(encoding="utf-8"), clone.values["twilio_auth_token"]
    clone.configure(secondaryAuthToken="b" * 32)
    clone.control("POST", "account", json={"authToken": "b" * 32, "secondaryAuthToken": token})
    try:
        report = examined(clone)
    finally:
        clone.control("POST", "account", json={"authToken": token, "secondaryAuthToken": ""})
        path.write_text(before, encoding="utf-8")
    assert findings_by_check(report) == {"signing-token": "warning"}
    assert "b" * 32 not in json.dumps(to_json(report))


def test_secondary_token_does_not_sign(clone: Clone) -> None:
    """The secondary token signs in and passes our own probe, and every real webhook is refused: found."""
    token = clone.values["twilio_auth_token"]
    clone.control("POST", "account", json={"authToken": "b" * 32, "secondaryAuthToken": token})
    try:
        report = examined(clone)
    finally:
        clone.control("POST", "account", json={"authToken": token, "secondaryAuthToken": ""})
    assert findings_by_check(report) == {"signing-token": "problem"}
    assert token not in json.dumps(to_json(report))


def _verify_jwt(clone: Clone) -> Callable[[], Any]:
    clone.supabase("PATCH", "functions/twilio-webhook", json={"verify_jwt": True})
    return lambda: clone.supabase("PATCH", "functions/twilio-webhook", json={"verify_jwt": False})


def _paused(clone: Clone) -> Callable[[], Any]:
    clone.supabase_control("POST", "faults", json={"paused": True})
    return lambda: clone.supabase_control("POST", "faults", json={"clear": True})


def _rights(clone: Clone) -> Callable[[], Any]:
    rights = ["edge_functions_read", "api_gateway_keys_read", "project_admin_read", "database_read"]
    clone.supabase_control("POST", "faults", json={"token_permissions": rights})
    return lambda: clone.supabase_control("POST", "faults", json={"clear": True})


def _secret(clone: Clone, value: str) -> Any:
    return clone.supabase("POST", "secrets", json=[{"name": "VOICEHOOKS_AUTH_TOKEN", "value": value}])


def _other_secret(clone: Clone) -> Callable[[], Any]:
    _secret(clone, "another")
    return lambda: _secret(clone, clone.values["twilio_auth_token"])


def _no_secret(clone: Clone) -> Callable[[], Any]:
    clone.supabase("DELETE", "secrets", json=["VOICEHOOKS_AUTH_TOKEN"])
    return lambda: _secret(clone, clone.values["twilio_auth_token"])


def _failing_function(clone: Clone) -> Callable[[], Any]:
    fault = {"function": "twilio-webhook", "status": 546, "times": None}
    clone.supabase_control("POST", "faults", json={"functions": [fault]})
    return lambda: clone.supabase_control("POST", "faults", json={"clear": True})


def _migration_missing(clone: Clone) -> Callable[[], Any]:
    file = clone.folder / "migrations" / "20991231000000_next.sql"
    file.write_text("select 1;\n", encoding="utf-8")
    return file.unlink


def _table_renamed(clone: Clone) -> Callable[[], Any]:
    clone.query("alter table public.twilio_recordings rename to aside")
    return lambda: clone.query("alter table public.aside rename to twilio_recordings")


def _removed(clone: Clone) -> Callable[[], Any]:
    clone.supabase("DELETE", "functions/twilio-webhook")
    return lambda: clone.up("--refresh")


def _another_revision(clone: Clone) -> Callable[[], Any]:
    source = "Deno.serve(() => new Response('theirs'));"
    clone.supabase("PATCH", "functions/twilio-fallback", json={"body": source})
    return lambda: clone.up("--refresh")


def _without_keys(clone: Clone, *kinds: str) -> Callable[[], Any]:
    clone.supabase_control("POST", "faults", json={"deleted_api_keys": kinds})
    return lambda: clone.supabase_control("POST", "faults", json={"clear": True})


def _open_sign_up(clone: Clone) -> Callable[[], Any]:
    clone.supabase_control("POST", "faults", json={"open_sign_up": True})
    return lambda: clone.supabase_control("POST", "faults", json={"clear": True})


def _without_postgrest(clone: Clone) -> Callable[[], Any]:
    clone.supabase_control("POST", "database/stop", json={"only": "postgrest"})
    return lambda: clone.supabase_control("POST", "database/start")


def _without_database(clone: Clone) -> Callable[[], Any]:
    clone.supabase_control("POST", "database/stop")
    return lambda: clone.supabase_control("POST", "database/start")


def _may_not_write(clone: Clone) -> Callable[[], Any]:
    clone.query("revoke execute on function public.ingest_twilio_webhook(jsonb) from service_role")
    return lambda: clone.query("grant execute on function public.ingest_twilio_webhook(jsonb) to service_role")


SUPABASE = {
    "verify-jwt": (_verify_jwt, {"verify-jwt": "problem"}),
    "paused": (_paused, {"project": "problem"}),
    "rights": (_rights, {"supabase-token": "problem"}),
    "other-secret": (_other_secret, {"secrets": "problem"}),
    "no-secret": (_no_secret, {"secrets": "problem"}),
    "removed": (_removed, {"function": "problem"}),
    "another-revision": (_another_revision, {"revision": "problem"}),
    "failing-function": (_failing_function, {"probe": "problem"}),
    "may-not-write": (_may_not_write, {"probe": "problem"}),
    "no-secret-key": (lambda clone: _without_keys(clone, "secret"), {"api-keys": "warning"}),
    "no-key-at-all": (lambda clone: _without_keys(clone, "secret", "legacy"), {"api-keys": "problem"}),
    "open-sign-up": (_open_sign_up, {"sign-up": "warning"}),
    "postgrest-down": (_without_postgrest, {"schema": "problem"}),
    "database-down": (_without_database, {"schema": "problem"}),
    "migration-missing": (_migration_missing, {"schema": "problem"}),
    "table-renamed": (_table_renamed, {"schema": "problem"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SUPABASE)
def test_supabase(clone: Clone, name: str) -> None:
    """A fault on Supabase's side is found by one check; consequences are not run, the rest is fine."""
    break_it, expected = SUPABASE[name]
    undo = break_it(clone)
    try:
        report = examined(clone)
    finally:
        undo()
    assert findings_by_check(report) == expected
    assert all(finding.fix or finding.do for finding in report.findings)


SETTINGS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "unknown-key": ({"defaultz": {}}, {"settings": "problem"}),
    "number-not-owned": ({"numbers": {NUMBER: {}, "+15550009999": {}}}, {"numbers": "problem"}),
    "number-not-deployed": ({"numbers": {NUMBER: {}, "+15551234568": {}}}, {"numbers": "problem"}),
    "another-project": ({"supabaseProject": "otherotherotherother"}, {"supabase-token": "problem"}),
    "country-not-as-set": ({"dialingPermissions": {"TJ": {"lowRisk": True}}}, {"dialing": "problem"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(clone: Clone, name: str) -> None:
    """A mistake in the settings file is one finding that names it."""
    change, expected = SETTINGS[name]
    before = (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    clone.configure(**change)
    try:
        report = examined(clone)
    finally:
        (clone.folder / "Pulumi.local.yaml").write_text(before, encoding="utf-8")
    assert findings_by_check(report) == expected


def test_nothing_answers_at_the_public_url(clone: Clone) -> None:
    """A public URL without anybody behind it is reported as such, without an exception of the network."""
    path = clone.folder / "Pulumi.local.yaml"
    before = path.read_text(encoding="utf-8")
    clone.configure(publicUrl="http://127.0.0.1:9")
    try:
        report = examined(clone, ["settings", "probe"])
    finally:
        path.write_text(before, encoding="utf-8")
    assert findings_by_check(report) == {"probe": "problem"}
    assert report.findings[0].what == "the public URL cannot be reached"


def test_settings_not_deployed(clone: Clone) -> None:
    """A settings file that went on since the last update is said, by setting."""
    before = (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    clone.configure(numbers={NUMBER: {"ringSeconds": 40}})
    try:
        report = examined(clone)
    finally:
        (clone.folder / "Pulumi.local.yaml").write_text(before, encoding="utf-8")
    assert findings_by_check(report) == {"settings-drift": "warning"}
    (finding,) = report.findings
    assert (finding.observed, finding.wanted) == ("25", "40")


@pytest.mark.slow
def test_created_calls_report_too_little(deployed: Clone) -> None:
    """An update that subscribes to fewer events leaves calls of the API without their end in the CRM."""
    defaults = deployed.settings()["voicehooks:defaults"]
    deployed.configure(defaults={**defaults, "statusEvents": ["initiated", "ringing", "answered"]})
    deployed.up()
    report = examined(deployed, ["created-calls"])
    assert findings_by_check(report) == {"created-calls": "warning"}
    assert report.findings[0].what == "created calls do not report completed"


def test_missing_credential_leaves_the_rest(clone: Clone) -> None:
    """Without Supabase's token its checks cannot tell, Twilio's are made all the same, and the exit code is 2."""  # noqa: E501
    path = clone.folder / "Pulumi.local.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text("".join(x for x in before.splitlines(True) if "accessToken" not in x), encoding="utf-8")
    try:
        report = examined(clone)
    finally:
        path.write_text(before, encoding="utf-8")
    assert findings_by_check(report) == {"supabase-token": "unknown"}
    assert report.exit_code == 2
    assert {o.check.code: o.status for o in report.outcomes}["drift"] == "ok"


def test_country_of_a_destination(clone: Clone) -> None:
    """--to names a number; one in a country that may not be called is a finding with the setting to add."""
    report = examined(clone, ["dialing"], to="+99255501234")
    assert findings_by_check(report) == {"dialing": "problem"}
    assert "voicehooks:dialingPermissions" in report.findings[0].fix


@pytest.mark.slow
def test_every_check_works_alone(clone: Clone) -> None:
    """--check CODE runs that one, whatever it depends on."""
    for outcome in examined(clone).outcomes:
        report = examined(clone, [outcome.check.code])
        assert [(o.check.code, o.status) for o in report.outcomes] == [(outcome.check.code, "ok")]


def test_no_check_is_without_a_fault() -> None:
    """Each check has a fault here or in a neighbour that it alone names: a new one needs one, too."""
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    named = set(re.findall(r'"([a-z-]+)"(?:: |\] == )"(?:problem|warning)"', tests))
    assert {check.code for check in CHECKS} - named - {click.code for click in CLICKS.values()} == set()


def test_pipe_and_json(clone: Clone) -> None:
    """In a pipe: plain lines, the verdict last; --json is one document with the same codes; exit codes agree."""  # noqa: E501
    plain = clone.voicehooks("doctor", "--check", "drift", "--check", "secrets")
    assert plain.returncode == 0, plain.stdout + plain.stderr
    assert plain.stdout.splitlines()[-1] == "local: no finding. Exit 0."
    assert "\x1b" not in plain.stdout
    document = json.loads(clone.voicehooks("doctor", "--json", "--check", "drift").stdout)
    assert [check["check"] for check in document["checks"]] == ["drift"]
    unknown = clone.voicehooks("doctor", "--check", "nope")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no check nope" in unknown.stderr


@pytest.mark.slow
def test_diversion_is_deliberate(clone: Clone) -> None:
    """A diverted number is reported as such, with the way back; nobody is sent to `pulumi up` for it."""
    done = clone.voicehooks("divert", NUMBER, "--to", "https://static.example.com/voice.xml")
    assert done.returncode == 0, done.stderr
    try:
        report = clone.voicehooks("doctor", "--check", "drift")
    finally:
        clone.voicehooks("divert", NUMBER, "--undo")
    assert report.returncode == 0, report.stdout
    assert f"{NUMBER}: diverted on purpose" in report.stdout
    assert f"voicehooks divert {NUMBER} --undo --stack local" in report.stdout
    assert "pulumi up" not in report.stdout


def test_terminal(clone: Clone) -> None:
    """In a terminal: the checks with their marks, the verdict last."""
    shown = run_in_terminal([BIN / "voicehooks", "doctor", "--check", "drift"], clone.folder)
    assert shown.exit_code == 0, shown.text
    assert "[ok] drift" in shown.text
    assert "local: no finding. Exit 0." in shown.text
