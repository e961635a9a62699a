"""Delivery of webhooks: attempts, timeouts, redirects, cookies, headers, and a journal of every request.

Sources: Twilio docs, "Webhooks connection overrides", "TwiML for Programmable Voice" (redirects, cookies),
error dictionary 11200-11237.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
import uuid
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from ..dates import iso8601
from .exchange import Outcome
from .overrides import InvalidOverride, Overrides, parse_overrides
from .signature import requested_url, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..store import Store
    from .exchange import Webhook

WEBHOOK_JOURNAL = "webhook-request"
_MAX_REDIRECTS = 10
_KEPT_BODY = 64 * 1024


class _Failed(Exception):
    """An attempt without an answer: why, and whether that is a ``ct`` or ``rt`` failure."""

    def __init__(self, code: int, text: str, failure: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.failure = failure


class Delivery:
    """Makes webhook requests for all calls."""

    def __init__(
        self, store: Store, token_of: Callable[[str], str], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._store = store
        self._token_of = token_of
        self._transport = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20)
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.aclose()

    async def send(self, webhook: Webhook, *, sign: str = "right") -> Outcome:
        """Make a request, with the attempts and timeouts its URL asks for; never raises for what the
        other side does.

        Args:
            webhook: the request.
            sign: ``right``, ``wrong`` or ``none``, for ordered faults.
        """
        try:
            overrides = parse_overrides(webhook.url)
        except InvalidOverride as error:
            return Outcome(webhook.url, error_code=11100, error_text=str(error))
        deadline = time.monotonic() + overrides.total / 1000
        token = str(uuid.uuid4())
        attempt = 0
        while True:
            attempt += 1
            outcome, failure = await self._attempt(webhook, overrides, deadline, attempt, token, sign)
            last = attempt > overrides.retries or time.monotonic() >= deadline
            if failure == "" or last or not overrides.retries_on(failure):
                return outcome

    async def _attempt(
        self, webhook: Webhook, overrides: Overrides, deadline: float, attempt: int, token: str, sign: str
    ) -> tuple[Outcome, str]:
        url, method, form = _first_request(webhook)
        for _ in range(_MAX_REDIRECTS + 1):
            headers = self._headers(webhook, url, form, token, sign)
            request = httpx.Request(method, requested_url(url), headers=headers, data=form or None)
            webhook.cookies.set_cookie_header(request)
            sent, started = time.time(), time.monotonic()
            response: httpx.Response | None = None
            failed: _Failed | None = None
            try:
                response = await self._exchange(request, overrides, deadline)
            except _Failed as error:
                failed = error
            outcome = _outcome(url, request, response, failed)
            self._record(webhook, url, method, attempt, sent, time.monotonic() - started, outcome)
            if response is None:
                return outcome, "" if failed is None else failed.failure
            webhook.cookies.extract_cookies(response)
            location = response.headers.get("location")
            if not (300 <= response.status_code < 400 and location):
                return outcome, f"{response.status_code // 100}xx" if response.status_code >= 400 else ""
            url = urljoin(url, location)
            if response.status_code not in {307, 308}:
                method, form = "GET", {}
        text = f"More than {_MAX_REDIRECTS} redirects from {webhook.url}"
        return Outcome(url, error_code=11215, error_text=text), ""

    async def _exchange(self, request: httpx.Request, overrides: Overrides, deadline: float) -> httpx.Response:
        connect, read = overrides.connect / 1000, overrides.read / 1000
        request.extensions["timeout"] = httpx.Timeout(read, connect=connect).as_dict()
        host = request.url.host
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                response = await self._transport.handle_async_request(request)
                response.request = request
                try:
                    await response.aread()
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
            raise _Failed(11205, f"No answer in time from {host}", "rt") from None
        except httpx.ConnectTimeout:
            raise _Failed(11205, f"No connection in time to {host}", "ct") from None
        except httpx.ConnectError as error:
            raise _connect_failure(host, error) from None
        except httpx.TransportError as error:
            text = f"The connection to {host} broke: {type(error).__name__}"
            raise _Failed(11200, text, "rt") from None
        return response

    def _headers(
        self, webhook: Webhook, url: str, form: Mapping[str, str], token: str, sign: str
    ) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": token,
        }
        if sign != "none":
            key = self._token_of(webhook.account_sid)
            headers["X-Twilio-Signature"] = signature(key if sign == "right" else f"not-{key}", url, form)
        credentials, at, _ = urlsplit(url).netloc.rpartition("@")
        if at:
            headers["Authorization"] = "Basic " + base64.b64encode(unquote(credentials).encode()).decode()
        return headers

    def _record(
        self,
        webhook: Webhook,
        url: str,
        method: str,
        attempt: int,
        sent: float,
        seconds: float,
        outcome: Outcome,
    ) -> None:
        self._store.log(
            WEBHOOK_JOURNAL,
            webhook.root_sid,
            {
                "time": sent,
                "moment": iso8601(webhook.moment),
                "kind": webhook.kind,
                "call_sid": webhook.call_sid,
                "root_call_sid": webhook.root_sid,
                "account_sid": webhook.account_sid,
                "method": method,
                "url": url,
                "params": dict(webhook.params),
                "headers": dict(outcome.request_headers),
                "attempt": attempt,
                "status": outcome.status,
                "response_headers": dict(outcome.headers),
                "body": outcome.body[:_KEPT_BODY],
                "duration_ms": round(seconds * 1000),
                "error_code": outcome.error_code,
                "error": outcome.error_text,
            },
        )


def _first_request(webhook: Webhook) -> tuple[str, str, dict[str, str]]:
    """URL, method and form of the first request: GET carries its parameters in the query string."""
    if webhook.method != "GET":
        return webhook.url, "POST", dict(webhook.params)
    parts = urlsplit(webhook.url)
    query = "&".join(part for part in (parts.query, urlencode(webhook.params)) if part)
    return urlunsplit(parts._replace(query=query)), "GET", {}


def _outcome(
    url: str, request: httpx.Request, response: httpx.Response | None, failed: _Failed | None
) -> Outcome:
    if response is None:
        return Outcome(
            url,
            request_headers=request.headers,
            error_code=None if failed is None else failed.code,
            error_text="" if failed is None else failed.text,
        )
    return Outcome(
        url,
        status=response.status_code,
        content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        body=response.text,
        headers=response.headers,
        request_headers=request.headers,
    )


def _connect_failure(host: str, error: httpx.ConnectError) -> _Failed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            code = {10: 11236, 62: 11235}.get(cause.verify_code, 11237)
            return _Failed(code, f"The certificate of {host} is not valid: {cause.verify_message}", "ct")
        if isinstance(cause, ssl.SSLError):
            return _Failed(11220, f"The TLS handshake with {host} failed", "ct")
        cause = cause.__cause__ or cause.__context__
    if "Name or service" in str(error) or "nodename" in str(error) or "resolution" in str(error):
        return _Failed(11210, f"The host {host} was not found", "ct")
    return _Failed(11205, f"No connection to {host}", "ct")
