"""What a SIP object keeps for its end: what was found, what was written, and what goes back when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import NUMBER, OTHER, Emulator, run
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
from tests.providers.twilio.stack import remember, remember_attempt
from tests.support.interception import intercepted

NEW = "https://new.example.com/voice"
NOBODY = "CL" + "0" * 32
LISTS: list[tuple[str, dict[str, Any], str]] = [
    ("SipCredentialList", {"friendlyName": "office"}, "CredentialLists"),
    ("SipIpAccessControlList", {"friendlyName": "office"}, "IpAccessControlLists"),
]


def their_domain(emulator: Emulator, **fields: str) -> str:
    """Return a domain that somebody else made, with our name."""
    return str(send(emulator, f"{API}/Domains.json", DomainName=NAME, **fields)["sid"])


def domain_of(emulator: Emulator, sid: str) -> dict[str, Any]:
    """Return a domain as Twilio has it."""
    return get(emulator, f"{API}/Domains/{sid}.json")


def fail(emulator: Emulator, path: str, *, status: int = 400, times: int = 1) -> None:
    """Let Twilio refuse writes to a path."""
    fault = {"fault": "rest-error", "status": status, "code": 20001, "message": "no", "method": "POST"}
    emulator.http.post("/_sandbox/faults", json=[{**fault, "path": path, "times": times}]).raise_for_status()


class TestRecords:
    """original and lastWritten."""

    def test_of_a_created_domain(self, emulator: Emulator) -> None:
        """Twilio's defaults are no findings; of a list, that it was not mapped is one."""
        ours = credential_list(emulator, "ours")
        given = {**DOMAIN, "credentialLists": [ours]}
        domain = create(emulator, "SipDomain", given)
        assert domain.state["original"] == Secret({f"credential_lists/{ours}": ""})
        assert domain.state["lastWritten"] == Secret(
            {
                "domain_name": NAME,
                "voice_url": OURS,
                "voice_status_callback_url": OURS,
                "secure": "true",
                f"credential_lists/{ours}": "mapped",
            }
        )
        updated = run(emulator.plugin().update(refreshed(emulator, domain), {**given, "voiceMethod": "GET"}))
        assert updated.state["original"] == domain.state["original"]
        assert (updated.state["created"], updated.state["domainSid"]) == (True, domain.id)

    def test_of_a_domain_that_was_taken_over(self, emulator: Emulator) -> None:
        """All that was found, once and for all: a later update and a refresh keep it."""
        sid = their_domain(emulator, VoiceUrl=THEIRS)
        domain = create(emulator, "SipDomain", {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True})
        original = domain.state["original"]
        assert (original.value["voice_url"], original.value["secure"]) == (THEIRS, "false")
        ours = credential_list(emulator)
        given = {**domain.inputs, "voiceUrl": NEW, "credentialLists": [ours]}
        domain = refreshed(emulator, run(emulator.plugin().update(domain, given)))
        assert domain.state["original"] == Secret({**original.value, f"credential_lists/{ours}": ""})
        assert domain.state["created"] is False
        run(emulator.plugin().delete(domain))
        assert (domain_of(emulator, sid)["voice_url"], mapped(emulator, sid)) == (THEIRS, [])

    def test_a_refresh_and_an_update_do_not_forget_who_created_it(self, emulator: Emulator) -> None:
        """Otherwise a destroy would leave what the program created, or delete what it did not."""
        domain = refreshed(emulator, create(emulator, "SipDomain", DOMAIN))
        run(emulator.plugin().delete(run(emulator.plugin().update(domain, {**DOMAIN, "secure": False}))))
        assert get(emulator, f"{API}/Domains.json")["domains"] == []

    def test_what_leaves_the_program_of_a_created_domain_has_twilios_default(self, emulator: Emulator) -> None:
        """Also a URL is cleared; a property that already has the default changes nothing."""
        given = {**DOMAIN, "voiceFallbackUrl": NEW, "voiceMethod": "POST", "sipRegistration": False}
        domain = create(emulator, "SipDomain", given)
        fewer = {"domainName": NAME, "voiceUrl": OURS, "sipRegistration": False}
        assert set(changes(emulator, domain, fewer)) == {"voiceFallbackUrl", "statusCallback", "secure"}
        updated = run(emulator.plugin().update(domain, fewer))
        live = domain_of(emulator, domain.id)
        assert not live["voice_fallback_url"]
        assert not live["voice_status_callback_url"]
        assert (live["voice_url"], live["secure"]) == (OURS, False)
        assert set(updated.state["lastWritten"].value) == {"domain_name", "voice_url", "sip_registration"}

    def test_what_leaves_the_program_of_another_domain_goes_back(self, emulator: Emulator) -> None:
        """Not to Twilio's default; a property that has its first value changes nothing."""
        sid = their_domain(emulator, VoiceUrl=THEIRS, Secure="true")
        given = {"domainName": NAME, "voiceUrl": OURS, "secure": True, "adoptExisting": True}
        domain = create(emulator, "SipDomain", given)
        assert changes(emulator, domain, {"domainName": NAME}) == {"voiceUrl": "DELETE"}
        run(emulator.plugin().update(domain, {"domainName": NAME}))
        live = domain_of(emulator, sid)
        assert (live["voice_url"], live["secure"]) == (THEIRS, True)

    def test_a_list_that_somebody_took_out_since(self, emulator: Emulator) -> None:
        """It does not keep the rest of the domain from being restored."""
        sid, ours = their_domain(emulator, VoiceUrl=THEIRS), credential_list(emulator)
        given = {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True, "credentialLists": [ours]}
        domain = create(emulator, "SipDomain", given)
        path = f"{API}/Domains/{sid}/Auth/Calls/CredentialListMappings/{ours}.json"
        emulator.http.delete(path).raise_for_status()
        run(emulator.plugin().delete(domain))
        assert (domain_of(emulator, sid)["voice_url"], mapped(emulator, sid)) == (THEIRS, [])

    def test_a_consent_alone_is_no_change(self, emulator: Emulator) -> None:
        """It only allows a create or an update something, and a refresh keeps it."""
        domain = create(emulator, "SipDomain", DOMAIN)
        consenting = {**DOMAIN, "adoptExisting": True}
        assert changes(emulator, domain, consenting) == {}
        domain.inputs = consenting
        assert refreshed(emulator, domain).inputs == consenting
        trunk = create(emulator, "SipTrunk", TRUNK)
        assert changes(emulator, trunk, {**TRUNK, "adoptExisting": True, "replaceExisting": True}) == {}
        for kind, given, _ in LISTS:
            access = create(emulator, kind, given)
            assert changes(emulator, access, {**given, "adoptExisting": True}) == {}
            access.inputs = {**given, "adoptExisting": True}
            assert refreshed(emulator, access).inputs == access.inputs


class TestTakingOver:
    """An object that exists already."""

    def test_the_preview_says_what_changes(self, emulator: Emulator) -> None:
        """Nothing is written; what the program does not give is shown as it is."""
        sid = their_domain(emulator, VoiceUrl=f"{THEIRS}?token=s3cret", VoiceFallbackUrl=NEW)
        given = {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True}
        client = emulator.plugin()
        emulator.forget_requests()
        preview = run(client.create("SipDomain", "it", given, preview=True))
        assert f"{sid} exists, nothing is created" in client.said
        assert f"voice_url {THEIRS}?*** -> {OURS}" in client.said
        assert "s3cret" not in client.said
        assert "domain_name" not in client.said
        assert preview.state["voiceFallbackUrl"] == NEW
        assert [r["method"] for r in emulator.requests() if r["method"] != "GET"] == []

    def test_the_preview_of_a_new_one_shows_twilios_defaults(self, emulator: Emulator) -> None:
        """Not unknown values: another resource may depend on them."""
        preview = run(emulator.plugin().create("SipDomain", "it", DOMAIN, preview=True))
        assert preview.state["voiceMethod"] == "POST"
        assert preview.state["sipRegistration"] is False
        assert preview.state["domainSid"] is UNKNOWN

    def test_one_that_is_as_the_program_says_is_not_announced(self, emulator: Emulator) -> None:
        """And no request writes it."""
        their_domain(emulator, VoiceUrl=OURS)
        given = {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True}
        client = emulator.plugin()
        run(client.create("SipDomain", "it", given, preview=True))
        assert "exists, nothing is created" not in client.said
        emulator.forget_requests()
        create(emulator, "SipDomain", given)
        assert [r["path"] for r in emulator.requests() if r["method"] != "GET"] == []

    @pytest.mark.parametrize("preview", [True, False])
    def test_the_refusal_has_the_command_that_imports_it(self, emulator: Emulator, preview: bool) -> None:
        """Complete, ready to copy."""
        sid = send(emulator, "/v1/Trunks", FriendlyName="pbx")["sid"]
        with pytest.raises(Refused, match=rf"pulumi import twilio:index:SipTrunk it {sid}$"):
            run(emulator.plugin().create("SipTrunk", "it", TRUNK, preview=preview))
        (trunk,) = get(emulator, "/v1/Trunks")["trunks"]
        assert not trunk["disaster_recovery_url"]

    def test_two_of_one_name_are_never_guessed(self, emulator: Emulator) -> None:
        """Not even with consent, and not by an import; both are named."""
        sids = [send(emulator, "/v1/Trunks", FriendlyName="pbx")["sid"] for _ in range(2)]
        for act in (
            lambda: create(emulator, "SipTrunk", {**TRUNK, "adoptExisting": True}),
            lambda: run(emulator.plugin().import_("SipTrunk", "it", "pbx")),
        ):
            with pytest.raises(Refused, match="2 objects") as refused:
                act()
            assert all(sid in str(refused.value) for sid in sids)
        trunk = run(emulator.plugin().import_("SipTrunk", "it", sids[1]))
        assert trunk is not None
        assert trunk.id == sids[1]

    @pytest.mark.parametrize(("kind", "given", "folder"), LISTS)
    def test_two_lists_of_one_name(
        self, emulator: Emulator, kind: str, given: dict[str, Any], folder: str
    ) -> None:
        """The same for a list; one is taken over, with consent, and never deleted."""
        sids = [send(emulator, f"{API}/{folder}.json", FriendlyName="office")["sid"]]
        with pytest.raises(Refused, match=rf"adoptExisting.*pulumi import .*twilio:index:{kind} it {sids[0]}"):
            run(emulator.plugin().create(kind, "it", given, preview=True))
        client = emulator.plugin()
        run(client.create(kind, "it", {**given, "adoptExisting": True}, preview=True))
        assert f"{sids[0]} exists" in client.said
        taken = create(emulator, kind, {**given, "adoptExisting": True})
        assert (taken.id, taken.state["created"]) == (sids[0], False)
        run(emulator.plugin().delete(refreshed(emulator, taken)))
        sids.append(send(emulator, f"{API}/{folder}.json", FriendlyName="office")["sid"])
        with pytest.raises(Refused, match="2 lists") as refused:
            create(emulator, kind, {**given, "adoptExisting": True})
        assert all(sid in str(refused.value) for sid in sids)
        with pytest.raises(Refused, match="2 lists are named office"):
            run(emulator.plugin().import_(kind, "it", "office"))
        assert run(emulator.plugin().import_(kind, "it", sids[1])).id == sids[1]
        assert run(emulator.plugin().import_(kind, "it", "nobody")) is None

    def test_only_one_resource_of_a_program_has_it(self, emulator: Emulator) -> None:
        """By its name, of each kind."""
        client = emulator.plugin()
        given = {"SipDomain": DOMAIN, "SipTrunk": TRUNK, **{kind: inputs for kind, inputs, _ in LISTS}}
        for kind, inputs in given.items():
            run(client.create(kind, "it", inputs))
            with pytest.raises(CheckFailed, match="managed twice") as failed:
                run(client.create(kind, "other", inputs))
            assert list(failed.value.failures) == ["domainName" if kind == "SipDomain" else "friendlyName"]
        for name in ("office", "PBX"):
            run(client.create("SipTrunk", name, {"friendlyName": name}))


class TestRenamed:
    """A resource whose name in the program changed: the same object goes on."""

    @pytest.mark.parametrize("created", [True, False])
    def test_a_domain(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, created: bool) -> None:
        """Found by its SID, also under another name, with what was there at first."""
        given: dict[str, Any] = {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True}
        if not created:
            their_domain(emulator, VoiceUrl=THEIRS)
        domain = create(emulator, "SipDomain", given)
        remember(monkeypatch, domain)
        client = emulator.plugin()
        renamed = run(client.create("SipDomain", "new", {"domainName": NAME, "voiceUrl": NEW}))
        assert renamed.id == domain.id
        assert renamed.state["created"] is created
        assert renamed.state["original"] == domain.state["original"]
        assert "add an alias" in client.said
        assert domain_of(emulator, domain.id)["voice_url"] == NEW
        run(emulator.plugin().delete(renamed))
        left = [found["voice_url"] for found in get(emulator, f"{API}/Domains.json")["domains"]]
        assert left == ([] if created else [THEIRS])

    def test_a_domain_that_is_gone_is_created(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The state knows a SID that Twilio does not know any more; another name is free."""
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx"})
        emulator.http.delete(f"/v1/Trunks/{trunk.id}").raise_for_status()
        remember(monkeypatch, trunk)
        again = create(emulator, "SipTrunk", {"friendlyName": "pbx"}, "new")
        assert again.id != trunk.id
        assert again.state["created"] is True

    @pytest.mark.parametrize("created", [True, False])
    def test_a_list(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, created: bool) -> None:
        """With its members, which are not written again where they are as they were left."""
        path = f"{API}/IpAccessControlLists"
        if not created:
            sid = send(emulator, f"{path}.json", FriendlyName="office")["sid"]
            form = {"FriendlyName": "old", "IpAddress": "203.0.113.0", "CidrPrefixLength": "24"}
            send(emulator, f"{path}/{sid}/IpAddresses.json", **form)
        given: dict[str, Any] = {"friendlyName": "office", "addresses": {"203.0.113.0/24": "PBX"}}
        office = create(emulator, "SipIpAccessControlList", {**given, "adoptExisting": True})
        remember(monkeypatch, office)
        renamed = create(emulator, "SipIpAccessControlList", given, "new")
        assert renamed.id == office.id
        assert [renamed.state[n] for n in ("created", "original", "marks")] == [
            created,
            {} if created else {"203.0.113.0/24": "old"},
            {"203.0.113.0/24": "PBX"},
        ]
        run(emulator.plugin().delete(renamed))
        lists = get(emulator, f"{path}.json")["ip_access_control_lists"]
        assert [item["sid"] for item in lists] == ([] if created else [office.id])


class TestUpdateThatDidNotArrive:
    """What the state keeps where a write failed, and what it learns of an update that was killed."""

    def test_a_lost_answer_keeps_what_was_found_and_what_was_tried(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The destroy that follows restores what was there at first."""
        monkeypatch.setattr("pulumi_provider_kit.rest._FIRST_WAIT", 0.001)
        sid = their_domain(emulator, VoiceUrl=THEIRS)
        domain = create(emulator, "SipDomain", {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True})
        fail(emulator, f"/Domains/{sid}", status=500, times=20)
        with pytest.raises(Refused) as refused:
            run(emulator.plugin().update(domain, {**domain.inputs, "voiceUrl": NEW}))
        emulator.http.delete("/_sandbox/faults").raise_for_status()
        assert refused.value.kept is not None
        kept = Resource(domain.urn, refused.value.kept[0], domain.inputs, refused.value.kept[1])
        assert kept.state["lastWritten"].value["voice_url"] == NEW
        send(emulator, f"{API}/Domains/{sid}.json", VoiceUrl=NEW)  # the write that had no answer
        run(emulator.plugin().delete(kept))
        assert domain_of(emulator, sid)["voice_url"] == THEIRS

    @pytest.mark.parametrize("writes", [True, False], ids=["after another write", "alone"])
    def test_a_refused_list(self, emulator: Emulator, writes: bool) -> None:
        """Where nothing else was written, the previous state holds; else the new one is kept."""
        domain = create(emulator, "SipDomain", DOMAIN)
        given = {**DOMAIN, "credentialLists": [NOBODY], **({"voiceUrl": NEW} if writes else {})}
        with pytest.raises(Refused, match="credentialLists") as refused:
            run(emulator.plugin().update(domain, given))
        assert (refused.value.kept is not None) is writes
        assert domain_of(emulator, domain.id)["voice_url"] == (NEW if writes else OURS)

    def test_a_refusal_is_at_the_property_that_twilio_means(self, emulator: Emulator) -> None:
        """Of a creation and of an update; nothing is kept."""
        fault = {"fault": "rest-error", "status": 400, "code": 21235, "method": "POST", "times": 1}
        fault |= {"message": "Invalid VoiceUrl", "path": "/SIP/Domains"}
        emulator.http.post("/_sandbox/faults", json=[fault]).raise_for_status()
        with pytest.raises(Refused, match="^voiceUrl: ") as refused:
            create(emulator, "SipDomain", DOMAIN)
        assert refused.value.kept is None
        domain = create(emulator, "SipDomain", DOMAIN)
        emulator.http.post("/_sandbox/faults", json=[fault]).raise_for_status()
        with pytest.raises(Refused, match="^voiceUrl: ") as refused:
            run(emulator.plugin().update(domain, {**DOMAIN, "voiceUrl": NEW}))
        assert refused.value.kept is None

    @pytest.mark.parametrize("killed", [True, False])
    def test_an_update_that_was_killed(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, killed: bool
    ) -> None:
        """What it wrote counts as the program's own; the same value from somebody else does not."""
        sid = their_domain(emulator, VoiceUrl=THEIRS)
        domain = create(emulator, "SipDomain", {"domainName": NAME, "voiceUrl": OURS, "adoptExisting": True})
        attempt = {**domain.inputs, "voiceUrl": NEW, "statusCallback": NEW}
        send(emulator, f"{API}/Domains/{sid}.json", VoiceUrl=NEW)
        if killed:
            remember_attempt(monkeypatch, domain, attempt)
        domain = refreshed(emulator, domain)
        assert domain.inputs["voiceUrl"] == NEW
        client = emulator.plugin()
        run(client.delete(domain))
        assert domain_of(emulator, sid)["voice_url"] == (THEIRS if killed else NEW)
        assert ("was changed outside this stack" in client.said) is not killed

    @pytest.mark.parametrize("killed", [True, False])
    def test_a_list_that_a_killed_update_mapped(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, killed: bool
    ) -> None:
        """It is taken out at the end; one that somebody else mapped stays."""
        sid = their_domain(emulator)
        domain = create(emulator, "SipDomain", {"domainName": NAME, "adoptExisting": True})
        ours = credential_list(emulator)
        path = f"{API}/Domains/{sid}/Auth/Calls/CredentialListMappings.json"
        send(emulator, path, CredentialListSid=ours)
        if killed:
            remember_attempt(monkeypatch, domain, {**domain.inputs, "credentialLists": [ours]})
        domain = refreshed(emulator, domain)
        run(emulator.plugin().delete(domain))
        assert mapped(emulator, sid) == ([] if killed else [ours])

    @pytest.mark.parametrize("killed", [True, False])
    def test_a_user_that_a_killed_update_added(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, killed: bool
    ) -> None:
        """It leaves the list at the end; one that was there before, or that somebody else added, stays."""
        sid = credential_list(emulator, "phones")
        path = f"{API}/CredentialLists/{sid}/Credentials.json"
        send(emulator, path, Username="before", Password=PASSWORD)
        phones = create(emulator, "SipCredentialList", {"friendlyName": "phones", "adoptExisting": True})
        for user in ("alice", "theirs"):
            send(emulator, path, Username=user, Password=PASSWORD)
        if killed:
            users = Secret({"before": PASSWORD, "alice": PASSWORD})
            remember_attempt(monkeypatch, phones, {**phones.inputs, "credentials": users})
        phones = refreshed(emulator, phones)
        assert set(phones.state["marks"]) == ({"alice"} if killed else set())
        run(emulator.plugin().delete(phones))
        left = {item["username"] for item in get(emulator, path)["credentials"]}
        assert left == {"before", "theirs"} | (set() if killed else {"alice"})

    @pytest.mark.parametrize("killed", [True, False])
    def test_a_network_that_a_killed_update_wrote(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, killed: bool
    ) -> None:
        """It has its first name again, or goes; a name that the update did not write is of somebody else."""
        sid = send(emulator, f"{API}/IpAccessControlLists.json", FriendlyName="office")["sid"]
        path = f"{API}/IpAccessControlLists/{sid}/IpAddresses"
        form = {"FriendlyName": "old", "IpAddress": "203.0.113.0", "CidrPrefixLength": "24"}
        first = send(emulator, f"{path}.json", **form)["sid"]
        given = {"friendlyName": "office", "adoptExisting": True}
        office = create(emulator, "SipIpAccessControlList", given)
        send(emulator, f"{path}/{first}.json", FriendlyName="PBX")
        for address, name in (("198.51.100.7", "home"), ("198.51.100.8", "theirs")):
            send(emulator, f"{path}.json", FriendlyName=name, IpAddress=address, CidrPrefixLength="32")
        if killed:
            wrote = {"203.0.113.0/24": "PBX", "198.51.100.7/32": "home", "198.51.100.8/32": "other"}
            remember_attempt(monkeypatch, office, {**given, "addresses": wrote})
        run(emulator.plugin().delete(refreshed(emulator, office)))
        left = {item["friendly_name"] for item in get(emulator, f"{path}.json")["ip_addresses"]}
        assert left == ({"old", "theirs"} if killed else {"PBX", "home", "theirs"})

    def test_an_update_of_what_is_gone(self, emulator: Emulator) -> None:
        """It creates nothing that the state would not know; a refresh and a delete find nothing."""
        trunk = create(emulator, "SipTrunk", TRUNK)
        emulator.http.delete(f"/v1/Trunks/{trunk.id}").raise_for_status()
        with pytest.raises(Refused, match="is gone; run pulumi up .*--refresh"):
            run(emulator.plugin().update(trunk, {**TRUNK, "secure": True}))
        assert run(emulator.plugin().read(trunk)) is None
        run(emulator.plugin().delete(trunk))
        assert get(emulator, "/v1/Trunks")["trunks"] == []

    def test_only_what_differs_is_written(self, emulator: Emulator) -> None:
        """One request for one field, and none for an origin or a list that is as it should be."""
        given = {**TRUNK, "credentialLists": [credential_list(emulator)]}
        trunk = create(emulator, "SipTrunk", given)
        emulator.forget_requests()
        run(emulator.plugin().update(trunk, {**given, "secure": True}))
        writes = [(r["path"], r["params"]) for r in emulator.requests() if r["method"] != "GET"]
        assert writes == [(f"/v1/Trunks/{trunk.id}", [["Secure", "true"]])]


class TestImport:
    """What a program has to say of an object that exists."""

    def test_of_a_domain_with_its_lists(self, emulator: Emulator) -> None:
        """Each property that is set, the lists among them; a destroy without an update changes nothing."""
        theirs = credential_list(emulator)
        sid = their_domain(emulator, VoiceUrl=THEIRS, Secure="true")
        path = f"{API}/Domains/{sid}/Auth/Registrations/CredentialListMappings.json"
        send(emulator, path, CredentialListSid=theirs)
        domain = run(emulator.plugin().import_("SipDomain", "it", sid))
        assert domain is not None
        assert domain.inputs == {
            "domainName": NAME,
            "voiceUrl": THEIRS,
            "voiceMethod": "POST",
            "secure": True,
            "registrationCredentialLists": [theirs],
        }
        assert (domain.state["created"], domain.state["lastWritten"]) == (False, Secret({}))
        before = domain_of(emulator, sid)
        run(emulator.plugin().delete(domain))
        assert domain_of(emulator, sid) == before
        assert run(emulator.plugin().import_("SipDomain", "it", "nobody.sip.twilio.com")) is None
        assert run(emulator.plugin().import_("SipDomain", "it", "SD" + "0" * 32)) is None

    def test_a_url_that_no_program_may_give_is_left_out(self, emulator: Emulator) -> None:
        """It has a password, which is said and not shown; the rest is imported."""
        sid = their_domain(emulator, VoiceUrl="https://me:hunter2@old.example.com/v", Secure="true")
        client = emulator.plugin()
        domain = run(client.import_("SipDomain", "it", sid))
        assert domain is not None
        assert domain.inputs == {"domainName": NAME, "secure": True}
        assert f"{sid}: voiceUrl " in client.said
        assert "hunter2" not in client.said

    def test_of_lists(self, emulator: Emulator) -> None:
        """Networks come with it; passwords cannot, so only the users are named."""
        sid = send(emulator, f"{API}/IpAccessControlLists.json", FriendlyName="office")["sid"]
        form = {"FriendlyName": "old", "IpAddress": "203.0.113.7", "CidrPrefixLength": "24"}
        send(emulator, f"{API}/IpAccessControlLists/{sid}/IpAddresses.json", **form)
        office = run(emulator.plugin().import_("SipIpAccessControlList", "it", "office"))
        assert office is not None
        assert (office.id, office.inputs) == (
            sid,
            {"friendlyName": "office", "addresses": {"203.0.113.0/24": "old"}},
        )
        assert (office.state["created"], office.state["original"]) == (False, {"203.0.113.0/24": "old"})
        empty = credential_list(emulator, "empty")
        client = emulator.plugin()
        run(client.import_("SipCredentialList", "it", empty))
        assert client.said == ""
        path = f"{API}/CredentialLists/{empty}/Credentials.json"
        for user in ("zoe", "alice"):
            send(emulator, path, Username=user, Password=PASSWORD)
        phones = run(client.import_("SipCredentialList", "it", empty))
        assert phones is not None
        assert phones.inputs == {"friendlyName": "empty"}
        assert "leaves out alice, zoe;" in client.said
        run(emulator.plugin().delete(phones))
        assert len(get(emulator, path)["credentials"]) == 2

    def test_of_a_trunk(self, emulator: Emulator) -> None:
        """Origins with what is not Twilio's default, and numbers; the diff is empty."""
        sid = send(emulator, "/v1/Trunks", FriendlyName="pbx")["sid"]
        origins: list[dict[str, Any]] = [
            {"sipUrl": "sip:a.example.com", "priority": 0, "weight": 1, "enabled": False},
            {"sipUrl": "sip:b.example.com", "priority": 10, "weight": 10, "friendlyName": "second PBX"},
        ]
        for origin in origins:
            form = {"SipUrl": origin["sipUrl"], "Priority": str(origin["priority"])}
            form |= {"Weight": str(origin["weight"]), "Enabled": str(origin.get("enabled", True)).lower()}
            form["FriendlyName"] = origin.get("friendlyName", origin["sipUrl"])
            send(emulator, f"/v1/Trunks/{sid}/OriginationUrls", **form)
        emulator.click(TrunkSid=sid)
        trunk = run(emulator.plugin().import_("SipTrunk", "it", "pbx"))
        assert trunk is not None
        urls = sorted(trunk.inputs["originationUrls"], key=lambda url: str(url["sipUrl"]))
        assert (urls, trunk.inputs["phoneNumbers"]) == (origins, [NUMBER])
        assert changes(emulator, trunk, trunk.inputs) == {}


class TestPages:
    """Lists that are longer than a page."""

    def test_every_page_is_read(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        """In both forms in which Twilio gives pages."""
        monkeypatch.setattr("pulumi_twilio.sip.parts._PAGE_SIZE", 2)
        lists = [credential_list(emulator, f"list {n}") for n in range(3)]
        domain = create(emulator, "SipDomain", {**DOMAIN, "credentialLists": lists})
        assert changes(emulator, domain, domain.inputs) == {}
        found = run(emulator.plugin().import_("SipCredentialList", "it", "list 2"))
        assert found is not None
        assert found.id == lists[2]
        origins = [{"sipUrl": f"sip:pbx{n}.example.com"} for n in range(3)]
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx", "originationUrls": origins})
        assert changes(emulator, trunk, trunk.inputs) == {}
        assert run(emulator.plugin().update(trunk, {"friendlyName": "pbx"})).id == trunk.id
        assert get(emulator, f"/v1/Trunks/{trunk.id}/OriginationUrls")["origination_urls"] == []

    @pytest.mark.parametrize(
        ("kind", "path", "following"),
        [
            ("SipDomain", "/SIP/Domains.json", {"next_page_uri": "/SIP/Domains.json?Page=1"}),
            ("SipTrunk", "/v1/Trunks", {"meta": {"next_page_url": "https://x/v1/Trunks?Page=1"}}),
        ],
    )
    def test_a_list_without_an_end(
        self, emulator: Emulator, kind: str, path: str, following: dict[str, Any]
    ) -> None:
        """An error, and not an endless preview."""
        answer = {"domains": [], "trunks": [], **following}
        with intercepted(emulator.url) as proxy:
            proxy.garble(json.dumps(answer).encode(), "GET", path)
            given = DOMAIN if kind == "SipDomain" else TRUNK
            with pytest.raises(Refused, match=f"{path} has no end"):
                run(emulator.plugin(baseUrl=proxy.url).create(kind, "it", given, preview=True))

    def test_the_order_is_the_programs(self, emulator: Emulator) -> None:
        """Twilio's own order of lists, numbers and origins is no drift."""
        lists = sorted((credential_list(emulator, f"list {n}") for n in range(3)), reverse=True)
        for name, order in (("a", lists), ("b", lists[::-1])):
            given = {**DOMAIN, "domainName": f"{name}.sip.twilio.com", "credentialLists": order}
            domain = create(emulator, "SipDomain", given, name)
            assert refreshed(emulator, domain).inputs["credentialLists"] == order
        numbers = [OTHER, NUMBER]
        trunk = create(emulator, "SipTrunk", {"friendlyName": "pbx", "phoneNumbers": numbers})
        assert refreshed(emulator, trunk).inputs["phoneNumbers"] == numbers

    @pytest.mark.parametrize("later", [UNKNOWN, [UNKNOWN]])
    def test_parts_that_are_known_later(self, emulator: Emulator, later: Any) -> None:
        """In the preview of an update that also creates them; so of what exists nothing is said about them."""
        their_domain(emulator)
        send(emulator, "/v1/Trunks", FriendlyName=TRUNK["friendlyName"])
        for kind, given, names in (
            ("SipDomain", DOMAIN, ["credentialLists", "ipAccessControlLists"]),
            ("SipTrunk", TRUNK, ["credentialLists", "originationUrls", "phoneNumbers"]),
        ):
            for name in names:
                adopting = {**given, "adoptExisting": True, name: later}
                plugin = emulator.plugin()
                run(plugin.create(kind, "it", adopting, preview=True))
                assert "nothing is created" in plugin.said
