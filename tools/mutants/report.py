"""The list of slips that no test noticed, as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tools.mutants.model import AREAS, Outcome, Result, area_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["heading", "page"]

_LISTED_TESTS = 5


def heading(count: int, sample: int, seed: int) -> str:
    """Say how many slips are tried, and how to try the same ones again."""
    if sample:
        return f"{count} slips; the same again from the same code: SAMPLE={sample} SEED={seed}"
    return f"{count} slips"


def page(results: Sequence[Result], title: str) -> str:
    """Return the figures and the survivors."""
    return "\n".join(_lines(results, title)) + "\n"


def _lines(results: Sequence[Result], title: str) -> Iterator[str]:
    yield f"# Mutants: {title}"
    yield ""
    yield f"| folder | tried | {' | '.join(Outcome)} |"
    yield "| --- " * (2 + len(Outcome)) + "|"
    for area in AREAS:
        if found := [result for result in results if area_of(result.file) == area]:
            yield _row(f"`{area}`", found)
    yield _row("all", results)
    survivors = [result for result in results if not result.outcome.is_noticed]
    for result in sorted(survivors, key=lambda result: (result.file, result.line)):
        yield ""
        yield f"## {result.file}:{result.line}: {result.outcome}"
        if result.detail:
            yield ""
            yield result.detail
        yield ""
        yield "```diff"
        yield result.change
        yield "```"
        yield ""
        listed = result.tests[:_LISTED_TESTS]
        more = len(result.tests) - len(listed)
        yield "\n".join(f"- ran: {test}" for test in listed) + (f"\n- and {more} more" if more else "")


def _row(name: str, results: Sequence[Result]) -> str:
    counts = Counter(result.outcome for result in results)
    return f"| {name} | {len(results)} | " + " | ".join(str(counts[column]) for column in Outcome) + " |"
