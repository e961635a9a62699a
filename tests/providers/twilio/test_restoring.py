"""Deleting a number's configuration: field by field, and no URL of the program stays behind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, Refused, Resource, Secret, ServicerClient
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, Emulator, run
from tests.support.interception import intercepted

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
FALLBACK = "https://crm.example.com/functions/v1/twilio-fallback"
THEIRS = "https://old.example.com/voice"
KIND = "VoiceConfiguration"
OWN = [OURS, FALLBACK]
BEFORE = {
    "VoiceUrl": THEIRS,
    "VoiceMethod": "GET",
    "VoiceFallbackUrl": "https://old.example.com/fallback",
    "StatusCallback": "https://old.example.com/status",
    "StatusCallbackMethod": "GET",
}
GIVEN = {
    "phoneNumber": NUMBER,
    "voiceUrl": OURS,
    "voiceMethod": "POST",
    "voiceFallbackUrl": FALLBACK,
    "statusCallback": OURS,
    "statusCallbackMethod": "POST",
    "voiceCallerIdLookup": True,
    "delivery": {"retries": 3},
    "replaceExisting": True,
    "ownUrls": OWN,
}
FIELDS = (
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "status_callback",
    "status_callback_method",
    "voice_caller_id_lookup",
)


def fields(number: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that these tests write."""
    return {name: number[name] for name in FIELDS}


def create(client: ServicerClient, **given: Any) -> Resource:
    """Create the number's configuration."""
    resource: Resource = run(client.create(KIND, NUMBER, {**GIVEN, **given}))
    return resource


@pytest.mark.parametrize(
    ("wire", "value", "kept"),
    [
        ("VoiceUrl", "https://own.example.com/v", {"voice_url", "voice_method"}),
        ("VoiceMethod", "GET", set()),
        ("VoiceFallbackUrl", "https://own.example.com/f", {"voice_fallback_url"}),
        ("StatusCallback", "https://own.example.com/s", {"status_callback", "status_callback_method"}),
        ("StatusCallback", "", {"status_callback", "status_callback_method"}),
        ("VoiceCallerIdLookup", "false", set()),
    ],
)
def test_only_the_changed_field_stays(emulator: Emulator, wire: str, value: str, kept: set[str]) -> None:
    """Each other field goes back to what was there before; the changed one is named."""
    before = fields(emulator.click(**BEFORE))
    resource = create(emulator.plugin())
    changed = fields(emulator.click(**{wire: value}))
    client = emulator.plugin()
    run(client.delete(resource))
    assert fields(emulator.number()) == {**before, **{name: changed[name] for name in kept}}
    assert ("changed outside this stack" in client.said) is bool(kept)


def test_a_changed_method_stays(emulator: Emulator) -> None:
    """A method that somebody changed away from both values is left alone."""
    emulator.click(VoiceUrl=THEIRS, VoiceMethod="POST")
    resource = create(emulator.plugin())
    emulator.click(VoiceMethod="GET")
    client = emulator.plugin()
    run(client.delete(resource))
    assert (emulator.number()["voice_url"], emulator.number()["voice_method"]) == (THEIRS, "GET")
    assert "voice_method POST -> GET" in client.said


def test_other_retries_do_not_make_our_url_foreign(emulator: Emulator) -> None:
    """Connection overrides changed in the console: the URL is still the program's and goes."""
    emulator.click(**BEFORE)
    resource = create(emulator.plugin())
    emulator.click(VoiceUrl=f"{OURS}#rc=1")
    run(emulator.plugin().delete(resource))
    assert emulator.number()["voice_url"] == THEIRS


def test_what_the_program_never_managed_stays(emulator: Emulator) -> None:
    """A fallback URL and the caller-ID lookup set by somebody else outlive the resource."""
    resource = run(emulator.plugin().create(KIND, NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))
    emulator.click(VoiceFallbackUrl=THEIRS, VoiceCallerIdLookup="true")
    run(emulator.plugin().delete(resource))
    assert not emulator.number()["voice_url"]
    assert emulator.number()["voice_fallback_url"] == THEIRS
    assert emulator.number()["voice_caller_id_lookup"] is True


def test_a_trunk_set_since_is_not_cleared_by_restoring_an_application(emulator: Emulator) -> None:
    """Twilio clears the trunk when an app is set, so the app is not restored over a trunk from elsewhere."""
    app, trunk = emulator.post("Applications.json", FriendlyName="old")["sid"], "TK" + "b" * 32
    emulator.click(VoiceApplicationSid=app)
    resource = create(emulator.plugin())
    emulator.click(TrunkSid=trunk)
    client = emulator.plugin()
    run(client.delete(resource))
    assert emulator.number()["trunk_sid"] == trunk
    assert not (emulator.number()["voice_url"] or "").startswith(OURS)
    assert "trunk_sid" in client.said


class TestUnknownOriginal:
    """A number whose earlier configuration nobody knows."""

    def adopted(self, emulator: Emulator, **given: Any) -> Resource:
        """Return the resource of a number that had the program's URLs already when it was created."""
        emulator.click(
            VoiceUrl=f"{OURS}#rc=3", StatusCallback=f"{OURS}#rc=3", VoiceFallbackUrl=f"{FALLBACK}#rc=3"
        )
        return create(emulator.plugin(), **given)

    def test_our_own_url_is_not_recorded_as_what_was_there(self, emulator: Emulator) -> None:
        """Neither a URL of the program nor its method is the original."""
        original = self.adopted(emulator).state["original"].value
        assert not {"voice_url", "voice_method", "voice_fallback_url", "status_callback"} & original.keys()
        assert original["trunk_sid"] == ""

    def test_delete_fails_and_offers_two_lines(self, emulator: Emulator) -> None:
        """The number is named, with the fields in the way and what may be said; nothing is written."""
        resource = self.adopted(emulator)
        before = emulator.number()
        with pytest.raises(Refused) as caught:
            run(emulator.plugin().delete(resource))
        text = str(caught.value)
        for part in (NUMBER, "voice_url", "voice_fallback_url", 'on_delete="clear"', 'on_delete="keep"'):
            assert part in text
        assert emulator.number() == before

    def test_clear_empties_what_is_unknown(self, emulator: Emulator) -> None:
        """The URLs are emptied."""
        run(emulator.plugin().delete(self.adopted(emulator, onDelete="clear")))
        after = emulator.number()
        assert [after[n] or "" for n in ("voice_url", "status_callback", "voice_fallback_url")] == ["", "", ""]

    def test_keep_leaves_it(self, emulator: Emulator) -> None:
        """The number stays as it is."""
        resource = self.adopted(emulator, onDelete="keep")
        run(emulator.plugin().delete(resource))
        assert emulator.number()["voice_url"] == f"{OURS}#rc=3"

    def test_an_import_of_our_own_url_counts_as_unknown(self, emulator: Emulator) -> None:
        """An import that found the program's URL does not make it the number's earlier one."""
        emulator.click(VoiceUrl=OURS)
        resource = run(emulator.plugin().import_(KIND, NUMBER, NUMBER))
        resource.inputs = {"phoneNumber": NUMBER, "voiceUrl": OURS, "ownUrls": OWN}
        with pytest.raises(Refused, match="voice_url"):
            run(emulator.plugin().delete(resource))


@pytest.mark.usefixtures("quick_retries")
class TestLostAnswers:
    """The write reached Twilio or it did not: nobody knows, and nothing is forgotten."""

    def test_a_create_keeps_the_original(self, emulator: Emulator) -> None:
        """The resource is kept as partly created; a delete restores the number."""
        before = fields(emulator.click(**BEFORE))
        with intercepted(emulator.url) as proxy:
            proxy.strike("POST", "IncomingPhoneNumbers", times=8)
            with pytest.raises(Refused) as caught:
                run(emulator.plugin(baseUrl=proxy.url).create(KIND, NUMBER, GIVEN))
        assert emulator.number()["voice_url"] == f"{OURS}#rc=3"
        assert "run pulumi up again" in str(caught.value)
        assert caught.value.kept is not None
        resource_id, state = caught.value.kept
        assert state["original"].value["voice_url"] == THEIRS
        kept = Resource(emulator.plugin().urn(KIND, NUMBER), resource_id, GIVEN, state)
        read = run(emulator.plugin().read(kept))
        assert run(emulator.plugin().diff(read, GIVEN)) == {}
        run(emulator.plugin().delete(read))
        assert fields(emulator.number()) == before

    @pytest.mark.parametrize("arrived", [True, False])
    def test_an_update_keeps_both(self, emulator: Emulator, arrived: bool) -> None:
        """Whether the update arrived or not, the delete afterwards restores the number."""
        before = fields(emulator.click(**BEFORE))
        resource = create(emulator.plugin())
        changed = {**GIVEN, "voiceUrl": f"{OURS}?v=2"}
        if arrived:
            with intercepted(emulator.url) as proxy:
                proxy.strike("POST", "IncomingPhoneNumbers", times=8)
                with pytest.raises(Refused) as caught:
                    run(emulator.plugin(baseUrl=proxy.url).update(resource, changed))
        else:
            emulator.http.post("/_sandbox/faults", json={"fault": "rest-error", "method": "POST"})
            with pytest.raises(Refused) as caught:
                run(emulator.plugin().update(resource, changed))
            emulator.http.delete("/_sandbox/faults")
        assert caught.value.kept is not None
        kept = Resource(resource.urn, resource.id, changed, caught.value.kept[1])
        run(emulator.plugin().delete(run(emulator.plugin().read(kept))))
        assert fields(emulator.number()) == before

    def test_a_refusal_keeps_nothing(self, emulator: Emulator) -> None:
        """A 400 says that nothing was written: there is no half-created resource."""
        fault = {"fault": "rest-error", "method": "POST", "status": 400, "code": 21402, "message": "Invalid"}
        emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
        with pytest.raises(Refused) as caught:
            create(emulator.plugin())
        assert caught.value.kept is None


def test_a_number_whose_update_was_killed_is_restored(emulator: Emulator) -> None:
    """Twilio has the new URL of the program and the state the one before: no difference, destroy restores."""
    emulator.click(VoiceUrl=THEIRS)
    given = {"phoneNumber": NUMBER, "voiceUrl": OURS, "replaceExisting": True, "ownUrls": OWN}
    resource = run(emulator.plugin().create(KIND, NUMBER, given))
    changed = {**given, "voiceUrl": FALLBACK}
    run(emulator.plugin().update(resource, changed))  # its state is lost
    resource = run(emulator.plugin().read(resource))
    assert resource.inputs["restores"]["voice_url"] == THEIRS
    assert isinstance(resource.state["original"], Secret)
    assert run(emulator.plugin().diff(resource, changed)) == {}
    run(emulator.plugin().delete(resource))
    assert emulator.number()["voice_url"] == THEIRS


class TestOriginals:
    """VoiceOriginals: read once, remembered."""

    RECORD = "VoiceOriginals"

    def test_a_number_takes_what_was_recorded(self, emulator: Emulator) -> None:
        """The live URL is the program's by now; the recorded one is the original, and the preview says so."""
        emulator.click(VoiceUrl=THEIRS)
        record = run(emulator.plugin().create(self.RECORD, "originals", {"phoneNumbers": [NUMBER]}))
        part = record.state["configurations"].value[NUMBER]
        emulator.click(VoiceUrl=f"{OURS}#rc=3")
        resource = create(emulator.plugin(), original=Secret(part))
        assert resource.state["original"].value["voice_url"] == THEIRS
        assert resource.inputs["restores"]["voice_url"] == THEIRS
        run(emulator.plugin().delete(resource))
        assert emulator.number()["voice_url"] == THEIRS

    def test_one_more_number_leaves_the_others(self, emulator: Emulator) -> None:
        """Previews know the record; a number that was read once is not read again."""
        other = "+15551234568"
        emulator.click(VoiceUrl=THEIRS)
        given = {"phoneNumbers": [NUMBER]}
        preview = run(emulator.plugin().create(self.RECORD, "originals", given, preview=True))
        record = run(emulator.plugin().create(self.RECORD, "originals", given))
        assert preview.state["configurations"] == record.state["configurations"]
        emulator.click(VoiceUrl=OURS)
        both = {"phoneNumbers": [NUMBER, other]}
        record = run(emulator.plugin().read(record))
        previewed = run(emulator.plugin().update(record, both, preview=True)).state["configurations"].value
        updated = run(emulator.plugin().update(record, both)).state["configurations"].value
        assert previewed == updated
        assert updated[NUMBER]["voice_url"] == THEIRS
        assert set(updated) == {NUMBER, other}

    def test_our_own_urls_and_app_are_left_out(self, emulator: Emulator) -> None:
        """A number that is the program's already has an unknown original, not the program's."""
        app = emulator.post("Applications.json", FriendlyName="ours", VoiceUrl=f"{OURS}#rc=3")["sid"]
        theirs = emulator.post("Applications.json", FriendlyName="theirs", VoiceUrl=THEIRS)["sid"]
        emulator.click(VoiceApplicationSid=app, StatusCallback=OURS, VoiceUrl=THEIRS)
        emulator.click("+15551234568", VoiceApplicationSid=theirs)
        given = {"phoneNumbers": [NUMBER, "+15551234568", "+15550000000"], "ownUrls": OWN}
        found = run(emulator.plugin().create(self.RECORD, "originals", given)).state["configurations"].value
        assert not {"voice_application_sid", "status_callback", "status_callback_method"} & found[NUMBER].keys()
        assert found[NUMBER]["voice_url"] == THEIRS
        assert found["+15551234568"]["voice_application_sid"] == theirs
        assert "+15550000000" not in found

    def test_the_original_of_the_state_wins(self, emulator: Emulator) -> None:
        """Given later, a record changes nothing: no difference, and the state's own original is kept."""
        emulator.click(VoiceUrl=THEIRS)
        resource = create(emulator.plugin())
        with_record = {**GIVEN, "original": Secret({"sid": resource.id, "voice_url": "https://x.example.com/"})}
        assert run(emulator.plugin().diff(resource, with_record)) == {}
        updated = run(emulator.plugin().update(resource, {**with_record, "statusCallback": ""}))
        assert updated.state["original"].value["voice_url"] == THEIRS
        assert "original" not in updated.inputs

    def test_a_record_of_an_earlier_purchase_is_not_used(self, emulator: Emulator) -> None:
        """A number that was released and bought again has another SID; its live configuration counts."""
        emulator.click(VoiceUrl=THEIRS)
        record = Secret({"sid": "PN" + "0" * 32, "voice_url": "https://x.example.com/v"})
        assert create(emulator.plugin(), original=record).state["original"].value["voice_url"] == THEIRS

    def test_it_writes_nothing(self, emulator: Emulator) -> None:
        """Over its whole life no request changes anything."""
        emulator.forget_requests()
        record = run(emulator.plugin().create(self.RECORD, "originals", {"phoneNumbers": [NUMBER]}))
        run(emulator.plugin().delete(run(emulator.plugin().read(record))))
        assert {r["method"] for r in emulator.requests()} == {"GET"}

    def test_import_reads_the_numbers_of_the_id(self, emulator: Emulator) -> None:
        """The ID lists numbers."""
        emulator.click(VoiceUrl=THEIRS)
        record = run(emulator.plugin().import_(self.RECORD, "originals", NUMBER))
        assert record.inputs == {"phoneNumbers": [NUMBER]}
        assert record.state["configurations"].value[NUMBER]["voice_url"] == THEIRS

    def test_what_is_known_later_is_read_later(self, emulator: Emulator) -> None:
        """A preview that does not know the numbers or the program's URLs asks nothing."""
        record = run(emulator.plugin().create(self.RECORD, "originals", {"phoneNumbers": [NUMBER]}))
        emulator.forget_requests()
        for later in ({"phoneNumbers": [UNKNOWN]}, {"phoneNumbers": [NUMBER], "ownUrls": [UNKNOWN]}):
            client = emulator.plugin()
            created = run(client.create(self.RECORD, "originals", later, preview=True))
            updated = run(client.update(record, later, preview=True))
            assert created.state["configurations"] == updated.state["configurations"] == Secret(UNKNOWN)
        assert emulator.requests() == []

    def test_several_numbers_are_imported_and_one_that_leaves_is_forgotten(self, emulator: Emulator) -> None:
        """The record of the other one stays, without a request."""
        emulator.click(VoiceUrl=THEIRS)
        record = run(emulator.plugin().import_(self.RECORD, "originals", f"{NUMBER},+15551234568"))
        assert record.id == ACCOUNT
        assert set(record.state["configurations"].value) == {NUMBER, "+15551234568"}
        emulator.click(VoiceUrl=OURS)
        emulator.forget_requests()
        left = run(emulator.plugin().update(record, {"phoneNumbers": [NUMBER]}))
        assert emulator.requests() == []
        assert {n: c["voice_url"] for n, c in left.state["configurations"].value.items()} == {NUMBER: THEIRS}

    def test_an_app_is_looked_up_once_and_only_to_tell_whether_it_is_ours(self, emulator: Emulator) -> None:
        """One that is gone is not; without URLs of the program none is."""
        app = emulator.post("Applications.json", FriendlyName="theirs", VoiceUrl=THEIRS)["sid"]
        numbers = [NUMBER, "+15551234568"]
        for number in numbers:
            emulator.click(number, VoiceApplicationSid=app)
        for own, looked_up in ((OWN, 1), ([], 0)):
            emulator.forget_requests()
            given = {"phoneNumbers": numbers, "ownUrls": own}
            record = (
                run(emulator.plugin().create(self.RECORD, "originals", given)).state["configurations"].value
            )
            assert [record[number]["voice_application_sid"] for number in numbers] == [app, app]
            assert [r["path"] for r in emulator.requests()].count(
                f"/2010-04-01/Accounts/{ACCOUNT}/Applications/{app}.json"
            ) == looked_up
        gone = {"fault": "rest-error", "path": "/Applications/", "status": 404, "code": 20404}
        emulator.http.post("/_sandbox/faults", json=gone).raise_for_status()
        record = run(
            emulator.plugin().create(self.RECORD, "originals", {"phoneNumbers": numbers, "ownUrls": OWN})
        )
        assert record.state["configurations"].value[NUMBER]["voice_application_sid"] == app
