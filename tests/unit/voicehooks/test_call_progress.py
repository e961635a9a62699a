"""The steps of a test call, as rows show them, and what is overdue."""

from __future__ import annotations

import pytest

from tests.unit.voicehooks.call_rows import CALL, call_row, ended_row, leg_row, recording_row
from voicehooks.call.follow import follow
from voicehooks.call.progress import CallProgress, Expectation, Step
from voicehooks.call.rows import CallRows


def started(*, wants_recording: bool = True) -> CallProgress:
    """A call that was made at second 0."""
    progress = CallProgress(CALL, wants_recording=wants_recording)
    progress.start(0.0, "")
    return progress


def names(steps: list[Step]) -> list[str]:
    """The names of steps."""
    return [step.name for step in steps]


def test_steps_come_once_in_the_order_of_a_call() -> None:
    """Each state of the rows brings its own step, and no step comes twice."""
    progress = started()
    told = [
        names(progress.observe(rows, seconds))
        for seconds, rows in enumerate(
            [
                CallRows(),
                CallRows([call_row()]),
                CallRows([call_row()]),
                CallRows([call_row(display_status="connected", talking_since="x"), leg_row()]),
                CallRows([ended_row(), leg_row()]),
                CallRows([ended_row(), leg_row()], [], [recording_row(status="processing", url=None)]),
                CallRows([ended_row(), leg_row()], [], [recording_row()]),
            ]
        )
    ]
    assert told == [[], ["ringing"], [], ["connected"], ["ended"], [], ["recording"]]
    assert progress.is_finished()


def test_overtaken_steps_are_still_told() -> None:
    """A call that is over at the first look has all its steps, in order."""
    progress = started()
    steps = progress.observe(CallRows([ended_row(), leg_row()], [], [recording_row()]), 5.0)
    assert names(steps) == ["ringing", "connected", "ended", "recording"]
    assert [step.detail for step in steps] == [
        "webhook received",
        "with +15557654321",
        "duration 8 s, talked 5 s",
        "5 s  https://api.twilio.com/recording",
    ]


def test_unanswered_call_awaits_no_recording() -> None:
    """Where nobody answered, the end is the last thing that is expected."""
    progress = started()
    row = call_row(status="completed", display_status="missed", duration_seconds=30, talk_seconds=0)
    steps = progress.observe(CallRows([row]), 30.0)
    assert [step.title for step in steps] == ["Ringing...", "Call ended: missed"]
    assert progress.is_finished()


@pytest.mark.parametrize("wants_recording", [True, False])
def test_recording_is_expected_where_the_settings_ask_for_it(wants_recording: bool) -> None:
    """An answered call is finished without a recording only if none was asked for."""
    progress = started(wants_recording=wants_recording)
    progress.observe(CallRows([ended_row(), leg_row()]), 9.0)
    assert progress.is_finished() is not wants_recording
    assert (progress.overdue(9.0 + 61) is not None) is wants_recording


def test_absent_recording_is_told_as_such() -> None:
    """Twilio made no audio: that is an answer, too."""
    progress = started()
    steps = progress.observe(CallRows([ended_row()], [], [recording_row(status="absent")]), 9.0)
    assert (steps[-1].title, steps[-1].detail) == ("Recording absent", "there is no audio")


@pytest.mark.parametrize(
    ("rows", "webhook"),
    [
        (CallRows(), "voice"),
        (CallRows([call_row()]), "status"),
        (CallRows([call_row(display_status="connected", talking_since="x")]), "status"),
        (CallRows([ended_row()]), "recording"),
    ],
    ids=["connecting", "ringing", "connected", "ended"],
)
def test_each_wait_has_an_end(rows: CallRows, webhook: str) -> None:
    """Whatever a call is stuck at, there comes a moment at which that is said."""
    progress = started()
    progress.observe(rows, 1.0)
    assert progress.overdue(2.0) is None
    overdue = progress.overdue(1000.0)
    assert overdue is not None
    assert overdue.webhook == webhook


def test_follow_reads_until_the_call_is_finished() -> None:
    """The rows are read again after each pause, new steps are shown at once, and the last rows come back."""
    states = [CallRows(), CallRows([call_row()]), CallRows([ended_row(), leg_row()], [], [recording_row()])]
    reads = iter(states)
    shown: list[str] = []
    rows, missing = follow(
        started(),
        lambda: next(reads),
        lambda step: shown.append(step.name),
        started=0.0,
        clock=lambda: 0.0,
        wait=lambda _: None,
    )
    assert shown == ["ringing", "connected", "ended", "recording"]
    assert (rows, missing) == (states[-1], None)


def test_follow_gives_up_at_the_deadline() -> None:
    """Nothing ever comes: after the deadline the expectation that stayed out is returned."""
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    rows, missing = follow(started(), CallRows, lambda _: None, started=0.0, clock=lambda: now[0], wait=wait)
    assert isinstance(missing, Expectation)
    assert missing.webhook == "voice"
    assert rows == CallRows()
    assert missing.seconds <= now[0] <= missing.seconds + 1
