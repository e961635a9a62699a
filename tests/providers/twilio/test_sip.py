"""SIP domains, their lists, and trunks: created or taken over, drift per property, given back on delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, TOKEN, Emulator, run
from tests.support.engine import Project

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
NAME = "example-crm.sip.twilio.com"
PASSWORD = "Correct7Horse"
API = f"/2010-04-01/Accounts/{ACCOUNT}/SIP"
DOMAIN: dict[str, Any] = {"domainName": NAME, "voiceUrl": OURS, "statusCallback": OURS, "secure": True}
TRUNK: dict[str, Any] = {
    "friendlyName": "pbx",
    "disasterRecoveryUrl": OURS,
    "recordingMode": "record-from-answer-dual",
    "originationUrls": [{"sipUrl": "sip:pbx.example.com", "weight": 20, "enabled": True}],
}


def create(emulator: Emulator, kind: str, given: dict[str, Any], name: str = "it") -> Resource:
    """Create a resource."""
    resource: Resource = run(emulator.plugin().create(kind, name, given))
    return resource


def get(emulator: Emulator, path: str) -> dict[str, Any]:
    """Return what Twilio answers."""
    answer = emulator.http.get(path)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def send(emulator: Emulator, path: str, **fields: str) -> dict[str, Any]:
    """Change something as somebody would in the console."""
    answer = emulator.http.post(path, data=fields)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refreshed(emulator: Emulator, resource: Resource) -> Resource:
    """Return the resource as a refresh has it."""
    found = run(emulator.plugin().read(resource))
    assert found is not None
    return found


def changes(emulator: Emulator, resource: Resource, given: dict[str, Any]) -> dict[str, str]:
    """Return what a preview after a refresh would change."""
    found: dict[str, str] = run(emulator.plugin().diff(refreshed(emulator, resource), given))
    return found


def credential_list(emulator: Emulator, name: str = "theirs") -> str:
    """Return a list that somebody else made."""
    return str(send(emulator, f"{API}/CredentialLists.json", FriendlyName=name)["sid"])


def mapped(emulator: Emulator, domain: str) -> list[str]:
    """Return the credential lists of a domain."""
    page = get(emulator, f"{API}/Domains/{domain}/Auth/Calls/CredentialListMappings.json")
    return [entry["sid"] for entry in page["contents"]]


class TestDomain:
    """SipDomain."""

    def test_created_with_its_lists_and_unchanged(self, emulator: Emulator) -> None:
        """The status callback goes where a domain has it; a refresh shows nothing, a delete takes it away."""
        given = {**DOMAIN, "credentialLists": [credential_list(emulator)], "delivery": {"retries": 2}}
        domain = create(emulator, "SipDomain", given)
        live = get(emulator, f"{API}/Domains/{domain.id}.json")
        assert live["voice_status_callback_url"] == live["voice_url"] == f"{OURS}#rc=2"
        assert mapped(emulator, domain.id) == given["credentialLists"]
        assert domain.state["created"] is True
        assert refreshed(emulator, domain).inputs == given
        assert changes(emulator, domain, given) == {}
        run(emulator.plugin().delete(domain))
        assert get(emulator, f"{API}/Domains.json")["domains"] == []

    @pytest.mark.parametrize(
        ("prop", "wire", "clicked"),
        [
            ("voiceUrl", "VoiceUrl", THEIRS),
            ("statusCallback", "VoiceStatusCallbackUrl", ""),
            ("secure", "Secure", "false"),
        ],
    )
    def test_drift_shows_and_is_put_right(self, emulator: Emulator, prop: str, wire: str, clicked: str) -> None:
        """A change made in the console is that one property in the next diff."""
        domain = create(emulator, "SipDomain", DOMAIN)
        send(emulator, f"{API}/Domains/{domain.id}.json", **{wire: clicked})
        assert changes(emulator, domain, DOMAIN) == {prop: "UPDATE"}
        run(emulator.plugin().update(refreshed(emulator, domain), DOMAIN))
        assert changes(emulator, domain, DOMAIN) == {}

    def test_only_its_own_lists_are_taken_out(self, emulator: Emulator) -> None:
        """A list that somebody else mapped stays, and is no drift; one that was unmapped is."""
        ours, theirs = credential_list(emulator, "ours"), credential_list(emulator)
        given = {**DOMAIN, "credentialLists": [ours]}
        domain = create(emulator, "SipDomain", given)
        path = f"{API}/Domains/{domain.id}/Auth/Calls/CredentialListMappings"
        send(emulator, f"{path}.json", CredentialListSid=theirs)
        assert changes(emulator, domain, given) == {}
        emulator.http.delete(f"{path}/{ours}.json").raise_for_status()
        assert changes(emulator, domain, given) == {"credentialLists": "UPDATE"}
        run(emulator.plugin().update(refreshed(emulator, domain), given))
        assert set(mapped(emulator, domain.id)) == {ours, theirs}
        run(emulator.plugin().update(refreshed(emulator, domain), DOMAIN))
        assert mapped(emulator, domain.id) == [theirs]

    def test_an_existing_domain_is_refused_then_taken_over_and_given_back(self, emulator: Emulator) -> None:
        """Each field and each list goes back to what it was; the domain is never deleted."""
        theirs, ours = credential_list(emulator), credential_list(emulator, "ours")
        sid = send(emulator, f"{API}/Domains.json", DomainName=NAME, VoiceUrl=THEIRS)["sid"]
        send(emulator, f"{API}/Domains/{sid}/Auth/Calls/CredentialListMappings.json", CredentialListSid=theirs)
        with pytest.raises(Refused, match=f"already has a SIP domain {NAME} .{sid}.*adoptExisting"):
            run(emulator.plugin().create("SipDomain", "it", DOMAIN, preview=True))
        given = {**DOMAIN, "adoptExisting": True, "credentialLists": [ours, theirs]}
        domain = create(emulator, "SipDomain", given)
        assert (domain.id, domain.state["created"]) == (sid, False)
        assert set(mapped(emulator, sid)) == {ours, theirs}
        send(emulator, f"{API}/Domains/{sid}.json", Secure="false")
        send(emulator, f"{API}/Domains/{sid}.json", VoiceStatusCallbackUrl="https://new.example.com/s")
        client = emulator.plugin()
        run(client.delete(domain))
        live = get(emulator, f"{API}/Domains/{sid}.json")
        assert (live["voice_url"], live["voice_status_callback_url"]) == (THEIRS, "https://new.example.com/s")
        assert mapped(emulator, sid) == [theirs]
        assert "was changed outside this stack" in client.said

    def test_imported_by_name_and_given_back(self, emulator: Emulator) -> None:
        """What is set is imported, with an empty diff; a delete restores and does not delete."""
        sid = send(emulator, f"{API}/Domains.json", DomainName=NAME, VoiceUrl=THEIRS)["sid"]
        domain = run(emulator.plugin().import_("SipDomain", "it", NAME))
        assert domain.id == sid
        assert run(emulator.plugin().diff(domain, domain.inputs)) == {}
        changed = run(emulator.plugin().update(domain, {**domain.inputs, "voiceUrl": OURS}))
        run(emulator.plugin().delete(changed))
        assert get(emulator, f"{API}/Domains/{sid}.json")["voice_url"] == THEIRS

    def test_a_name_that_is_reserved_is_explained(self, emulator: Emulator) -> None:
        """Twilio keeps a deleted name for up to 30 days; the error says so, and the delete said it before."""
        domain = create(emulator, "SipDomain", DOMAIN)
        client = emulator.plugin()
        run(client.delete(domain))
        assert "stays reserved at Twilio" in client.said
        with pytest.raises(Refused, match="is taken, and not by this account; .*reserved") as refused:
            create(emulator, "SipDomain", DOMAIN)
        assert refused.value.kept is None

    def test_a_preview_of_an_update_says_what_will_be(self, emulator: Emulator) -> None:
        """Nothing is written; a list that does not exist fails here as in the update."""
        domain = create(emulator, "SipDomain", DOMAIN)
        preview = run(emulator.plugin().update(domain, {**DOMAIN, "voiceUrl": THEIRS}, preview=True))
        assert preview.state["voiceUrl"] == THEIRS
        assert get(emulator, f"{API}/Domains/{domain.id}.json")["voice_url"] == DOMAIN["voiceUrl"]

    def test_another_refusal_is_twilios_own(self, emulator: Emulator) -> None:
        """It is not taken for a name that is taken."""
        fault = {"fault": "rest-error", "status": 400, "code": 21235, "message": "no", "method": "POST"}
        emulator.http.post("/_sandbox/faults", json=[fault]).raise_for_status()
        with pytest.raises(Refused, match="21235"):
            create(emulator, "SipDomain", DOMAIN)

    def test_a_failing_list_keeps_the_domain_in_the_state(self, emulator: Emulator) -> None:
        """It exists already, and the next update goes on with it instead of meeting its name as taken."""
        given = {**DOMAIN, "credentialLists": ["CL" + "0" * 32]}
        with pytest.raises(Refused, match="credentialLists") as refused:
            create(emulator, "SipDomain", given)
        assert refused.value.kept is not None
        sid, state = refused.value.kept
        assert state["created"] is True
        assert get(emulator, f"{API}/Domains/{sid}.json")["domain_name"] == NAME

    def test_a_name_that_is_not_known_yet_is_asked_about_later(self, emulator: Emulator) -> None:
        """The name may come from another resource: then the preview claims and finds nothing."""
        given = {**DOMAIN, "domainName": UNKNOWN}
        preview = run(emulator.plugin().create("SipDomain", "it", given, preview=True))
        assert preview.state["domainSid"] is UNKNOWN

    def test_nobody_may_call_is_said(self, emulator: Emulator) -> None:
        """Without lists, Twilio refuses every call."""
        client = emulator.plugin()
        run(client.create("SipDomain", "it", DOMAIN, preview=True))
        assert "refuses every call" in client.said

    @pytest.mark.parametrize(
        ("given", "prop", "said"),
        [
            ({"domainName": "crm.example.com"}, "domainName", "ends with .sip.twilio.com"),
            (
                {"domainName": NAME, "credentialLists": ["AL" + "0" * 32]},
                "credentialLists",
                "SID of such a list",
            ),
            ({"domainName": NAME, "voiceUrl": "http://crm.example.com/v"}, "voiceUrl", "https"),
        ],
    )
    def test_bad_input_gets_one_sentence(self, emulator: Emulator, given: Any, prop: str, said: str) -> None:
        """At the property, before a request."""
        with pytest.raises(CheckFailed, match=said) as failed:
            create(emulator, "SipDomain", given)
        assert list(failed.value.failures) == [prop]


class TestLists:
    """SipCredentialList and SipIpAccessControlList."""

    GIVEN: ClassVar[dict[str, Any]] = {"friendlyName": "phones", "credentials": Secret({"alice": PASSWORD})}

    def users(self, emulator: Emulator, sid: str) -> dict[str, str]:
        """Return the users with the dates of their last change."""
        page = get(emulator, f"{API}/CredentialLists/{sid}/Credentials.json")
        return {entry["username"]: entry["sid"] for entry in page["credentials"]}

    def test_users_of_a_list_and_a_password_changed_outside(self, emulator: Emulator) -> None:
        """No password is in the clear; one that was changed in the console is written again."""
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        assert isinstance(phones.state["credentials"], Secret)
        assert changes(emulator, phones, self.GIVEN) == {}
        user = self.users(emulator, phones.id)["alice"]
        emulator.http.post("/_sandbox/clock", json={"advanceSeconds": 60}).raise_for_status()
        send(emulator, f"{API}/CredentialLists/{phones.id}/Credentials/{user}.json", Password="Another8Horse")
        found = refreshed(emulator, phones)
        assert PASSWORD not in str(found.inputs["credentials"])
        assert changes(emulator, phones, self.GIVEN) == {"credentials.alice": "UPDATE"}
        run(emulator.plugin().update(found, self.GIVEN))
        assert changes(emulator, run(emulator.plugin().update(found, self.GIVEN)), self.GIVEN) == {}

    def test_users_come_and_go_one_by_one(self, emulator: Emulator) -> None:
        """Those of others stay, and keep the list from being deleted."""
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        path = f"{API}/CredentialLists/{phones.id}/Credentials"
        theirs = send(emulator, f"{path}.json", Username="mallory", Password=PASSWORD)["sid"]
        given = {**self.GIVEN, "credentials": Secret({"bob": PASSWORD})}
        phones = run(emulator.plugin().update(phones, given))
        assert set(self.users(emulator, phones.id)) == {"bob", "mallory"}
        with pytest.raises(Refused, match="also has mallory"):
            run(emulator.plugin().delete(phones))
        emulator.http.delete(f"{path}/{theirs}.json").raise_for_status()
        run(emulator.plugin().delete(phones))
        assert get(emulator, f"{API}/CredentialLists.json")["credential_lists"] == []

    def test_what_was_changed_outside_stays(self, emulator: Emulator) -> None:
        """A password that somebody else set is not deleted with its user, and that is said."""
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        path = f"{API}/CredentialLists/{phones.id}/Credentials"
        user = self.users(emulator, phones.id)["alice"]
        emulator.http.post("/_sandbox/clock", json={"advanceSeconds": 60}).raise_for_status()
        send(emulator, f"{path}/{user}.json", Password="Another8Horse")
        client = emulator.plugin()
        given = {**self.GIVEN, "credentials": Secret({"bob": PASSWORD})}
        run(client.update(phones, given))
        assert set(self.users(emulator, phones.id)) == {"alice", "bob"}
        assert "alice was changed outside this stack" in client.said

    def test_a_list_that_is_gone_is_not_updated(self, emulator: Emulator) -> None:
        """The error says what to do; nothing is created in its place without the state's knowing."""
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        client = emulator.plugin()
        run(client.delete(phones))
        with pytest.raises(Refused, match="is gone; run pulumi up --refresh"):
            run(emulator.plugin().update(phones, {**self.GIVEN, "friendlyName": "other"}))

    def test_a_weak_password_is_refused_without_being_shown(self, emulator: Emulator) -> None:
        """The user is named; the password is not."""
        weak = Secret({"alice": "hunter2hunter2"})
        with pytest.raises(CheckFailed, match=r"a password that Twilio does not take \(alice\)") as failed:
            create(emulator, "SipCredentialList", {**self.GIVEN, "credentials": weak})
        assert "hunter2" not in str(failed.value)

    def test_networks_are_taken_over_and_given_back(self, emulator: Emulator) -> None:
        """A network's name goes back; one that the program added goes; the list stays."""
        sid = send(emulator, f"{API}/IpAccessControlLists.json", FriendlyName="office")["sid"]
        path = f"{API}/IpAccessControlLists/{sid}/IpAddresses.json"
        send(emulator, path, FriendlyName="old", IpAddress="203.0.113.0", CidrPrefixLength="24")
        given = {"friendlyName": "office", "addresses": {"203.0.113.0/24": "PBX", "198.51.100.7/32": "home"}}
        with pytest.raises(Refused, match="adoptExisting"):
            create(emulator, "SipIpAccessControlList", given)
        given["adoptExisting"] = True
        office = create(emulator, "SipIpAccessControlList", given)
        assert changes(emulator, office, given) == {}
        run(emulator.plugin().delete(office))
        left = get(emulator, path)["ip_addresses"]
        assert [(entry["friendly_name"], entry["ip_address"]) for entry in left] == [("old", "203.0.113.0")]


class TestTrunk:
    """SipTrunk."""

    def test_created_read_and_deleted(self, emulator: Emulator) -> None:
        """With recording and origination URLs; a refresh shows nothing."""
        trunk = create(emulator, "SipTrunk", TRUNK)
        live = get(emulator, f"/v1/Trunks/{trunk.id}")
        assert (live["disaster_recovery_url"], live["recording"]["mode"]) == (OURS, "record-from-answer-dual")
        (url,) = get(emulator, f"/v1/Trunks/{trunk.id}/OriginationUrls")["origination_urls"]
        assert (url["priority"], url["weight"], url["enabled"]) == (10, 20, True)
        assert refreshed(emulator, trunk).inputs == TRUNK
        assert changes(emulator, trunk, TRUNK) == {}
        run(emulator.plugin().delete(trunk))
        assert get(emulator, "/v1/Trunks")["trunks"] == []

    def test_a_domain_name_that_is_taken_is_explained(self, emulator: Emulator) -> None:
        """Nothing was created, so nothing is kept; any other refusal is Twilio's own."""
        for code, said in ((21248, "is taken; choose another name"), (21235, "Twilio 21235")):
            fault = {"fault": "rest-error", "status": 400, "code": code, "message": "no", "method": "POST"}
            emulator.http.post("/_sandbox/faults", json={**fault, "times": 1}).raise_for_status()
            with pytest.raises(Refused, match=said) as refused:
                create(emulator, "SipTrunk", TRUNK)
            assert refused.value.kept is None

    def test_drift_of_an_origin_and_of_the_recording(self, emulator: Emulator) -> None:
        """An origin that was disabled, or recording that was switched off, shows and is put right."""
        trunk = create(emulator, "SipTrunk", TRUNK)
        path = f"/v1/Trunks/{trunk.id}"
        (url,) = get(emulator, f"{path}/OriginationUrls")["origination_urls"]
        send(emulator, f"{path}/OriginationUrls/{url['sid']}", Enabled="false")
        send(emulator, f"{path}/Recording", Mode="do-not-record")
        assert changes(emulator, trunk, TRUNK) == {"originationUrls": "UPDATE", "recordingMode": "UPDATE"}
        run(emulator.plugin().update(refreshed(emulator, trunk), TRUNK))
        assert changes(emulator, trunk, TRUNK) == {}

    def test_a_number_is_attached_only_with_consent_and_gets_its_app_back(self, emulator: Emulator) -> None:
        """What answers it is named; when it leaves the program, its TwiML App answers again."""
        app = emulator.post("Applications.json", FriendlyName="old", VoiceUrl=THEIRS)["sid"]
        emulator.click(VoiceApplicationSid=app)
        given = {**TRUNK, "phoneNumbers": [NUMBER]}
        with pytest.raises(Refused, match=rf"{app}, which this trunk would replace"):
            run(emulator.plugin().create("SipTrunk", "it", given, preview=True))
        given["replaceExisting"] = True
        trunk = create(emulator, "SipTrunk", given)
        number = emulator.number()
        assert (number["trunk_sid"], number["voice_application_sid"]) == (trunk.id, "")
        assert changes(emulator, trunk, given) == {}
        run(emulator.plugin().update(trunk, TRUNK))
        number = emulator.number()
        assert (number["trunk_sid"], number["voice_application_sid"]) == (None, app)

    def test_a_number_that_was_routed_elsewhere_since_stays_there(self, emulator: Emulator) -> None:
        """Somebody took it off the trunk: leaving the program does not give it the TwiML App from before."""
        apps = [emulator.post("Applications.json", FriendlyName=name)["sid"] for name in ("old", "new")]
        emulator.click(VoiceApplicationSid=apps[0])
        given = {**TRUNK, "phoneNumbers": [NUMBER], "replaceExisting": True}
        trunk = create(emulator, "SipTrunk", given)
        emulator.click(VoiceApplicationSid=apps[1])
        assert changes(emulator, trunk, given) == {"phoneNumbers": "UPDATE"}
        run(emulator.plugin().update(trunk, TRUNK))
        assert emulator.number()["voice_application_sid"] == apps[1]

    def test_a_destroy_gives_its_own_numbers_back_and_spares_those_of_others(self, emulator: Emulator) -> None:
        """A trunk that takes the calls of a number of somebody else is not deleted."""
        emulator.click(VoiceUrl=THEIRS)
        given = {**TRUNK, "phoneNumbers": [NUMBER], "replaceExisting": True}
        trunk = create(emulator, "SipTrunk", given)
        emulator.click(OTHER, TrunkSid=trunk.id)
        assert changes(emulator, trunk, given) == {}
        with pytest.raises(Refused, match=rf"also takes the calls of \{OTHER}"):
            run(emulator.plugin().delete(trunk))
        emulator.click(OTHER, TrunkSid="")
        run(emulator.plugin().delete(trunk))
        assert (emulator.number()["trunk_sid"], emulator.number()["voice_url"]) == (None, THEIRS)

    def test_a_number_has_one_owner_in_a_program(self, emulator: Emulator) -> None:
        """A VoiceConfiguration's trunkSid and a trunk's phoneNumbers are one association."""
        client = emulator.plugin()
        run(client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))
        with pytest.raises(CheckFailed, match="managed twice"):
            run(client.create("SipTrunk", "it", {**TRUNK, "phoneNumbers": [NUMBER]}))

    def test_others_origins_stay_when_a_trunk_is_taken_over(self, emulator: Emulator) -> None:
        """What leaves the program goes back; what it never named is not touched."""
        sid = send(emulator, "/v1/Trunks", FriendlyName="pbx", DisasterRecoveryUrl=THEIRS)["sid"]
        path = f"/v1/Trunks/{sid}/OriginationUrls"
        form = {"Weight": "1", "Priority": "1", "Enabled": "true", "FriendlyName": "old"}
        send(emulator, path, SipUrl="sip:old.example.com", **form)
        trunk = create(emulator, "SipTrunk", {**TRUNK, "adoptExisting": True})
        assert trunk.id == sid
        assert len(get(emulator, path)["origination_urls"]) == 2
        run(emulator.plugin().delete(trunk))
        assert [url["sip_url"] for url in get(emulator, path)["origination_urls"]] == ["sip:old.example.com"]
        live = get(emulator, f"/v1/Trunks/{sid}")
        assert (live["disaster_recovery_url"], live["recording"]["mode"]) == (THEIRS, "do-not-record")


def test_a_studio_flow_by_name(emulator: Emulator) -> None:
    """Its webhook URL is what a number is pointed at; a name that none has is an error."""
    flow = send(emulator, "/v2/Flows", FriendlyName="support", Status="published", Definition="{}")
    found = run(emulator.plugin().invoke("getStudioFlow", {"flow": "support"}))
    assert (found["flowSid"], found["webhookUrl"]) == (flow["sid"], flow["webhook_url"])
    with pytest.raises(Refused, match="no Studio flow is named sales"):
        run(emulator.plugin().invoke("getStudioFlow", {"flow": "sales"}))


PROGRAM = """\
import pulumi
import pulumi_twilio as twilio

phones = twilio.SipCredentialList(
    "phones{suffix}", friendly_name="phones", credentials={{"alice": pulumi.Output.secret({password!r})}}
)
twilio.SipDomain(
    "domain{suffix}", domain_name={name!r}, voice_url={url!r}, credential_lists=[phones.list_sid]
)
trunk = twilio.SipTrunk("pbx{suffix}", friendly_name="pbx", domain_name="example-crm.pstn.twilio.com")
pulumi.export("trunk", trunk.trunk_sid)
"""


@pytest.mark.slow
def test_a_renamed_resource_keeps_its_domain_under_the_real_engine(emulator: Emulator, tmp_path: Path) -> None:
    """A deleted name would stay reserved for weeks: the same domain, list and trunk go on, then are deleted."""
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": emulator.url})
    project.set_secret("twilio:authToken", TOKEN)
    project.program(PROGRAM.format(suffix="", password=PASSWORD, name=NAME, url=OURS))
    project.up()
    (domain,) = get(emulator, f"{API}/Domains.json")["domains"]
    before, (listed,) = project.outputs()["trunk"], mapped(emulator, domain["sid"])
    assert PASSWORD not in project.state()
    project.program(PROGRAM.format(suffix="-2", password=PASSWORD, name=NAME, url=OURS))
    project.up()
    (renamed,) = get(emulator, f"{API}/Domains.json")["domains"]
    assert (renamed["sid"], mapped(emulator, domain["sid"])) == (domain["sid"], [listed])
    assert project.outputs()["trunk"] == before
    assert "4 unchanged" in project.up() or "5 unchanged" in project.up()
    project.destroy()
    assert get(emulator, f"{API}/Domains.json")["domains"] == []
    assert get(emulator, f"{API}/CredentialLists.json")["credential_lists"] == []
    assert get(emulator, "/v1/Trunks")["trunks"] == []
