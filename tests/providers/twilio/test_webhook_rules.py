"""WebhookSharedKey, WebhookSetting and WebhookRule: what signs an account's webhook requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pulumi_provider_kit.values import wrap
from pulumi_twilio.webhook_signing import WebhookSetting
from twilio.request_validator import RequestValidator, get_signature_algorithm

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret, ServicerClient
from tests.providers.twilio.conftest import Emulator, check, run
from tests.providers.twilio.stack import remember, remember_attempt
from tests.support.interception import intercepted

BASE = "/v1/Webhooks"
PREFIX = "https://crm.example.com/twilio/"
DELIVERY = {"retries": 3, "retryOn": ["connect", "5xx"], "readTimeout": 4000}


def found(emulator: Emulator, kind: str) -> list[dict[str, Any]]:
    """The account's objects of a kind."""
    page = emulator.http.get(f"{BASE}/{kind}").json()
    return list(page[page["meta"]["key"]])


def make(emulator: Emulator, kind: str, **body: Any) -> dict[str, Any]:
    """Somebody else creates an object."""
    answer = emulator.http.post(f"{BASE}/{kind}", json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return dict(made.get("rule", made))


def their_rule(emulator: Emulator, name: str = "theirs") -> dict[str, Any]:
    """A rule of somebody else for our prefix, with a setting of its own."""
    setting = make(emulator, "Settings", auth={"source": "INLINE", "value": {"scheme": "NONE"}})
    shares = [{"settingId": setting["id"], "percentage": 100}]
    return make(emulator, "Rules", friendlyName=name, matchType="PREFIX_MATCH", prefix=PREFIX, settings=shares)


def rule(setting: Resource, **more: Any) -> dict[str, Any]:
    """The inputs of a rule for our prefix."""
    shares = [{"settingId": setting.id, "percentage": 100}]
    return {"friendlyName": "ours", "matchType": "PREFIX_MATCH", "url": PREFIX, "settings": shares, **more}


def signed_setting(client: ServicerClient, name: str = "setting") -> tuple[Resource, Resource]:
    """A key, and a setting that signs with it."""
    key = run(client.create("WebhookSharedKey", f"{name}-key", {"friendlyName": name}))
    setting = run(
        client.create(
            "WebhookSetting", name, {"friendlyName": name, "sharedKeyId": key.id, "delivery": DELIVERY}
        )
    )
    return key, setting


class Endpoint:
    """A receiver that accepts requests, or refuses them."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, dict[str, str]]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.requests.append((self.path, dict(self.headers)))
                self.send_response(endpoint.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """A receiver on this machine."""
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.shutdown()
    endpoint.server.server_close()


def test_secret_of_a_key(emulator: Emulator) -> None:
    """It is a secret of the state from the one answer that has it, and a refresh keeps it."""
    client = emulator.plugin()
    preview = run(client.create("WebhookSharedKey", "k", {"friendlyName": "one"}, preview=True))
    assert preview.state["secret"] == Secret(UNKNOWN)
    assert found(emulator, "SharedKeys") == []
    key = run(client.create("WebhookSharedKey", "k", {"friendlyName": "one"}))
    assert isinstance(key.state["secret"], Secret)
    assert key.state["keyId"] == key.id
    refreshed = run(emulator.plugin().read(key))
    assert refreshed.state == key.state
    updated = run(emulator.plugin().update(refreshed, {"friendlyName": "two"}))
    assert updated.state["secret"] == key.state["secret"]
    assert [item["friendlyName"] for item in found(emulator, "SharedKeys")] == ["two"]
    assert key.state["secret"].value not in client.said
    run(emulator.plugin().delete(updated))
    assert found(emulator, "SharedKeys") == []
    assert run(emulator.plugin().read(updated)) is None


def test_key_cannot_be_imported(emulator: Emulator) -> None:
    """Nobody could verify its signatures."""
    key = make(emulator, "SharedKeys", friendlyName="theirs")
    with pytest.raises(Refused, match="shows its secret only once"):
        run(emulator.plugin().import_("WebhookSharedKey", "k", key["id"]))


def test_answer_of_a_creation_that_is_lost(emulator: Emulator) -> None:
    """The repeated request has the same idempotency key: one key, and its secret."""
    with intercepted(emulator.url) as proxy:
        proxy.strike("POST", "SharedKeys")
        key = run(emulator.plugin(baseUrl=proxy.url).create("WebhookSharedKey", "k", {"friendlyName": "one"}))
    assert proxy.struck
    assert [item["id"] for item in found(emulator, "SharedKeys")] == [key.id]
    assert key.state["secret"].value


def test_key_that_an_update_left_behind(emulator: Emulator) -> None:
    """The preview names it."""
    left = make(emulator, "SharedKeys", friendlyName="one")
    client = emulator.plugin()
    run(client.create("WebhookSharedKey", "k", {"friendlyName": "one"}, preview=True))
    assert left["id"] in client.said


def test_setting_as_twilio_has_it(emulator: Emulator) -> None:
    """Signature and delivery by Twilio's names; an import describes the same setting."""
    client = emulator.plugin()
    key, setting = signed_setting(client)
    (live,) = found(emulator, "Settings")
    assert live["signature"]["sharedKeyId"] == key.id
    assert live["signature"]["algorithm"] == "HMAC_SHA256"
    assert live["connection"] == {
        "readTimeoutMs": 4000,
        "retryPolicy": {"retryCount": 3, "retryOn": ["CONNECTION_TIMEOUT", "HTTP_5XX"]},
    }
    imported = run(emulator.plugin().import_("WebhookSetting", "s", setting.id))
    assert imported.inputs == {**setting.inputs, "authScheme": "NONE"}
    changes = run(emulator.plugin().diff(setting, {**setting.inputs, "delivery": {"retries": 1}}))
    assert changes == {"delivery": "UPDATE_REPLACE"}
    texts = {**setting.inputs, "friendlyName": "new", "description": "ours"}
    assert run(emulator.plugin().diff(setting, texts)) == {"friendlyName": "UPDATE", "description": "ADD"}
    run(emulator.plugin().update(setting, texts))
    (live,) = found(emulator, "Settings")
    assert (live["friendlyName"], live["description"]) == ("new", "ours")


def test_setting_and_key_in_use(emulator: Emulator) -> None:
    """Neither is deleted while something names it; the error says what."""
    client = emulator.plugin()
    key, setting = signed_setting(client)
    shares = [{"settingId": setting.id, "percentage": 100}]
    theirs = make(emulator, "Rules", friendlyName="theirs", matchType="DEFAULT", settings=shares)
    with pytest.raises(Refused, match=theirs["id"]):
        run(emulator.plugin().delete(setting))
    with pytest.raises(Refused, match=setting.id):
        run(emulator.plugin().delete(key))
    emulator.http.delete(f"{BASE}/Rules/{theirs['id']}").raise_for_status()
    run(emulator.plugin().delete(setting))
    run(emulator.plugin().delete(key))
    assert found(emulator, "Settings") == found(emulator, "SharedKeys") == []


def test_rule_is_created_and_deleted(emulator: Emulator) -> None:
    """A preview writes nothing; the resource's end leaves no rule."""
    client = emulator.plugin()
    key, setting = signed_setting(client)
    run(client.create("WebhookRule", "r", rule(setting), preview=True))
    assert found(emulator, "Rules") == []
    client.next_run()
    made = run(client.create("WebhookRule", "r", rule(setting)))
    (live,) = found(emulator, "Rules")
    assert (live["id"], live["prefix"], live["settings"][0]["settingId"]) == (made.id, PREFIX, setting.id)
    refreshed = run(emulator.plugin().read(made))
    assert run(emulator.plugin().diff(refreshed, rule(setting))) == {}
    emulator.http.patch(f"{BASE}/Rules/{made.id}", json={"description": "a note"}).raise_for_status()
    assert run(emulator.plugin().read(made)).inputs == rule(setting)
    looked_up = run(emulator.plugin().invoke("getWebhookRule", {"url": f"{PREFIX}voice"}))
    assert looked_up == {"ruleId": made.id, "friendlyName": "ours", "signedBy": [key.id]}
    assert run(emulator.plugin().invoke("getWebhookRule", {"url": "https://a.example/"}))["signedBy"] == []
    run(emulator.plugin().delete(refreshed))
    assert found(emulator, "Rules") == []
    assert run(emulator.plugin().read(refreshed)) is None


def test_import_of_a_rule(emulator: Emulator) -> None:
    """The program that describes it differs in nothing, and its end restores the rule."""
    theirs = their_rule(emulator)
    imported = run(emulator.plugin().import_("WebhookRule", "r", theirs["id"]))
    assert imported.inputs == {
        "friendlyName": "theirs",
        "matchType": "PREFIX_MATCH",
        "url": PREFIX,
        "settings": theirs["settings"],
    }
    assert run(emulator.plugin().diff(imported, imported.inputs)) == {}
    _, setting = signed_setting(emulator.plugin())
    updated = run(emulator.plugin().update(imported, rule(setting)))
    run(emulator.plugin().delete(updated))
    (live,) = found(emulator, "Rules")
    assert (live["friendlyName"], live["settings"]) == ("theirs", theirs["settings"])


@pytest.mark.parametrize("preview", [True, False])
def test_rule_of_somebody_else(emulator: Emulator, preview: bool) -> None:
    """It is refused; with replaceExisting it is changed, and restored at the end."""
    theirs = their_rule(emulator)
    client = emulator.plugin()
    _, setting = signed_setting(client)
    with pytest.raises(Refused, match="replaceExisting"):
        run(client.create("WebhookRule", "r", rule(setting), preview=preview))
    assert found(emulator, "Rules") == [theirs]
    looking = emulator.plugin()
    run(looking.create("WebhookRule", "r", rule(setting, replaceExisting=True), preview=True))
    assert f"the webhook rule {theirs['id']} exists" in looking.said
    assert found(emulator, "Rules") == [theirs]
    taken = run(emulator.plugin().create("WebhookRule", "r", rule(setting, replaceExisting=True)))
    assert taken.id == theirs["id"]
    assert found(emulator, "Rules")[0]["settings"][0]["settingId"] == setting.id
    run(emulator.plugin().delete(taken))
    (live,) = found(emulator, "Rules")
    assert (live["friendlyName"], live["settings"]) == ("theirs", theirs["settings"])


def test_rule_that_was_changed_since(emulator: Emulator) -> None:
    """Drift shows; an update corrects it, and a delete leaves it with a warning."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    made = run(client.create("WebhookRule", "r", rule(setting)))
    other = make(emulator, "Settings", auth={"source": "INLINE", "value": {"scheme": "NONE"}})
    shares = [{"settingId": other["id"], "percentage": 100}]
    emulator.http.patch(f"{BASE}/Rules/{made.id}", json={"settings": shares}).raise_for_status()
    refreshed = run(emulator.plugin().read(made))
    assert run(emulator.plugin().diff(refreshed, rule(setting))) == {"settings": "UPDATE"}
    client = emulator.plugin()
    run(client.delete(refreshed))
    assert "changed outside this stack" in client.said
    assert found(emulator, "Rules")[0]["settings"] == shares
    run(emulator.plugin().update(refreshed, rule(setting)))
    assert found(emulator, "Rules")[0]["settings"][0]["settingId"] == setting.id


def test_renamed_rule(emulator: Emulator) -> None:
    """The rule stays; the old resource's end does not delete it."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    made = run(client.create("WebhookRule", "old", rule(setting)))
    client.next_run()
    renamed = run(client.create("WebhookRule", "new", rule(setting)))
    assert renamed.id == made.id
    run(client.delete(made))
    assert [item["id"] for item in found(emulator, "Rules")] == [made.id]
    client.next_run()
    run(client.delete(renamed))
    assert found(emulator, "Rules") == []


def test_receiver_is_asked_before_the_rule(emulator: Emulator, endpoint: Endpoint) -> None:
    """Twilio's own request, signed with the key; a receiver that refuses it keeps the rule as it was."""
    client = emulator.plugin()
    key, setting = signed_setting(client)
    url = f"{endpoint.url}?VoicehooksCheck=rule"
    endpoint.status = 403
    with pytest.raises(Refused, match="HTTP status 403"):
        run(client.create("WebhookRule", "r", rule(setting, testUrls=[url])))
    assert found(emulator, "Rules") == []
    endpoint.status = 200
    client.next_run()
    made = run(client.create("WebhookRule", "r", rule(setting, testUrls=[url])))
    path, headers = endpoint.requests[-1]
    assert path == "/hook?VoicehooksCheck=rule"
    settings = headers["X-Twilio-Webhooks-Signature-Settings"]
    assert settings == f"key={key.id},algorithm=HMAC_SHA256"
    validator = RequestValidator(key.state["secret"].value)
    assert validator.validate(url, {}, headers["X-Twilio-Signature"], get_signature_algorithm(settings))

    _, another = signed_setting(client, "another")
    endpoint.status = 403
    with pytest.raises(Refused, match="no rule uses this setting"):
        run(client.update(made, rule(another, testUrls=[url])))
    assert found(emulator, "Rules")[0]["settings"][0]["settingId"] == setting.id


def test_receiver_that_is_not_there(emulator: Emulator, endpoint: Endpoint) -> None:
    """No answer is no acceptance."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    endpoint.server.shutdown()
    endpoint.server.server_close()
    with pytest.raises(Refused, match="no answer"):
        run(client.create("WebhookRule", "r", rule(setting, testUrls=[endpoint.url])))


def test_setting_that_is_not_ready_yet(
    emulator: Emulator, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio answers 422 until a new setting can be used; the test is sent again."""
    monkeypatch.setattr("pulumi_twilio.webhook_api._PAUSE_SECONDS", 0.0)
    client = emulator.plugin()
    _, setting = signed_setting(client)
    fault = {"fault": "rest-error", "status": 422, "code": 59000, "message": "not yet", "path": f"{BASE}/Tests"}
    emulator.http.post("/_sandbox/faults", json=[{**fault, "times": 1}]).raise_for_status()
    run(client.create("WebhookRule", "r", rule(setting, testUrls=[endpoint.url])))
    assert len(endpoint.requests) == 1


def test_operation_that_fails(emulator: Emulator) -> None:
    """The rule was written, so the state keeps it, and the error says what to do."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    with intercepted(emulator.url) as proxy:
        proxy.garble(b'{"id": "o", "status": "FAILED", "error": {"detail": "no region"}}', "GET", "Operations")
        with pytest.raises(Refused, match="no region") as refused:
            run(emulator.plugin(baseUrl=proxy.url).create("WebhookRule", "r", rule(setting)))
    assert refused.value.kept is not None
    assert refused.value.kept[0] == found(emulator, "Rules")[0]["id"]


def test_update_whose_answer_was_lost(emulator: Emulator) -> None:
    """A rule that has exactly our settings is ours, also if no state knows it: the end deletes it."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    body = {k: v for k, v in rule(setting).items() if k != "url"}
    make(emulator, "Rules", **body, prefix=PREFIX)
    made = run(client.create("WebhookRule", "r", rule(setting)))
    assert made.state["original"] == {}
    run(emulator.plugin().delete(made))
    assert found(emulator, "Rules") == []


@pytest.mark.parametrize(
    ("kind", "given", "property_name"),
    [
        ("WebhookSharedKey", {"friendlyName": "x" * 256}, "friendlyName"),
        ("WebhookSetting", {"description": "x" * 1025}, "description"),
        ("WebhookSetting", {"delivery": {"edges": ["dublin"]}}, "delivery.edges"),
        ("WebhookSetting", {"delivery": {"retries": 9}}, "delivery.retries"),
        ("WebhookRule", {"matchType": "PREFIX_MATCH", "url": "https://a.example/x"}, "url"),
        ("WebhookRule", {"matchType": "EXACT_MATCH", "url": "https://a.example/x/"}, "url"),
        ("WebhookRule", {"matchType": "EXACT_MATCH", "url": "http://a.example/x"}, "url"),
        ("WebhookRule", {"matchType": "DEFAULT", "url": "https://a.example/x"}, "url"),
        ("WebhookRule", {"matchType": "PREFIX_MATCH"}, "url"),
        ("WebhookRule", {"matchType": "SUFFIX", "url": PREFIX}, "matchType"),
        ("WebhookRule", {"settings": []}, "settings"),
        ("WebhookRule", {"settings": [{"settingId": "s", "percentage": 60}]}, "settings"),
        (
            "WebhookRule",
            {"settings": [{"settingId": f"s{n}", "percentage": n} for n in (30, 30, 40)]},
            "settings",
        ),
        ("WebhookRule", {"matchType": "EXACT_MATCH", "url": f"https://a.example/{'x' * 2031}"}, "url"),
        ("WebhookRule", {"friendlyName": "x" * 256}, "friendlyName"),
        ("WebhookRule", {"description": "x" * 1025}, "description"),
        ("WebhookSetting", {"friendlyName": "x" * 256}, "friendlyName"),
    ],
)
def test_checks(kind: str, given: dict[str, Any], property_name: str) -> None:
    """A wrong value is refused at its property."""
    whole = {"matchType": "DEFAULT", "settings": [{"settingId": "s", "percentage": 100}]}
    inputs = {**whole, **given} if kind == "WebhookRule" else given
    with pytest.raises(CheckFailed) as caught:
        check(kind, inputs)
    assert list(caught.value.failures) == [property_name]


def test_key_is_in_no_message(emulator: Emulator, endpoint: Endpoint) -> None:
    """No answer and no message of a rotation contains a secret."""
    client = emulator.plugin()
    old, setting = signed_setting(client, "one")
    made = run(client.create("WebhookRule", "r", rule(setting, testUrls=[endpoint.url])))
    new, following = signed_setting(client, "two")
    moved = run(client.update(made, rule(following, testUrls=[endpoint.url])))
    for gone in (setting, old):
        run(client.delete(gone))
    texts = client.said + json.dumps([moved.state, following.state, following.inputs])
    for key in (old, new):
        assert key.state["secret"].value not in texts
    assert [item["id"] for item in found(emulator, "SharedKeys")] == [new.id]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("WebhookSharedKey", {"friendlyName": "x" * 255}),
        ("WebhookSetting", {"friendlyName": "x" * 255, "description": "x" * 1024}),
        ("WebhookSetting", {"delivery": UNKNOWN}),
        ("WebhookRule", {"friendlyName": "x" * 255, "description": "x" * 1024, "matchType": "DEFAULT"}),
        ("WebhookRule", {"matchType": "EXACT_MATCH", "url": f"https://a.example/{'x' * 2030}"}),
        ("WebhookRule", {"matchType": "PREFIX_MATCH", "url": "http://127.0.0.1:5/x/"}),
        ("WebhookRule", {"matchType": "PREFIX_MATCH", "url": "http://localhost:5/x/"}),
        ("WebhookRule", {"matchType": "PREFIX_MATCH", "url": UNKNOWN}),
        ("WebhookRule", {"settings": [{"settingId": f"s{n}", "percentage": n} for n in (40, 60)]}),
        ("WebhookRule", {"settings": [{"settingId": UNKNOWN, "percentage": 100}]}),
        ("WebhookRule", {"settings": [{"settingId": "s", "percentage": UNKNOWN}]}),
        ("WebhookRule", {"settings": UNKNOWN}),
    ],
)
def test_what_twilio_takes_is_not_refused(kind: str, given: dict[str, Any]) -> None:
    """The limits themselves, and what is not known yet."""
    whole = {"matchType": "DEFAULT", "settings": [{"settingId": "s", "percentage": 100}]}
    inputs = {**whole, **given} if kind == "WebhookRule" else given
    assert check(kind, inputs) == inputs


def test_one_rule_for_a_match_in_a_program(emulator: Emulator) -> None:
    """An account has one; another match, or a match that is not known yet, is another rule."""
    client = emulator.plugin()
    shares = [{"settingId": "s", "percentage": 100}]
    default = {"matchType": "DEFAULT", "settings": shares}
    prefix = {"matchType": "PREFIX_MATCH", "settings": shares}
    exact = {"matchType": "EXACT_MATCH", "url": PREFIX.rstrip("/"), "settings": shares}

    async def checks(*given: dict[str, Any]) -> None:
        await client._configure()
        for number, inputs in enumerate(given):
            await client.check("WebhookRule", f"r{number}", inputs)

    later = {**prefix, "url": UNKNOWN}
    run(checks(default, {**prefix, "url": PREFIX}, exact, {**prefix, "url": f"{PREFIX}2/"}, later, later))
    for inputs, label in ((default, "DEFAULT"), (exact, exact["url"])):
        with pytest.raises(CheckFailed, match=f"the webhook rule for {label} is managed twice") as failed:
            run(client.check("WebhookRule", "again", inputs))
        assert list(failed.value.failures) == ["url"]
    preview = run(client.create("WebhookRule", "later", later, preview=True))
    assert preview.state["ruleId"] is UNKNOWN


@pytest.mark.parametrize(
    ("match", "place"),
    [
        ({"matchType": "DEFAULT"}, {"matchType": "DEFAULT"}),
        (
            {"matchType": "EXACT_MATCH", "url": f"{PREFIX}voice"},
            {"matchType": "EXACT_MATCH", "value": f"{PREFIX}voice"},
        ),
        ({"matchType": "PREFIX_MATCH", "url": PREFIX}, {"matchType": "PREFIX_MATCH", "prefix": PREFIX}),
    ],
)
def test_each_kind_of_match(emulator: Emulator, match: dict[str, str], place: dict[str, str]) -> None:
    """Where Twilio has it; a refresh and an import find it again."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    shares = [{"settingId": setting.id, "percentage": 100}]
    given = {**match, "settings": shares, "description": "ours", "testUrls": [], "replaceExisting": False}
    made = run(client.create("WebhookRule", "r", given))
    (live,) = found(emulator, "Rules")
    assert {name: live[name] for name in ("matchType", "value", "prefix") if live.get(name)} == place
    assert (live["description"], live.get("friendlyName") or "") == ("ours", "")
    refreshed = run(emulator.plugin().read(made))
    assert refreshed.inputs == given
    assert refreshed.state == made.state
    changed = {**given, "testUrls": ["https://a.example/"], "replaceExisting": True}
    assert run(emulator.plugin().diff(refreshed, changed)) == {}
    imported = run(emulator.plugin().import_("WebhookRule", "r", made.id))
    assert imported.inputs == {**match, "settings": shares, "description": "ours"}
    del given["description"]
    run(emulator.plugin().update(made, given))
    assert not found(emulator, "Rules")[0]["description"]


def test_what_cannot_change_is_another_object(emulator: Emulator) -> None:
    """Of a setting all but its texts, of a rule its match."""
    client = emulator.plugin()
    _, setting = signed_setting(client)
    given = {**setting.inputs, "sharedKeyId": "other", "signatureType": "T", "authScheme": "BASIC"}
    changes = run(client.diff(setting, given))
    assert set(changes) == {"sharedKeyId", "signatureType", "authScheme"}
    assert {change.split("_")[-1] for change in changes.values()} == {"REPLACE"}
    made = run(client.create("WebhookRule", "r", rule(setting)))
    changes = run(client.diff(made, {**rule(setting), "matchType": "EXACT_MATCH", "url": PREFIX.rstrip("/")}))
    assert changes == {"matchType": "UPDATE_REPLACE", "url": "UPDATE_REPLACE"}


def test_everything_that_a_setting_says(emulator: Emulator) -> None:
    """By Twilio's names, and back from an import."""
    client = emulator.plugin()
    delivery = {
        "connectTimeout": 1000,
        "readTimeout": 2000,
        "totalTimeout": 9000,
        "retries": 2,
        "retryOn": ["4xx", "read-timeout", "all"],
    }
    given = {"friendlyName": "n", "description": "d", "authScheme": "NONE", "delivery": delivery}
    setting = run(client.create("WebhookSetting", "s", given))
    (live,) = found(emulator, "Settings")
    assert live["connection"] == {
        "connectTimeoutMs": 1000,
        "readTimeoutMs": 2000,
        "totalTimeoutMs": 9000,
        "retryPolicy": {"retryCount": 2, "retryOn": ["HTTP_4XX", "READ_TIMEOUT", "ALL"]},
    }
    assert "sharedKeyId" not in live["signature"]
    assert run(emulator.plugin().import_("WebhookSetting", "s", setting.id)).inputs == given
    emulator.http.patch(f"{BASE}/Settings/{setting.id}", json={"friendlyName": "theirs"}).raise_for_status()
    refreshed = run(emulator.plugin().read(setting))
    assert refreshed.inputs == {**given, "friendlyName": "theirs"}
    fewer = {name: given[name] for name in ("authScheme", "delivery")}
    updated = run(emulator.plugin().update(refreshed, fewer))
    assert updated.state == {**fewer, **{n: updated.state[n] for n in ("accountSid", "region", "settingId")}}
    (live,) = found(emulator, "Settings")
    assert (live["friendlyName"] or "", live["description"] or "") == ("", "")


@pytest.mark.parametrize(
    ("given", "signature"),
    [
        ({"sharedKeyId": "k1"}, {"sharedKeyId": "k1", "algorithm": "HMAC_SHA256"}),
        (
            {"sharedKeyId": "k1", "signatureType": "T"},
            {"type": "T", "sharedKeyId": "k1", "algorithm": "HMAC_SHA256"},
        ),
        ({"authScheme": "BASIC", "signatureType": "T"}, None),
    ],
)
def test_body_of_a_setting(given: dict[str, str], signature: dict[str, str] | None) -> None:
    """The signature only with a key, and the scheme of the program; without a delivery no connection."""
    body = WebhookSetting().body({name: wrap(value) for name, value in given.items()})
    assert body.get("signature") == signature
    assert body["auth"] == {"source": "INLINE", "value": {"scheme": given.get("authScheme", "NONE")}}
    assert "connection" not in body


def test_only_an_object_of_the_same_name_is_announced(emulator: Emulator) -> None:
    """And none without a name."""
    make(emulator, "SharedKeys", friendlyName="two")
    make(emulator, "Settings", auth={"source": "INLINE", "value": {"scheme": "NONE"}})
    client = emulator.plugin()
    run(client.create("WebhookSharedKey", "k", {"friendlyName": "one"}, preview=True))
    run(client.create("WebhookSetting", "s", {}, preview=True))
    assert client.said == ""


def test_renamed_rule_that_was_taken_over(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs no permission again, and what was there at first is what goes back."""
    theirs = their_rule(emulator)
    client = emulator.plugin()
    _, setting = signed_setting(client)
    made = run(client.create("WebhookRule", "old", rule(setting, replaceExisting=True)))
    _, another = signed_setting(client, "another")
    remember(monkeypatch, made)
    client = emulator.plugin()
    run(client.create("WebhookRule", "new", rule(another), preview=True))
    client.next_run()
    renamed = run(client.create("WebhookRule", "new", rule(another)))
    assert (renamed.id, renamed.state["original"]) == (theirs["id"], made.state["original"])
    run(emulator.plugin().delete(renamed))
    (live,) = found(emulator, "Rules")
    assert (live["friendlyName"], live["settings"]) == ("theirs", theirs["settings"])


@pytest.mark.parametrize("change", ["create", "update"])
def test_answer_of_a_change_that_is_lost(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The state that is kept knows what was there at first and what was tried."""
    monkeypatch.setattr("pulumi_provider_kit.rest._FIRST_WAIT", 0.001)
    theirs = their_rule(emulator)
    client = emulator.plugin()
    _, setting = signed_setting(client)
    given = rule(setting, replaceExisting=True)
    with intercepted(emulator.url) as proxy:
        lossy = emulator.plugin(baseUrl=proxy.url)
        if change == "create":
            act = lossy.create("WebhookRule", "r", given)
        else:
            act = lossy.update(run(emulator.plugin().import_("WebhookRule", "r", theirs["id"])), given)
        proxy.strike("PATCH", f"/Rules/{theirs['id']}", times=20)
        with pytest.raises(Refused) as refused:
            run(act)
    assert refused.value.kept is not None
    rule_id, state = refused.value.kept
    assert rule_id == theirs["id"]
    assert json.loads(state["original"]["settings"]) == theirs["settings"]
    assert json.loads(state["lastWritten"]["settings"]) == given["settings"]
    run(emulator.plugin().delete(Resource(client.urn("WebhookRule", "r"), rule_id, given, state)))
    assert found(emulator, "Rules")[0]["settings"] == theirs["settings"]


@pytest.mark.parametrize("killed", [True, False])
def test_update_of_a_rule_that_was_killed(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """What it wrote counts as the program's own, so that the end restores the rule."""
    theirs = their_rule(emulator)
    client = emulator.plugin()
    _, setting = signed_setting(client)
    _, another = signed_setting(client, "another")
    made = run(client.create("WebhookRule", "r", rule(setting, replaceExisting=True)))
    attempt = rule(another, replaceExisting=True)
    path = f"{BASE}/Rules/{made.id}"
    emulator.http.patch(path, json={"settings": attempt["settings"]}).raise_for_status()
    if killed:
        remember_attempt(monkeypatch, made, attempt)
    refreshed = run(emulator.plugin().read(made))
    run(emulator.plugin().delete(refreshed))
    assert found(emulator, "Rules")[0]["settings"] == (theirs if killed else attempt)["settings"]


def test_end_of_a_rule_that_is_as_it_was(emulator: Emulator) -> None:
    """An import that was never updated writes nothing; a state of an earlier version has the inputs."""
    theirs = their_rule(emulator)
    imported = run(emulator.plugin().import_("WebhookRule", "r", theirs["id"]))
    client = emulator.plugin()
    emulator.forget_requests()
    run(client.delete(imported))
    assert {request["method"] for request in emulator.requests()} == {"GET"}
    assert client.said == ""
    imported.state = {n: v for n, v in imported.state.items() if n not in ("original", "lastWritten")}
    run(emulator.plugin().delete(imported))
    assert found(emulator, "Rules") == []
    run(emulator.plugin().delete(imported))
