"""What a page shows of the account: its calls, its numbers with their routes, its recordings' audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from voicehooks_sandbox import credentials
from voicehooks_sandbox.operation import Missing, Operation, query_number

from ..calls.models import KIND as CALL
from ..calls.models import encode as encode_call
from ..dates import iso8601
from ..numbers.models import KIND as NUMBER
from ..numbers.models import is_e164
from ..numbers.route import route
from ..recordings.audio import wav
from ..recordings.models import KIND as RECORDING
from ..store import Where
from ..webhooks.delivery import WEBHOOK_JOURNAL

if TYPE_CHECKING:
    from starlette.requests import Request

    from ..emulator import Emulator
    from ..store import Document

_MOST = 1000
# Whom a number's calls ring is read from so many of the newest dialed legs.
_RECENT_LEGS = 100
_DIALED = Where("json_extract(body, '$.parent_call_sid') is not null", ())
_FIRST_LEG = Where("json_extract(body, '$.parent_call_sid') is null", ())
_UNANSWERED = {"busy": "busy", "no-answer": "not answered", "failed": "failed", "canceled": "canceled"}


class _Overview:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def about(self, _: Request) -> Document:
        """What this server is, for the heading of a page."""
        return {
            "name": "Sandbox",
            "read_only": False,
            "account_sid": self._emulator.accounts.main_sid,
            "project_ref": credentials.SUPABASE_PROJECT_REF,
        }

    async def calls(self, request: Request) -> Document:
        """The calls, newest first, without the legs that they dialed; ``before`` continues after a call."""
        store = self._emulator.store
        before, limit = request.query_params.get("before"), int(query_number(request, "limit")) or 200
        if before and store.get(CALL, before) is None:
            msg = f"There is no call {before}."
            raise Missing(msg)
        found = store.page(CALL, None, [_FIRST_LEG], limit=min(max(limit, 1), _MOST), after=before)
        return {"calls": [self._summary(call) for call in found]}

    def _summary(self, call: Document) -> Document:
        store, sid = self._emulator.store, call["sid"]
        legs = self._emulator.calls.children(sid)
        recordings = store.page(RECORDING, None, [Where.search_is(sid)], limit=_MOST)
        return {
            **encode_call(call),
            "legs": len(legs),
            "recordings": len(recordings),
            "problem": self._problem(call, legs),
        }

    def _problem(self, call: Document, legs: list[Document]) -> str | None:
        """The first thing that went wrong, in a few words."""
        failures: dict[str, Document] = {}
        for entry in self._emulator.store.journal(WEBHOOK_JOURNAL, topic=call["sid"]):
            # What a later attempt delivered is no problem.
            token = entry["headers"].get("i-twilio-idempotency-token", str(entry["id"]))
            if entry["status"] is None or entry["status"] >= 400:
                failures[token] = entry
            else:
                failures.pop(token, None)
        for entry in failures.values():
            return f"{entry['kind']} webhook: {entry['error'] or entry['status']}"
        if call["status"] in _UNANSWERED:
            return _UNANSWERED[call["status"]]
        if call["ended"] and legs and all(leg["status"] in _UNANSWERED for leg in legs):
            return f"{legs[0]['to']} {_UNANSWERED[legs[0]['status']]}"
        return None

    async def numbers(self, _: Request) -> Document:
        """The numbers of the account, each with what Twilio does with a call to it."""
        emulator = self._emulator
        found = emulator.store.page(NUMBER, emulator.accounts.main_sid, limit=_MOST)
        rung: dict[str, dict[str, None]] = {}
        for leg in emulator.store.page(CALL, None, [_DIALED], limit=_RECENT_LEGS):
            call = emulator.calls.find(leg["parent_call_sid"])
            if call is not None and call["phone_number_sid"] and is_e164(leg["to"]):
                rung.setdefault(call["phone_number_sid"], {})[leg["to"]] = None
        return {"numbers": [self._number(number, list(rung.get(number["sid"], {}))) for number in found]}

    def _number(self, number: Document, rung: list[str]) -> Document:
        emulator = self._emulator
        app = number["voice_application_sid"]
        return {
            "sid": number["sid"],
            "phone_number": number["phone_number"],
            "friendly_name": number["friendly_name"],
            "route": route(
                number,
                emulator.applications.find(app) if app else None,
                emulator.trunks.find(number["trunk_sid"]) if number["trunk_sid"] else None,
            ),
            "forward_to": rung,
            "updated": iso8601(number["updated"]),
        }

    async def recording(self, request: Request) -> Response:
        """The audio of a recording, as a WAV file."""
        sid = str(request.path_params["sid"])
        recording = self._emulator.store.get(RECORDING, sid)
        if recording is None or recording["deleted"] or recording["status"] != "completed":
            msg = f"There is no audio of a recording {sid}."
            raise Missing(msg)
        return Response(wav(recording["duration"], recording["channels"]), media_type="audio/wav")


def operations(emulator: Emulator) -> list[Operation]:
    """What a page shows."""
    overview = _Overview(emulator)
    return [
        Operation("GET", "/about", overview.about),
        Operation("GET", "/calls", overview.calls, query=("limit", "before")),
        Operation("GET", "/numbers", overview.numbers),
        Operation("GET", "/recordings/{sid}", overview.recording, media_type="audio/wav"),
    ]
