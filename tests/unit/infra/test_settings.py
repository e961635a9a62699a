"""Settings of an environment: what is accepted, and what a wrong file is answered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from infra.number_settings import Delivery, NumberSettings
from infra.settings_errors import SettingsError
from infra.settings_model import ActsOn
from infra.settings_parser import SANDBOX_ADDRESSES, is_sandbox, parse

ROOT = Path(__file__).parents[3]
CREDENTIALS = {"twilio:accountSid": "AC1", "twilio:authToken": "t", "supabase:accessToken": "s"}
MINIMAL = {
    **CREDENTIALS,
    "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
    "voicehooks:numbers": json.dumps({"+15551234567": {}}),
}


def refusal(**changes: object) -> str:
    """Return what a settings file with these changes is answered with."""
    config = {**MINIMAL, **{f"voicehooks:{k}": v for k, v in changes.items()}}
    with pytest.raises(SettingsError) as caught:
        parse(config, {}, stack="dev")
    return str(caught.value)


def test_a_minimal_file_is_enough() -> None:
    """Project and one number suffice; everything else stays as Twilio has it."""
    settings = parse(MINIMAL, {}, stack="dev")
    assert settings.webhook_url == "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"
    assert settings.named_numbers["+15551234567"].with_defaults(settings.defaults).answer is None


def test_a_number_overrides_the_defaults_key_by_key() -> None:
    """A number's own settings win, what it does not say comes from the defaults."""
    config = {
        **MINIMAL,
        "voicehooks:defaults": json.dumps({"ringSeconds": 25, "record": "record-from-answer"}),
        "voicehooks:numbers": json.dumps({"+15551234567": {"record": "do-not-record"}}),
    }
    settings = parse(config, {}, stack="dev")
    number = settings.named_numbers["+15551234567"].with_defaults(settings.defaults)
    assert (number.ring_seconds, number.record) == (25, "do-not-record")


def test_an_explicit_null_beats_the_default() -> None:
    """A number that says null is left as Twilio has it, whatever the defaults say."""
    config = {
        **MINIMAL,
        "voicehooks:defaults": json.dumps({"answer": True, "ringSeconds": 25}),
        "voicehooks:numbers": json.dumps({"+15551234567": {"answer": None}}),
    }
    settings = parse(config, {}, stack="dev")
    number = settings.named_numbers["+15551234567"].with_defaults(settings.defaults)
    assert (number.answer, number.ring_seconds) == (None, 25)


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, False),
        ({"allowedOrigins": ["https://crm.example.com"]}, True),
        ({"allowedOrigins": ["https://crm.example.com"], "callers": {}}, False),
        ({"allowedOrigins": ["https://crm.example.com"], "callers": {"claim": "role"}}, False),
    ],
)
def test_a_warning_where_nobody_has_decided_who_may_call(changes: dict[str, object], warned: bool) -> None:
    """Where place-call is deployed and voicehooks:callers is absent; an empty one is a decision."""
    config = {**MINIMAL, **{f"voicehooks:{k}": v for k, v in changes.items()}}
    assert parse(config, {}, stack="dev").everybody_may_call == warned


def test_every_missing_key_is_named_with_its_command() -> None:
    """A stack without credentials lists all that is missing, and how to set each."""
    with pytest.raises(SettingsError) as caught:
        parse({}, {}, stack="prod")
    first, *commands = str(caught.value).splitlines()
    assert "5 settings are missing in stack prod" in first
    for key in (*CREDENTIALS, "voicehooks:supabaseProject", "voicehooks:numbers"):
        assert key in first
    assert commands == [
        "    pulumi config set --stack prod twilio:accountSid AC...",
        "    pulumi config set --stack prod --secret twilio:authToken",
        "    pulumi config set --stack prod --secret supabase:accessToken",
        "    pulumi config set --stack prod voicehooks:supabaseProject <reference>",
        '    (a line of Pulumi.prod.yaml)  voicehooks:numbers: {"+15551234567": {}}',
    ]


def test_credentials_may_come_from_the_environment() -> None:
    """The field's usual variables stand in for the credentials' keys."""
    config = {k: v for k, v in MINIMAL.items() if k not in CREDENTIALS}
    variables = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "SUPABASE_ACCESS_TOKEN": "s"}
    assert parse(config, variables, stack="dev").supabase_project == "abcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nunbers": "{}"}, "voicehooks:nunbers is not a known setting; did you mean numbers?"),
        ({"numbers": '{"+15551234567": {"ringSecond": 3}}'}, "did you mean ringSeconds?"),
        ({"numbers": '{"555-1234": {}}'}, '"555-1234" is not an E.164 number'),
        ({"numbers": '{"+15551234567": {"ringSeconds": 2}}'}, 'numbers["+15551234567"].ringSeconds is wrong'),
        ({"numbers": '{"+15551234567": {"record": "yes"}}'}, "record is 'yes', but must be"),
        ({"numbers": '{"+15551234567": {"voiceUrl": "http://a.example/b"}}'}, "does not start with https://"),
        ({"numbers": '{"+15551234567": {"voiceUrl": "https://a.example/b/"}}'}, "ends with a slash"),
        ({"numbers": '{"+15551234567": {"voiceUrl": "https://a.example/b#rc=1"}}'}, "has a fragment"),
        ({"numbers": '{"+15551234567": {"forwardTo": ["5551234"]}}'}, "'5551234' is not valid; use"),
        ({"supabaseProject": "short"}, "20 letters"),
        ({"publicUrl": "https://api.example.com/"}, "without a path or trailing slash"),
        ({"sharedApplication": "true"}, "needs defaults.answer: true"),
        ({"dialingPermissions": '{"usa": {}}'}, "voicehooks:dialingPermissions"),
        ({"functionsApiKeySid": "SK" + "0" * 32}, "set both or neither"),
        ({"functionsApiKeySecret": "s"}, "set both or neither"),
        ({"softphoneApiKeySid": "SK" + "0" * 32}, "softphoneApiKeySecret belong together; set both or neither"),
        ({"callers": '{"anyOf": ["agent"]}'}, "callers is wrong: anyOf needs claim"),
        ({"callers": '{"claims": "role"}'}, "did you mean claim?"),
        ({"callers": '{"claim": "role", "anyOf": []}'}, "callers.anyOf is wrong"),
        ({"callers": '{"claim": ""}'}, "callers.claim is wrong"),
        ({"sipHosts": '["sip:desk@pbx.example.com"]'}, "voicehooks:sipHosts[0] is wrong"),
        ({"sipHosts": '["PBX.example.com"]'}, "lower case"),
        ({"totalCallsPerMinute": "0"}, "totalCallsPerMinute is wrong"),
        (
            {"numbers": '{"*": {"zzz": 1}}'},
            'numbers["*"].zzz is not a known setting; known: announcement, answer, ',
        ),
        (
            {"dialingPermissions": '{"US": {"lowRsk": true}}'},
            "US.lowRsk is not a known setting; did you mean lowRisk?",
        ),
        ({"sipDomains": '{"a.sip.twilio.com": {"outgoin": true}}'}, "did you mean outgoing?"),
        (
            {"rules": '{"retries": {"atLeas": 1, "atLeast": 1}}'},
            "rules.retries.atLeas is not a known setting; did you",
        ),
        ({"softphoneApiKeySid": "SK1", "softphoneApiKeySecret": "s"}, "signs the tokens of softphones"),
        ({"diverted": '{"+15551234567": {}}'}, 'diverted["+15551234567"].to is wrong: field required'),
        ({"publicUrl": "{x}"}, "'{x}' must be https://"),
        ({"publicUrl": "[x"}, "'[x' must be https://"),
        ({"publicUrl": "http://127.0.0.1:5/x"}, "publicUrl is wrong"),
        ({"publicUrl": "http://api.example.com"}, "publicUrl is wrong"),
        ({"functionName": "9x"}, "functionName is wrong (it is '9x')"),
        ({"supabaseProject": "abcdefghijklmnopqrst1"}, "supabaseProject is wrong"),
        ({"numbers": '{"+15551234567": {"fallbackUrl": "http://a.example"}}'}, "fallbackUrl"),
        ({"numbers": '{"+15551234567": {"statusCallback": "ftp://a.example"}}'}, "statusCallback"),
        ({"rules": '{"countries": {"only": ["usa"]}}'}, "rules.countries.only[0] is wrong"),
        ({"rules": '{"retries": {"atLeast": 6}}'}, "rules.retries.atLeast is wrong"),
        ({"checkSeconds": "4"}, "checkSeconds is wrong"),
        ({"checkSeconds": "601"}, "checkSeconds is wrong"),
        ({"callsPerMinute": "601"}, "callsPerMinute is wrong"),
        ({"totalCallsPerMinute": "6001"}, "totalCallsPerMinute is wrong"),
    ],
)
def test_a_wrong_value_gets_one_sentence(changes: dict[str, str], expected: str) -> None:
    """Each mistake names its key and says what would be right."""
    text = refusal(**changes)
    assert expected in text
    assert len(text.splitlines()) == 1
    assert text.startswith("Pulumi.dev.yaml: voicehooks:")


@pytest.mark.parametrize(
    ("key", "values"),
    [
        # Twilio docs: <Dial> record, Call resource StatusCallbackEvent, connection overrides rp.
        (
            "record",
            ["do-not-record", *(f"record-from-{p}{c}" for p in ("answer", "ringing") for c in ("", "-dual"))],
        ),
        ("recordingTrack", ["inbound", "outbound", "both"]),
        ("dialOrder", ["simultaneous", "sequential"]),
        ("reject", ["busy", "rejected"]),
        ("statusEvents", [["initiated", "ringing", "answered", "completed"], []]),
        ("delivery", [{"retryOn": ["connect", "read-timeout", "4xx", "5xx"]}, {"retryOn": ["all"]}]),
        ("onDelete", ["restore", "clear", "keep", "force"]),
        ("ringSeconds", [5, 600]),
        ("voicemail", [{"maxLength": 5}, {"maxLength": 3600}]),
        ("delivery", [{"retries": 0}, {"retries": 5}]),
        (
            "delivery",
            [{f"{name}Timeout": limit} for name in ("connect", "read", "total") for limit in (100, 10_000)],
        ),
        ("delivery", [{"readTimeout": 15_000, "totalTimeout": 15_000, "edges": ["dublin"]}]),
        ("forwardTo", [["+15550000000"] * 10, ["sip:desk@example.com", "client:bob"]]),
        (
            "voiceUrl",
            ["https://a.example/b", "http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]:1/x", ""],
        ),
        ("statusCallback", ["https://a.example/b", ""]),
        ("fallbackUrl", ["default", "", "https://a.example/b"]),
        ("callerId", ["+15551234567"]),
    ],
)
def test_every_value_of_twilio_is_accepted(key: str, values: list[object]) -> None:
    """A setting takes what Twilio takes, up to its limits."""
    for value in values:
        settings = parse({**MINIMAL, "voicehooks:defaults": {key: value}}, {}, stack="dev")
        dumped = settings.defaults.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert dumped == {key: value}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ringSeconds", 4),
        ("ringSeconds", 601),
        ("voicemail", {"maxLength": 3601}),
        ("delivery", {"retries": 6}),
        ("delivery", {"totalTimeout": 15001}),
        ("delivery", {"connectTimeout": 99}),
        ("voicemail", {"maxLength": 4}),
        ("delivery", {"retries": -1}),
        ("delivery", {"connectTimeout": 10_001}),
        ("delivery", {"readTimeout": 99}),
        ("delivery", {"readTimeout": 15_001}),
        ("delivery", {"totalTimeout": 99}),
        ("callerId", "5551234567"),
        ("forwardTo", ["+15550000000"] * 11),
    ],
)
def test_a_value_beyond_twilios_limits_is_refused(key: str, value: object) -> None:
    """Twilio would refuse it, or silently do something else."""
    assert f"voicehooks:defaults.{key}" in refusal(defaults={key: value})


def test_a_claim_may_have_a_name_of_one_letter() -> None:
    """Any key of app_metadata can decide; only the empty one cannot."""
    settings = parse({**MINIMAL, "voicehooks:callers": {"claim": "r"}}, {}, stack="dev")
    assert settings.callers is not None
    assert settings.callers.claim == "r"


def test_what_is_missing_comes_before_what_is_wrong() -> None:
    """Both are reported at once, also where a credential is all that is missing."""
    config = {k: v for k, v in MINIMAL.items() if k != "twilio:authToken"}
    with pytest.raises(SettingsError) as caught:
        parse({**config, "voicehooks:functionName": "9x"}, {}, stack="dev")
    lines = str(caught.value).splitlines()
    assert "1 setting is missing in stack dev: twilio:authToken" in lines[0]
    assert lines[1] == "    pulumi config set --stack dev --secret twilio:authToken"
    assert lines[2].startswith("Pulumi.dev.yaml: voicehooks:functionName ")
    assert len(lines) == 3


def test_text_that_only_looks_like_json_stays_text() -> None:
    """A value that Pulumi passes as JSON is read as such; nobody else's is."""
    config = {**MINIMAL, "voicehooks:functionName": "true", "voicehooks:adoptFunction": "true"}
    with pytest.raises(SettingsError, match=r"functionName is wrong: .* string \(it is true\)"):
        parse(config, {}, stack="dev")
    config["voicehooks:functionName"] = "three"
    settings = parse(config, {}, stack="dev")
    assert (settings.function_name, settings.adopt_function) == ("three", True)
    assert settings.webhook_url.endswith("/functions/v1/three")


@pytest.mark.parametrize("url", ["https://api.example.com", "http://127.0.0.1:5", "http://localhost"])
def test_a_project_may_have_a_public_url(url: str) -> None:
    """All addresses are below it."""
    settings = parse({**MINIMAL, "voicehooks:publicUrl": url}, {}, stack="dev")
    assert settings.project_url == url
    assert settings.fallback_function_url == f"{url}/functions/v1/twilio-fallback"


@pytest.mark.parametrize(("value", "sandbox"), [(True, True), ("true", True), (False, False), ("yes", False)])
def test_what_says_that_a_stack_is_the_sandbox(value: object, sandbox: bool) -> None:
    """YAML's Boolean, or the same as text."""
    assert is_sandbox({"voicehooks:sandbox": value}) is sandbox
    assert not is_sandbox({})


def test_rules_are_not_checked_unless_they_are_named() -> None:
    """A rule that is named fails the plan, unless it is only a warning."""
    assert not any(parse(MINIMAL, {}, stack="dev").rules.model_dump().values())
    rules = {"retries": {"atLeast": 0}, "hosts": {"only": []}, "countries": {"only": ["US"]}}
    found = parse({**MINIMAL, "voicehooks:rules": rules}, {}, stack="dev").rules
    assert {found.retries.level, found.hosts.level, found.countries.level} == {"error"}  # type: ignore[union-attr]
    named = {**rules, "hosts": {"only": ["a.example"], "level": "warning"}, "https": "warning"}
    found = parse({**MINIMAL, "voicehooks:rules": named}, {}, stack="dev").rules
    assert found.model_dump(mode="json", by_alias=True, exclude_unset=True) == named


def test_which_settings_act_where() -> None:
    """As keys of a file and as names in Python, in the order of the model."""
    assert NumberSettings.acting_on(ActsOn.RESOURCE) == ("replace_existing", "on_delete")
    assert NumberSettings.keys_acting_on(ActsOn.RESOURCE) == ("replaceExisting", "onDelete")
    assert Delivery.setting_keys()[:2] == ("retries", "retryOn")


def test_several_mistakes_are_reported_at_once() -> None:
    """Nobody has to repair one key to hear of the next."""
    text = refusal(functionName="9x", nunbers="{}")
    assert len(text.splitlines()) == 2


def test_a_wrong_value_is_shown_as_yaml() -> None:
    """An object, a boolean and null read as in the file, not as in Python."""
    text = refusal(defaults={"ringSeconds": {"a": True, "b": None}})
    assert '(it is {"a": true, "b": null})' in text


@pytest.mark.parametrize("key", ["secondaryAuthToken", "functionsApiKeySecret", "softphoneApiKeySecret"])
def test_a_secret_is_never_repeated(key: str) -> None:
    """A secret that is not valid is refused without being shown."""
    text = refusal(**{key: ["hunter2"]})
    assert key in text
    assert "hunter2" not in text


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_the_example_environments_are_valid(name: str) -> None:
    """What the repository ships is accepted once its credentials are given."""
    content = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"))
    config = {**CREDENTIALS, "voicehooks:supabaseProject": "abcdefghijklmnopqrst", **content["config"]}
    addresses = dict.fromkeys(SANDBOX_ADDRESSES.values(), "http://127.0.0.1:1")
    assert parse(config, addresses, stack=name).named_numbers
    assert "secure" not in json.dumps(content)


def test_a_stack_of_the_sandbox_has_the_addresses_of_the_one_that_runs() -> None:
    """The public URL is the sandbox's; without one, and next to another address, the settings are refused."""
    config = {**CREDENTIALS, "voicehooks:supabaseProject": "abcdefghijklmnopqrst", "voicehooks:numbers": "{}"}
    config["voicehooks:sandbox"] = "true"
    addresses = dict.fromkeys(SANDBOX_ADDRESSES.values(), "http://127.0.0.1:1")
    assert parse(config, addresses, stack="rehearsal").webhook_url.startswith("http://127.0.0.1:1/functions")
    with pytest.raises(SettingsError, match="voicehooks sandbox up --stack rehearsal"):
        parse(config, {**addresses, "SUPABASE_URL": ""}, stack="rehearsal")
    with pytest.raises(SettingsError, match="voicehooks sandbox up$"):
        parse(config, {}, stack="local")
    given = dict.fromkeys(("twilio:baseUrl", "voicehooks:publicUrl"), "http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="delete twilio:baseUrl and voicehooks:publicUrl"):
        parse({**config, **given}, addresses, stack="rehearsal")
