"""The reference page of all checks, made from the table."""

from __future__ import annotations

from voicehooks.commands.doctor.model import SYMPTOMS
from voicehooks.commands.doctor.table import CHECKS

__all__ = ["page"]

_INTRODUCTION = """\
# voicehooks doctor

<!-- Generated from the checks in voicehooks/commands/doctor; change those and run make generate. -->

`voicehooks doctor --stack prod` looks at everything that calls depend on, at Twilio and at Supabase.
Each finding says what is there, what should be there, the command that repairs it, and the vendor's page.
What is wrong comes first: problems before warnings, by their effect on callers, a cause before what follows
from it. The last lines say where to begin.

    voicehooks doctor                        all checks of the stack local
    voicehooks doctor --check drift          one of them; may be repeated
    voicehooks doctor --to +15557654321      also: may this number be called?
    voicehooks doctor --fix                  make the safe repairs, after showing them and asking
    voicehooks doctor --assumptions          what nobody could confirm: see assumptions.md
    voicehooks doctor --list                 the checks
    voicehooks doctor --json                 the same as data

What the settings leave alone is not a finding. Only numbers whose calls the handler takes count for recording,
status events, fallback and retries. An alert of Twilio from before the URL last passed its checks is history.

`--fix` starts the sandbox of a stack that is in one, sets a missing secret of the stack to its value of the
last update, and runs `voicehooks reconcile`. It never runs `pulumi up`, and never changes who answers a number.
Without a terminal it needs `--yes`.

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
