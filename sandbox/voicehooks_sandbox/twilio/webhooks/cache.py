"""Answers to GET requests that may be used again, as the other side's ETag and Last-Modified allow.

Source: Twilio docs, "TwiML for Programmable Voice": answers to GET may be cached, those to POST never.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

_MOST_ANSWERS = 1000


class AnswerCache:
    """The latest answers by URL."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, httpx.Response] = OrderedDict()

    def ask_for_changes(self, request: httpx.Request) -> None:
        """Let a GET ask only for what has changed since the answer that is known."""
        known = self._answers.get(str(request.url)) if request.method == "GET" else None
        if known is None:
            return
        for condition, validator in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            if validator in known.headers:
                request.headers[condition] = known.headers[validator]

    def settle(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        """The answer to go by: the known one after a 304; one that may be used again is kept."""
        url = str(request.url)
        if request.method != "GET":
            return response
        if response.status_code == 304 and url in self._answers:
            return self._answers[url]
        if response.status_code == 200 and {"etag", "last-modified"} & response.headers.keys():
            self._answers[url] = response
            if len(self._answers) > _MOST_ANSWERS:
                self._answers.popitem(last=False)
        return response
