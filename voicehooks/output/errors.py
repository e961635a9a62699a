"""The one shape of an error that a user sees: what failed, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CommandError(Exception):
    """A command failed.

    Attributes:
        what: what failed, a sentence without a full stop.
        why: the cause as far as it is known.
        do: what the user can do about it, if anything.
        exit_code: 1 for a finding, 2 for "could not tell" (the default).
    """

    what: str
    why: str
    do: str = ""
    exit_code: int = 2

    def __str__(self) -> str:
        """All of it in one line."""
        return f"{self.what}: {self.why}" + (f"; {self.do}" if self.do else "")

    def json_fields(self) -> dict[str, str]:
        """The same for `--json`."""
        return {"what": self.what, "why": self.why, "do": self.do}
