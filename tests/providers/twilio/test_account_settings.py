"""Dialing permissions and the account's few voice settings: taken over in part, given back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_provider_kit.stack_state import Past, StackState
from pulumi_provider_kit.table import snake_case
from pulumi_provider_kit.values import wrap

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import ACCOUNT, Emulator, run
from tests.support.interception import intercepted

GB_AND_US = {"GB": {"lowRisk": True}, "US": {"lowRisk": True, "highRiskTollfraud": False}}


def permissions(emulator: Emulator, country: str) -> dict[str, bool]:
    """Return a country's permissions as Twilio answers them."""
    found = emulator.http.get(f"/v1/DialingPermissions/Countries/{country}").json()
    return {
        name: found[f"{name}_numbers_enabled"]
        for name in ("low_risk", "high_risk_special", "high_risk_tollfraud")
    }


def click(emulator: Emulator, country: str, **flags: bool) -> None:
    """Change a country's permissions as somebody would in the console."""
    current = {f"{n}_numbers_enabled": v for n, v in {**permissions(emulator, country), **flags}.items()}
    update = json.dumps([{"iso_code": country, **current}])
    emulator.http.post(
        "/v1/DialingPermissions/BulkCountryUpdates", data={"UpdateRequest": update}
    ).raise_for_status()


def create(emulator: Emulator, countries: dict[str, Any]) -> Resource:
    """Create the permissions."""
    resource: Resource = run(
        emulator.plugin().create("DialingPermissions", "dialing", {"countries": countries})
    )
    return resource


def writes(emulator: Emulator) -> list[str]:
    """Return the paths written to since the last look."""
    return [r["path"] for r in emulator.requests() if r["method"] == "POST"]


def test_all_changes_go_in_one_bulk_update(emulator: Emulator) -> None:
    """However many countries, one request writes them, and only those that differ."""
    for country in ("GB", "FR"):
        click(emulator, country, low_risk=False)
    emulator.forget_requests()
    create(emulator, {"GB": {"lowRisk": True}, "FR": {"lowRisk": True}, "US": {}})
    assert writes(emulator) == ["/v1/DialingPermissions/BulkCountryUpdates"]
    assert permissions(emulator, "GB")["low_risk"]
    assert permissions(emulator, "FR")["low_risk"]


def test_what_a_country_does_not_say_is_left_alone(emulator: Emulator) -> None:
    """All three flags have to be sent; the ones not given are sent as they are."""
    click(emulator, "GB", low_risk=False, high_risk_special=True)
    create(emulator, {"GB": {"lowRisk": True}})
    assert permissions(emulator, "GB") == {
        "low_risk": True,
        "high_risk_special": True,
        "high_risk_tollfraud": False,
    }


def test_a_change_shows_as_that_country(emulator: Emulator) -> None:
    """In the program or behind its back, one country is one path."""
    resource = create(emulator, GB_AND_US)
    changed = {"countries": {**GB_AND_US, "GB": {"lowRisk": False}}}
    assert run(emulator.plugin().diff(resource, changed)) == {"countries.GB": "UPDATE"}
    click(emulator, "US", high_risk_tollfraud=True)
    refreshed = run(emulator.plugin().read(resource))
    assert run(emulator.plugin().diff(refreshed, {"countries": GB_AND_US})) == {"countries.US": "UPDATE"}
    run(emulator.plugin().update(refreshed, {"countries": GB_AND_US}))
    assert not permissions(emulator, "US")["high_risk_tollfraud"]


def test_the_preview_says_what_is_widened(emulator: Emulator) -> None:
    """Before anything is written, each flag that changes is named."""
    click(emulator, "GB", low_risk=False)
    click(emulator, "FR", low_risk=True)
    client = emulator.plugin()
    countries = {"GB": {"lowRisk": True}, "FR": {"lowRisk": False}}
    run(client.create("DialingPermissions", "dialing", {"countries": countries}, preview=True))
    assert client.said == "dialing permissions: FR low_risk on -> off; GB low_risk off -> on"
    assert not permissions(emulator, "GB")["low_risk"]
    client = emulator.plugin()
    run(client.create("DialingPermissions", "dialing", {"countries": {"GB": {"lowRisk": False}}}, preview=True))
    assert client.said == ""


def test_the_record_keeps_what_the_account_had_first(emulator: Emulator) -> None:
    """Countries and settings as they were when each was first named; one that leaves is forgotten."""
    click(emulator, "GB", low_risk=False)
    given = {"countries": ["GB"], "settings": ["voiceSettings"]}
    record = run(emulator.plugin().create("AccountOriginals", "originals", given))
    assert record.state["dialingPermissions"]["GB"]["low_risk_numbers_enabled"] is False
    assert set(record.state["voiceSettings"]) == {"dialing_permissions_inheritance"}
    assert record.state["voiceInsightsSettings"] == {}

    click(emulator, "GB", low_risk=True)
    emulator.http.post("/v1/Settings", data={"DialingPermissionsInheritance": "true"}).raise_for_status()
    more = {"countries": ["GB", "FR"], "settings": ["voiceSettings", "voiceInsightsSettings"]}
    later = run(emulator.plugin().update(record, more))
    assert later.state["dialingPermissions"]["GB"] == record.state["dialingPermissions"]["GB"]
    assert set(later.state["dialingPermissions"]) == {"GB", "FR"}
    assert later.state["voiceSettings"] == record.state["voiceSettings"]
    assert set(later.state["voiceInsightsSettings"]) == {"advanced_features", "voice_trace"}

    left = run(emulator.plugin().update(later, {"countries": ["FR"], "settings": []}))
    assert set(left.state["dialingPermissions"]) == {"FR"}
    assert (left.state["voiceSettings"], left.state["voiceInsightsSettings"]) == ({}, {})
    with pytest.raises(CheckFailed) as refused:
        run(emulator.plugin().create("AccountOriginals", "originals", {"settings": ["voice"]}))
    assert "settings" in refused.value.failures


def test_a_country_that_leaves_goes_back(emulator: Emulator) -> None:
    """Taking a country out gives back what was found, in the same one request."""
    click(emulator, "GB", low_risk=False)
    click(emulator, "FR", low_risk=False)
    resource = create(emulator, {"GB": {"lowRisk": True}, "FR": {"lowRisk": True}})
    emulator.forget_requests()
    resource = run(emulator.plugin().update(resource, {"countries": {"FR": {"lowRisk": True}}}))
    assert not permissions(emulator, "GB")["low_risk"]
    assert permissions(emulator, "FR")["low_risk"]
    assert set(resource.state["original"]) == {"FR"}


def test_delete_restores_each_permission_that_nobody_changed(emulator: Emulator) -> None:
    """What is as it was written goes back, flag by flag; what somebody changed since is left, and named."""
    click(emulator, "GB", low_risk=False)
    click(emulator, "FR", low_risk=False)
    resource = create(emulator, {"GB": {"lowRisk": True, "highRiskSpecial": False}, "FR": {"lowRisk": True}})
    click(emulator, "GB", high_risk_special=True)
    resource = run(emulator.plugin().read(resource))  # as destroy does first: the inputs are what is live now
    client = emulator.plugin()
    run(client.delete(resource))
    assert not permissions(emulator, "GB")["low_risk"]
    assert permissions(emulator, "GB")["high_risk_special"]
    assert not permissions(emulator, "FR")["low_risk"]
    assert "GB: high_risk_special was changed outside this stack" in client.said


def test_the_original_survives_updates(emulator: Emulator) -> None:
    """After two updates, each of another flag, a delete restores what was there before the create."""
    click(emulator, "GB", low_risk=True, high_risk_special=False)
    before = permissions(emulator, "GB")
    resource = create(emulator, {"GB": {"lowRisk": False}})
    for special in (True, False):
        given = {"countries": {"GB": {"lowRisk": False, "highRiskSpecial": special}}}
        resource = run(emulator.plugin().update(resource, given))
    run(emulator.plugin().delete(resource))
    assert permissions(emulator, "GB") == before


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize("kind", ["DialingPermissions", "VoiceInsightsSettings"])
def test_an_answer_that_is_lost_keeps_the_original(emulator: Emulator, kind: str) -> None:
    """The resource is kept as partly created; a delete restores what was there."""
    given: dict[str, Any] = {"countries": {"GB": {"lowRisk": False}}}
    path = "BulkCountryUpdates"
    if kind == "VoiceInsightsSettings":
        given, path = {"advancedFeatures": True}, "/v1/Voice/Settings"
    click(emulator, "GB", low_risk=True)
    before = permissions(emulator, "GB"), emulator.http.get("/v1/Voice/Settings").json()["advanced_features"]
    assert before[0]["low_risk"] is True
    assert before[1] is False
    with intercepted(emulator.url) as proxy:
        proxy.strike("POST", path, times=8)
        with pytest.raises(Refused, match="run pulumi up again") as caught:
            run(emulator.plugin(baseUrl=proxy.url).create(kind, "s", given))
    after = permissions(emulator, "GB"), emulator.http.get("/v1/Voice/Settings").json()["advanced_features"]
    assert after != before
    assert caught.value.kept is not None
    kept = Resource(emulator.plugin().urn(kind, "s"), caught.value.kept[0], given, caught.value.kept[1])
    run(emulator.plugin().delete(run(emulator.plugin().read(kept))))
    assert (
        permissions(emulator, "GB"),
        emulator.http.get("/v1/Voice/Settings").json()["advanced_features"],
    ) == before


@pytest.mark.usefixtures("quick_retries")
@pytest.mark.parametrize("kind", ["DialingPermissions", "VoiceInsightsSettings"])
@pytest.mark.parametrize("then", ["update", "delete"])
def test_what_left_the_program_in_an_update_that_did_not_arrive_goes_back(
    emulator: Emulator, kind: str, then: str
) -> None:
    """The next update restores it, though its previous inputs no longer name it; so does a delete."""
    given: dict[str, Any] = {"countries": {"GB": {"lowRisk": False}, "US": {"lowRisk": True}}}
    rest, path = {"countries": {"US": {"lowRisk": True}}}, "BulkCountryUpdates"
    if kind == "VoiceInsightsSettings":
        given, rest, path = {"advancedFeatures": True}, {}, "/v1/Voice/Settings"
    click(emulator, "GB", low_risk=True)
    before = permissions(emulator, "GB"), emulator.http.get("/v1/Voice/Settings").json()["advanced_features"]
    resource = run(emulator.plugin().create(kind, "s", given))
    with intercepted(emulator.url) as proxy:
        proxy.strike("POST", path, times=8, before=True)
        with pytest.raises(Refused, match="run pulumi up again") as caught:
            run(emulator.plugin(baseUrl=proxy.url).update(resource, rest))
    assert caught.value.kept is not None
    kept = Resource(resource.urn, resource.id, rest, caught.value.kept[1])
    if then == "update":
        run(emulator.plugin().update(kept, rest))
    else:
        run(emulator.plugin().delete(kept))
    assert (
        permissions(emulator, "GB"),
        emulator.http.get("/v1/Voice/Settings").json()["advanced_features"],
    ) == before


def test_import_by_country_code(emulator: Emulator) -> None:
    """The natural key is the country code; what follows is an empty diff."""
    resource = run(emulator.plugin().import_("DialingPermissions", "dialing", "GB,US"))
    assert set(resource.inputs["countries"]) == {"GB", "US"}
    assert run(emulator.plugin().diff(resource, resource.inputs)) == {}


@pytest.mark.parametrize(
    "countries", [{"usa": {}}, {"us": {}}, {}, {"US": {"lowRisk": "yes"}}, {"US": {"low": True}}]
)
def test_checks(emulator: Emulator, countries: dict[str, Any]) -> None:
    """Codes are two capital letters, flags are booleans by their names."""
    with pytest.raises(CheckFailed) as caught:
        run(emulator.plugin().check("DialingPermissions", "d", {"countries": countries}))
    assert next(iter(caught.value.failures)).startswith("countries")


def test_a_country_that_twilio_does_not_know(emulator: Emulator) -> None:
    """A well-formed code that means no country fails in the preview."""
    with pytest.raises(Refused, match="countries: Twilio knows no country ZZ"):
        run(
            emulator.plugin().create(
                "DialingPermissions", "d", {"countries": {"ZZ": {"lowRisk": True}}}, preview=True
            )
        )


@pytest.mark.parametrize(
    ("kind", "path", "prop", "wire"),
    [
        ("VoiceSettings", "/v1/Settings", "dialingPermissionsInheritance", "DialingPermissionsInheritance"),
        ("VoiceInsightsSettings", "/v1/Voice/Settings", "advancedFeatures", "AdvancedFeatures"),
        ("VoiceInsightsSettings", "/v1/Voice/Settings", "voiceTrace", "VoiceTrace"),
    ],
)
class TestSettings:
    """The settings objects that every account has."""

    def field(self, emulator: Emulator, path: str, wire: str) -> bool:
        """Return a setting as Twilio answers it."""
        return bool(emulator.http.get(path).json()[snake_case(wire)])

    def test_life(self, emulator: Emulator, kind: str, path: str, prop: str, wire: str) -> None:
        """Taken over, drifted, put right, given back."""
        before = self.field(emulator, path, wire)
        given = {prop: not before}
        resource = run(emulator.plugin().create(kind, "s", given))
        assert self.field(emulator, path, wire) is (not before)
        emulator.http.post(path, data={wire: str(before).lower()}).raise_for_status()
        refreshed = run(emulator.plugin().read(resource))
        assert run(emulator.plugin().diff(refreshed, given)) == {prop: "UPDATE"}
        resource = run(emulator.plugin().update(refreshed, given))
        run(emulator.plugin().delete(resource))
        assert self.field(emulator, path, wire) is before

    def test_leaving_goes_back(self, emulator: Emulator, kind: str, path: str, prop: str, wire: str) -> None:
        """A setting that leaves the program has its first value again."""
        before = self.field(emulator, path, wire)
        resource = run(emulator.plugin().create(kind, "s", {prop: not before}))
        assert run(emulator.plugin().diff(resource, {})) == {prop: "DELETE"}
        run(emulator.plugin().update(resource, {}))
        assert self.field(emulator, path, wire) is before

    def test_delete_leaves_what_somebody_changed(
        self, emulator: Emulator, kind: str, path: str, prop: str, wire: str
    ) -> None:
        """A setting changed by hand since is left, with a warning."""
        before = self.field(emulator, path, wire)
        resource = run(emulator.plugin().create(kind, "s", {prop: before}))
        emulator.http.post(path, data={wire: str(not before).lower()}).raise_for_status()
        client = emulator.plugin()
        run(client.delete(resource))
        assert self.field(emulator, path, wire) is (not before)
        assert "was changed outside this stack" in client.said

    def test_import(self, emulator: Emulator, kind: str, path: str, prop: str, wire: str) -> None:
        """Any ID imports the account's one object; an empty diff follows."""
        resource = run(emulator.plugin().import_(kind, "s", "AC" + "5a4db0c5" * 4))
        assert prop in resource.inputs
        assert run(emulator.plugin().diff(resource, resource.inputs)) == {}


@pytest.mark.parametrize("kind", ["VoiceSettings", "VoiceInsightsSettings"])
def test_settings_are_imported_by_their_account(emulator: Emulator, kind: str) -> None:
    """Another ID is refused, with the right one."""
    with pytest.raises(Refused, match=f"hello is not the account of these credentials; import {kind} by AC"):
        run(emulator.plugin().import_(kind, "x", "hello"))


def past(monkeypatch: pytest.MonkeyPatch, *before: Resource) -> None:
    """Let the engine's state have resources of an earlier run."""
    found = [
        Past(old.urn, old.id, {n: wrap(v.value if isinstance(v, Secret) else v) for n, v in old.state.items()})
        for old in before
    ]

    async def resources(_: StackState, __: str) -> list[Past]:
        return found

    monkeypatch.setattr(StackState, "resources", resources)


SETTINGS = "VoiceInsightsSettings"
OFF = {"advanced_features": "false", "voice_trace": "false"}


def insights(emulator: Emulator, **fields: str) -> dict[str, bool]:
    """Return the Voice Insights settings, after a change in the console if one is given."""
    if fields:
        emulator.http.post("/v1/Voice/Settings", data=fields).raise_for_status()
    found = emulator.http.get("/v1/Voice/Settings").json()
    return {name: found[name] for name in OFF}


def test_the_preview_of_settings(emulator: Emulator) -> None:
    """It names what changes and shows what the program leaves alone; nothing is written."""
    client = emulator.plugin()
    preview = run(client.create(SETTINGS, "s", {"advancedFeatures": True}, preview=True)).state
    assert client.said == "exists, nothing is created; advanced_features false -> true"
    assert (preview["voiceTrace"], preview["lastWritten"]) == (False, UNKNOWN)
    assert insights(emulator) == {"advanced_features": False, "voice_trace": False}
    client = emulator.plugin()
    run(client.create(SETTINGS, "s", {"advancedFeatures": False}, preview=True))
    assert client.said == ""


def test_settings_are_written_only_if_they_differ(emulator: Emulator) -> None:
    """A setting that the program does not name is never sent."""
    emulator.forget_requests()
    resource = run(emulator.plugin().create(SETTINGS, "s", {"advancedFeatures": False}))
    run(emulator.plugin().update(resource, {"advancedFeatures": True}))
    sent = [dict(r["params"]) for r in emulator.requests() if r["method"] == "POST"]
    assert sent == [{"AdvancedFeatures": "true"}]
    assert (resource.state["original"], resource.state["lastWritten"]) == (OFF, {"advanced_features": "false"})


def test_the_record_of_settings_counts_when_they_are_created(emulator: Emulator) -> None:
    """Given later it is no change, and the state's own takes precedence."""
    insights(emulator, AdvancedFeatures="true")
    resource = run(emulator.plugin().create(SETTINGS, "s", {"advancedFeatures": True, "original": OFF}))
    assert resource.state["original"] == OFF
    read = run(emulator.plugin().read(resource))
    assert read is not None
    assert read.inputs == {"advancedFeatures": True, "original": OFF}
    other = {"advancedFeatures": True, "original": {**OFF, "voice_trace": "true"}}
    assert run(emulator.plugin().diff(read, other)) == {}
    updated = run(emulator.plugin().update(read, {**other, "voiceTrace": True}))
    assert updated.state["original"] == OFF
    run(emulator.plugin().delete(updated))
    assert insights(emulator) == {"advanced_features": False, "voice_trace": False}


def test_settings_whose_resource_was_renamed_keep_what_to_restore(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first resource's record takes precedence over one that is given."""
    old = run(emulator.plugin().create(SETTINGS, "old", {"advancedFeatures": True}))
    past(monkeypatch, old)
    client = emulator.plugin()
    given = {"advancedFeatures": True, "original": {"advanced_features": "true"}}
    new = run(client.create(SETTINGS, "new", given))
    assert new.state["original"] == OFF
    client = emulator.plugin()
    run(client.create(SETTINGS, "new", given, preview=True))
    assert "is managed by the resource old so far" in client.said


def test_settings_are_managed_once(emulator: Emulator) -> None:
    """Two resources of one type would undo each other; those of another type are another object."""
    client = emulator.plugin()
    run(client.create(SETTINGS, "one", {"advancedFeatures": True}))
    run(client.create("VoiceSettings", "other", {"dialingPermissionsInheritance": True}))
    with pytest.raises(
        CheckFailed, match=f"of the account {ACCOUNT} is managed twice, also by the resource one;"
    ):
        run(client.create(SETTINGS, "two", {"voiceTrace": True}))


def test_settings_of_an_earlier_version(emulator: Emulator) -> None:
    """Its state says neither what was there nor what was written: the inputs do, and what is live."""
    resource = run(emulator.plugin().create(SETTINGS, "s", {"advancedFeatures": True}))
    del resource.state["lastWritten"]
    run(emulator.plugin().delete(resource))
    assert insights(emulator)["advanced_features"] is False
    insights(emulator, AdvancedFeatures="true")
    del resource.state["original"]
    read = run(emulator.plugin().read(resource))
    assert read is not None
    assert read.state["original"] == {**OFF, "advanced_features": "true"}
    updated = run(emulator.plugin().update(resource, {"advancedFeatures": False}))
    assert updated.state["original"] == {**OFF, "advanced_features": "true"}


def test_settings_that_a_killed_update_wrote_go_back(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's pending operation tells what arrived."""
    resource = run(emulator.plugin().create(SETTINGS, "s", {"advancedFeatures": True}))
    insights(emulator, VoiceTrace="true")

    async def attempted(_: StackState, urn: str) -> dict[str, Any]:
        return {"voiceTrace": wrap(True), "advancedFeatures": wrap(True)}

    monkeypatch.setattr(StackState, "attempted", attempted)
    read = run(emulator.plugin().read(resource))
    assert read is not None
    run(emulator.plugin().delete(read))
    assert insights(emulator) == {"advanced_features": False, "voice_trace": False}


def test_dialing_permissions_that_are_given_a_record(emulator: Emulator) -> None:
    """It counts for a country that is new to the resource, and not for others."""
    click(emulator, "GB", low_risk=True)
    flags = {f"{n}_numbers_enabled": False for n in permissions(emulator, "GB")}
    record = {"GB": flags, "FR": flags}
    given = {"countries": {"GB": {"lowRisk": True}}, "original": record}
    resource = run(emulator.plugin().create("DialingPermissions", "d", given))
    assert resource.state["original"] == {"GB": flags}
    assert run(emulator.plugin().diff(resource, {**given, "original": {}})) == {}
    other = {**flags, "low_risk_numbers_enabled": True}
    both = {
        "countries": {"GB": {"lowRisk": True}, "FR": {"lowRisk": True}},
        "original": {"GB": other, "FR": flags},
    }
    updated = run(emulator.plugin().update(resource, both))
    assert updated.state["original"] == record
    run(emulator.plugin().delete(updated))
    assert [permissions(emulator, code)["low_risk"] for code in ("GB", "FR")] == [False, False]


def test_the_state_of_dialing_permissions(emulator: Emulator) -> None:
    """What was there before by Twilio's names, all three of each country, and what was written."""
    before = {f"{n}_numbers_enabled": flag for n, flag in permissions(emulator, "GB").items()}
    preview = run(
        emulator.plugin().create(
            "DialingPermissions", "d", {"countries": {"GB": {"lowRisk": False}}}, preview=True
        )
    )
    assert preview.state["original"] == {"GB": before}
    resource = create(emulator, {"GB": {"lowRisk": False, "highRiskSpecial": None}})
    assert resource.state["original"] == {"GB": before}
    assert resource.state["lastWritten"] == {"GB": {"low_risk_numbers_enabled": False}}
    imported = run(emulator.plugin().import_("DialingPermissions", "d", "GB"))
    assert imported is not None
    assert imported.inputs["countries"] == {
        "GB": {
            "lowRisk": False,
            "highRiskSpecial": before["high_risk_special_numbers_enabled"],
            "highRiskTollfraud": before["high_risk_tollfraud_numbers_enabled"],
        }
    }
    assert imported.state["original"]["GB"]["low_risk_numbers_enabled"] is False
    assert imported.id == ACCOUNT


def test_a_country_that_leaves_with_its_first_permissions_is_no_change(emulator: Emulator) -> None:
    """One that was changed is."""
    click(emulator, "GB", low_risk=True)
    click(emulator, "FR", low_risk=True)
    resource = create(emulator, {"GB": {"lowRisk": True}, "FR": {"lowRisk": False}, "US": {"lowRisk": True}})
    rest = {"countries": {"US": {"lowRisk": True}}}
    assert run(emulator.plugin().diff(resource, rest)) == {"countries.FR": "DELETE"}


def test_a_country_is_managed_once(emulator: Emulator) -> None:
    """Two resources may name different countries."""
    client = emulator.plugin()
    run(client.create("DialingPermissions", "one", {"countries": {"GB": {"lowRisk": True}}}))
    run(client.create("DialingPermissions", "other", {"countries": {"FR": {"lowRisk": True}}}))
    with pytest.raises(
        CheckFailed, match="the country FR is managed twice, also by the resource other;"
    ) as twice:
        run(client.create("DialingPermissions", "two", {"countries": {"US": {}, "FR": {}}}))
    assert list(twice.value.failures) == ["countries"]


def test_a_country_that_moved_to_another_resource_stays(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new resource inherits what was there before; the old one neither restores nor forgets the rest."""
    click(emulator, "GB", low_risk=True)
    click(emulator, "FR", low_risk=True)
    old = create(emulator, {"GB": {"lowRisk": False}, "FR": {"lowRisk": False}})
    past(monkeypatch, old)
    client = emulator.plugin()
    given = {"countries": {"GB": {"lowRisk": False}}}
    run(client.create("DialingPermissions", "new", given, preview=True))
    assert "the country GB is managed by the resource dialing so far" in client.said
    client = emulator.plugin()
    new = run(client.create("DialingPermissions", "new", given))
    assert new.state["original"]["GB"]["low_risk_numbers_enabled"] is True
    assert set(new.state["original"]) == {"GB"}
    run(client.update(old, {"countries": {"FR": {"lowRisk": False}}}))
    assert permissions(emulator, "GB")["low_risk"] is False
    client.next_run()
    run(client.diff(new, given))
    run(client.delete(old))
    assert [permissions(emulator, code)["low_risk"] for code in ("GB", "FR")] == [False, True]


def test_permissions_that_a_killed_update_wrote_go_back(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a country that the state does not name, what the update's record says; of others, what arrived."""
    for code in ("GB", "FR"):
        click(emulator, code, low_risk=False, high_risk_special=False)
    resource = create(emulator, {"GB": {"lowRisk": True}})
    flags = {f"{n}_numbers_enabled": False for n in permissions(emulator, "FR")}
    update = {
        "countries": {
            "GB": {"lowRisk": True, "highRiskSpecial": True},
            "FR": {"lowRisk": True},
            "US": {"lowRisk": True},
        },
        "original": {"FR": flags},
    }
    click(emulator, "GB", high_risk_special=True)
    click(emulator, "FR", low_risk=True)

    async def attempted(_: StackState, urn: str) -> dict[str, Any]:
        return {name: wrap(value) for name, value in update.items()}

    monkeypatch.setattr(StackState, "attempted", attempted)
    read = run(emulator.plugin().read(resource))
    assert read is not None
    assert read.inputs["countries"] == {"GB": {"lowRisk": True}}
    assert set(read.state["lastWritten"]) == {"GB", "FR"}
    run(emulator.plugin().delete(read))
    assert [permissions(emulator, code)["low_risk"] for code in ("GB", "FR", "US")] == [False, False, True]
    assert permissions(emulator, "GB")["high_risk_special"] is False


class TestAccountRecord:
    """AccountOriginals: read once, remembered."""

    def record(self, emulator: Emulator, preview: bool = False, **given: Any) -> Resource:
        """Create the record."""
        resource: Resource = run(
            emulator.plugin().create("AccountOriginals", "originals", given, preview=preview)
        )
        return resource

    def test_a_preview_knows_what_a_create_records(self, emulator: Emulator) -> None:
        """So that what depends on it is known; what the program will name later is not read."""
        given: dict[str, Any] = {"countries": ["GB"], "settings": ["voiceInsightsSettings"]}
        preview = self.record(emulator, preview=True, **given)
        assert preview.state["voiceInsightsSettings"] == OFF
        created = self.record(emulator, **given)
        assert preview.state == created.state
        emulator.forget_requests()
        for name in given:
            later = self.record(emulator, preview=True, **{**given, name: UNKNOWN})
            assert later.state["dialingPermissions"] is UNKNOWN
            assert later.state["voiceSettings"] is UNKNOWN
        assert emulator.requests() == []
        more = {"countries": ["FR", "GB"], "settings": []}
        client = emulator.plugin()
        assert run(client.update(created, more, preview=True)).state == run(client.update(created, more)).state

    def test_nothing_is_read_that_is_not_recorded(self, emulator: Emulator) -> None:
        """A restricted key need not have the right to."""
        emulator.forget_requests()
        empty = self.record(emulator)
        assert emulator.requests() == []
        assert empty.state["recordingDefaults"] == {}
        self.record(emulator, countries=["GB", "FR"])
        assert [r["path"] for r in emulator.requests()] == ["/v1/DialingPermissions/Countries"]

    def test_a_read_and_a_delete_ask_nothing(self, emulator: Emulator) -> None:
        """The record never changes; an import begins with an empty one."""
        created = self.record(emulator, countries=["GB"])
        emulator.forget_requests()
        read = run(emulator.plugin().read(created))
        assert read == created
        run(emulator.plugin().delete(created))
        imported = run(emulator.plugin().import_("AccountOriginals", "originals", "anything"))
        assert imported is not None
        assert (imported.id, imported.inputs, imported.state["dialingPermissions"]) == (ACCOUNT, {}, {})
        assert emulator.requests() == []

    def test_what_an_earlier_version_found_at_first_is_recorded(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A resource that exists already wrote what is live now; only one of that type and account counts."""
        click(emulator, "GB", low_risk=True)
        for kind, given, name in (
            ("DialingPermissions", {"countries": {"GB": {"lowRisk": False}}}, "dialingPermissions"),
            (SETTINGS, {"advancedFeatures": True}, "voiceInsightsSettings"),
        ):
            resource = run(emulator.plugin().create(kind, "existing", given))
            past(monkeypatch, resource)
            found = self.record(emulator, countries=["GB"], settings=["voiceSettings", "voiceInsightsSettings"])
            assert found.state[name] == resource.state["original"]
            assert set(found.state["voiceSettings"]) == {"dialing_permissions_inheritance"}
            resource.state["accountSid"] = "AC" + "0" * 32
            past(monkeypatch, resource)
            found = self.record(emulator, countries=["GB"], settings=["voiceInsightsSettings"])
            assert found.state[name] != resource.state["original"]

    def test_each_resource_that_exists_already_has_its_countries(
        self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A program may have one for each team."""
        for code in ("GB", "FR"):
            click(emulator, code, low_risk=True)
        teams = [create(emulator, {code: {"lowRisk": False}}) for code in ("GB", "FR")]
        past(monkeypatch, *teams)
        found = self.record(emulator, countries=["GB", "FR"]).state["dialingPermissions"]
        assert [found[code]["low_risk_numbers_enabled"] for code in ("GB", "FR")] == [True, True]
