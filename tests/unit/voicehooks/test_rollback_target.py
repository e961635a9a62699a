"""Which update `voicehooks rollback` goes back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from voicehooks.commands.history.updates import Update, live
from voicehooks.commands.rollback.target import choose
from voicehooks.output.errors import CommandError

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def history(*messages: str) -> list[Update]:
    """Updates an hour apart, oldest first, each of a commit of its own.

    `!` before a message: it failed; `=`: it changed nothing; `refresh`: a refresh; `again`: the commit before.
    """
    return [
        Update(
            number=place,
            kind="refresh" if message == "refresh" else "update",
            result="failed" if message.startswith("!") else "succeeded",
            started=START + timedelta(hours=place),
            message=message.lstrip("!="),
            author="Ana",
            commit=f"{place - message.count('again'):040x}",
            dirty=False,
            config={},
            resource_changes={"same": 9} if "=" in message else {"same": 8, "update": 1},
        )
        for place, message in enumerate(messages, start=1)
    ]


@pytest.mark.parametrize(
    ("messages", "number"),
    [
        (("one", "two"), 1),
        (("one", "!two", "three"), 1),
        (("one", "refresh", "three"), 1),
        (("one", "two", "three", "rollback to 2"), 1),
        (("one", "two", "three", "four", "rollback to 3", "rollback to 2"), 1),
        # The third was bad and gone back from: after a fourth, the way back is not to the bad one.
        (("one", "two", "bad", "rollback to 2", "four"), 4),
        (("one", "two", "bad", "rollback to 2", "four", "rollback to 4"), 1),
    ],
)
def test_default_is_the_newest_good_one_before_what_is_in_force(messages: tuple[str, ...], number: int) -> None:
    """Failed updates and refreshes are passed over; a second rollback goes on and does not toggle."""
    assert choose(history(*messages), "", "prod").update.number == number


@pytest.mark.parametrize(
    ("messages", "number", "unchanged"),
    [
        (("one", "two", "=three"), 1, [3]),
        (("one", "two", "=three", "=four"), 1, [4, 3]),
        # What somebody had changed elsewhere was put right by the same program.
        (("one", "two", "again"), 1, [3]),
        (("one", "two", "refresh", "=four"), 1, [4]),
        (("one", "=two", "three"), 2, []),
        # The failed one had changed something, and it is live: the one before it is the way back.
        (("one", "two", "!three", "=four"), 2, [4]),
        (("one", "two", "!=three", "=four"), 1, [4]),
        (("one", "two", "three", "rollback to 2", "=five"), 1, [5]),
        (("one", "two", "=three", "four", "rollback to 3"), 1, [3]),
    ],
)
def test_passes_over_what_changed_nothing(messages: tuple[str, ...], number: int, unchanged: list[int]) -> None:
    """An update that left all as it was is no way back: what was before it is what is live."""
    target = choose(history(*messages), "", "prod")
    assert (target.update.number, [item.number for item in target.unchanged]) == (number, unchanged)


def test_an_update_that_changed_nothing_can_be_asked_for() -> None:
    """By its number it is gone back to as any other."""
    target = choose(history("one", "=two", "three"), "2", "prod")
    assert (target.update.number, target.unchanged) == (2, ())


def test_what_an_update_changed_may_not_be_known() -> None:
    """Without the count of its changes, or from a changed tree, an update counts as a change."""
    one, two, again = history("one", "two", "again")
    assert choose([one, two, replace(again, dirty=True)], "", "prod").update == two
    assert choose([one, two, replace(again, commit="c", resource_changes=None)], "", "prod").update == two


def test_names_the_failed_ones_in_between() -> None:
    """What is passed over because it failed is told, newest first."""
    target = choose(history("one", "!two", "!three", "four"), "", "prod")
    assert [item.number for item in target.skipped] == [3, 2]


@pytest.mark.parametrize(
    ("wanted", "number"), [("1", 1), ("2026-11-24T11:30", 2), ("2026-11-24T12:30+01:00", 2)]
)
def test_takes_a_number_or_a_moment(wanted: str, number: int) -> None:
    """A moment means what was in force then, in UTC unless it says otherwise."""
    assert choose(history("one", "two", "three"), wanted, "prod").update.number == number


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("9", "there is no update 9"),
        ("3", "update 3 is the one in force"),
        ("2", "2 is a refresh and deployed nothing"),
        ("2026-11-24T01:00", "no update had succeeded at 2026-11-24 01:00 UTC"),
        ("yesterday", "neither an update's number nor a time"),
    ],
)
def test_refuses_in_one_sentence(wanted: str, why: str) -> None:
    """What cannot be gone back to is named with the reason."""
    with pytest.raises(CommandError, match="prod cannot go back") as refusal:
        choose(history("one", "refresh", "three"), wanted, "prod")
    assert why in str(refusal.value)


def test_nothing_before_the_first() -> None:
    """One update alone has nothing before it."""
    with pytest.raises(CommandError, match="no update before 1 succeeded"):
        choose(history("one"), "", "prod")


def test_an_update_from_a_changed_tree_is_not_the_same_again() -> None:
    """The commit does not say what a dirty tree deployed: the way back goes to that update, not past it."""
    updates = history("one", "two", "three")
    updates[1] = replace(updates[1], commit=updates[2].commit, dirty=True)
    assert choose(updates, "", "prod").update.number == 2
    updates[1] = replace(updates[1], dirty=False)
    assert choose(updates, "", "prod").update.number == 1


def test_after_a_destroy_no_update_is_in_force() -> None:
    """What was destroyed is not live, and there is nothing to go back from."""
    updates = [*history("one", "two"), replace(history("one", "two", "three")[2], kind="destroy")]
    current = live(updates)
    assert current is not None
    assert current.kind == "destroy"
    with pytest.raises(CommandError, match="no update is in force"):
        choose(updates, "", "prod")
