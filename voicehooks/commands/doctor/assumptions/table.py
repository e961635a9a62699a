"""All assumptions, and the page that lists them."""

from __future__ import annotations

from voicehooks.commands.doctor.assumptions import account, calls

__all__ = ["ASSUMPTIONS", "page"]

ASSUMPTIONS = (*calls.ASSUMPTIONS, *account.ASSUMPTIONS)

_INTRODUCTION = """\
# What nobody could confirm

<!-- Generated from voicehooks/commands/doctor/assumptions; change that and run make generate. -->

Voicehooks was written from the vendors' documents and tested in a sandbox that was written from the same
documents. This page lists what the documents do not say, or say in one place only, and what goes wrong if it
does not hold.

    voicehooks doctor --assumptions --stack prod
    voicehooks doctor --assumptions --to +15551234567 --stack prod

The command looks at your account and prints a report for an issue: names of fields, counts and Twilio's own
words, no SIDs, numbers, URLs or secrets. It reads only. With `--to` and the number of yours that may be used,
it also makes the probes that write: each writes what is there already, after asking.

| in the report | meaning |
| --- | --- |
| confirmed | it is so on this account |
| different | it is not so: please open an issue with the report |
| not seen | this account has nothing that shows it, or may not read it |
| by hand | only a person can find out; the table says how |
| failed | the probe could not be made |

Exit code 0: nothing is different; 1: something is; 2: a probe failed.

| name | what is assumed | otherwise | how to find out |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page as Markdown."""
    rows = [
        f"| `{assumption.code}` | {assumption.what} | {assumption.matters} | {_how(assumption.how)} |"
        for assumption in ASSUMPTIONS
    ]
    by_hand = [row for row, one in zip(rows, ASSUMPTIONS, strict=True) if one.probe is None]
    probed = [row for row, one in zip(rows, ASSUMPTIONS, strict=True) if one.probe is not None]
    return _INTRODUCTION + "\n".join(probed) + "\n\n## By hand\n\n" + _HEAD + "\n".join(by_hand) + "\n"


_HEAD = "| name | what is assumed | otherwise | how to find out |\n| --- | --- | --- | --- |\n"


def _how(text: str) -> str:
    return text[:1].upper() + text[1:]
