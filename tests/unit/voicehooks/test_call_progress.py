"""The steps of a test call, as rows show them, and what is overdue."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.voicehooks.call_rows import CALL, call_row, ended_row, leg_row, recording_row
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.follow import Pace, follow
from voicehooks.commands.call.progress import CallProgress, Expectation, Step
from voicehooks.commands.call.timeline import Exchange, Timeline
from voicehooks.commands.call.twilio_side import WebhookRequest


def started(*, wants_recording: bool = True) -> CallProgress:
    """A call that was made at second 0."""
    progress = CallProgress(CALL, wants_recording=wants_recording, incoming=True)
    progress.start(0.0, "")
    return progress


def names(steps: list[Step]) -> list[str]:
    """The names of steps."""
    return [step.name for step in steps]


def test_steps_come_once_in_the_order_of_a_call() -> None:
    """Each state of the rows brings its own step, and no step comes twice."""
    progress = started()
    steps = [
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
    assert steps == [[], ["ringing"], [], ["connected"], ["ended"], [], ["recording"]]
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


def test_absent_recording_is_reported_as_such() -> None:
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


class Call:
    """A call whose rows and log are given look by look; the clock goes on by each wait."""

    def __init__(self, rows: list[CallRows], requests: list[WebhookRequest]) -> None:
        self.now = 0.0
        self.shown: list[str] = []
        self._rows = rows
        self._requests = requests

    async def read_rows(self) -> CallRows:
        """The next rows, the last ones again and again."""
        return self._rows.pop(0) if len(self._rows) > 1 else self._rows[0]

    async def read_requests(self) -> list[WebhookRequest]:
        """Twilio's log."""
        return self._requests

    async def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.now += seconds

    def show(self, event: Step | Exchange) -> None:
        """Note what is shown."""
        self.shown.append(event.name if isinstance(event, Step) else event.what)

    def follow(self) -> tuple[CallRows, Expectation | None]:
        """Follow it to its end."""
        return asyncio.run(
            follow(
                started(),
                Timeline(CALL),
                read_rows=self.read_rows,
                read_requests=self.read_requests,
                show=self.show,
                started=0.0,
                pace=Pace(0.2, 2.0),
                clock=lambda: self.now,
                wait=self.wait,
            )
        )


def test_follow_reads_until_the_call_is_finished() -> None:
    """The rows are read again after each pause, new steps are shown at once, and the last rows come back."""
    last = CallRows([ended_row(), leg_row()], [], [recording_row()])
    call = Call([CallRows(), CallRows([call_row()]), last], [])
    assert call.follow() == (last, None)
    assert call.shown == ["ringing", "connected", "ended", "recording"]


def test_follow_waits_for_the_first_legs_own_end() -> None:
    """The dialed leg's end comes first, and a CRM shows the call as over: its own end is awaited."""
    early = CallRows([ended_row(status="in-progress", duration_seconds=None, talking_since=None), leg_row()])
    last = CallRows([ended_row(talking_since=None), leg_row()])
    assert Call([early, early, last], []).follow() == (last, None)


def test_follow_does_not_wait_for_ever_for_that_end() -> None:
    """The number has no status callback: after some patience the rows come back as they are."""
    early = CallRows([ended_row(status="in-progress", duration_seconds=None, talking_since=None), leg_row()])
    call = Call([early], [])
    assert call.follow() == (early, None)
    assert 2.0 <= call.now <= 2.5


def test_follow_gives_up_at_the_deadline() -> None:
    """Nothing arrives: after the deadline the unmet expectation is returned."""
    call = Call([CallRows()], [])
    rows, missing = call.follow()
    assert missing is not None
    assert missing.webhook == "voice"
    assert rows == CallRows()
    assert missing.seconds <= call.now <= missing.seconds + 1


def test_line_waits_for_its_row_but_not_for_ever() -> None:
    """A request without a row is still shown, once its patience is over."""
    request = WebhookRequest(
        "https://a.example", 200, call_sid=CALL, params={"call_status": "ringing"}, milliseconds=None, body=""
    )
    call = Call([CallRows()], [request])
    call.follow()
    assert call.shown == ["request, call ringing"]
