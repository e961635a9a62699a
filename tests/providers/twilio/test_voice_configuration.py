"""A number's life under Pulumi: adopted, changed, given back; never bought, never released."""

from __future__ import annotations

from typing import Any, ClassVar

import pulumi_twilio.provider
import pytest
from pulumi.runtime.proto import provider_pb2

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret, ServicerClient
from tests.providers.twilio.conftest import NUMBER, OTHER, Emulator, run

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
KIND = "VoiceConfiguration"


def inputs(**given: Any) -> dict[str, Any]:
    """Return a program's inputs for the first number."""
    return {"phoneNumber": NUMBER, **given}


def adopt(client: ServicerClient, **given: Any) -> Resource:
    """Create the first number's configuration."""
    resource: Resource = run(client.create(KIND, NUMBER, inputs(**given)))
    return resource


def bare(secret: Any) -> Any:
    """Return a secret's value, making sure that it was one."""
    assert isinstance(secret, Secret)
    return secret.value


class TestAdoption:
    """Taking over what the account owns."""

    def test_only_what_is_given_is_written(self, emulator: Emulator) -> None:
        """The fields of the program change, all others stay, SMS among them."""
        emulator.click(SmsUrl="https://sms.example.com/in", VoiceCallerIdLookup="true")
        before = emulator.number()
        resource = adopt(emulator.plugin(), voiceUrl=OURS, voiceMethod="POST", statusCallback=OURS)
        after = emulator.number()
        changed = {k for k in after if after[k] != before[k]} - {"date_updated"}
        assert changed <= {"voice_url", "status_callback", "voice_method", "status_callback_method"}
        assert (after["voice_url"], after["status_callback"], after["sms_url"]) == (
            OURS,
            OURS,
            "https://sms.example.com/in",
        )
        assert resource.id == after["sid"]
        assert resource.state["voiceCallerIdLookup"] is True

    def test_the_take_over_is_announced(self, emulator: Emulator) -> None:
        """The preview says what exists, that nothing is bought, and what would change."""
        client = emulator.plugin()
        run(client.create(KIND, NUMBER, inputs(statusCallback=OURS), preview=True))
        sid = emulator.number()["sid"]
        assert client.said == f"{NUMBER} ({sid}) exists, nothing is bought; status_callback (empty) -> {OURS}"
        assert not emulator.number()["status_callback"]

    def test_found_credentials_are_masked_in_what_is_said_and_secret_in_the_state(
        self, emulator: Emulator
    ) -> None:
        """A password in somebody's URL reaches neither log nor plain state."""
        emulator.click(
            StatusCallback="https://user:hunter2@old.example.com/s",
            VoiceFallbackUrl="https://u:hunter2@x.example/f",
        )
        client = emulator.plugin()
        resource = adopt(client, statusCallback=OURS, replaceExisting=True)
        assert "https://***@old.example.com/s" in client.said
        assert "hunter2" not in client.said
        assert bare(resource.state["voiceFallbackUrl"]) == "https://u:hunter2@x.example/f"
        assert bare(resource.state["original"])["status_callback"] == "https://user:hunter2@old.example.com/s"

    def test_by_sid(self, emulator: Emulator) -> None:
        """A number is found by its SID as well."""
        sid = emulator.number()["sid"]
        resource = run(emulator.plugin().create(KIND, "main", {"phoneNumber": sid, "voiceUrl": OURS}))
        assert (resource.id, resource.state["e164"]) == (sid, NUMBER)

    def test_what_is_so_already_is_not_written(self, emulator: Emulator) -> None:
        """A number configured by the guide is taken over without a request that changes it."""
        emulator.click(VoiceUrl=OURS)
        emulator.forget_requests()
        client = emulator.plugin()
        adopt(client, voiceUrl=OURS)
        assert [r["method"] for r in emulator.requests()] == ["GET"]
        assert "configured so already" in client.said

    @pytest.mark.parametrize("preview", [True, False])
    def test_a_number_of_somebody_else_is_refused(self, emulator: Emulator, preview: bool) -> None:
        """Preview and update name the number, the account, and that nothing is bought."""
        with pytest.raises(
            Refused, match=r"phoneNumber: \+15550000000 is not a number of account AC.*buys a number"
        ):
            run(emulator.plugin().create(KIND, "x", {"phoneNumber": "+15550000000"}, preview=preview))

    def test_part_of_a_number_does_not_find_it(self, emulator: Emulator) -> None:
        """Twilio's filter finds numbers that contain the digits; those are not meant."""
        emulator.http.post("/_sandbox/numbers", json={"phone_numbers": ["+155512345678"]}).raise_for_status()
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        assert resource.state["e164"] == NUMBER

    def test_twice_in_a_program_is_refused(self, emulator: Emulator) -> None:
        """Two resources for one number, one by its SID, would undo each other."""
        client = emulator.plugin()
        adopt(client, voiceUrl=OURS)
        with pytest.raises(CheckFailed, match=rf"managed twice, also by the resource \{NUMBER};"):
            run(client.create(KIND, "again", {"phoneNumber": emulator.number()["sid"], "voiceUrl": OURS}))

    def test_an_unknown_url_is_previewed_as_such(self, emulator: Emulator) -> None:
        """A URL that another resource will give is no obstacle to a preview."""
        client = emulator.plugin()
        resource = run(client.create(KIND, NUMBER, inputs(voiceUrl=UNKNOWN), preview=True))
        assert resource.state["voiceUrl"] is UNKNOWN
        assert "voice_url -> (known after other resources)" in client.said


class TestForeignConfiguration:
    """What somebody else set is replaced only by somebody who said so."""

    @pytest.mark.parametrize(
        ("found", "given", "said"),
        [
            ({"VoiceUrl": THEIRS}, {"voiceUrl": OURS}, f"is answered by {THEIRS}"),
            ({"StatusCallback": THEIRS}, {"statusCallback": OURS}, f"reports its calls to {THEIRS}"),
            ({"VoiceFallbackUrl": THEIRS}, {"voiceFallbackUrl": OURS}, f"has the fallback URL {THEIRS}"),
            ({"TrunkSid": "TK" + "a" * 32}, {"voiceUrl": OURS}, "is routed to the trunk TKa"),
            ({"VoiceUrl": THEIRS}, {"voiceUrl": ""}, f"is answered by {THEIRS}"),
            ({"VoiceUrl": THEIRS}, {"trunkSid": "TK" + "a" * 32}, f"is answered by {THEIRS}"),
        ],
    )
    @pytest.mark.parametrize("preview", [True, False])
    def test_it_is_refused(
        self, emulator: Emulator, found: dict[str, str], given: dict[str, str], said: str, preview: bool
    ) -> None:
        """The error says what is there and which line allows it; nothing is written."""
        before = emulator.click(**found)
        with pytest.raises(Refused) as caught:
            run(emulator.plugin().create(KIND, NUMBER, inputs(**given), preview=preview))
        assert said in str(caught.value)
        assert "replace_existing=True" in str(caught.value)
        assert emulator.number() == before

    def test_replace_existing_allows_it(self, emulator: Emulator) -> None:
        """With the line added the URL is replaced, and remembered."""
        emulator.click(VoiceUrl=THEIRS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS, replaceExisting=True)
        assert emulator.number()["voice_url"] == OURS
        assert bare(resource.state["original"])["voice_url"] == THEIRS

    def test_twilios_own_demo_url_is_nobodys(self, emulator: Emulator) -> None:
        """What Twilio puts on a new number needs no permission to go."""
        emulator.click(VoiceUrl="https://demo.twilio.com/welcome/voice/")
        adopt(emulator.plugin(), voiceUrl=OURS)
        assert emulator.number()["voice_url"] == OURS

    def test_an_application_in_the_way_is_cleared_with_permission_and_given_back(
        self, emulator: Emulator
    ) -> None:
        """A voice URL under an application has no effect, so setting it removes the app."""
        app = emulator.post("Applications.json", FriendlyName="old")["sid"]
        emulator.click(VoiceApplicationSid=app)
        client = emulator.plugin()
        with pytest.raises(Refused, match=f"belongs to the TwiML App {app}"):
            adopt(client, voiceUrl=OURS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS, replaceExisting=True)
        assert (emulator.number()["voice_url"], emulator.number()["voice_application_sid"] or "") == (OURS, "")
        run(emulator.plugin().delete(resource))
        assert (emulator.number()["voice_url"] or "", emulator.number()["voice_application_sid"]) == ("", app)

    def test_an_application_takes_the_place_of_a_url_with_permission_alone(self, emulator: Emulator) -> None:
        """Putting a number into an app makes its own URL meaningless, which is a replacement too."""
        emulator.click(VoiceUrl=THEIRS)
        app = emulator.post("Applications.json", FriendlyName="shared")["sid"]
        for sid in (app, UNKNOWN):
            with pytest.raises(Refused, match=f"is answered by {THEIRS}"):
                run(emulator.plugin().create(KIND, NUMBER, inputs(voiceApplicationSid=sid), preview=True))
        resource = adopt(emulator.plugin(), voiceApplicationSid=app, replaceExisting=True)
        assert emulator.number()["voice_application_sid"] == app
        run(emulator.plugin().delete(resource))
        assert (emulator.number()["voice_url"], emulator.number()["voice_application_sid"] or "") == (
            THEIRS,
            "",
        )

    def test_an_application_silences_a_status_callback_with_permission_alone(self, emulator: Emulator) -> None:
        """A number with nothing but a foreign status callback is not managed by this stack either."""
        app = emulator.post("Applications.json", FriendlyName="shared")["sid"]
        emulator.click(StatusCallback=THEIRS)
        with pytest.raises(Refused, match=f"reports its calls to {THEIRS}"):
            run(emulator.plugin().create(KIND, NUMBER, inputs(voiceApplicationSid=app), preview=True))

    def test_a_property_added_later_needs_permission_too(self, emulator: Emulator) -> None:
        """A foreign status callback is as foreign on the second update as on the first."""
        emulator.click(StatusCallback=THEIRS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        for preview in (True, False):
            with pytest.raises(Refused, match=f"reports its calls to {THEIRS}"):
                run(
                    emulator.plugin().update(
                        resource, inputs(voiceUrl=OURS, statusCallback=OURS), preview=preview
                    )
                )
        assert emulator.number()["status_callback"] == THEIRS


class TestChecks:
    """What is refused before Twilio is asked."""

    @pytest.mark.parametrize(
        ("given", "prop", "reason"),
        [
            ({"voiceUrl": "http://example.com/x"}, "voiceUrl", "http://"),
            ({"statusCallback": "https://example.com/x/"}, "statusCallback", "slash"),
            ({"voiceFallbackUrl": "https://example.com/x#y"}, "voiceFallbackUrl", "fragment"),
            ({"voiceMethod": "PUT"}, "voiceMethod", "not one of GET, POST"),
            ({"voiceApplicationSid": "APxyz"}, "voiceApplicationSid", "SID of a TwiML App"),
            ({"trunkSid": "x"}, "trunkSid", "SID of a trunk"),
            ({"onDelete": "release"}, "onDelete", "restore, clear, keep, force"),
            ({"voiceUrl": OURS, "delivery": {"retries": 6}}, "delivery.retries", "between 0 and 5"),
            ({"voiceUrl": OURS, "delivery": {"retryOn": ["2xx"]}}, "delivery.retryOn", "'2xx'"),
            (
                {"voiceUrl": OURS, "delivery": {"connectTimeout": 99}},
                "delivery.connectTimeout",
                "100 and 10000",
            ),
            ({"voiceUrl": OURS, "delivery": {"edges": ["paris"]}}, "delivery.edges", "'paris'"),
            ({"delivery": {"retries": 3}}, "delivery", "voiceUrl, voiceFallbackUrl, statusCallback"),
            (
                {"voiceUrl": None, "statusCallback": None, "delivery": {"retries": 3}},
                "delivery",
                "voiceUrl, voiceFallbackUrl, statusCallback",
            ),
            ({"voiceUrl": OURS, "trunkSid": "TK" + "a" * 32}, "trunkSid", "exclude each other"),
            ({"voiceApplicationSid": "AP" + "a" * 32, "voiceUrl": OURS}, "voiceApplicationSid", "exclude"),
            ({"smsUrl": OURS}, "smsUrl", "not a property here"),
            ({"lastWritten": {}}, "lastWritten", "not a property here"),
        ],
    )
    def test_each_mistake_has_its_property_and_reason(
        self, emulator: Emulator, given: dict[str, Any], prop: str, reason: str
    ) -> None:
        """One failure, at the property, in a sentence."""
        with pytest.raises(CheckFailed) as caught:
            run(emulator.plugin().check(KIND, NUMBER, inputs(**given)))
        assert list(caught.value.failures) == [prop]
        assert reason in caught.value.failures[prop]

    @pytest.mark.parametrize("number", ["5551234", "+0123456789", "+1555123456789012", "PN12", ""])
    def test_what_is_no_number(self, emulator: Emulator, number: str) -> None:
        """Neither E.164 nor a SID."""
        with pytest.raises(CheckFailed, match="neither an E.164 number"):
            run(emulator.plugin().check(KIND, "x", {"phoneNumber": number}))

    def test_mistakes_of_both_kinds_come_together(self, emulator: Emulator) -> None:
        """A wrong value and two routes at once are one answer."""
        given = inputs(voiceUrl=OURS, trunkSid="TK" + "a" * 32, onDelete="never")
        with pytest.raises(CheckFailed) as caught:
            run(emulator.plugin().check(KIND, NUMBER, given))
        assert set(caught.value.failures) == {"onDelete", "trunkSid"}


class TestThreeValues:
    """Given, given as empty, not given."""

    def test_empty_clears(self, emulator: Emulator) -> None:
        """An empty string clears a field, null and empty being the same afterwards."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, statusCallback=OURS)
        resource = run(emulator.plugin().update(resource, inputs(voiceUrl=OURS, statusCallback="")))
        assert not emulator.number()["status_callback"]
        refreshed = run(emulator.plugin().read(resource))
        assert run(emulator.plugin().diff(refreshed, inputs(voiceUrl=OURS, statusCallback=""))) == {}

    def test_what_only_a_deletion_needs_is_no_change(self, emulator: Emulator) -> None:
        """Which URLs are our own and what was first there is kept, and is not a reason for an update."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, ownUrls=[OURS])
        moved = inputs(voiceUrl=OURS, ownUrls=[OURS, f"{OURS}-2"], original={"voice_url": THEIRS})
        assert run(emulator.plugin().diff(resource, moved)) == {}

    def test_what_leaves_the_program_goes_back_to_what_was_found(self, emulator: Emulator) -> None:
        """The preview says so, and the update does it."""
        emulator.click(StatusCallback=THEIRS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS, statusCallback=OURS, replaceExisting=True)
        without = inputs(voiceUrl=OURS, replaceExisting=True)
        client = emulator.plugin()
        assert run(client.diff(resource, without)) == {"statusCallback": "DELETE"}
        run(client.update(resource, without, preview=True))
        assert f"gets back what left the program: status_callback {OURS} -> {THEIRS}" in client.said
        assert emulator.number()["status_callback"] == OURS
        resource = run(client.update(resource, without))
        assert emulator.number()["status_callback"] == THEIRS
        assert "status_callback" not in resource.state["lastWritten"]

    def test_leaving_with_the_value_found_is_no_change(self, emulator: Emulator) -> None:
        """A property that was never changed leaves without a trace."""
        emulator.click(VoiceUrl=OURS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS, statusCallback=OURS)
        assert run(emulator.plugin().diff(resource, inputs(statusCallback=OURS))) == {}

    def test_from_a_url_to_an_application_and_back(self, emulator: Emulator) -> None:
        """Routes replace each other without the program having to clear one first."""
        app = emulator.post("Applications.json", FriendlyName="shared")["sid"]
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        resource = run(emulator.plugin().update(resource, inputs(voiceApplicationSid=app)))
        assert emulator.number()["voice_application_sid"] == app
        resource = run(emulator.plugin().update(resource, inputs(voiceUrl=OURS)))
        assert (emulator.number()["voice_application_sid"] or "", emulator.number()["voice_url"]) == ("", OURS)
        run(emulator.plugin().delete(resource))
        assert (emulator.number()["voice_application_sid"] or "", emulator.number()["voice_url"] or "") == (
            "",
            "",
        )


class TestDelivery:
    """Retries and time-outs, as connection overrides of the URLs."""

    RETRIES: ClassVar[dict[str, Any]] = {"retries": 3, "retryOn": ["connect", "5xx"]}

    def test_written_with_every_url_and_read_back(self, emulator: Emulator) -> None:
        """The URLs carry the overrides at Twilio and none in the program."""
        given = inputs(voiceUrl=OURS, statusCallback=OURS, delivery=self.RETRIES)
        resource = run(emulator.plugin().create(KIND, NUMBER, given))
        assert (
            emulator.number()["voice_url"] == emulator.number()["status_callback"] == f"{OURS}#rc=3&rp=ct,5xx"
        )
        refreshed = run(emulator.plugin().read(resource))
        assert refreshed.inputs == {**given, "restores": refreshed.inputs["restores"]}
        assert run(emulator.plugin().diff(refreshed, given)) == {}

    def test_a_change_shows_at_its_part(self, emulator: Emulator) -> None:
        """One more retry is one changed path."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, delivery=self.RETRIES)
        given = inputs(voiceUrl=OURS, delivery={**self.RETRIES, "retries": 5})
        assert run(emulator.plugin().diff(resource, given)) == {"delivery.retries": "UPDATE"}

    def test_empty_removes_the_overrides(self, emulator: Emulator) -> None:
        """An empty object writes the URL bare."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, delivery=self.RETRIES)
        run(emulator.plugin().update(resource, inputs(voiceUrl=OURS, delivery={})))
        assert emulator.number()["voice_url"] == OURS

    def test_drift_of_one_url_shows_at_that_url(self, emulator: Emulator) -> None:
        """Somebody changed the retries of one URL by hand."""
        given = inputs(voiceUrl=OURS, statusCallback=OURS, delivery=self.RETRIES)
        resource = run(emulator.plugin().create(KIND, NUMBER, given))
        emulator.click(StatusCallback=f"{OURS}#rc=1")
        refreshed = run(emulator.plugin().read(resource))
        assert refreshed.inputs["statusCallback"] == f"{OURS}#rc=1"
        assert run(emulator.plugin().diff(refreshed, given)) == {"statusCallback": "UPDATE"}

    def test_overrides_written_by_hand_are_understood_on_import(self, emulator: Emulator) -> None:
        """Another order of the same overrides means the same; nothing is doubled on the next write."""
        emulator.click(VoiceUrl=f"{OURS}#rp=ct,5xx&rc=3")
        resource = run(emulator.plugin().import_(KIND, NUMBER, NUMBER))
        assert resource.inputs["voiceUrl"] == OURS
        assert resource.inputs["delivery"] == self.RETRIES
        run(emulator.plugin().update(resource, inputs(voiceUrl=OURS, delivery={"retries": 1})))
        assert emulator.number()["voice_url"] == f"{OURS}#rc=1"


class TestReading:
    """Refresh, drift and import."""

    def test_original_and_last_written_survive_refresh_and_update(self, emulator: Emulator) -> None:
        """What the number had at first is remembered, whatever happens later."""
        emulator.click(VoiceUrl=THEIRS)
        resource = adopt(emulator.plugin(), voiceUrl=OURS, replaceExisting=True)
        emulator.click(VoiceUrl="https://drift.example.com/x")
        resource = run(emulator.plugin().read(resource))
        resource = run(emulator.plugin().update(resource, inputs(voiceUrl=f"{OURS}?v=2", replaceExisting=True)))
        assert bare(resource.state["original"])["voice_url"] == THEIRS
        assert resource.state["lastWritten"] == {"voice_url": f"{OURS}?v=2"}

    @pytest.mark.parametrize(
        ("prop", "value", "wire", "clicked", "read"),
        [
            ("voiceUrl", OURS, "VoiceUrl", THEIRS, THEIRS),
            ("voiceMethod", "POST", "VoiceMethod", "GET", "GET"),
            ("voiceFallbackUrl", OURS, "VoiceFallbackUrl", "", ""),
            ("voiceFallbackMethod", "POST", "VoiceFallbackMethod", "GET", "GET"),
            ("statusCallback", OURS, "StatusCallback", THEIRS, THEIRS),
            ("statusCallbackMethod", "POST", "StatusCallbackMethod", "GET", "GET"),
            ("voiceCallerIdLookup", False, "VoiceCallerIdLookup", "true", True),
        ],
    )
    def test_drift_of_every_property(
        self, emulator: Emulator, prop: str, value: Any, wire: str, clicked: str, read: Any
    ) -> None:
        """A change behind Pulumi's back shows as exactly that property, and up puts it right."""
        given = inputs(**{prop: value})
        resource = run(emulator.plugin().create(KIND, NUMBER, given))
        emulator.click(**{wire: clicked})
        refreshed = run(emulator.plugin().read(resource))
        assert refreshed.inputs[prop] == read
        assert run(emulator.plugin().diff(refreshed, given)) == {prop: "UPDATE"}
        restored = run(emulator.plugin().update(refreshed, given))
        assert run(emulator.plugin().diff(run(emulator.plugin().read(restored)), given)) == {}

    def test_drift_of_routes(self, emulator: Emulator) -> None:
        """A trunk or an application set by hand shows where the program manages that route."""
        app = emulator.post("Applications.json", FriendlyName="shared")["sid"]
        given = inputs(voiceApplicationSid=app)
        resource = run(emulator.plugin().create(KIND, NUMBER, given))
        emulator.click(TrunkSid="TK" + "b" * 32)
        refreshed = run(emulator.plugin().read(resource))
        assert refreshed.state["trunkSid"] == "TK" + "b" * 32
        assert run(emulator.plugin().diff(refreshed, given)) == {"voiceApplicationSid": "UPDATE"}

    @pytest.mark.parametrize("by", ["sid", "phone_number"])
    def test_import_is_followed_by_an_empty_diff(self, emulator: Emulator, by: str) -> None:
        """Imported by SID or number, a program that says what is live changes nothing."""
        emulator.click(VoiceUrl=THEIRS, StatusCallback=THEIRS, StatusCallbackMethod="GET")
        resource = run(emulator.plugin().import_(KIND, NUMBER, emulator.number()[by]))
        assert resource.id == emulator.number()["sid"]
        assert resource.inputs["phoneNumber"] == NUMBER
        assert run(emulator.plugin().diff(resource, resource.inputs)) == {}
        assert run(emulator.plugin().diff(resource, inputs(voiceUrl=THEIRS))) == {}

    def test_deleting_an_import_changes_nothing(self, emulator: Emulator) -> None:
        """What was never written is not given back either."""
        before = emulator.click(VoiceUrl=THEIRS)
        run(emulator.plugin().delete(run(emulator.plugin().import_(KIND, NUMBER, NUMBER))))
        assert emulator.number() == before

    def test_importing_what_is_not_owned_finds_nothing(self, emulator: Emulator) -> None:
        """The engine learns that there is no such thing."""
        assert run(emulator.plugin().import_(KIND, "x", "+15550000000")) is None

    def test_gone_is_gone(self, emulator: Emulator) -> None:
        """A number that the account no longer owns is gone, not an error; deleting it is fine."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        emulator.http.delete(
            f"/2010-04-01/Accounts/{emulator.number()['account_sid']}/IncomingPhoneNumbers/{resource.id}.json"
        ).raise_for_status()
        assert run(emulator.plugin().read(resource)) is None
        run(emulator.plugin().delete(resource))


class TestDelete:
    """Giving back."""

    def test_restore(self, emulator: Emulator) -> None:
        """By default the number has again what it had, and is still owned."""
        before = emulator.click(VoiceUrl=THEIRS, VoiceMethod="GET", StatusCallback="")
        given = {"voiceUrl": OURS, "voiceMethod": "POST", "statusCallback": OURS, "replaceExisting": True}
        resource = adopt(emulator.plugin(), **given)
        client = emulator.plugin()
        run(client.delete(resource))
        after = emulator.number()
        assert {k: v for k, v in after.items() if k != "date_updated"} == {
            k: v for k, v in before.items() if k != "date_updated"
        }
        assert "goes back to what it had before" in client.said
        assert f"voice_url {OURS} -> {THEIRS}" in client.said

    def test_restore_leaves_what_somebody_changed_since(self, emulator: Emulator) -> None:
        """A number re-pointed by hand since is left alone; the warning says how to force it."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        emulator.click(VoiceUrl=THEIRS)
        client = emulator.plugin()
        run(client.delete(resource))
        assert emulator.number()["voice_url"] == THEIRS
        assert "changed outside this stack" in client.said
        assert 'on_delete="force"' in client.said

    def test_force(self, emulator: Emulator) -> None:
        """With force it goes back all the same."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, onDelete="force")
        emulator.click(VoiceUrl=THEIRS)
        run(emulator.plugin().delete(resource))
        assert not emulator.number()["voice_url"]

    def test_keep(self, emulator: Emulator) -> None:
        """With keep nothing is written."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS, onDelete="keep")
        emulator.forget_requests()
        run(emulator.plugin().delete(resource))
        assert emulator.number()["voice_url"] == OURS
        assert "POST" not in {r["method"] for r in emulator.requests()}

    def test_a_rename_leaves_the_number_alone(self, emulator: Emulator) -> None:
        """The engine creates under the new name and deletes the old one in the same run."""
        old = adopt(emulator.plugin(), voiceUrl=OURS)
        client = emulator.plugin()
        run(client.create(KIND, "renamed", inputs(voiceUrl=OURS)))
        emulator.forget_requests()
        run(client.delete(old))
        assert emulator.number()["voice_url"] == OURS
        assert "POST" not in {r["method"] for r in emulator.requests()}
        assert "is managed by the resource renamed now" in client.said

    def test_another_number_is_a_replacement(self, emulator: Emulator) -> None:
        """A changed number means another resource; its SID in place of its E.164 number does not."""
        resource = adopt(emulator.plugin(), voiceUrl=OURS)
        other = {"phoneNumber": OTHER, "voiceUrl": OURS}
        assert run(emulator.plugin().diff(resource, other)) == {"phoneNumber": "UPDATE_REPLACE"}
        same = {"phoneNumber": resource.id, "voiceUrl": OURS}
        assert run(emulator.plugin().diff(resource, same)) == {}


class TestRestores:
    """What a delete would give back, said beforehand."""

    def test_it_is_reported_from_the_first_preview_on(self, emulator: Emulator) -> None:
        """The routes and callbacks found at first, secrets in URLs masked, through refresh and change."""
        emulator.click(VoiceUrl=THEIRS, StatusCallback="https://user:hunter2@old.example.com/s?token=hunter2")
        restores = {
            "trunk_sid": "(empty)",
            "voice_application_sid": "(empty)",
            "voice_url": THEIRS,
            "voice_fallback_url": "(empty)",
            "status_callback": "https://***@old.example.com/s?***",
        }
        given = inputs(voiceUrl=OURS, replaceExisting=True)
        assert run(emulator.plugin().create(KIND, NUMBER, given, preview=True)).inputs["restores"] == restores
        resource = run(emulator.plugin().create(KIND, NUMBER, given))
        resource = run(emulator.plugin().read(resource))
        assert resource.inputs["restores"] == restores
        changed = inputs(voiceUrl=f"{OURS}?v=2", replaceExisting=True)
        assert run(emulator.plugin().diff(resource, changed)) == {"voiceUrl": "UPDATE"}
        assert run(emulator.plugin().update(resource, changed)).inputs["restores"] == restores

    def test_what_an_earlier_version_showed_is_masked(self, emulator: Emulator) -> None:
        """The state of 0.1.0 has queries of earlier URLs in the clear; the next update hides them."""
        emulator.click(StatusCallback="https://old.example.com/s?token=hunter2")
        resource = run(emulator.plugin().create(KIND, NUMBER, inputs(voiceUrl=OURS)))
        resource.inputs["restores"] = {"status_callback": "https://old.example.com/s?token=hunter2"}
        checked = run(emulator.plugin().check(KIND, NUMBER, inputs(voiceUrl=OURS), resource.inputs))
        assert checked["restores"] == {"status_callback": "https://old.example.com/s?***"}
        assert run(emulator.plugin().diff(resource, inputs(voiceUrl=OURS))) == {}

    def test_live_urls_that_may_hold_a_secret_are_secret(self, emulator: Emulator) -> None:
        """Also unmanaged ones, and drift; what the program gives in the clear stays so."""
        ours = f"{OURS}?tenant=1"
        emulator.click(StatusCallback="https://old.example.com/s?token=hunter2")
        resource = run(emulator.plugin().create(KIND, NUMBER, inputs(voiceUrl=ours)))
        resource = run(emulator.plugin().read(resource))
        assert resource.state["statusCallback"] == Secret("https://old.example.com/s?token=hunter2")
        assert resource.inputs["voiceUrl"] == ours
        emulator.click(VoiceUrl="https://drift.example.com/v?token=hunter2")
        drifted = run(emulator.plugin().read(resource))
        assert drifted.inputs["voiceUrl"] == Secret("https://drift.example.com/v?token=hunter2")


class TestImportOfWhatIsRefused:
    """A number that has what no program may give."""

    def test_a_url_with_a_password_is_left_out(self, emulator: Emulator) -> None:
        """The import says so, the rest is imported, and a program of what it found passes the check."""
        emulator.click(VoiceUrl="https://user:hunter2@crm.example.com/v", StatusCallback=OURS)
        client = emulator.plugin()
        imported = run(client.import_(KIND, NUMBER, NUMBER))
        assert imported is not None
        assert "voiceUrl" not in imported.inputs
        assert "voiceMethod" not in imported.inputs
        assert imported.inputs["statusCallback"] == OURS
        assert "voiceUrl has a user name or password in it" in client.said
        assert "the import leaves it out" in client.said
        assert "hunter2" not in client.said
        assert run(client.diff(imported, imported.inputs)) == {}

    def test_urls_with_different_overrides_are_left_out(self, emulator: Emulator) -> None:
        """One delivery describes all URLs of a number; where they differ none can be given."""
        emulator.click(VoiceUrl=f"{OURS}#rc=1", StatusCallback=f"{OURS}#rc=2")
        client = emulator.plugin()
        imported = run(client.import_(KIND, NUMBER, NUMBER))
        assert imported is not None
        assert not {"voiceUrl", "statusCallback", "delivery"} & imported.inputs.keys()
        assert run(client.diff(imported, imported.inputs)) == {}


class TestErrors:
    """What Twilio refuses, as sentences."""

    def test_a_rotated_token_names_cause_and_command(self, emulator: Emulator) -> None:
        """401 says what is likely and what to type."""
        client = emulator.plugin(authToken=Secret("f" * 32))
        with pytest.raises(Refused) as caught:
            run(client.create(KIND, NUMBER, inputs(voiceUrl=OURS)))
        text = str(caught.value)
        assert text.startswith("Twilio 20003: Authenticate (HTTP 401); the auth token of AC")
        assert "pulumi config set --stack test --secret twilio:authToken" in text
        assert "f" * 32 not in text

    def test_missing_credentials_are_listed(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without any credentials every missing one is named with its command."""
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"):
            monkeypatch.delenv(name, raising=False)
        client = ServicerClient(pulumi_twilio.provider, {})
        with pytest.raises(
            Refused,
            match=r"account_sid \(pulumi config set --stack test twilio:accountSid, or TWILIO_ACCOUNT_SID\)",
        ):
            run(client.create(KIND, NUMBER, inputs()))

    def test_configure_makes_no_request(self, emulator: Emulator) -> None:
        """Signing in is left to the first operation."""
        emulator.forget_requests()
        client = emulator.plugin()
        run(client._configure())
        run(client.servicer.GetSchema(provider_pb2.GetSchemaRequest(), None))
        assert emulator.requests() == []
