"""Delivery of webhooks: attempts, redirects, cookies, headers, and a journal of every request.

Sources: Twilio docs, "Webhooks connection overrides", "TwiML for Programmable Voice" (redirects, cookies).
"""

from __future__ import annotations

import base64
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from ..dates import iso8601, rfc2822
from .cache import AnswerCache
from .exchange import Outcome
from .overrides import InvalidOverride, Overrides, parse_overrides
from .signature import Signer, requested_url
from .wire import ExchangeFailed, exchange

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..store import Store
    from .exchange import Webhook

WEBHOOK_JOURNAL = "webhook-request"
_MAX_REDIRECTS = 10
_KEPT_BODY = 64 * 1024


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a webhook: its number from 1, and what all attempts share."""

    webhook: Webhook
    number: int
    overrides: Overrides
    deadline: float
    token: str
    sign: str
    signer: Signer


@dataclass(frozen=True)
class _Hop:
    """One request of an attempt; redirects make more of them.

    Attributes:
        page: the document's address.
        url: the address on the wire, which with GET carries the parameters.
    """

    page: str
    url: str
    method: str
    form: Mapping[str, str]

    def follow(self, response: httpx.Response) -> _Hop | None:
        """Where a redirect leads; None when the answer is none."""
        location = response.headers.get("location")
        if not (300 <= response.status_code < 400 and location):
            return None
        target = urljoin(self.url, location)
        if response.status_code in {307, 308}:
            return _Hop(target, target, self.method, self.form)
        return _Hop(target, target, "GET", {})


class Delivery:
    """Makes webhook requests for all calls."""

    def __init__(
        self,
        store: Store,
        treatment_of: Callable[[str, str], tuple[Signer, Overrides | None]],
        transport: httpx.AsyncBaseTransport | None = None,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._before = before
        self._treatment_of = treatment_of
        self._cache = AnswerCache()
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20)
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def send(
        self,
        webhook: Webhook,
        *,
        sign: str = "right",
        treatment: tuple[Signer, Overrides | None] | None = None,
    ) -> Outcome:
        """Make a request, with the attempts and timeouts its URL asks for.

        It never raises for what the other side does: that is in the outcome.

        Args:
            webhook: the request.
            sign: ``right``, ``wrong`` or ``none``, for ordered faults.
            treatment: what signs and delivers it whatever the webhook rules say; None: as they say.
        """
        try:
            overrides = parse_overrides(webhook.url)
        except InvalidOverride as error:
            return Outcome(webhook.url, error_code=11100, error_text=str(error))
        if self._before is not None:
            await self._before()
        # A webhook rule takes precedence over the URL's overrides (Twilio docs: connection overrides).
        signer, ruled = treatment or self._treatment_of(webhook.account_sid, webhook.url)
        overrides = ruled or overrides
        deadline = time.monotonic() + overrides.total / 1000
        token = str(uuid.uuid4())
        number = 0
        while True:
            number += 1
            outcome, failure = await self._try(
                _Attempt(webhook, number, overrides, deadline, token, sign, signer)
            )
            last = number > overrides.retries or time.monotonic() >= deadline
            if failure == "" or last or not overrides.retries_on(failure):
                return outcome

    async def _try(self, attempt: _Attempt) -> tuple[Outcome, str]:
        """One attempt: its outcome, and its failure as retry policies name it (empty for none)."""
        hop = _first_hop(attempt.webhook)
        for _ in range(_MAX_REDIRECTS + 1):
            outcome, response, failure = await self._request(attempt, hop)
            if response is None:
                return outcome, failure
            following = hop.follow(response)
            allows = attempt.webhook.redirects_to
            if following is None or (allows is not None and not allows(following.url)):
                return outcome, f"{response.status_code // 100}xx" if response.status_code >= 400 else ""
            hop = following
        text = f"More than {_MAX_REDIRECTS} redirects from {attempt.webhook.url}"
        return Outcome(hop.page, error_code=11215, error_text=text), ""

    async def _request(self, attempt: _Attempt, hop: _Hop) -> tuple[Outcome, httpx.Response | None, str]:
        cookies = attempt.webhook.cookies
        request = httpx.Request(
            hop.method, requested_url(hop.url), headers=self._headers(attempt, hop), data=hop.form or None
        )
        cookies.set_cookie_header(request)
        self._cache.ask_for_changes(request)
        sent, started = time.time(), time.monotonic()
        response, failure = None, ""
        try:
            response = await exchange(self._transport, request, attempt.overrides, attempt.deadline)
        except ExchangeFailed as failed:
            failure = failed.failure
            outcome = Outcome(
                hop.page, request_headers=request.headers, error_code=failed.code, error_text=failed.text
            )
        else:
            cookies.extract_cookies(response)
            response = self._cache.settle(request, response)
            outcome = Outcome(
                hop.page,
                status=response.status_code,
                content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                body=response.text,
                headers=response.headers,
                request_headers=request.headers,
            )
        seconds = time.monotonic() - started
        self._journal(attempt, hop, outcome, {"time": sent, "duration_ms": round(seconds * 1000)})
        return outcome, response, failure

    def _headers(self, attempt: _Attempt, hop: _Hop) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": attempt.token,
        }
        if attempt.sign != "none":
            headers |= attempt.signer.headers(hop.url, hop.form, wrong=attempt.sign != "right")
        credentials, at, _ = urlsplit(hop.url).netloc.rpartition("@")
        if at:
            headers["Authorization"] = "Basic " + base64.b64encode(unquote(credentials).encode()).decode()
        return headers

    def _journal(self, attempt: _Attempt, hop: _Hop, outcome: Outcome, measured: Mapping[str, float]) -> None:
        webhook = attempt.webhook
        entry = {
            **measured,
            "moment": iso8601(webhook.moment),
            "date": rfc2822(webhook.moment),
            "kind": webhook.kind,
            "call_sid": webhook.call_sid,
            "root_call_sid": webhook.root_sid,
            "account_sid": webhook.account_sid,
            "method": hop.method,
            "url": hop.url,
            "params": dict(webhook.params),
            "webhook_url": webhook.url,
            "webhook_method": webhook.method,
            "headers": dict(outcome.request_headers),
            "attempt": attempt.number,
            "status": outcome.status,
            "response_headers": dict(outcome.headers),
            "body": outcome.body[:_KEPT_BODY],
            "error_code": outcome.error_code,
            "error": outcome.error_text,
        }
        self._store.log(WEBHOOK_JOURNAL, webhook.root_sid, entry)


def _first_hop(webhook: Webhook) -> _Hop:
    """The first request: GET carries its parameters in the query string."""
    if webhook.method != "GET":
        return _Hop(webhook.url, webhook.url, "POST", dict(webhook.params))
    parts = urlsplit(webhook.url)
    query = "&".join(part for part in (parts.query, urlencode(webhook.params)) if part)
    return _Hop(webhook.url, urlunsplit(parts._replace(query=query)), "GET", {})
