"""SIP domains, their lists, and trunks: created or taken over, drift per property, given back on delete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, TOKEN, Emulator, check, run
from tests.providers.twilio.sip_account import (
    API,
    DOMAIN,
    NAME,
    OURS,
    PASSWORD,
    THEIRS,
    TRUNK,
    changes,
    create,
    credential_list,
    get,
    mapped,
    refreshed,
    send,
)
from tests.support.engine import Project

CL = "CL" + "1" * 32


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

    @pytest.mark.parametrize(
        ("kind", "code", "name"),
        [("SipDomain", 21232, "b.sip.twilio.com"), ("SipTrunk", 21248, "b.pstn.twilio.com")],
    )
    def test_a_new_name_that_is_reserved_is_explained(
        self, emulator: Emulator, kind: str, code: int, name: str
    ) -> None:
        """The same for an update, which changed nothing."""
        given = DOMAIN if kind == "SipDomain" else TRUNK
        resource = create(emulator, kind, given)
        fault = {"fault": "rest-error", "status": 400, "code": code, "message": "no", "method": "POST"}
        emulator.http.post("/_sandbox/faults", json=[fault]).raise_for_status()
        with pytest.raises(Refused, match=f"^domainName: {name} is taken.*reserved") as refused:
            run(emulator.plugin().update(resource, {**given, "domainName": name}))
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
        emulator.forget_requests()
        preview = run(emulator.plugin().create("SipDomain", "it", given, preview=True))
        assert preview.state["domainSid"] is UNKNOWN
        assert emulator.requests() == []

    @pytest.mark.parametrize(
        ("lists", "refused"),
        [
            ({}, True),
            ({"credentialLists": [], "registrationCredentialLists": [CL]}, True),
            ({"credentialLists": [CL]}, False),
            ({"credentialLists": UNKNOWN}, False),
            ({"ipAccessControlLists": ["AL" + "1" * 32]}, False),
        ],
    )
    def test_nobody_may_call_is_said(self, emulator: Emulator, lists: dict[str, Any], refused: bool) -> None:
        """Without lists of who may call, Twilio refuses every call; who may register is another question."""
        client = emulator.plugin()
        run(client.create("SipDomain", "it", {**DOMAIN, **lists}, preview=True))
        assert (f"refuses every call through {NAME}" in client.said) is refused

    def test_each_field_where_twilio_has_it(self, emulator: Emulator) -> None:
        """Registration, emergency calls and the fallback, and each kind of list at its own place."""
        lists = {
            name: send(emulator, f"{API}/{folder}.json", FriendlyName=name)["sid"]
            for name, folder in (
                ("credentialLists", "CredentialLists"),
                ("ipAccessControlLists", "IpAccessControlLists"),
                ("registrationCredentialLists", "CredentialLists"),
            )
        }
        given = {
            "domainName": NAME,
            "friendlyName": "phones",
            "voiceFallbackUrl": OURS,
            "voiceFallbackMethod": "GET",
            "voiceUrl": OURS,
            "voiceMethod": "GET",
            "statusCallback": OURS,
            "statusCallbackMethod": "GET",
            "sipRegistration": True,
            "emergencyCallingEnabled": True,
            "emergencyCallerSid": emulator.number()["sid"],
            **{name: [sid] for name, sid in lists.items()},
        }
        domain = create(emulator, "SipDomain", given)
        path = f"{API}/Domains/{domain.id}"
        live = get(emulator, f"{path}.json")
        for name in ("voice_method", "voice_fallback_method", "voice_status_callback_method"):
            assert live[name] == "GET"
        assert live["voice_fallback_url"] == OURS
        assert (live["sip_registration"], live["emergency_calling_enabled"]) == (True, True)
        assert live["emergency_caller_sid"] == given["emergencyCallerSid"]
        for place, name in (
            ("Calls/CredentialListMappings", "credentialLists"),
            ("Calls/IpAccessControlListMappings", "ipAccessControlLists"),
            ("Registrations/CredentialListMappings", "registrationCredentialLists"),
        ):
            entries = get(emulator, f"{path}/Auth/{place}.json")["contents"]
            assert [entry["sid"] for entry in entries] == [lists[name]]
        assert refreshed(emulator, domain).inputs == given

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
            ({"domainName": "CRM.sip.twilio.com"}, "domainName", "lower case"),
            ({"domainName": "-crm.sip.twilio.com"}, "domainName", "not a SIP domain"),
            ({"domainName": NAME, "friendlyName": "x" * 65}, "friendlyName", "65 characters"),
            ({"domainName": NAME, "credentialLists": [""]}, "credentialLists", "is empty"),
            ({"domainName": NAME, "credentialLists": [CL, CL]}, "credentialLists", "twice"),
            ({"domainName": NAME, "ipAccessControlLists": [CL]}, "ipAccessControlLists", "SID of such a list"),
            (
                {"domainName": NAME, "registrationCredentialLists": ["CL1"]},
                "registrationCredentialLists",
                "SID of such a list",
            ),
            ({"domainName": NAME, "emergencyCallerSid": CL}, "emergencyCallerSid", "SID of a number"),
            ({"domainName": NAME, "byocTrunkSid": CL}, "byocTrunkSid", "SID of a BYOC trunk"),
            ({"domainName": NAME, "delivery": {"retries": 2}}, "delivery", "part of a URL"),
        ],
    )
    def test_bad_input_gets_one_sentence(self, given: Any, prop: str, said: str) -> None:
        """At the property, before a request."""
        with pytest.raises(CheckFailed, match=said) as failed:
            check("SipDomain", given)
        assert list(failed.value.failures) == [prop]

    def test_what_twilio_takes_is_not_refused(self) -> None:
        """The longest name, an empty one, several labels, and SIDs that are cleared."""
        for given in (
            {"domainName": "a.b-1.sip.twilio.com", "friendlyName": "x" * 64, "credentialLists": [CL]},
            {"domainName": NAME, "friendlyName": "", "emergencyCallerSid": "", "byocTrunkSid": ""},
        ):
            assert check("SipDomain", given) == given


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

    def test_a_password_in_plain_text_is_secret_after_a_refresh(self, emulator: Emulator) -> None:
        """Also where a program, or an earlier state, does not mark it."""
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        phones.inputs = {**phones.inputs, "credentials": {"alice": PASSWORD}}
        assert refreshed(emulator, phones).inputs["credentials"] == Secret({"alice": PASSWORD})

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

    @pytest.mark.parametrize(
        ("kind", "given", "prop", "said"),
        [
            ("SipCredentialList", {"credentials": {"": PASSWORD}}, "credentials", "has 0 characters"),
            ("SipCredentialList", {"credentials": {"x" * 33: PASSWORD}}, "credentials", "has 33 characters"),
            ("SipCredentialList", {"credentials": {"al": "Correct7Hor"}}, "credentials", r"\(al\)"),
            ("SipCredentialList", {"credentials": {"al": "correct7horse"}}, "credentials", r"\(al\)"),
            ("SipCredentialList", {"credentials": {"al": "CORRECT7HORSE"}}, "credentials", r"\(al\)"),
            ("SipCredentialList", {"credentials": {"al": "CorrectXHorse"}}, "credentials", r"\(al\)"),
            ("SipCredentialList", {"friendlyName": ""}, "friendlyName", "1 to 64"),
            ("SipCredentialList", {"friendlyName": "x" * 65}, "friendlyName", "1 to 64"),
            ("SipIpAccessControlList", {"addresses": {"203.0.113.1/24": "a"}}, "addresses", "not an IPv4"),
            ("SipIpAccessControlList", {"addresses": {"2001:db8::/32": "a"}}, "addresses", "not an IPv4"),
            ("SipIpAccessControlList", {"addresses": {"203.0.113.1": "a"}}, "addresses", "203.0.113.1/32"),
            ("SipIpAccessControlList", {"addresses": {"203.0.113.1/32": ""}}, "addresses", "203.0.113.1/32"),
            ("SipIpAccessControlList", {"addresses": {"203.0.113.1/32": "x" * 256}}, "addresses", "no name"),
        ],
    )
    def test_bad_input_gets_one_sentence(self, kind: str, given: dict[str, Any], prop: str, said: str) -> None:
        """At the property, before a request."""
        with pytest.raises(CheckFailed, match=said) as failed:
            check(kind, {"friendlyName": "phones", **given})
        assert [name.partition("[")[0].partition(".")[0] for name in failed.value.failures] == [prop]

    def test_what_twilio_takes_is_not_refused(self) -> None:
        """The shortest and the longest of each."""
        users = {"x": "Correct7Hors", "y" * 32: PASSWORD}
        networks = {"203.0.113.0/24": "x" * 255, "203.0.113.7/32": "y"}
        for name in ("x", "x" * 64):
            check("SipCredentialList", {"friendlyName": name, "credentials": users})
            check("SipIpAccessControlList", {"friendlyName": name, "addresses": networks})

    def test_only_what_changed_is_written(self, emulator: Emulator) -> None:
        """The list's name, a password that is another one now, a new user; nobody else."""
        users = {"alice": PASSWORD, "bob": PASSWORD}
        phones = create(emulator, "SipCredentialList", {**self.GIVEN, "credentials": Secret(users)})
        before = self.users(emulator, phones.id)
        path = f"{API}/CredentialLists/{phones.id}"
        given = {"friendlyName": "all", "credentials": Secret({**users, "bob": "Another8Horse"})}
        emulator.forget_requests()
        phones = run(emulator.plugin().update(phones, given))
        assert [(r["path"], r["params"]) for r in emulator.requests() if r["method"] != "GET"] == [
            (f"{path}.json", [["FriendlyName", "all"]]),
            (f"{path}/Credentials/{before['bob']}.json", [["Password", "Another8Horse"]]),
        ]
        send(emulator, f"{path}.json", FriendlyName="theirs")
        assert changes(emulator, phones, given) == {"friendlyName": "UPDATE"}
        emulator.http.delete(f"{path}/Credentials/{before['alice']}.json").raise_for_status()
        assert changes(emulator, phones, {**given, "friendlyName": "theirs"}) == {"credentials.alice": "ADD"}
        emulator.forget_requests()
        run(emulator.plugin().update(phones, {**given, "friendlyName": "theirs"}))
        assert [(r["path"], r["params"]) for r in emulator.requests() if r["method"] != "GET"] == [
            (f"{path}/Credentials.json", [["Username", "alice"], ["Password", PASSWORD]])
        ]

    def test_users_that_were_there_before_stay(self, emulator: Emulator) -> None:
        """Twilio does not return their passwords, so nobody can restore them: that is said, and they stay."""
        sid = credential_list(emulator, "phones")
        path = f"{API}/CredentialLists/{sid}/Credentials.json"
        send(emulator, path, Username="alice", Password="Theirs99Horse")
        given = {**self.GIVEN, "credentials": Secret({"alice": PASSWORD, "bob": PASSWORD})}
        phones = create(emulator, "SipCredentialList", {**given, "adoptExisting": True})
        assert set(phones.state["original"]) == {"alice"}
        client = emulator.plugin()
        phones = run(client.update(phones, {"friendlyName": "phones", "adoptExisting": True}))
        assert set(self.users(emulator, sid)) == {"alice"}
        assert "alice stays: it was there before" in client.said
        assert phones.state["marks"] == {}
        client = emulator.plugin()
        run(client.delete(phones))
        assert set(self.users(emulator, sid)) == {"alice"}
        assert f"the list {sid} is not deleted" in client.said

    def test_a_user_that_twilio_refuses(self, emulator: Emulator) -> None:
        """The list and the users before are in the state; the next update goes on with them."""
        fault = {"fault": "rest-error", "status": 400, "code": 20001, "message": "no", "method": "POST"}
        given = {**self.GIVEN, "credentials": Secret({"alice": PASSWORD, "bob": PASSWORD})}
        phones = create(emulator, "SipCredentialList", self.GIVEN)
        emulator.http.post("/_sandbox/faults", json=[{**fault, "path": "/Credentials.json"}]).raise_for_status()
        with pytest.raises(Refused, match="credentials: .*run pulumi up again") as refused:
            run(emulator.plugin().update(phones, given))
        assert refused.value.kept is not None
        assert (refused.value.kept[0], set(refused.value.kept[1]["marks"])) == (phones.id, {"alice"})
        assert refused.value.kept[1]["created"] is True
        assert isinstance(refused.value.kept[1]["credentials"], Secret)

    def test_a_network_that_was_changed_outside_stays(self, emulator: Emulator) -> None:
        """Its name shows as drift; if it leaves the program then, it keeps the name of somebody else."""
        networks = {"203.0.113.0/24": "PBX", "198.51.100.7/32": "home", "192.0.2.1/32": "gone"}
        given = {"friendlyName": "office", "addresses": networks}
        office = create(emulator, "SipIpAccessControlList", given)
        path = f"{API}/IpAccessControlLists/{office.id}/IpAddresses"
        found = {item["ip_address"]: item["sid"] for item in get(emulator, f"{path}.json")["ip_addresses"]}
        send(emulator, f"{path}/{found['203.0.113.0']}.json", FriendlyName="theirs")
        emulator.http.delete(f"{path}/{found['192.0.2.1']}.json").raise_for_status()
        assert changes(emulator, office, given) == {
            'addresses["203.0.113.0/24"]': "UPDATE",
            'addresses["192.0.2.1/32"]': "ADD",
        }
        client = emulator.plugin()
        office = run(client.update(office, {**given, "addresses": {}}))
        left = get(emulator, f"{path}.json")["ip_addresses"]
        assert [item["friendly_name"] for item in left] == ["theirs"]
        assert "203.0.113.0/24 was changed outside this stack" in client.said
        assert office.state["marks"] == {}
        with pytest.raises(Refused, match="also has 203.0.113.0/24, which this program did not add"):
            run(emulator.plugin().delete(office))

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
        live = get(emulator, path)["ip_addresses"]
        assert {(item["ip_address"], item["cidr_prefix_length"], item["friendly_name"]) for item in live} == {
            ("203.0.113.0", 24, "PBX"),
            ("198.51.100.7", 32, "home"),
        }
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
        for code, said in (
            (21248, "crm.pstn.twilio.com is taken; choose another name"),
            (21235, "Twilio 21235"),
        ):
            fault = {"fault": "rest-error", "status": 400, "code": code, "message": "no", "method": "POST"}
            emulator.http.post("/_sandbox/faults", json={**fault, "times": 1}).raise_for_status()
            with pytest.raises(Refused, match=said) as refused:
                create(emulator, "SipTrunk", {**TRUNK, "domainName": "crm.pstn.twilio.com"})
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
        with pytest.raises(CheckFailed, match="managed twice") as failed:
            run(client.create("SipTrunk", "it", {**TRUNK, "phoneNumbers": [NUMBER]}))
        assert list(failed.value.failures) == ["phoneNumbers"]

    def test_drift_of_a_number_needs_no_other_consent(self, emulator: Emulator) -> None:
        """The trunk had it already, so that an update attaches it again, as with any other drift."""
        given = {"friendlyName": "pbx", "phoneNumbers": [NUMBER]}
        trunk = create(emulator, "SipTrunk", given)
        emulator.click(TrunkSid="", VoiceUrl=THEIRS)
        assert changes(emulator, trunk, given) == {"phoneNumbers": "UPDATE"}
        trunk = refreshed(emulator, trunk)
        run(emulator.plugin().update(trunk, given, preview=True))
        run(emulator.plugin().update(trunk, given))
        assert emulator.number()["trunk_sid"] == trunk.id

    @pytest.mark.parametrize(
        ("given", "prop", "said"),
        [
            ({"friendlyName": ""}, "friendlyName", "is empty"),
            ({"friendlyName": "x" * 65}, "friendlyName", "65 characters"),
            ({"domainName": "crm.sip.twilio.com"}, "domainName", "ends with .pstn.twilio.com"),
            ({"disasterRecoveryUrl": "http://crm.example.com/f"}, "disasterRecoveryUrl", "https"),
            (
                {"disasterRecoveryUrl": "", "disasterRecoveryMethod": "GET"},
                "disasterRecoveryMethod",
                "which is empty",
            ),
            ({"disasterRecoveryMethod": "PUT"}, "disasterRecoveryMethod", "PUT"),
            ({"recordingMode": "always"}, "recordingMode", "always"),
            ({"recordingTrim": "all"}, "recordingTrim", "all"),
            ({"transferMode": "some"}, "transferMode", "some"),
            ({"transferCallerId": "mine"}, "transferCallerId", "mine"),
            ({"phoneNumbers": ["5551234567"]}, "phoneNumbers", "'5551234567' is not a phone number"),
            ({"phoneNumbers": [NUMBER, NUMBER]}, "phoneNumbers", "twice"),
            ({"credentialLists": ["AL" + "1" * 32]}, "credentialLists", "SID of such a list"),
            ({"ipAccessControlLists": [CL]}, "ipAccessControlLists", "SID of such a list"),
            ({"originationUrls": [{"sipUrl": "sip:a.example"}] * 2}, "originationUrls", "twice"),
            *(
                ({"originationUrls": [{"sipUrl": "sip:a.example", **wrong}]}, "originationUrls", said)
                for wrong, said in (
                    ({"sipUrl": "sips:a.example"}, "not a SIP address"),
                    ({"priority": -1}, "not from 0 to 65535"),
                    ({"priority": 65536}, "not from 0 to 65535"),
                    ({"weight": 0}, "not from 1 to 65535"),
                    ({"weight": 65536}, "not from 1 to 65535"),
                )
            ),
        ],
    )
    def test_bad_input_gets_one_sentence(self, given: Any, prop: str, said: str) -> None:
        """At the property, before a request."""
        with pytest.raises(CheckFailed, match=said) as failed:
            check("SipTrunk", {"friendlyName": "pbx", **given})
        assert [name.partition("[")[0] for name in failed.value.failures] == [prop]

    def test_what_twilio_takes_is_not_refused(self) -> None:
        """The limits themselves, cleared texts, and a method whose URL stays as it is."""
        ends = [{"sipUrl": "sip:a.example", "priority": 0, "weight": 1}]
        ends.append({"sipUrl": "sip:me@b.example:5061;edge=dublin", "priority": 65535, "weight": 65535})
        for given in (
            {"friendlyName": "x" * 64, "domainName": "a-1.pstn.twilio.com", "originationUrls": ends},
            {"friendlyName": "x", "domainName": "", "disasterRecoveryUrl": ""},
            {"friendlyName": "x", "disasterRecoveryMethod": "GET"},
        ):
            assert check("SipTrunk", given) == given

    def test_each_field_where_twilio_has_it(self, emulator: Emulator) -> None:
        """Its own fields, those of the recording, and both kinds of lists; a removed one has the default."""
        access = send(emulator, f"{API}/IpAccessControlLists.json", FriendlyName="office")["sid"]
        given = {
            "friendlyName": "pbx",
            "domainName": "example-crm.pstn.twilio.com",
            "disasterRecoveryUrl": OURS,
            "disasterRecoveryMethod": "GET",
            "recordingMode": "record-from-ringing",
            "recordingTrim": "trim-silence",
            "transferMode": "sip-only",
            "transferCallerId": "from-transferor",
            "secure": True,
            "cnamLookupEnabled": True,
            "credentialLists": [credential_list(emulator)],
            "ipAccessControlLists": [access],
        }
        trunk = create(emulator, "SipTrunk", given)
        path = f"/v1/Trunks/{trunk.id}"
        live = get(emulator, path)
        assert live["recording"] == {"mode": "record-from-ringing", "trim": "trim-silence"}
        own = ("domain_name", "disaster_recovery_method", "transfer_mode", "transfer_caller_id", "secure")
        assert [live[name] for name in own] == [
            "example-crm.pstn.twilio.com",
            "GET",
            "sip-only",
            "from-transferor",
            True,
        ]
        assert live["cnam_lookup_enabled"] is True
        lists = get(emulator, f"{path}/CredentialLists")["credential_lists"]
        lists += get(emulator, f"{path}/IpAccessControlLists")["ip_access_control_lists"]
        assert [item["sid"] for item in lists] == [*given["credentialLists"], access]
        assert refreshed(emulator, trunk).inputs == given
        run(emulator.plugin().update(trunk, {"friendlyName": "pbx"}))
        live = get(emulator, path)
        assert live["recording"] == {"mode": "do-not-record", "trim": "do-not-trim"}
        assert not live["domain_name"]
        assert [live[name] for name in own[1:]] == ["POST", "disable-all", "from-transferee", False]
        assert not live["disaster_recovery_url"]
        assert get(emulator, f"{path}/CredentialLists")["credential_lists"] == []
        client = emulator.plugin()
        run(client.delete(trunk))
        assert "example-crm.pstn.twilio.com is deleted; a deleted name stays reserved" in client.said

    def test_origins_change_one_by_one(self, emulator: Emulator) -> None:
        """One that changed keeps its SID; one that left is deleted; one of somebody else stays."""
        trunk = create(
            emulator, "SipTrunk", {"friendlyName": "pbx", "originationUrls": [{"sipUrl": "sip:a.example"}]}
        )
        path = f"/v1/Trunks/{trunk.id}/OriginationUrls"
        (first,) = get(emulator, path)["origination_urls"]
        assert {name: first[name] for name in ("priority", "weight", "enabled", "friendly_name")} == {
            "priority": 10,
            "weight": 10,
            "enabled": True,
            "friendly_name": "sip:a.example",
        }
        theirs = {"Weight": "1", "Priority": "1", "Enabled": "true", "FriendlyName": "theirs"}
        send(emulator, path, SipUrl="sip:theirs.example", **theirs)
        changed = {"sipUrl": "sip:a.example", "priority": 1, "weight": 2, "enabled": False, "friendlyName": "A"}
        given = {"friendlyName": "pbx", "originationUrls": [{"sipUrl": "sip:b.example"}, changed]}
        trunk = run(emulator.plugin().update(trunk, given))
        live = {url["sip_url"]: url for url in get(emulator, path)["origination_urls"]}
        assert set(live) == {"sip:a.example", "sip:b.example", "sip:theirs.example"}
        first |= {"priority": 1, "weight": 2, "enabled": False, "friendly_name": "A"}
        first["date_updated"] = live["sip:a.example"]["date_updated"]
        assert live["sip:a.example"] == first
        assert refreshed(emulator, trunk).inputs == given
        run(emulator.plugin().update(trunk, {"friendlyName": "pbx"}))
        (left,) = get(emulator, path)["origination_urls"]
        assert left["sip_url"] == "sip:theirs.example"

    def test_a_long_address_is_its_own_name(self, emulator: Emulator) -> None:
        """As far as Twilio takes it; that is no drift."""
        given = {"friendlyName": "pbx", "originationUrls": [{"sipUrl": f"sip:{'a' * 80}.example"}]}
        trunk = create(emulator, "SipTrunk", given)
        (url,) = get(emulator, f"/v1/Trunks/{trunk.id}/OriginationUrls")["origination_urls"]
        assert url["friendly_name"] == f"sip:{'a' * 60}"
        assert changes(emulator, trunk, given) == {}
        (shown,) = run(emulator.plugin().import_("SipTrunk", "it", trunk.id)).inputs["originationUrls"]
        assert "friendlyName" not in shown

    @pytest.mark.parametrize("preview", [True, False])
    @pytest.mark.parametrize(
        ("routed", "said"),
        [
            ("trunk", "is answered by the trunk TK"),
            ("url", "is answered by https://old.example.com/v?"),
            ("demo", ""),
            ("nothing", ""),
        ],
    )
    def test_what_answers_a_number_already(
        self, emulator: Emulator, preview: bool, routed: str, said: str
    ) -> None:
        """It is named, without what may be a secret in it; Twilio's own demo answers nobody."""
        fields = {
            "trunk": {"TrunkSid": send(emulator, "/v1/Trunks", FriendlyName="theirs")["sid"]},
            "url": {"VoiceUrl": "https://old.example.com/v?token=s3cret"},
            "demo": {"VoiceUrl": "https://demo.twilio.com/welcome/voice/"},
            "nothing": {"VoiceUrl": ""},
        }[routed]
        emulator.click(**fields)
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx"})
        given = {"friendlyName": "pbx", "phoneNumbers": [NUMBER]}
        if not said:
            run(emulator.plugin().update(trunk, given, preview=preview))
            return
        with pytest.raises(Refused, match=f"^phoneNumbers: .*{re.escape(said)}.*replaceExisting") as refused:
            run(emulator.plugin().update(trunk, given, preview=preview))
        assert "s3cret" not in str(refused.value)
        assert emulator.number()["trunk_sid"] != trunk.id

    def test_a_number_of_somebody_else_is_refused(self, emulator: Emulator) -> None:
        """Before anything is created."""
        with pytest.raises(Refused, match=rf"\+15550000001 is not a number of account {ACCOUNT}"):
            create(emulator, "SipTrunk", {**TRUNK, "phoneNumbers": ["+15550000001"]})
        assert get(emulator, "/v1/Trunks")["trunks"] == []

    @pytest.mark.parametrize("adopted", [True, False])
    @pytest.mark.parametrize("before", ["app", "trunk"])
    def test_a_destroy_gives_a_number_its_app_or_trunk_back(
        self, emulator: Emulator, before: str, adopted: bool
    ) -> None:
        """Of a trunk that is deleted, and of one that is not."""
        theirs = send(emulator, "/v1/Trunks", FriendlyName="theirs")["sid"]
        app = emulator.post("Applications.json", FriendlyName="old", VoiceUrl=THEIRS)["sid"]
        fields = {"TrunkSid": theirs} if before == "trunk" else {"VoiceApplicationSid": app}
        emulator.click(**fields)
        if adopted:
            send(emulator, "/v1/Trunks", FriendlyName="pbx")
        consents = {"replaceExisting": True, "adoptExisting": True}
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx", "phoneNumbers": [NUMBER], **consents})
        assert emulator.number()["trunk_sid"] == trunk.id
        client = emulator.plugin()
        run(client.delete(trunk))
        number = emulator.number()
        assert (number["trunk_sid"] or "") == fields.get("TrunkSid", "")
        assert (number["voice_application_sid"] or "") == fields.get("VoiceApplicationSid", "")
        names = {item["friendly_name"] for item in get(emulator, "/v1/Trunks")["trunks"]}
        assert names == ({"theirs", "pbx"} if adopted else {"theirs"})
        assert (f"the SIP trunk {trunk.id} is not deleted" in client.said) is adopted

    def test_a_number_that_was_released_does_not_keep_the_trunk(self, emulator: Emulator) -> None:
        """It is gone from the trunk as well, so there is nothing to give back."""
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx", "phoneNumbers": [OTHER]})
        emulator.http.delete(
            f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{emulator.number(OTHER)['sid']}.json"
        ).raise_for_status()
        run(emulator.plugin().delete(trunk))
        assert get(emulator, "/v1/Trunks")["trunks"] == []

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


def test_a_studio_flow_by_name_or_sid(emulator: Emulator) -> None:
    """Its webhook URL is what a number is pointed at; a name that none has is an error."""
    flow = send(emulator, "/v2/Flows", FriendlyName="support", Status="published", Definition="{}")
    found = run(emulator.plugin().invoke("getStudioFlow", {"flow": "support"}))
    assert (found["flowSid"], found["webhookUrl"]) == (flow["sid"], flow["webhook_url"])
    assert found == run(emulator.plugin().invoke("getStudioFlow", {"flow": flow["sid"]}))
    assert (found["friendlyName"], found["status"]) == ("support", "published")
    for key in ("sales", "FW" + "0" * 32):
        with pytest.raises(Refused, match=f"no Studio flow is named {key}"):
            run(emulator.plugin().invoke("getStudioFlow", {"flow": key}))
    send(emulator, "/v2/Flows", FriendlyName="support", Status="draft", Definition="{}")
    with pytest.raises(Refused, match="2 Studio flows are named support"):
        run(emulator.plugin().invoke("getStudioFlow", {"flow": "support"}))


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
