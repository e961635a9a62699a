"""Transcriptions over HTTP: the account's, and those of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..paging import PageRequest, page_2010
from ..store import Where
from .transcriptions import KIND, encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
_PERMISSION = "/twilio/voice/transcriptions"


async def _list(request: ApiRequest) -> Response:
    where = []
    if "RecordingSid" in request.http.path_params:
        recording = request.emulator.recordings.get(
            request.account_sid, request.param("RecordingSid"), request.path, deleted_too=True
        )
        where.append(Where.search_is(recording["sid"]))
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "transcriptions", found, more, encode))


async def _read(request: ApiRequest) -> Response:
    return answer(encode(_transcription(request)))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.transcriptions.delete(_transcription(request))
    return no_content()


def _transcription(request: ApiRequest) -> Document:
    recording_sid = request.http.path_params.get("RecordingSid")
    return request.emulator.transcriptions.get(
        request.account_sid, request.param("Sid"), request.path, recording_sid
    )


ENDPOINTS = tuple(
    endpoint
    for base in (_ACCOUNT, f"{_ACCOUNT}/Recordings/{{RecordingSid}}")
    for endpoint in (
        Endpoint("GET", f"{base}/Transcriptions.json", _list, f"{_PERMISSION}/list"),
        Endpoint("GET", f"{base}/Transcriptions/{{Sid}}.json", _read, f"{_PERMISSION}/read"),
        Endpoint("DELETE", f"{base}/Transcriptions/{{Sid}}.json", _delete, f"{_PERMISSION}/delete"),
    )
)
