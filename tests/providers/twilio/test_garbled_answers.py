"""The engine against a Twilio that answers 200 with something else: nothing is lost, and the next up heals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator
from tests.support.engine import Project
from tests.support.interception import GARBAGE, Interception, intercepted

pytestmark = pytest.mark.slow

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
PROGRAM = f"""\
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
import pulumi_twilio as twilio

originals = twilio.VoiceOriginals("originals", phone_numbers=[{NUMBER!r}], own_urls=[{OURS!r}])
permissions = twilio.AccountOriginals("originals", countries=["GB"]).dialing_permissions
twilio.VoiceConfiguration(
    {NUMBER!r},
    phone_number={NUMBER!r},
    voice_url={OURS!r},
    own_urls=[{OURS!r}],
    original=originals.configurations.apply(lambda found: found.get({NUMBER!r})),
    replace_existing=True,
)
twilio.DialingPermissions("dialing", countries={{"GB": {{"lowRisk": True}}}}, original=permissions)
"""


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[Interception]:
    """Return a proxy in front of the emulator."""
    with intercepted(emulator.url) as proxy:
        yield proxy


def live(emulator: Emulator) -> tuple[str, str, bool]:
    """Return what the program writes: the number's voice URL and method, and whether GB may be called."""
    number = emulator.number()
    answer = emulator.http.get("/v1/DialingPermissions/Countries/GB").json()
    return number["voice_url"], number["voice_method"], answer["low_risk_numbers_enabled"]


def refuse(project: Project, *command: str) -> None:
    """Run a command that fails with a sentence about the answer."""
    said = project.run(*command, "--yes", "--skip-preview", "--non-interactive", ok=False).text
    assert "Traceback" not in said
    assert "Twilio" in said or "127.0.0.1" in said
    assert any(word in said for word in ("not as documented", "is not JSON", "not JSON")), said


@pytest.mark.parametrize("kinds", [list(GARBAGE), list(GARBAGE)[::-1]], ids=["in order", "reversed"])
def test_nothing_is_lost(emulator: Emulator, proxy: Interception, tmp_path: Path, kinds: list[str]) -> None:
    """Garbled at the first read, at the writes, in a refresh and in a destroy, each in another way."""
    reading, writing, refreshing, destroying = (GARBAGE[kind] for kind in kinds)
    emulator.click(VoiceUrl=THEIRS, VoiceMethod="GET")
    before = live(emulator)
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": proxy.url})
    project.set_secret("twilio:authToken", TOKEN)
    project.program(PROGRAM)

    proxy.garble(reading)
    refuse(project, "up")
    assert live(emulator) == before

    proxy.garble(writing, method="POST")
    refuse(project, "up")
    proxy.pass_all()
    project.up()
    project.preview("--expect-no-changes")
    assert live(emulator) == (OURS, "POST", True) or live(emulator) == (OURS, "GET", True)

    kept = {r["urn"] for r in project.resources()}
    for command, garbage in (("refresh", refreshing), ("destroy", destroying)):
        proxy.garble(garbage)
        refuse(project, command)
        assert {r["urn"] for r in project.resources()} == kept
    proxy.garble(writing, method="POST")
    refuse(project, "destroy")
    proxy.pass_all()
    project.destroy()
    assert live(emulator) == before
