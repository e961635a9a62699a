"""The reference page of all checks, made from the table."""

from __future__ import annotations

from voicehooks.commands.doctor.model import SYMPTOMS
from voicehooks.commands.doctor.table import CHECKS

__all__ = ["page"]

_INTRODUCTION = """\
# voicehooks doctor

<!-- Generated from the checks in voicehooks/commands/doctor; change those and run make generate. -->

`voicehooks doctor --stack prod` looks at everything that calls depend on, at Twilio and at Supabase.
It changes nothing. Each finding says what is there, what should be there, the command that repairs it,
and the vendor's page.

    voicehooks doctor                        all checks of the stack local
    voicehooks doctor --check drift          one of them; may be repeated
    voicehooks doctor --to +15557654321      also: may this number be called?
    voicehooks doctor --list                 the checks
    voicehooks doctor --json                 the same as data

A check that a failed one makes pointless is not run, and names it. A missing credential leaves the rest.

| exit code | meaning |
| --- | --- |
| 0 | no problem; there may be warnings |
| 1 | a problem |
| 2 | no problem was seen, and a check could not tell |

## Checks

| `--check` | makes sure that | after | a finding explains |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page as Markdown."""
    rows = [
        f"| `{check.code}` | {check.what} | {', '.join(map('`{}`'.format, check.depends_on)) or 'nothing'} | "
        f"{'; '.join(SYMPTOMS[symptom] for symptom in check.explains)} |"
        for check in CHECKS
    ]
    return _INTRODUCTION + "\n".join(rows) + "\n"
