"""The data of a call's swim lanes: requests that are late, repeated, refused or missing; what a CRM shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.waiting import PATIENCE

STATIC = Path(__file__).parents[2] / "page" / "voicehooks_page" / "static"
SID, LEG = "CA" + "1" * 32, "CA" + "2" * 32


def lay_out(tmp_path: Path, *cases: list[Any]) -> list[dict[str, Any]]:
    """Lay out calls as the page does, each by the arguments of `layOut`; the changes are a list of pairs."""
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="importmap">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    imports = {name: (STATIC / path).as_uri() for name, path in json.loads(found.group(1))["imports"].items()}
    import_map = tmp_path / "imports.json"
    import_map.write_text(json.dumps({"imports": imports}), encoding="utf-8")
    script = (
        f'const {{ layOut }} = await import("{(STATIC / "timeline.js").as_uri()}");'
        f"const cases = {json.dumps(cases)};"
        "console.log(JSON.stringify(cases.map(([story, requests, changes, elapsed, realTime]) =>"
        "  layOut(story, requests, new Map(changes), elapsed, realTime))));"
    )
    done = subprocess.run(
        [
            Path(sys.executable).with_name("deno"),
            "run",
            "--no-prompt",
            "--allow-read",
            "--location=http://127.0.0.1/",
            f"--import-map={import_map}",
            "-",
        ],
        input=script,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    laid: list[dict[str, Any]] = json.loads(done.stdout)
    return laid


def story(steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Make an incoming call that is over."""
    call = {"sid": SID, "from": "+15550001111", "direction": "inbound"}
    return {"sid": SID, "call": call, "steps": steps, "recordings": [], "finished": True, **more}


def step(number: int, offset: float, text: str, *, kind: str = "webhook", sid: str = SID) -> dict[str, Any]:
    """Make a step of the call."""
    return {"id": number, "offset": offset, "text": text, "kind": kind, "call_sid": sid}


def request(
    number: int,
    time: float,
    word: str,
    *,
    kind: str = "status",
    sid: str = SID,
    status: int | None = 204,
    **params: Any,
) -> dict[str, Any]:
    """Make a webhook request that Twilio sent at a second."""
    params = {"CallStatus": word, **params}
    return {
        "id": number,
        "time": 1000 + time,
        "kind": kind,
        "call_sid": sid,
        "status": status,
        "params": params,
    }


def test_late_repeated_refused_and_failed_requests_are_distinguished(tmp_path: Path) -> None:
    """A late one is drawn where it arrived, if the call's clock is the wall's; a repeated one is not late."""
    steps = [
        step(2, 0, "voice ringing"),
        step(4, 1, "status ringing"),
        step(6, 2, "status in-progress"),
        step(9, 5, "status completed"),
    ]
    requests = [
        request(1, 0, "ringing", kind="voice", status=200),
        request(3, 4, "ringing", SequenceNumber="0"),
        request(5, 2.5, "in-progress", status=403, SequenceNumber="1"),
        request(7, 3, "in-progress", status=None, SequenceNumber="1"),
        request(8, 5.1, "completed", SequenceNumber="2"),
        request(10, 90, "completed", SequenceNumber="2"),
    ]

    real, fast = lay_out(
        tmp_path, [story(steps), requests, [], 0, True], [story(steps), requests, [], 0, False]
    )

    assert [mark["result"] for mark in real["marks"]] == [
        "accepted",
        "accepted",
        "refused",
        "failed",
        "accepted",
        "accepted",
    ]
    assert [mark["late"] for mark in real["marks"]] == [False, True, False, False, False, False]
    assert [mark["late"] for mark in fast["marks"]] == [False] * 6
    assert [mark["repeated"] for mark in real["marks"]] == [False] * 5 + [True]
    assert [mark["number"] for mark in real["marks"]] == [1, 2, 3, 4, 5, 6]
    late = real["marks"][1]
    assert (late["sent"], late["at"], fast["marks"][1]["at"]) == (1, 4, 1)
    # What a person sends again hours later is drawn at the end, not hours to the right.
    assert real["marks"][5]["at"] < 10 > real["seconds"]


def test_a_missing_status_callback_is_named(tmp_path: Path) -> None:
    """By its number and its leg; one that was never answered did not arrive. Other kinds have no numbers."""
    requests = [
        request(1, 0, "initiated", SequenceNumber="0"),
        request(2, 1, "completed", SequenceNumber="3"),
        request(3, 2, "ringing", SequenceNumber="1", status=None),
        request(4, 2, "busy", sid=LEG, SequenceNumber="0"),
        request(5, 3, "x", kind="other", sid=LEG, SequenceNumber="9"),
    ]

    (laid,) = lay_out(tmp_path, [story([]), requests, [], 0, True])

    assert [re.findall(r"callback (\d+) of (\w+)", gap)[0] for gap in laid["gaps"]] == [
        ("1", SID[:6]),
        ("2", SID[:6]),
    ]


def test_a_crm_shows_what_is_stored_and_else_what_twilio_reported(tmp_path: Path) -> None:
    """The words of display_status of the call's own row, each until the next one; at last its recording."""
    requests = [
        request(1, 0, "ringing", kind="voice", status=200),
        request(2, 2, "in-progress", sid=LEG),
        request(3, 3, "completed", sid=LEG),
        request(4, 6, "completed"),
        request(5, 8, "", kind="recording", RecordingStatus="completed"),
    ]

    def row(sid: str, shown: str) -> list[dict[str, Any]]:
        return [{"table": "twilio_calls", "record": {"call_sid": sid, "display_status": shown}}]

    changes = [
        [1, row(SID, "ringing")],
        [2, row(SID, "connected")],
        [3, row(LEG, "completed")],
        [4, row(SID, "missed")],
    ]
    recorded = story([], recordings=["RE1"])

    stored, reported = lay_out(
        tmp_path, [recorded, requests, changes, 0, True], [recorded, requests, [], 0, True]
    )

    def spans(laid: dict[str, Any]) -> list[tuple[str, float, float]]:
        return [(span["kind"], span["at"], span["until"]) for span in laid["crm"]]

    end = stored["seconds"]
    assert spans(stored) == [
        ("ringing", 0, 2),
        ("connected", 2, 6),
        ("missed", 6, 8),
        ("recording", 8, end),
    ]
    assert spans(reported) == [
        ("ringing", 0, 2),
        ("connected", 2, 6),
        ("completed", 6, 8),
        ("recording", 8, end),
    ]
