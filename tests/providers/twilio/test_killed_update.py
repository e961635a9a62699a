"""An update that is killed between Twilio's write and the state, under the real engine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, TOKEN, Emulator
from tests.support.engine import PULUMI, EngineFailed, Project
from tests.support.interception import Interception, intercepted
from tests.support.killed_engine import KilledEngine

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
# The engine interrupts a program whose resource failed, and the language host would print a traceback of that.
PROGRAM = """\
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
import pulumi
import pulumi_twilio as twilio

OURS = {ours!r}
numbers = {numbers!r}
originals = twilio.VoiceOriginals("originals", phone_numbers=numbers, own_urls=[OURS])
app = twilio.Application("app", friendly_name="crm", voice_url=OURS) if {shared} else None
for number in numbers:
    twilio.VoiceConfiguration(
        number,
        phone_number=number,
        original=originals.configurations.apply(lambda found, n=number: (found or {{}}).get(n) or {{}}),
        own_urls=[OURS],
        {replacing}
        **({{"voice_application_sid": app.application_sid}} if app else {{"voice_url": OURS}}),
    )
"""


def program(*numbers: str, shared: bool = False, replacing: str = "replace_existing=True,") -> str:
    """Return a program that points numbers at a URL, or at an app that they share."""
    return PROGRAM.format(ours=OURS, numbers=list(numbers), shared=shared, replacing=replacing)


def voice(number: dict[str, Any]) -> dict[str, str]:
    """Return a number's routes and callbacks, null and empty being the same."""
    names = ("voice_url", "voice_method", "voice_fallback_url", "status_callback", "voice_application_sid")
    return {name: number[name] or "" for name in names}


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[Interception]:
    """Return a proxy in front of the emulator."""
    with intercepted(emulator.url) as proxy:
        yield proxy


@pytest.fixture
def project(proxy: Interception, tmp_path: Path) -> Project:
    """Return a project that reaches the emulator through the proxy."""
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": proxy.url})
    project.set_secret("twilio:authToken", TOKEN)
    return project


def up_and_kill(project: Project, proxy: Interception, method: str, path: str, *, before: bool = False) -> None:
    """Run an update and kill the engine with its plugins as soon as a request was carried out."""
    engine = KilledEngine()
    proxy.strike(method, path, before=before, act=engine.kill)
    command = [str(PULUMI), "up", "--yes", "--skip-preview", "--non-interactive"]
    said = engine.run(command, project.folder, project.environment())
    assert engine.killed, f"the update ended before it was killed: {said}"
    proxy.times = 0


def repair(project: Project) -> None:
    """Run the documented repair."""
    project.run("cancel", "--yes")
    project.run("refresh", "--clear-pending-creates", "--yes", "--skip-preview", "--non-interactive")
    project.up()
    project.preview("--expect-no-changes")


@pytest.mark.slow
@pytest.mark.parametrize("shared", [False, True], ids=["url", "application"])
def test_the_first_configuration_survives(
    emulator: Emulator, project: Project, proxy: Interception, shared: bool
) -> None:
    """Killed after the number's first write and repaired: destroy restores what was there at first."""
    before = voice(emulator.click(VoiceUrl=THEIRS, VoiceMethod="GET", StatusCallback=THEIRS))
    project.program(program(NUMBER, shared=shared))
    up_and_kill(project, proxy, "POST", "/IncomingPhoneNumbers/")
    assert voice(emulator.number()) != before
    repair(project)
    project.destroy()
    assert voice(emulator.number()) == before


CUSTOM = """\
import pulumi
import pulumi_twilio as twilio

twilio.VoiceConfiguration({number!r}, phone_number={number!r}, replace_existing=True, **{given!r})
"""


@pytest.mark.slow
@pytest.mark.parametrize("healed", [False, True], ids=["destroy", "up"])
def test_an_update_of_a_url_that_is_not_ours(
    emulator: Emulator, project: Project, proxy: Interception, healed: bool
) -> None:
    """Another URL and a new callback reached Twilio, unknown to the state: destroy restores the original."""
    before = voice(emulator.click(VoiceUrl=THEIRS, StatusCallback=THEIRS))
    project.program(CUSTOM.format(number=NUMBER, given={"voice_url": "https://a.example.com/v"}))
    project.up()
    second = {"voice_url": "https://b.example.com/v", "status_callback": "https://b.example.com/s"}
    project.program(CUSTOM.format(number=NUMBER, given=second))
    up_and_kill(project, proxy, "POST", "/IncomingPhoneNumbers/")
    assert emulator.number()["voice_url"] == second["voice_url"]
    project.run("cancel", "--yes")
    if healed:
        project.up()
        project.preview("--expect-no-changes")
    project.destroy()
    assert voice(emulator.number()) == before


PERMISSIONS = """\
import pulumi
import pulumi_twilio as twilio

countries, insights = {countries!r}, {insights!r}
originals = twilio.AccountOriginals(
    "originals", countries=list(countries), settings=["voiceInsightsSettings"] if insights else []
)
if countries:
    twilio.DialingPermissions("dialing", countries=countries, original=originals.dialing_permissions)
if insights:
    twilio.VoiceInsightsSettings("insights", **insights, original=originals.voice_insights_settings)
"""


def account(emulator: Emulator) -> dict[str, Any]:
    """Return what the account may call in two countries, and its Voice Insights settings."""
    found = {
        code: emulator.http.get(f"/v1/DialingPermissions/Countries/{code}").json()["low_risk_numbers_enabled"]
        for code in ("GB", "FR")
    }
    return {**found, "insights": emulator.http.get("/v1/Voice/Settings").json()["advanced_features"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        ({}, {"countries": {"GB": {"lowRisk": True}}}, "/BulkCountryUpdates"),
        (
            {"countries": {"GB": {"lowRisk": True}}},
            {"countries": {"GB": {"lowRisk": True}, "FR": {"lowRisk": True}}},
            "/BulkCountryUpdates",
        ),
        ({}, {"insights": {"advanced_features": True}}, "/v1/Voice/Settings"),
    ],
    ids=["permissions created", "permissions updated", "settings created"],
)
@pytest.mark.parametrize("healed", [False, True], ids=["destroy", "up"])
def test_the_accounts_first_settings_survive(
    emulator: Emulator,
    project: Project,
    proxy: Interception,
    first: dict[str, Any],
    second: dict[str, Any],
    path: str,
    healed: bool,
) -> None:
    """Killed after the write; destroy restores, at once after an update and else after the next up."""
    before = account(emulator)
    nothing: dict[str, Any] = {"countries": {}, "insights": {}}
    if first:
        project.program(PERMISSIONS.format(**{**nothing, **first}))
        project.up()
    project.program(PERMISSIONS.format(**{**nothing, **second}))
    up_and_kill(project, proxy, "POST", path)
    assert account(emulator) != before
    project.run("cancel", "--yes")
    if healed or not first:
        project.up()
        project.preview("--expect-no-changes")
    project.destroy()
    assert account(emulator) == before


@pytest.mark.slow
def test_answers_that_are_lost(emulator: Emulator, project: Project, proxy: Interception) -> None:
    """Every answer to the number's write is lost: the next up reads back, destroy restores."""
    before = voice(emulator.click(VoiceUrl=THEIRS))
    project.program(program(NUMBER))
    proxy.strike("POST", "/IncomingPhoneNumbers/", times=8)
    failed = project.run("up", "--yes", "--skip-preview", "--non-interactive", ok=False)
    assert "run pulumi up again" in failed
    proxy.times = 0
    project.up()
    project.preview("--expect-no-changes")
    project.destroy()
    assert voice(emulator.number()) == before


@pytest.mark.slow
def test_an_application_whose_creation_was_killed(
    emulator: Emulator, project: Project, proxy: Interception
) -> None:
    """The next up says which app it may have left and how to take it over; the number loses nothing."""
    before = voice(emulator.click(VoiceUrl=THEIRS))
    project.program(program(NUMBER, shared=True))
    up_and_kill(project, proxy, "POST", "/Applications.json")
    project.run("cancel", "--yes")
    project.run("refresh", "--clear-pending-creates", "--yes", "--skip-preview", "--non-interactive")
    said = project.up()
    assert "pulumi import twilio:index:Application app AP" in said
    project.destroy()
    assert voice(emulator.number()) == before


@pytest.mark.slow
def test_the_record_in_an_update_of_its_own(emulator: Emulator, project: Project, proxy: Interception) -> None:
    """The record first, with --target; one more number leaves the others unchanged."""
    before = {n: voice(emulator.click(n, VoiceUrl=THEIRS)) for n in (NUMBER, OTHER)}
    project.program(program(NUMBER))
    project.up("--target", "**VoiceOriginals**")
    assert voice(emulator.number()) == before[NUMBER]
    assert any(r["type"] == "twilio:index:VoiceOriginals" for r in project.resources())
    project.up()
    project.program(program(NUMBER, OTHER))
    preview = project.run("preview", "--json", "--non-interactive").text
    assert '"op": "create"' in preview
    lines = project.preview().text
    assert "~ twilio:index/voiceConfiguration:VoiceConfiguration: (update)" not in lines
    assert f"{OTHER} (" in lines
    project.run("up", "--yes", "--skip-preview", "--non-interactive", "--target", f"**{OTHER}")
    project.up()
    project.preview("--expect-no-changes")
    project.destroy()
    assert {n: voice(emulator.number(n)) for n in before} == before


def test_originals_after_an_import(emulator: Emulator, project: Project) -> None:
    """Numbers that were imported show no update once the program gives them a record."""
    emulator.click(VoiceUrl=OURS)
    project.program("")
    kind = "twilio:index:VoiceConfiguration"
    project.run("import", kind, NUMBER, NUMBER, "--yes", "--protect=false", "--generate-code=false")
    project.program(program(NUMBER, replacing=""))
    preview = project.preview().text
    assert "to update" not in preview


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "rest-error", "status": 500},
        {"fault": "too-many-requests"},
        {"fault": "rest-delay", "seconds": 31},
    ],
    ids=["500", "429", "time-out"],
)
def test_an_outage_in_the_middle(emulator: Emulator, project: Project, fault: dict[str, Any]) -> None:
    """Twilio recovers while the update waits, or it does not: the next up goes on, destroy restores."""
    before = {n: voice(emulator.click(n, VoiceUrl=THEIRS)) for n in (NUMBER, OTHER)}
    project.program(program(NUMBER, OTHER))
    path = f"/IncomingPhoneNumbers/{emulator.number(OTHER)['sid']}"
    times = 1 if fault["fault"] == "rest-delay" else 8
    order = {**fault, "method": "POST", "path": path, "times": times}
    emulator.http.post("/_sandbox/faults", json=order).raise_for_status()
    try:
        project.up()
    except EngineFailed as error:
        assert "Traceback" not in str(error)  # noqa: PT017 - both ways are right, neither may lose anything
    emulator.http.delete("/_sandbox/faults").raise_for_status()
    project.up()
    project.preview("--expect-no-changes")
    project.destroy()
    assert {n: voice(emulator.number(n)) for n in before} == before


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/shm").is_dir(), reason="only root mounts a small disk")
def test_a_full_disk_in_the_middle(emulator: Emulator, project: Project, proxy: Interception) -> None:
    """The state cannot be written after the number was: with room again the repair heals, destroy restores."""
    before = voice(emulator.click(VoiceUrl=THEIRS))
    project.program(program(NUMBER))
    state = project.folder / "state"
    saved = project.folder / "saved"
    shutil.copytree(state, saved)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", state], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        shutil.copytree(saved, state, dirs_exist_ok=True)

        def fill() -> None:
            with contextlib.suppress(OSError), (state / "filler").open("wb", buffering=0) as filler:
                while True:
                    filler.write(b"x" * 4096)

        proxy.strike("POST", "/IncomingPhoneNumbers/", act=fill)
        project.run("up", "--yes", "--skip-preview", "--non-interactive", ok=False)
        assert proxy.struck
        assert voice(emulator.number()) != before
        (state / "filler").unlink()
        for path in state.rglob("*.attrs"):
            if path.stat().st_size == 0:
                path.unlink()
        repair(project)
        project.destroy()
    finally:
        subprocess.run(["umount", "-l", state], check=True)
    assert voice(emulator.number()) == before


PHONES = """\
import pulumi_twilio as twilio

twilio.SipDomain("phones", domain_name={name!r}, adopt_existing=True, **{domain!r})
twilio.SipCredentialList("users", friendly_name="phones", adopt_existing=True, credentials={users!r})
twilio.SipTrunk("pbx", friendly_name="pbx", replace_existing=True, adopt_existing={adopting}, **{trunk!r})
"""


def phones(emulator: Emulator) -> dict[str, Any]:
    """Return what a SIP domain, its lists and users, a trunk and a number have."""
    sip = f"/2010-04-01/Accounts/{ACCOUNT}/SIP"

    def get(path: str) -> Any:
        answer = emulator.http.get(path)
        answer.raise_for_status()
        return answer.json()

    (domain,) = get(f"{sip}/Domains.json")["domains"]
    mapped = get(f"{sip}/Domains/{domain['sid']}/Auth/Calls/CredentialListMappings.json")["contents"]
    users = [
        user["username"]
        for found in get(f"{sip}/CredentialLists.json")["credential_lists"]
        for user in get(f"{sip}/CredentialLists/{found['sid']}/Credentials.json")["credentials"]
    ]
    return {
        "domain": {name: domain[name] or "" for name in ("voice_url", "voice_status_callback_url")},
        "lists": [entry["sid"] for entry in mapped],
        "users": sorted(users),
        "trunks": [found["disaster_recovery_url"] or "" for found in get("/v1/Trunks")["trunks"]],
        "number": voice(emulator.number()),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "healed"),
    [("/SIP/Domains/", True), ("/Auth/Calls/", False), ("/Credentials", True), ("/v1/Trunks/", False)],
    ids=["domain, up", "list, destroy", "user, up", "trunk, destroy"],
)
def test_phones_whose_update_was_killed(
    emulator: Emulator, project: Project, proxy: Interception, path: str, healed: bool
) -> None:
    """A URL, a list, a user or a trunk's URL reached Twilio, unknown to the state: all is restored."""
    emulator.post("SIP/Domains.json", DomainName="crm.sip.twilio.com", VoiceUrl=THEIRS)
    sid = emulator.post("SIP/CredentialLists.json", FriendlyName="phones")["sid"]
    emulator.http.post("/v1/Trunks", data={"FriendlyName": "pbx", "DisasterRecoveryUrl": THEIRS})
    before = phones(emulator)
    given: dict[str, Any] = {"name": "crm.sip.twilio.com", "adopting": True, "users": {}}
    given |= {"domain": {"voice_url": OURS}, "trunk": {"disaster_recovery_url": OURS}}
    project.program(PHONES.format(**given))
    project.up()
    following = {
        "/SIP/Domains/": {"domain": {"voice_url": f"{OURS}/2", "status_callback": OURS}},
        "/Auth/Calls/": {"domain": {"voice_url": OURS, "credential_lists": [sid]}},
        "/Credentials": {"users": {"alice": "Correct7Horse"}},
        "/v1/Trunks/": {"trunk": {"disaster_recovery_url": f"{OURS}/2"}},
    }[path]
    between = phones(emulator)
    project.program(PHONES.format(**{**given, **following}))
    up_and_kill(project, proxy, "POST", path)
    assert phones(emulator) != between
    project.run("cancel", "--yes")
    if healed:
        project.up()
        project.preview("--expect-no-changes")
    project.destroy()
    assert phones(emulator) == before
