"""A TwiML App's life: created once, shared by numbers, not deleted from under them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pulumi_provider_kit.stack_state import StackState
from pulumi_provider_kit.values import wrap
from pulumi_twilio.client import TwilioClient

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, Emulator, run
from tests.support.interception import intercepted

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
GIVEN: dict[str, Any] = {
    "friendlyName": "crm",
    "voiceUrl": OURS,
    "statusCallback": OURS,
    "delivery": {"retries": 3, "retryOn": ["connect", "5xx"]},
}


def create(emulator: Emulator, **given: Any) -> Resource:
    """Create the app."""
    resource: Resource = run(emulator.plugin().create("Application", "crm", {**GIVEN, **given}))
    return resource


def live(emulator: Emulator, sid: str) -> dict[str, Any]:
    """Return the app as Twilio answers it."""
    answer = emulator.http.get(
        f"/2010-04-01/Accounts/{emulator.number()['account_sid']}/Applications/{sid}.json"
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_created_read_and_unchanged(emulator: Emulator) -> None:
    """What is written comes back, overrides apart, and needs no change."""
    app = create(emulator)
    assert live(emulator, app.id)["voice_url"] == f"{OURS}#rc=3&rp=ct,5xx"
    assert app.state["applicationSid"] == app.id
    refreshed = run(emulator.plugin().read(app))
    assert refreshed.inputs == GIVEN
    assert run(emulator.plugin().diff(refreshed, GIVEN)) == {}


def test_a_refused_value_is_said(emulator: Emulator) -> None:
    """When the app is made and when it is changed: what Twilio said, with its code."""
    app = create(emulator)
    fault = {"fault": "rest-error", "method": "POST", "status": 400, "code": 21402, "message": "Invalid"}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    changed = {**GIVEN, "voiceUrl": f"{OURS}?2"}
    with pytest.raises(Refused, match="21402"):
        run(emulator.plugin().update(app, changed))
    with pytest.raises(Refused, match="21402"):
        create(emulator, friendlyName="another")


@pytest.mark.parametrize(
    ("prop", "wire", "clicked"),
    [
        ("friendlyName", "FriendlyName", "other"),
        ("voiceUrl", "VoiceUrl", "https://drift.example.com/x#rc=3&rp=ct,5xx"),
        ("statusCallback", "StatusCallback", ""),
    ],
)
def test_drift_shows_and_is_put_right(emulator: Emulator, prop: str, wire: str, clicked: str) -> None:
    """A change made in the console is that one property in the next diff."""
    app = create(emulator)
    emulator.post(f"Applications/{app.id}.json", **{wire: clicked})
    refreshed = run(emulator.plugin().read(app))
    assert run(emulator.plugin().diff(refreshed, GIVEN)) == {prop: "UPDATE"}
    run(emulator.plugin().update(refreshed, GIVEN))
    assert run(emulator.plugin().diff(run(emulator.plugin().read(app)), GIVEN)) == {}


def test_a_property_that_leaves_goes_back_to_twilios_default(emulator: Emulator) -> None:
    """Nothing was there before the app, so what leaves is cleared."""
    app = create(emulator, voiceFallbackUrl=OURS, voiceMethod="GET", voiceCallerIdLookup=True)
    assert live(emulator, app.id)["voice_caller_id_lookup"] is True
    run(emulator.plugin().update(app, GIVEN))
    assert not live(emulator, app.id)["voice_fallback_url"]
    assert live(emulator, app.id)["voice_caller_id_lookup"] is False
    assert live(emulator, app.id)["voice_method"] == "POST"


@pytest.mark.parametrize("by", ["sid", "friendly_name"])
def test_import(emulator: Emulator, by: str) -> None:
    """By SID or by name, followed by an empty diff; deleting gives it back and does not delete it."""
    found = emulator.post("Applications.json", FriendlyName="clicked", VoiceUrl=OURS)
    app = run(emulator.plugin().import_("Application", "crm", found[by]))
    assert app.id == found["sid"]
    assert run(emulator.plugin().diff(app, app.inputs)) == {}
    changed = run(emulator.plugin().update(app, {**app.inputs, "voiceUrl": f"{OURS}?v=2"}))
    run(emulator.plugin().delete(changed))
    assert live(emulator, app.id)["voice_url"] == OURS


def test_import_by_a_name_that_two_have_is_refused(emulator: Emulator) -> None:
    """Both SIDs are named, so that one can be chosen."""
    sids = [emulator.post("Applications.json", FriendlyName="twice")["sid"] for _ in range(2)]
    with pytest.raises(Refused) as caught:
        run(emulator.plugin().import_("Application", "crm", "twice"))
    assert all(sid in str(caught.value) for sid in sids)


def test_a_second_app_of_that_name_is_announced(emulator: Emulator) -> None:
    """Names need not be unique at Twilio; the preview says so before there are two."""
    sid = emulator.post("Applications.json", FriendlyName="crm")["sid"]
    emulator.post("Applications.json", FriendlyName="crm of another")
    client = emulator.plugin()
    run(client.create("Application", "crm", GIVEN, preview=True))
    assert "already exists" in client.said
    assert f"pulumi import twilio:index:Application crm {sid}" in client.said


def test_an_app_that_numbers_use_is_not_deleted(emulator: Emulator) -> None:
    """The numbers are listed; once they are re-pointed it goes."""
    app = create(emulator)
    for number in (NUMBER, OTHER):
        emulator.click(number, VoiceApplicationSid=app.id)
    with pytest.raises(Refused) as caught:
        run(emulator.plugin().delete(app))
    assert NUMBER in str(caught.value)
    assert OTHER in str(caught.value)
    for number in (NUMBER, OTHER):
        emulator.click(number, VoiceApplicationSid="")
    run(emulator.plugin().delete(app))
    with pytest.raises(httpx.HTTPStatusError):
        live(emulator, app.id)


def test_gone_is_gone(emulator: Emulator) -> None:
    """An app deleted in the console is gone for a read, and fine for a delete."""
    app = create(emulator)
    emulator.http.delete(f"/2010-04-01/Accounts/{emulator.number()['account_sid']}/Applications/{app.id}.json")
    assert run(emulator.plugin().read(app)) is None
    run(emulator.plugin().delete(app))


def test_a_create_with_an_unclear_answer_is_not_repeated(emulator: Emulator) -> None:
    """After a 500 nobody knows whether there is an app now; the message says how to look."""
    fault = {"fault": "rest-error", "status": 500, "method": "POST", "path": "/2010-04-01/Accounts"}
    client = emulator.plugin()
    emulator.http.post("/_sandbox/faults", json={**fault, "times": 1}).raise_for_status()
    emulator.forget_requests()
    with pytest.raises(Refused, match="may have been created all the same"):
        run(client.create("Application", "crm", GIVEN))
    assert [r["method"] for r in emulator.requests()].count("POST") == 1


@pytest.mark.parametrize(
    ("given", "prop"),
    [
        ({"friendlyName": "x" * 65}, "friendlyName"),
        ({"friendlyName": ""}, "friendlyName"),
        ({"voiceUrl": "http://example.com/x"}, "voiceUrl"),
        ({"delivery": {"retries": 9}}, "delivery.retries"),
        ({"smsUrl": OURS}, "smsUrl"),
    ],
)
def test_checks(emulator: Emulator, given: dict[str, Any], prop: str) -> None:
    """Each mistake is at its property."""
    with pytest.raises(CheckFailed) as caught:
        run(emulator.plugin().check("Application", "crm", {**GIVEN, **given}))
    assert list(caught.value.failures) == [prop]


def test_lookups(emulator: Emulator) -> None:
    """Programs can look up numbers and apps; a URL with credentials stays secret."""
    app = create(emulator)
    emulator.click(VoiceUrl="https://user:hunter2@old.example.com/x")
    number = run(emulator.plugin().invoke("getPhoneNumber", {"phoneNumber": NUMBER}))
    assert number["voiceUrl"] == Secret("https://user:hunter2@old.example.com/x")
    numbers = run(emulator.plugin().invoke("getPhoneNumbers", {}))["phoneNumbers"]
    assert [n["phoneNumber"] for n in numbers] == [NUMBER, OTHER]
    for key in (app.id, "crm"):
        found = run(emulator.plugin().invoke("getApplication", {"application": key}))
        assert found["applicationSid"] == app.id
    assert run(emulator.plugin().invoke("getApplications", {}))["applications"][0]["friendlyName"] == "crm"
    with pytest.raises(Refused, match="no TwiML App is named nobody"):
        run(emulator.plugin().invoke("getApplication", {"application": "nobody"}))
    with pytest.raises(Refused, match="is not a number of account"):
        run(emulator.plugin().invoke("getPhoneNumber", {"phoneNumber": "+15550000000"}))


def test_an_app_that_numbers_use_for_messages_is_not_deleted(emulator: Emulator) -> None:
    """An app answers for SMS as well; the number is named."""
    resource = create(emulator)
    emulator.click(SmsApplicationSid=resource.id)
    with pytest.raises(Refused, match=rf"still answers for \{NUMBER}"):
        run(emulator.plugin().delete(resource))
    assert live(emulator, resource.id)


def test_every_page_of_the_numbers_is_read(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number on the third page uses the app: it is not deleted."""
    monkeypatch.setattr("pulumi_twilio.client._PAGE_SIZE", 1)
    emulator.http.post("/_sandbox/numbers", json={"phone_numbers": ["+15551234569"]}).raise_for_status()
    client = emulator.plugin()
    resource = run(client.create("Application", "app", {"friendlyName": "crm", "voiceUrl": OURS}))
    numbers = run(client.servicer._client.numbers.all())
    assert len(numbers) == 3
    emulator.click(numbers[2]["phone_number"], VoiceApplicationSid=resource.id)
    with pytest.raises(Refused, match="still answers for"):
        run(emulator.plugin().delete(resource))


def test_an_imported_app_is_restored_field_by_field(emulator: Emulator) -> None:
    """What somebody changed since stays, and is named; the other fields go back."""
    sid = emulator.post("Applications.json", FriendlyName="theirs", VoiceUrl=THEIRS, StatusCallback=THEIRS)[
        "sid"
    ]
    resource = run(emulator.plugin().import_("Application", "app", sid))
    given = {"friendlyName": "theirs", "voiceUrl": OURS, "statusCallback": OURS}
    resource = run(emulator.plugin().update(resource, given))
    emulator.post(f"Applications/{sid}.json", StatusCallback="https://new.example.com/s")
    resource = run(emulator.plugin().read(resource))
    client = emulator.plugin()
    run(client.delete(resource))
    assert live(emulator, sid)["voice_url"] == THEIRS
    assert live(emulator, sid)["status_callback"] == "https://new.example.com/s"
    assert "status_callback" in client.said


def test_an_imported_app_loses_our_own_urls(emulator: Emulator) -> None:
    """An app that a killed update left and that was imported does not keep a URL that is gone."""
    sid = emulator.post("Applications.json", FriendlyName="ours", VoiceUrl=OURS)["sid"]
    resource = run(emulator.plugin().import_("Application", "app", sid))
    given = {"friendlyName": "ours", "voiceUrl": OURS, "ownUrls": [OURS]}
    assert run(emulator.plugin().diff(resource, given)) == {}
    resource.inputs = given
    run(emulator.plugin().delete(resource))
    assert not live(emulator, sid)["voice_url"]


@pytest.mark.parametrize("key", ["AP" + "0" * 32, "nobody", "AP nobody"])
def test_importing_what_is_not_there_finds_nothing(emulator: Emulator, key: str) -> None:
    """By SID or by name."""
    assert run(emulator.plugin().import_("Application", "crm", key)) is None


def test_a_name_that_begins_like_a_sid_is_a_name(emulator: Emulator) -> None:
    """A SID has 34 characters; Twilio finds an app by its exact name only."""
    names = {name: emulator.post("Applications.json", FriendlyName=name)["sid"] for name in ("APP", "x" * 34)}
    for name, sid in names.items():
        found = run(emulator.plugin().import_("Application", "crm", name))
        assert found is not None
        assert found.id == sid


def test_a_preview_shows_twilios_defaults(emulator: Emulator) -> None:
    """What the program does not set is known; what Twilio returns is not. Nothing is created."""
    client = emulator.plugin()
    preview = run(client.create("Application", "crm", GIVEN, preview=True)).state
    assert {name: preview[name] for name in ("voiceMethod", "voiceFallbackUrl", "voiceCallerIdLookup")} == {
        "voiceMethod": "POST",
        "voiceFallbackUrl": "",
        "voiceCallerIdLookup": False,
    }
    assert preview["applicationSid"] is UNKNOWN
    assert client.said == ""
    assert run(emulator.plugin().invoke("getApplications", {}))["applications"] == []


def test_a_name_that_is_known_later_is_not_looked_up(emulator: Emulator) -> None:
    """The preview does not fail."""
    emulator.forget_requests()
    run(emulator.plugin().create("Application", "crm", {"friendlyName": UNKNOWN}, preview=True))
    assert emulator.requests() == []


def test_own_urls_and_removed_defaults_are_no_change(emulator: Emulator) -> None:
    """Which URLs are our own matters to a delete alone; Twilio's default need not be written."""
    app = create(emulator, voiceFallbackMethod="POST", ownUrls=[OURS])
    assert run(emulator.plugin().read(app)).inputs["ownUrls"] == [OURS]
    assert run(emulator.plugin().diff(app, {**GIVEN, "ownUrls": []})) == {}
    assert run(emulator.plugin().diff(app, {**GIVEN, "voiceFallbackUrl": OURS})) == {"voiceFallbackUrl": "ADD"}


def test_the_property_that_twilio_refuses_is_named(emulator: Emulator) -> None:
    """In a create and in an update: the one URL that was sent."""
    app = create(emulator)
    fault = {"fault": "rest-error", "method": "POST", "status": 400, "code": 21402, "message": "Invalid"}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    one = {"friendlyName": "other", "statusCallback": OURS}
    with pytest.raises(Refused, match="^statusCallback: Twilio 21402"):
        run(emulator.plugin().update(app, {**one, "voiceUrl": ""}))
    with pytest.raises(Refused, match="^statusCallback: Twilio 21402"):
        run(emulator.plugin().create("Application", "x", one))


@pytest.mark.parametrize(("count", "shown", "rest"), [(10, 10, ""), (12, 10, "and 2 more")])
def test_the_first_ten_numbers_of_an_app_are_named(
    emulator: Emulator, count: int, shown: int, rest: str
) -> None:
    """The others are counted."""
    app = create(emulator)
    numbers = [f"+1555700{n:04}" for n in range(count)]
    emulator.http.post("/_sandbox/numbers", json={"phone_numbers": numbers}).raise_for_status()
    for number in numbers:
        emulator.click(number, VoiceApplicationSid=app.id)
    with pytest.raises(Refused) as refused:
        run(emulator.plugin().delete(app))
    assert str(refused.value).count("+1555700") == shown
    assert ("more" in str(refused.value)) is bool(rest)
    assert rest in str(refused.value)


def test_an_app_that_was_imported_twice_is_managed_twice(emulator: Emulator) -> None:
    """Two resources would undo each other's changes."""
    sid = emulator.post("Applications.json", FriendlyName="theirs")["sid"]
    client = emulator.plugin()
    first = run(client.import_("Application", "first", sid))
    second = run(client.import_("Application", "second", sid))
    run(client.diff(first, {"friendlyName": "theirs"}))
    with pytest.raises(Refused, match=f"the TwiML App {sid} is managed twice, also by the resource first"):
        run(client.diff(second, {"friendlyName": "theirs"}))


def test_a_url_with_a_password_is_left_out_of_an_import(emulator: Emulator) -> None:
    """The app is named, the password is not."""
    given = {"FriendlyName": "theirs", "VoiceUrl": "https://user:hunter2@x.example.com", "StatusCallback": OURS}
    sid = emulator.post("Applications.json", **given)["sid"]
    client = emulator.plugin()
    app = run(client.import_("Application", "app", sid))
    assert set(app.inputs) == {"friendlyName", "statusCallback", "statusCallbackMethod"}
    assert client.said.startswith("theirs: voiceUrl ")
    assert "hunter2" not in client.said
    assert app.state["lastWritten"] == Secret({})


def test_an_imported_app_that_is_gone_needs_no_restoring(emulator: Emulator) -> None:
    """Nothing is written, and nothing is an error."""
    sid = emulator.post("Applications.json", FriendlyName="theirs")["sid"]
    app = run(emulator.plugin().import_("Application", "app", sid))
    emulator.http.delete(f"/2010-04-01/Accounts/{ACCOUNT}/Applications/{sid}.json").raise_for_status()
    emulator.forget_requests()
    run(emulator.plugin().delete(app))
    assert "POST" not in {r["method"] for r in emulator.requests()}


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.usefixtures("quick_retries")
def test_a_lost_answer_to_an_update_keeps_both(emulator: Emulator, arrived: bool) -> None:
    """Whether the update arrived or not, deleting an imported app restores it; its records are secret."""
    sid = emulator.post("Applications.json", FriendlyName="theirs", VoiceUrl=THEIRS)["sid"]
    app = run(emulator.plugin().import_("Application", "app", sid))
    given = {"friendlyName": "theirs", "voiceUrl": OURS}
    with intercepted(emulator.url) as proxy:
        proxy.strike("POST", "/Applications/", times=8, before=not arrived)
        with pytest.raises(Refused, match="run pulumi up again") as lost:
            run(emulator.plugin(baseUrl=proxy.url).update(app, given))
    assert live(emulator, sid)["voice_url"] == (OURS if arrived else THEIRS)
    assert lost.value.kept is not None
    kept_id, state = lost.value.kept
    assert kept_id == sid
    assert (state["original"].value["voice_url"], state["lastWritten"].value["voice_url"]) == (THEIRS, OURS)
    run(emulator.plugin().delete(Resource(app.urn, kept_id, given, state)))
    assert live(emulator, sid)["voice_url"] == THEIRS


def test_an_update_that_was_killed_is_restored(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state has no trace of it; the engine's pending operation has."""
    sid = emulator.post("Applications.json", FriendlyName="theirs", VoiceUrl=THEIRS)["sid"]
    app = run(emulator.plugin().import_("Application", "app", sid))
    given = {"friendlyName": "theirs", "voiceUrl": OURS}
    run(emulator.plugin().update(app, given))  # its state is lost

    async def attempted(_: StackState, urn: str) -> dict[str, Any]:
        return {name: wrap(value) for name, value in given.items()}

    monkeypatch.setattr(StackState, "attempted", attempted)
    read = run(emulator.plugin().read(app))
    assert read.state["lastWritten"] == Secret({"friendly_name": "theirs", "voice_url": OURS})
    run(emulator.plugin().delete(read))
    assert live(emulator, sid)["voice_url"] == THEIRS


def test_an_update_that_did_not_take_keeps_the_state(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio accepts it and answers with the value from before."""
    app = create(emulator)
    answer = live(emulator, app.id)

    async def post(_: TwilioClient, path: str, form: dict[str, str]) -> dict[str, Any]:
        return answer

    monkeypatch.setattr(TwilioClient, "post", post)
    with pytest.raises(Refused, match="answers with other values: friendly_name other -> crm") as failed:
        run(emulator.plugin().update(app, {**GIVEN, "friendlyName": "other"}))
    assert failed.value.kept is not None
    assert failed.value.kept[0] == app.id
