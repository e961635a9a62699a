"""What the program registers for an environment's settings, in which order, and what of it is secret."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

import pulumi
import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm

from infra import configuration
from tests.unit.infra.program import ROOT, Program, Registered, run_program
from tests.unit.infra.test_settings import MINIMAL

NUMBER = "+15551234567"
OTHER = "+15551234568"
FUNCTIONS = "https://abcdefghijklmnopqrst.supabase.co/functions/v1"
HOOK, FALLBACK = f"{FUNCTIONS}/twilio-webhook", f"{FUNCTIONS}/twilio-fallback"
DOMAIN = "crm.sip.twilio.com"
LIST, KEY = "CL" + "0" * 32, "SK" + "a" * 32
RULE = "twilio:index:getWebhookRule"
WEBHOOK = "EdgeFunction twilio-webhook"
CREATED = {"Migrations schema", "EdgeFunctionSecrets secrets"}


def deploy(**own: Any) -> Program:
    """Run the program with these settings in addition to the project and one number."""
    given = {f"voicehooks:{k}": v if isinstance(v, str) else json.dumps(v) for k, v in own.items()}
    return run_program({**MINIMAL, **given})


def only(program: Program, kind: str) -> Registered:
    """Return the one resource of a type."""
    (found,) = [resource for label, resource in program.resources.items() if label.split()[0] == kind]
    return found


@pytest.fixture(scope="module")
def whole() -> Program:
    """An environment with everything that the settings can ask for."""
    return deploy(
        defaults={"answer": True, "fallbackUrl": "default", "delivery": {"retries": 3, "retryOn": ["5xx"]}},
        numbers={NUMBER: {}, OTHER: {"statusCallback": "https://a.example", "replaceExisting": True}},
        sharedApplication=True,
        protectNumbers=True,
        account={
            "recordingCallback": True,
            "channels": "dual",
            "trim": "do-not-trim",
            "eventStreams": True,
            "replaceExisting": True,
            "webhookRules": True,
            "signingKey": "next-1",
        },
        dialingPermissions={"US": {"lowRisk": True, "highRiskSpecial": False}},
        allowedOrigins=["https://crm.example.com"],
        callers={},
        secondaryAuthToken="t2",
        functionsApiKeySid=KEY,
        functionsApiKeySecret="f",
        softphoneApiKeySid=KEY,
        softphoneApiKeySecret="p",
        checkSeconds=30,
        sipDomains={DOMAIN: {"networks": {"203.0.113.0/24": "office"}}},
        trunks={"pbx": {}},
    )


def test_nothing_is_registered_that_the_settings_do_not_ask_for() -> None:
    """One number needs the schema, the secrets, the handler and the records of what was there before."""
    program = deploy()
    assert {label: resource.after for label, resource in program.resources.items()} == {
        "VoiceOriginals originals": set(),
        "ProjectOriginals originals": set(),
        "Migrations schema": set(),
        "EdgeFunctionSecrets secrets": {"Migrations schema", "ProjectOriginals originals"},
        WEBHOOK: CREATED,
        "VoiceWebhooks voice-webhooks": set(),
        f"VoiceConfiguration {NUMBER}": {WEBHOOK, "VoiceOriginals originals"},
    }
    assert program.warnings == []
    schema = {"projectRef": "abcdefghijklmnopqrst", "directory": "../migrations"}
    assert only(program, "Migrations").inputs == schema


def test_twilio_points_at_a_function_only_after_it_was_deployed(whole: Program) -> None:
    """The schema, the key and the secrets, the functions, the rule, and only then what makes Twilio call."""
    setting = "WebhookSetting signing-key-next-1"
    secrets = {*CREATED, "EdgeFunctionSecrets signing-key-next-1"}
    key = "WebhookSharedKey signing-key-next-1"
    called = {WEBHOOK, "EdgeFunction twilio-fallback", "EdgeFunction twilio-events"}
    pages = ("place-call", "control-call", "recording", "voice-token")
    ready = {*called, "WebhookRule functions"}
    account = "AccountOriginals originals"
    assert {label: resource.after for label, resource in whole.resources.items()} == {
        "VoiceOriginals originals": set(),
        "ProjectOriginals originals": set(),
        account: set(),
        "Migrations schema": set(),
        "EdgeFunctionSecrets secrets": {"Migrations schema", "ProjectOriginals originals"},
        key: set(),
        "EdgeFunctionSecrets signing-key-next-1": {"Migrations schema", "ProjectOriginals originals", key},
        **{function: {*secrets, key} for function in called},
        **{f"EdgeFunction {page}": secrets for page in pages},
        setting: {key},
        "WebhookRule functions": {*called, setting, "EdgeFunctionSecrets signing-key-next-1"},
        "VoiceWebhooks voice-webhooks": set(),
        "Application shared": ready,
        f"VoiceConfiguration {NUMBER}": {*ready, "Application shared", "VoiceOriginals originals"},
        f"VoiceConfiguration {OTHER}": {*ready, "VoiceOriginals originals"},
        "SipPhones sip-phones": set(),
        f"SipIpAccessControlList {DOMAIN}": set(),
        f"SipDomain {DOMAIN}": {*ready, f"SipIpAccessControlList {DOMAIN}"},
        "SipTrunk pbx": ready,
        "DialingPermissions dialing-permissions": {*called, account},
        "AccountRecordingDefaults recording-defaults": {*ready, account},
        "EventSink events": ready,
        "EventSubscription events": {"EventSink events"},
    }


def test_what_belongs_to_a_component_has_it_as_its_parent(whole: Program) -> None:
    """Another parent would be another resource: the engine would delete the number's and create one."""
    parts: dict[str, set[str]] = {}
    for label, resource in whole.resources.items():
        parts.setdefault(resource.parent, set()).add(label)
    del parts[""]
    assert parts == {
        "VoiceWebhooks voice-webhooks": {
            "Application shared",
            f"VoiceConfiguration {NUMBER}",
            f"VoiceConfiguration {OTHER}",
        },
        "SipPhones sip-phones": {f"SipIpAccessControlList {DOMAIN}", f"SipDomain {DOMAIN}", "SipTrunk pbx"},
    }


def test_only_numbers_are_protected_and_only_where_the_settings_say_so(whole: Program) -> None:
    """Everything else of an environment can be created again."""
    numbers = {f"VoiceConfiguration {number}" for number in (NUMBER, OTHER)}
    assert {label for label, resource in whole.resources.items() if resource.protected} == numbers
    assert not only(deploy(), "VoiceConfiguration").protected


def test_secrets_stay_secret(whole: Program) -> None:
    """Credentials, what signed with them, and what an account had before."""
    checks = {"checks", "candidateChecks"}
    functions = {label: checks for label in whole.resources if label.startswith("EdgeFunction twilio-")}
    secret = {label: resource.secrets for label, resource in whole.resources.items() if resource.secrets}
    assert secret == {
        **functions,
        "EdgeFunctionSecrets secrets": {"values"},
        "EdgeFunctionSecrets signing-key-next-1": {"values"},
        f"VoiceConfiguration {NUMBER}": {"original"},
        f"VoiceConfiguration {OTHER}": {"original"},
        "AccountRecordingDefaults recording-defaults": {"original"},
    }


def test_secrets_of_the_functions(whole: Program) -> None:
    """What a function holds, and the secrets of others that must stay."""
    secrets = whole.resources["EdgeFunctionSecrets secrets"].inputs
    options = json.loads(secrets["values"].pop("VOICEHOOKS_CALL_OPTIONS"))
    assert options["StatusCallback"] == f"{HOOK}#rc=3&rp=5xx"
    assert secrets == {
        "projectRef": "abcdefghijklmnopqrst",
        "existing": ["THEIRS"],
        "values": {
            "VOICEHOOKS_AUTH_TOKEN": "t",
            "VOICEHOOKS_SECONDARY_AUTH_TOKEN": "t2",
            "VOICEHOOKS_API_KEY_SID": KEY,
            "VOICEHOOKS_API_KEY_SECRET": "f",
            "VOICEHOOKS_SOFTPHONE_KEY_SID": KEY,
            "VOICEHOOKS_SOFTPHONE_KEY_SECRET": "p",
        },
    }
    assert whole.resources["EdgeFunctionSecrets signing-key-next-1"].inputs == {
        "projectRef": "abcdefghijklmnopqrst",
        "existing": ["THEIRS"],
        "values": {"VOICEHOOKS_SIGNING_KEY_NEXT_1": "key-1 s3cret"},
    }
    assert only(whole, "ProjectOriginals").inputs == {
        "projectRef": "abcdefghijklmnopqrst",
        "functions": [],
        "secretNames": sorted([*secrets["values"], "VOICEHOOKS_CALL_OPTIONS", "VOICEHOOKS_SIGNING_KEY_NEXT_1"]),
    }


def test_deploy_of_a_function(whole: Program) -> None:
    """Its folder and settings; it is deployed again if a secret changes, and never taken over unasked."""
    handler = dict(whole.resources[WEBHOOK].inputs)
    files = handler.pop("files")
    del handler["checks"], handler["candidateChecks"]
    assert set(handler.pop("triggers")) == {
        "VOICEHOOKS_CALL_OPTIONS",
        "VOICEHOOKS_AUTH_TOKEN",
        "VOICEHOOKS_SECONDARY_AUTH_TOKEN",
        "VOICEHOOKS_API_KEY_SID",
        "VOICEHOOKS_API_KEY_SECRET",
        "VOICEHOOKS_SOFTPHONE_KEY_SID",
        "VOICEHOOKS_SOFTPHONE_KEY_SECRET",
        "VOICEHOOKS_SIGNING_KEY_NEXT_1",
    }
    assert handler == {
        "projectRef": "abcdefghijklmnopqrst",
        "projectUrl": "https://abcdefghijklmnopqrst.supabase.co",
        "slug": "twilio-webhook",
        "directory": "../functions/twilio-webhook",
        "verifyJwt": False,
        "revisionFile": "revision.json",
        "checkTimeoutSeconds": 30,
        "adopt": False,
    }
    assert set(files) == {"settings.json"}
    assert set(json.loads(files["settings.json"])["numbers"]) == {NUMBER, OTHER}


def test_functions_that_twilio_calls_check_signatures_and_those_for_pages_check_users(whole: Program) -> None:
    """The latter by the JWT of the platform in addition; both are tried as a candidate at its own URL."""
    functions = {
        label.split()[1]: resource.inputs
        for label, resource in whole.resources.items()
        if label.startswith("EdgeFunction ")
    }
    called = {"twilio-webhook", "twilio-fallback", "twilio-events"}
    for folder, inputs in functions.items():
        assert (inputs["slug"], inputs["directory"]) == (folder, f"../functions/{folder}")
        assert inputs["verifyJwt"] == (folder not in called)
        names = [check["name"] for check in inputs["checks"]]
        assert names == [check["name"] for check in inputs["candidateChecks"]]
        assert ("unsigned" in names, "without a user" in names) == (folder in called, folder not in called)


@pytest.mark.parametrize("rules", [False, True])
def test_each_check_is_signed_for_the_url_that_it_is_sent_to(rules: bool) -> None:
    """With the key that Twilio will use if there is one, else with the auth token."""
    program = deploy(defaults={"fallbackUrl": "default"}, account={"eventStreams": True, "webhookRules": rules})
    validator = RequestValidator("s3cret" if rules else "t")
    for folder in ("twilio-webhook", "twilio-fallback", "twilio-events"):
        inputs = program.resources[f"EdgeFunction {folder}"].inputs
        for name, suffix in (("checks", ""), ("candidateChecks", "-candidate")):
            check = inputs[name][0]
            settings = check["headers"].get("X-Twilio-Webhooks-Signature-Settings")
            assert settings == ("key=key-1,algorithm=HMAC_SHA256" if rules else None)
            signature = check["headers"]["X-Twilio-Signature"]
            body = check["form"] if "form" in check else check["body"]
            url = f"{FUNCTIONS}/{folder}{suffix}{check.get('path', '')}"
            algorithm = [get_signature_algorithm(settings)] if rules else []
            assert validator.validate(url, body, signature, *algorithm)


def test_functions_for_pages_need_an_origin_and_softphones_a_key() -> None:
    """Without allowed origins there is no page; without `callers` everybody may call, which is warned of."""
    program = deploy(allowedOrigins=["https://crm.example.com"])
    functions = {label.split()[1] for label in program.resources if label.startswith("EdgeFunction ")}
    assert functions == {"twilio-webhook", "place-call", "control-call", "recording"}
    assert ["voicehooks:callers" in warning for warning in program.warnings] == [True]


@pytest.mark.parametrize(
    "own",
    [
        {"defaults": {"fallbackUrl": "default"}},
        {"numbers": {NUMBER: {"fallbackUrl": "default"}}},
        {"trunks": {"pbx": {}}},
    ],
)
def test_the_fallback_is_deployed_for_the_first_that_needs_it(own: dict[str, Any]) -> None:
    """Also if it is the only one."""
    assert "EdgeFunction twilio-fallback" in deploy(**own).resources


def test_an_adopted_function_gets_its_previous_files_back() -> None:
    """They are read before the deploy, and the URL of the function is not one that stops working."""
    program = deploy(adoptFunction="true", account={"eventStreams": True})
    functions = {
        label: (resource.inputs["adopt"], resource.inputs["original"], "original" in resource.secrets)
        for label, resource in program.resources.items()
        if label.startswith("EdgeFunction ")
    }
    assert functions == {
        WEBHOOK: (True, "their files", True),
        "EdgeFunction twilio-events": (True, "", True),
    }
    assert only(program, "ProjectOriginals").inputs["functions"] == [
        "twilio-webhook",
        "twilio-fallback",
        "place-call",
        "control-call",
        "recording",
        "voice-token",
        "twilio-events",
    ]
    without_events = only(deploy(adoptFunction="true"), "ProjectOriginals").inputs["functions"]
    assert without_events == only(program, "ProjectOriginals").inputs["functions"][:-1]
    assert only(program, "VoiceOriginals").inputs["ownUrls"] == []
    assert only(program, "VoiceConfiguration").inputs["ownUrls"] == []


def test_numbers_that_share_an_application(whole: Program) -> None:
    """The application has the URLs; a number with a URL of its own has all of them itself."""
    urls = {
        "voiceUrl": HOOK,
        "voiceMethod": "POST",
        "voiceFallbackUrl": FALLBACK,
        "voiceFallbackMethod": "POST",
        "delivery": {"retries": 3, "retryOn": ["5xx"]},
    }
    own_urls = [HOOK, FALLBACK]
    assert only(whole, "Application").inputs == {**urls, "friendlyName": "voicehooks dev", "ownUrls": own_urls}
    assert whole.resources[f"VoiceConfiguration {NUMBER}"].inputs == {
        "phoneNumber": NUMBER,
        "ownUrls": own_urls,
        "original": {"voiceUrl": "https://theirs.example.com"},
        "voiceApplicationSid": "AP1",
    }
    assert whole.resources[f"VoiceConfiguration {OTHER}"].inputs == {
        **urls,
        "phoneNumber": OTHER,
        "ownUrls": own_urls,
        "original": {},
        "statusCallback": "https://a.example",
        "statusCallbackMethod": "POST",
        "replaceExisting": True,
    }
    assert only(whole, "VoiceOriginals").inputs == {"phoneNumbers": [NUMBER, OTHER], "ownUrls": own_urls}


def test_urls_of_a_number() -> None:
    """An absent setting gives no input, and an empty URL neither a method nor connection overrides."""
    other = "https://a.example"
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {}),
        ({"answer": True}, {"voiceUrl": HOOK, "voiceMethod": "POST"}),
        ({"answer": False}, {"voiceUrl": ""}),
        ({"answer": True, "voiceUrl": other}, {"voiceUrl": other, "voiceMethod": "POST"}),
        ({"statusEvents": ["completed"]}, {"statusCallback": HOOK, "statusCallbackMethod": "POST"}),
        ({"statusEvents": ["ringing"]}, {"statusCallback": ""}),
        ({"fallbackUrl": ""}, {"voiceFallbackUrl": ""}),
        ({"fallbackUrl": other}, {"voiceFallbackUrl": other, "voiceFallbackMethod": "POST"}),
        ({"answer": False, "delivery": {"retries": 1}}, {"voiceUrl": ""}),
        ({"onDelete": "keep"}, {"onDelete": "keep"}),
    ]
    numbers = {f"+1555123456{index}": own for index, (own, _) in enumerate(cases)}
    program = deploy(numbers=numbers)
    for number, (_, expected) in zip(numbers, cases, strict=True):
        inputs = program.resources[f"VoiceConfiguration {number}"].inputs
        assert inputs.pop("phoneNumber") == number
        assert inputs.pop("ownUrls") == [HOOK, FALLBACK]
        del inputs["original"]
        assert inputs == expected


def test_which_settings_take_a_number_out_of_the_shared_application() -> None:
    """Those that act on the number at Twilio; the handler looks up all others by the called number."""
    own = (
        {"answer": False},
        {"statusEvents": []},
        {"delivery": {"retries": 1}},
        {"fallbackUrl": ""},
        {"voiceUrl": "https://a.example"},
        {"statusCallback": "https://a.example"},
    )
    shared = (
        {},
        {"reject": "busy", "forwardTo": ["client:a"], "dialOrder": "sequential", "ringSeconds": 5},
        {"callerId": NUMBER, "record": "do-not-record", "recordingTrack": "both", "announcement": "x"},
        {"voicemail": {}, "replaceExisting": True, "onDelete": "keep"},
    )
    numbers = {f"+1555123456{index}": settings for index, settings in enumerate((*own, *shared))}
    program = deploy(defaults={"answer": True}, sharedApplication="true", numbers=numbers)
    sids = [program.resources[f"VoiceConfiguration {n}"].inputs.get("voiceApplicationSid") for n in numbers]
    assert sids == [None] * len(own) + ["AP1"] * len(shared)


def test_a_kept_diversion_leaves_the_shared_application() -> None:
    """The number has the temporary URL with its method, and no application; others are not concerned."""
    program = deploy(
        defaults={"answer": True},
        sharedApplication="true",
        numbers={NUMBER: {}, OTHER: {}},
        diverted={NUMBER: {"to": "https://a.example", "method": "GET", "keep": True}},
    )
    diverted, other = (program.resources[f"VoiceConfiguration {number}"].inputs for number in (NUMBER, OTHER))
    assert (diverted["voiceUrl"], diverted["voiceMethod"], diverted["voiceApplicationSid"]) == (
        "https://a.example",
        "GET",
        "",
    )
    assert ("voiceUrl" in other, other["voiceApplicationSid"]) == (False, "AP1")
    with pytest.raises(pulumi.RunError, match="voicehooks divert"):
        deploy(diverted={NUMBER: {"to": "https://a.example"}})


def test_webhook_rule_and_its_key(whole: Program) -> None:
    """Named after the key, for every function, tried at each function that Twilio calls for a number."""
    assert only(whole, "WebhookSharedKey").inputs == {"friendlyName": "voicehooks dev next-1"}
    assert only(whole, "WebhookSetting").inputs == {
        "friendlyName": "voicehooks dev next-1",
        "sharedKeyId": "key-1",
        "delivery": {
            "retries": 3,
            "retryOn": ["5xx"],
            "connectTimeout": 5000,
            "readTimeout": 15_000,
            "totalTimeout": 15_000,
        },
    }
    assert only(whole, "WebhookRule").inputs == {
        "friendlyName": "voicehooks dev",
        "matchType": "PREFIX_MATCH",
        "url": f"{FUNCTIONS}/",
        "settings": [{"settingId": "setting-1", "percentage": 100}],
        "testUrls": [f"{HOOK}?VoicehooksCheck=rule", f"{FALLBACK}?VoicehooksCheck=rule"],
        "replaceExisting": True,
    }


def test_webhook_rule_without_anything_else() -> None:
    """Twilio's defaults for a URL, which are not those of a rule; one function; nobody else's rule."""
    program = deploy(account={"webhookRules": True})
    assert only(program, "WebhookSetting").inputs["delivery"] == {
        "retries": 1,
        "retryOn": ["connect"],
        "connectTimeout": 5000,
        "readTimeout": 15_000,
        "totalTimeout": 15_000,
    }
    rule = only(program, "WebhookRule").inputs
    assert (rule["testUrls"], "replaceExisting" in rule) == ([f"{HOOK}?VoicehooksCheck=rule"], False)


@pytest.mark.parametrize(
    ("signed_by", "friendly_name", "effective"),
    [
        (["key-1"], "voicehooks dev", True),
        (["key-1"], "voicehooks prod", False),
        (["key-1", ""], "voicehooks dev", False),
        ([], "voicehooks dev", False),
    ],
)
def test_key_only_needs_a_rule_that_signs_everything(
    signed_by: list[str], friendly_name: str, effective: bool
) -> None:
    """Else every request would be refused."""
    config = {**MINIMAL, "voicehooks:account": json.dumps({"webhookRules": True, "signature": "key-only"})}
    answer = {"ruleId": "1", "signedBy": signed_by, "friendlyName": friendly_name, "url": f"{FUNCTIONS}/"}
    if effective:
        program = run_program(config, {RULE: answer})
        values = program.resources["EdgeFunctionSecrets secrets"].inputs["values"]
        assert set(values) == {"VOICEHOOKS_CALL_OPTIONS"}
        expected = {
            check["name"]: check["expect"]["status"] for check in program.resources[WEBHOOK].inputs["checks"]
        }
        assert expected["signed by the auth token"] == 403
        return
    with pytest.raises(pulumi.RunError, match="--stack dev"):
        run_program(config, {RULE: answer})


def test_settings_of_the_account(whole: Program) -> None:
    """Its countries, its recordings and its events, each with what was there before."""
    assert only(whole, "AccountOriginals").inputs == {"countries": ["US"], "settings": ["recordingDefaults"]}
    assert only(whole, "DialingPermissions").inputs == {
        "countries": {"US": {"lowRisk": True, "highRiskSpecial": False}},
        "original": {"US": {"lowRisk": False}},
    }
    callback = f"{HOOK}#rc=3&rp=5xx"
    assert only(whole, "AccountRecordingDefaults").inputs == {
        "callRecordingStatusCallback": callback,
        "callRecordingStatusCallbackEvents": "in-progress completed absent",
        "conferenceRecordingStatusCallback": callback,
        "conferenceRecordingStatusCallbackEvents": "in-progress completed absent",
        "channels": "dual",
        "trim": "do-not-trim",
        "replaceExisting": True,
        "original": {"channels": "mono"},
    }
    assert only(whole, "EventSink").inputs == {
        "description": "voicehooks dev",
        "destination": f"{FUNCTIONS}/twilio-events",
    }
    assert only(whole, "EventSubscription").inputs == {
        "description": "voicehooks dev",
        "sinkSid": "DG1",
        "types": {
            "com.twilio.error-logs.error.logged": 1,
            "com.twilio.voice.insights.call-summary.complete": 1,
            "com.twilio.voice.insights.call-summary.partial": 1,
        },
    }


@pytest.mark.parametrize("own", [{"channels": "dual"}, {"trim": "trim-silence"}])
def test_recording_defaults_without_a_callback(own: dict[str, str]) -> None:
    """Only what the settings name is written."""
    program = deploy(account=own)
    assert only(program, "AccountRecordingDefaults").inputs == {**own, "original": {"channels": "mono"}}
    assert only(program, "AccountOriginals").inputs == {"settings": ["recordingDefaults"]}


def test_countries_alone() -> None:
    """The record of a stack without recording defaults stays as it was."""
    program = deploy(dialingPermissions={"US": {"lowRisk": True}})
    assert only(program, "AccountOriginals").inputs == {"countries": ["US"]}


def test_sip_domain(whole: Program) -> None:
    """Its calls go to the handler and its fallback, from the networks that the settings name."""
    assert only(whole, "SipIpAccessControlList").inputs == {
        "friendlyName": DOMAIN,
        "addresses": {"203.0.113.0/24": "office"},
    }
    assert only(whole, "SipDomain").inputs == {
        "domainName": DOMAIN,
        "voiceUrl": HOOK,
        "voiceMethod": "POST",
        "voiceFallbackUrl": FALLBACK,
        "voiceFallbackMethod": "POST",
        "statusCallback": HOOK,
        "statusCallbackMethod": "POST",
        "delivery": {"retries": 3, "retryOn": ["5xx"]},
        "ipAccessControlLists": ["AL1"],
    }


def test_sip_domain_with_everything() -> None:
    """Lists of the settings and the stack's own together; phones register with the same credentials."""
    name, address_list = f"{'a' * 60}.sip.twilio.com", "AL" + "0" * 32
    program = deploy(
        defaults={"fallbackUrl": "https://a.example/f"},
        sipDomains={
            name: {
                "friendlyName": "CRM",
                "credentialLists": [LIST],
                "ipAccessControlLists": [address_list],
                "networks": {"203.0.113.0/24": "office"},
                "registration": True,
                "secure": True,
                "adoptExisting": True,
            }
        },
    )
    addresses = only(program, "SipIpAccessControlList").inputs
    assert (addresses["friendlyName"], addresses["adoptExisting"]) == (name[:64], True)
    assert only(program, "SipDomain").inputs == {
        "domainName": name,
        "friendlyName": "CRM",
        "voiceUrl": HOOK,
        "voiceMethod": "POST",
        "voiceFallbackUrl": "https://a.example/f",
        "voiceFallbackMethod": "POST",
        "statusCallback": HOOK,
        "statusCallbackMethod": "POST",
        "sipRegistration": True,
        "secure": True,
        "credentialLists": [LIST],
        "registrationCredentialLists": [LIST],
        "ipAccessControlLists": [address_list, "AL1"],
        "adoptExisting": True,
    }


@pytest.mark.parametrize("lists", [None, []])
def test_sip_domain_without_networks(lists: list[str] | None) -> None:
    """No list is made, no fallback is written, and an empty list is not an absent one."""
    own = {"credentialLists": [LIST], **({} if lists is None else {"ipAccessControlLists": lists})}
    program = deploy(sipDomains={DOMAIN: own})
    assert not [label for label in program.resources if label.startswith("SipIp")]
    inputs = only(program, "SipDomain").inputs
    assert inputs.get("ipAccessControlLists") == lists
    assert inputs.keys().isdisjoint({"voiceFallbackUrl", "voiceFallbackMethod", "registrationCredentialLists"})


def test_trunks(whole: Program) -> None:
    """By default they have the fallback function for disasters; what is absent stays as it is."""
    assert only(whole, "SipTrunk").inputs == {
        "friendlyName": "pbx",
        "disasterRecoveryUrl": FALLBACK,
        "disasterRecoveryMethod": "POST",
    }
    program = deploy(
        trunks={
            "pbx": {
                "domainName": "crm.pstn.twilio.com",
                "origins": [
                    {"sipUrl": "sip:a.example"},
                    {"sipUrl": "sip:b.example", "priority": 1, "weight": 2, "enabled": False},
                ],
                "numbers": [OTHER],
                "disasterRecoveryUrl": "",
                "record": "record-from-answer",
                "trim": "trim-silence",
                "secure": True,
                "adoptExisting": True,
                "replaceExisting": True,
            }
        }
    )
    assert only(program, "SipTrunk").inputs == {
        "friendlyName": "pbx",
        "domainName": "crm.pstn.twilio.com",
        "disasterRecoveryUrl": "",
        "recordingMode": "record-from-answer",
        "recordingTrim": "trim-silence",
        "secure": True,
        "originationUrls": [
            {"sipUrl": "sip:a.example", "priority": 10, "weight": 10, "enabled": True},
            {"sipUrl": "sip:b.example", "priority": 1, "weight": 2, "enabled": False},
        ],
        "phoneNumbers": [OTHER],
        "adoptExisting": True,
        "replaceExisting": True,
    }


def test_outputs_of_the_stack(whole: Program) -> None:
    """Where calls arrive, each number's live configuration with its settings, and options of created calls."""
    assert set(whole.exports) == {"webhookUrl", "numbers", "callOptions"}
    assert whole.exports["webhookUrl"] == HOOK
    assert whole.exports["callOptions"]["StatusCallback"] == f"{HOOK}#rc=3&rp=5xx"
    assert whole.exports["numbers"][OTHER] == {
        "answer": True,
        "fallbackUrl": "default",
        "replaceExisting": True,
        "delivery": {"retries": 3, "retryOn": ["5xx"]},
        "phoneNumberSid": "PN1",
        "voiceUrl": HOOK,
        "voiceMethod": "POST",
        "voiceFallbackUrl": FALLBACK,
        "voiceFallbackMethod": "POST",
        "statusCallback": "https://a.example",
        "statusCallbackMethod": "POST",
        "voiceApplicationSid": None,
        "trunkSid": "",
        "voiceCallerIdLookup": True,
    }
    assert whole.exports["numbers"][NUMBER]["voiceApplicationSid"] == "AP1"


def test_wrong_settings_stop_the_program() -> None:
    """With the sentences and no traceback."""
    with pytest.raises(pulumi.RunError, match=r"Pulumi\.dev\.yaml: voicehooks:nonsense"):
        deploy(nonsense="1")


def test_credentials_come_from_the_configuration_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else from the environment, where the token is as secret."""
    environment = {
        "TWILIO_ACCOUNT_SID": "AC2",
        "TWILIO_AUTH_TOKEN": "t2",
        "TWILIO_BASE_URL": "http://127.0.0.1:2",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def of(program: Program) -> tuple[list[str], str, str]:
        files = json.loads(program.resources[WEBHOOK].inputs["files"]["settings.json"])
        secrets = program.resources["EdgeFunctionSecrets secrets"]
        assert secrets.secrets == {"values"}
        return files["accountSids"], secrets.inputs["values"]["VOICEHOOKS_AUTH_TOKEN"], files["twilioApiUrl"]

    config = {**MINIMAL, "twilio:baseUrl": "http://127.0.0.1:1"}
    assert of(run_program(config)) == (["AC1"], "t", "http://127.0.0.1:1")
    config = {key: value for key, value in config.items() if not key.startswith("twilio:")}
    assert of(run_program(config)) == (["AC2"], "t2", "http://127.0.0.1:2")


def test_the_engine_passes_the_configuration_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run of the program is a process of its own."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({**MINIMAL, "voicehooks:functionName": "calls"}))
    assert run_program({}).exports["webhookUrl"] == f"{FUNCTIONS}/calls"


def test_an_interrupt_of_the_engine_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a resource fails, the engine interrupts the program; the resource has reported why."""
    handled: list[Any] = []
    monkeypatch.setattr(signal, "signal", lambda *arguments: handled.append(arguments))
    deploy()
    assert (signal.SIGINT, signal.SIG_DFL) in handled


def test_the_program_imports_the_modules_of_its_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rollback runs it from the tree of another commit."""
    paths: list[str] = []

    def read() -> None:
        paths.extend(sys.path)
        raise pulumi.RunError("read")

    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(ROOT)])
    monkeypatch.setattr(configuration, "read", read)
    with pytest.raises(pulumi.RunError, match="read"):
        deploy()
    assert paths[0] == str(ROOT)
