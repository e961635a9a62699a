"""The whole program killed right after each of its writes, one after another: nothing is lost, up goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from voicehooks_sandbox.testing import running_sandbox

from tests.support.clone import NUMBER, Clone, clone_repository, variables
from tests.support.hand_deployed import BIN
from tests.support.interception import Interception, intercepted
from tests.support.killed_engine import KilledEngine

pytestmark = pytest.mark.slow

THEIRS = "https://old.example.com/voice"
_MOST_STEPS = 80


@dataclass
class Trial:
    """A clone whose stack reaches both vendors through proxies."""

    clone: Clone
    proxies: dict[str, Interception]

    def up(self, *, before: bool) -> tuple[str, bool]:
        """Deploy; killed at the first write that has not been killed yet. Returns what it said, and whether."""
        engine = KilledEngine()
        for proxy in self.proxies.values():
            proxy.strike_each_write(engine.kill, before=before)
        command = [str(BIN / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"]
        said = engine.run([*command, "--stack", self.clone.stack], self.clone.folder, variables())
        return said, engine.killed

    def vendors(self) -> dict[str, Any]:
        """Return what both vendors have, but for the tables."""
        voice = {
            k: v or ""
            for k, v in self.clone.number().items()
            if k.startswith(("voice_", "status_callback", "trunk_sid"))
        }
        return {
            "number": voice,
            "permissions": self.clone.permissions("GB"),
            "functions": sorted(f["slug"] for f in self.clone.supabase("GET", "functions")),
            "secrets": sorted(s["name"] for s in self.clone.supabase("GET", "secrets")),
        }


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """Return a clone in a sandbox whose number and permissions were set up by hand."""
    with ExitStack() as stack:
        values = stack.enter_context(running_sandbox(tmp_path / "sandbox", time_factor=50))
        proxies = {
            key: stack.enter_context(intercepted(values[value]))
            for key, value in (("twilio:baseUrl", "twilio_base_url"), ("supabase:apiUrl", "supabase_api_url"))
        }
        clone = clone_repository(
            tmp_path / "clone",
            values,
            numbers={NUMBER: {"replaceExisting": True}},
            allowedOrigins=None,
            dialingPermissions={"US": {"lowRisk": True}, "GB": {"lowRisk": True}},
        )
        content = yaml.safe_load(clone.settings_file.read_text(encoding="utf-8"))
        content["config"] |= {key: proxy.url for key, proxy in proxies.items()}
        clone.settings_file.write_text(yaml.safe_dump(content), encoding="utf-8")
        clone.click(VoiceUrl=THEIRS, VoiceMethod="GET", StatusCallback=THEIRS)
        yield Trial(clone, proxies)


@pytest.mark.parametrize(
    ("shared", "before"),
    [(False, False), (False, True), (True, False)],
    ids=["urls-after", "urls-before", "application-after"],
)
def test_killed_at_every_write(trial: Trial, shared: bool, before: bool) -> None:
    """Each up is killed at the next write, which Twilio or Supabase has carried out or never got.

    The last one completes what the others began, and destroy restores what was there before the first.
    """
    clone = trial.clone
    clone.configure(sharedApplication=shared or None)
    at_first = trial.vendors()
    for _ in range(_MOST_STEPS):
        said, killed = trial.up(before=before)
        assert "Traceback" not in said
        if not killed:
            break
        if clone.number()["voice_url"] != THEIRS:
            assert "twilio-webhook" in trial.vendors()["functions"]
        clone.pulumi("cancel", "--yes")
    for proxy in trial.proxies.values():
        proxy.pass_all()
    assert "Resources:" in said, said
    assert "does not know what to restore" not in said, said
    struck = [path for proxy in trial.proxies.values() for path in proxy.struck]
    for part in ("/database/query", "/secrets", "/functions/deploy"):
        assert any(part in path for path in struck), f"no write to {part} was killed of {struck}"
    # These two are written at the same time: one kill may find the other one done.
    last = ("/Applications" if shared else "/IncomingPhoneNumbers/", "/BulkCountryUpdates")
    assert any(part in path for part in last for path in struck), f"no last write was killed of {struck}"
    clone.pulumi("preview", "--expect-no-changes")
    assert not [slug for slug in trial.vendors()["functions"] if slug.endswith("-candidate")]
    clone.call()
    assert clone.query("select count(*) as calls from public.twilio_calls") != [{"calls": 0}]
    clone.pulumi("destroy", "--yes", "--skip-preview")
    assert trial.vendors() == at_first
