"""Where mishaps happen: the environment, the journal, and what is left to chance."""

from __future__ import annotations

import random
import subprocess
import time
from typing import TYPE_CHECKING

from tests.support.clone import variables
from tests.support.hand_deployed import BIN

if TYPE_CHECKING:
    from tests.chaos.journal import Journal
    from tests.support.clone import Clone

__all__ = ["Scene"]


class Scene:
    """Where mishaps happen.

    Args:
        clone: the environment.
        journal: records each step.
        seed: of what is left to chance.
    """

    def __init__(self, clone: Clone, journal: Journal, *, seed: int) -> None:
        self.clone = clone
        self.journal = journal
        self.chance = random.Random(seed)
        self._changes = 0
        self._locked = False

    def pause(self, shortest: float, longest: float) -> None:
        """Let calls come in for a while."""
        time.sleep(self.chance.uniform(shortest, longest))

    def change_settings(self) -> str:
        """Change what the next `up` deploys: function, numbers, and which functions there are."""
        self._changes += 1
        defaults = dict(self.clone.settings()["voicehooks:defaults"])
        defaults["ringSeconds"] = self.chance.choice([s for s in range(15, 40) if s != defaults["ringSeconds"]])
        defaults["delivery"] = {**defaults["delivery"], "retries": self.chance.randint(1, 5)}
        origins = self.chance.choice([None, ["http://localhost:8080"]])
        self.clone.configure(defaults=defaults, allowedOrigins=origins)
        shared = self.clone.folder / "functions" / "_shared" / "twiml_for_request.ts"
        shared.write_text(shared.read_text(encoding="utf-8") + f"// change {self._changes}\n", encoding="utf-8")
        return (
            f"ringSeconds {defaults['ringSeconds']}, retries {defaults['delivery']['retries']}, "
            f"place-call and recording {'there' if origins else 'gone'}, a new revision"
        )

    def start_up(self) -> subprocess.Popen[str]:
        """Begin `pulumi up` in a process group of its own, after what a person does about a lock."""
        if self._locked:
            self.clone.run("pulumi", "cancel", "--yes", "--stack", "local", "--non-interactive")
            self.journal.say("lock cleared", "pulumi cancel")
            self._locked = False
        return subprocess.Popen(
            [BIN / "pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive"],
            cwd=self.clone.folder,
            env=variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def lock_left(self) -> None:
        """Note that an `up` died with its lock."""
        self._locked = True

    def process(self, of: str, name: str) -> int | None:
        """The process of a `services` name or a `functions` slug; None where none runs."""
        status = self.clone.supabase_control("GET", "status")
        pids = [process["pid"] for process in status[of] if name in (process.get("name"), process.get("slug"))]
        return pids[0] if pids else None
