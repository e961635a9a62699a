"""A number, a country or a setting outlives its resource: renamed, moved, replaced, or left half done."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, TOKEN, Emulator
from tests.support.engine import Project

FIRST = "https://first.example.com/voice"
OURS = "https://crm.example.com/voice"
PROGRAM = """\
import pulumi
import pulumi_twilio as twilio

class Group(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Group", name)

settings = {{"accountSid": {account!r}, "authToken": {token!r}, "baseUrl": {url!r}}}
opts = lambda: pulumi.ResourceOptions({options})
{before}
twilio.VoiceConfiguration(
    "{prefix}number", phone_number={number!r}, voice_url={ours!r}, replace_existing=True, opts=opts()
)
twilio.DialingPermissions("{prefix}dialing", countries={{"GB": {{"lowRisk": True}}}}, opts=opts())
twilio.VoiceInsightsSettings("{prefix}insights", advanced_features=True, opts=opts())
"""
KINDS = ("VoiceConfiguration", "DialingPermissions", "VoiceInsightsSettings")


def program(emulator: Emulator, *, prefix: str = "", options: str = "", before: str = "") -> str:
    """Return a program with one of each resource whose object exists only once."""
    return PROGRAM.format(
        account=ACCOUNT,
        token=TOKEN,
        url=emulator.url,
        number=NUMBER,
        ours=OURS,
        prefix=prefix,
        options=options,
        before=before,
    )


def live(emulator: Emulator) -> tuple[str, bool, bool]:
    """Return the voice URL, whether GB may be called, and whether advanced features are on."""
    countries = emulator.http.get("/v1/DialingPermissions/Countries?PageSize=1000").json()["content"]
    gb = next(c["low_risk_numbers_enabled"] for c in countries if c["iso_code"] == "GB")
    insights = emulator.http.get("/v1/Voice/Settings").json()
    return emulator.number()["voice_url"], gb, insights["advanced_features"]


def urns(project: Project) -> list[str]:
    """Return the URNs of the resources of :func:`program`."""
    return sorted(r["urn"] for r in project.resources() if r["type"].rpartition(":")[2] in KINDS)


def as_on_the_first_day(emulator: Emulator) -> tuple[str, bool, bool]:
    """Configure what was there before the stack, and return it."""
    emulator.click(VoiceUrl=FIRST)
    before = live(emulator)
    assert before == (FIRST, False, False)
    return before


def new_project(emulator: Emulator, folder: Path, *, refresh: bool = True) -> Project:
    """Return a project that is signed in at the emulator."""
    project = Project(folder, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": emulator.url}, refresh=refresh)
    project.set_secret("twilio:authToken", TOKEN)
    return project


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Project:
    """Return a project that is signed in at the emulator and refreshes first."""
    return new_project(emulator, tmp_path)


def explicit(name: str) -> dict[str, str]:
    """Return what a program needs for an explicit provider."""
    return {
        "before": f"{name} = pulumi.ProviderResource('twilio', '{name}', settings)",
        "options": f"provider={name}",
    }


MOVES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "renamed": ({}, {"prefix": "new-"}),
    "moved into a component": ({}, {"before": "group = Group('group')", "options": "parent=group"}),
    "renamed, from the default provider to an explicit one": ({}, {"prefix": "new-", **explicit("two")}),
    "renamed, from one provider of the account to another": (
        explicit("one"),
        {"prefix": "new-", **explicit("two")},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("move", MOVES)
def test_a_moved_resource_keeps_its_object_and_what_to_restore(
    emulator: Emulator, project: Project, move: str
) -> None:
    """The engine creates under the new name, then deletes the old resource; nothing live changes."""
    before = as_on_the_first_day(emulator)
    old, new = MOVES[move]
    project.program(program(emulator, **old))
    project.up()
    assert live(emulator) == (OURS, True, True)

    project.program(program(emulator, **new))
    assert "add an alias" in project.preview()
    emulator.forget_requests()
    project.up()
    assert live(emulator) == (OURS, True, True)
    assert [r["path"] for r in emulator.requests() if r["method"] != "GET"] == []
    assert len(urns(project)) == len(KINDS)

    project.destroy()
    assert live(emulator) == before


@pytest.mark.slow
def test_a_rename_with_a_rotated_token_is_the_same(emulator: Emulator, project: Project) -> None:
    """New credentials of the same account start another plugin process and replace nothing."""
    before = as_on_the_first_day(emulator)
    project.program(program(emulator))
    project.up()
    rotated = "b1815a15" * 4
    emulator.http.post("/_sandbox/account", json={"authToken": rotated}).raise_for_status()
    emulator.http.auth = (ACCOUNT, rotated)
    project.set_secret("twilio:authToken", rotated)
    project.program(program(emulator, prefix="new-"))
    project.up()
    assert live(emulator) == (OURS, True, True)
    project.destroy()
    assert live(emulator) == before


@pytest.mark.slow
@pytest.mark.parametrize("how", ["up --replace", "state taint"])
def test_a_replaced_resource_keeps_its_object_and_what_to_restore(
    emulator: Emulator, project: Project, how: str
) -> None:
    """The replacement is the same object; deleting the old copy must not give it back."""
    before = as_on_the_first_day(emulator)
    project.program(program(emulator))
    project.up()
    if how == "state taint":
        project.run("state", "taint", "--yes", *urns(project))
        project.up()
    else:
        project.up(*(f"--replace={urn}" for urn in urns(project)))
    assert live(emulator) == (OURS, True, True)
    assert [r for r in project.resources() if r.get("delete")] == []

    project.destroy()
    assert live(emulator) == before


@pytest.mark.slow
@pytest.mark.parametrize("end", ["up", "destroy"])
def test_an_interrupted_replacement_is_finished(emulator: Emulator, project: Project, end: str) -> None:
    """A run that was killed between create and delete leaves the old copy, marked for deletion."""
    before = as_on_the_first_day(emulator)
    project.program(program(emulator))
    project.up()
    leave_copies(project)

    if end == "up":
        project.up()
        assert [r for r in project.resources() if r.get("delete")] == []
        assert live(emulator) == (OURS, True, True)
    project.destroy()
    assert live(emulator) == before


def leave_copies(project: Project) -> None:
    """Put into the state what an interrupted replacement leaves there."""
    state: dict[str, Any] = json.loads(project.run("stack", "export").text)
    resources = state["deployment"]["resources"]
    copies = [copy.deepcopy(r) for r in resources if r["type"].rpartition(":")[2] in KINDS]
    state["deployment"]["resources"] = resources + [{**c, "delete": True} for c in copies]
    path = project.folder / "edited.json"
    path.write_text(json.dumps(state), encoding="utf-8")
    project.run("stack", "import", "--file", str(path))


@pytest.mark.slow
def test_without_a_refresh_a_rename_is_the_same(emulator: Emulator, tmp_path: Path) -> None:
    """What to restore comes from the state, so nothing has to be read before."""
    before = as_on_the_first_day(emulator)
    project = new_project(emulator, tmp_path, refresh=False)
    project.program(program(emulator))
    project.up()
    project.program(program(emulator, prefix="new-"))
    project.up()
    assert live(emulator) == (OURS, True, True)
    project.destroy()
    assert live(emulator) == before


@pytest.mark.slow
def test_a_number_of_another_stack_is_a_warning(emulator: Emulator, project: Project, tmp_path: Path) -> None:
    """Two stacks that manage one number cannot see each other; the second one says what it suspects."""
    project.program(program(emulator))
    project.up()
    other = new_project(emulator, tmp_path / "other")
    other.program(program(emulator))
    said = other.preview()
    assert "if another stack manages it" in said
    assert "could not be read" not in said


@pytest.mark.slow
def test_a_failed_creation_leaves_everything_to_the_old_resource(emulator: Emulator, project: Project) -> None:
    """With --continue-on-error the engine deletes although the new resource could not be created."""
    before = as_on_the_first_day(emulator)
    project.program(program(emulator))
    project.up()
    broken = program(emulator, prefix="new-").replace(OURS, f"{OURS}/2")
    project.program(broken)
    fault = {"fault": "rest-error", "status": 400, "code": 20001, "message": "no", "method": "POST"}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    failed = project.run(
        "up", "--yes", "--skip-preview", "--non-interactive", "--continue-on-error", "--refresh=false", ok=False
    )
    emulator.http.delete("/_sandbox/faults").raise_for_status()
    assert "could not be created" in failed
    assert emulator.number()["voice_url"] == OURS

    project.program(program(emulator, prefix="new-"))
    project.up()
    assert live(emulator) == (OURS, True, True)
    project.destroy()
    assert live(emulator) == before


LIST = """\
import pulumi_twilio as twilio

for i, (number, url) in enumerate({pairs!r}):
    twilio.VoiceConfiguration(
        f"n{{i}}", phone_number=number, voice_url=url, replace_existing=True
    )
"""
THIRD = "+15551234569"


@pytest.mark.slow
def test_numbers_named_by_position_can_leave_and_swap(emulator: Emulator, project: Project) -> None:
    """Each number keeps what it had at first, whichever resource manages it."""
    emulator.http.post("/_sandbox/numbers", json={"phone_numbers": [THIRD]}).raise_for_status()
    numbers = (NUMBER, OTHER, THIRD)
    for number in numbers:
        emulator.click(number, VoiceUrl=f"{FIRST}?of={number[1:]}")

    def urls() -> list[str]:
        return [emulator.number(number)["voice_url"] for number in numbers]

    before = urls()
    pairs = [(n, f"{OURS}?of={n[1:]}") for n in numbers]
    project.program(LIST.format(pairs=pairs))
    project.up()
    project.program(LIST.format(pairs=pairs[1:]))
    project.preview()
    project.up()
    assert urls() == [before[0], pairs[1][1], pairs[2][1]]
    project.program(LIST.format(pairs=[pairs[2], pairs[1]]))
    project.up()
    assert urls() == [before[0], pairs[1][1], pairs[2][1]]
    project.destroy()
    assert urls() == before


@pytest.mark.slow
def test_two_resources_for_one_object_are_refused_in_the_preview(emulator: Emulator, project: Project) -> None:
    """A country and a setting exist once, as a number does."""
    project.program(
        "import pulumi_twilio as twilio\n"
        'twilio.DialingPermissions("a", countries={"GB": {"lowRisk": True}})\n'
        'twilio.DialingPermissions("b", countries={"FR": {"lowRisk": True}, "GB": {"lowRisk": False}})\n'
    )
    assert "the country GB is managed twice, also by the resource" in project.run("preview", ok=False)
    project.program(
        "import pulumi_twilio as twilio\n"
        'twilio.VoiceInsightsSettings("a", advanced_features=True)\n'
        'twilio.VoiceInsightsSettings("b", advanced_features=False)\n'
    )
    assert "is managed twice, also by the resource" in project.run("preview", ok=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("refresh", "--yes", "--skip-preview", "--run-program"),
        ("destroy", "--yes", "--skip-preview", "--run-program"),
        ("preview", "--refresh=false"),
    ],
    ids=lambda c: c[0],
)
def test_credentials_of_another_account_are_refused(
    emulator: Emulator, project: Project, command: tuple[str, ...]
) -> None:
    """Nothing is forgotten, and the way out is in the message."""
    as_on_the_first_day(emulator)
    project.program(program(emulator))
    project.up()
    known = urns(project)
    other = "AC" + "0" * 32
    project.configure({"twilio:accountSid": other})
    failed = project.run(*command, "--non-interactive", ok=False)
    if command[0] != "preview":  # there the engine replaces the resources, and Twilio refuses the token
        assert f"pulumi config set --stack test twilio:accountSid {ACCOUNT}" in failed
    assert urns(project) == known
    assert live(emulator) == (OURS, True, True)
