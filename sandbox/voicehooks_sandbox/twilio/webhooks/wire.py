"""One HTTP exchange of a webhook: connect, send, receive, and Twilio's code for what fails in between.

Source: error dictionary 11200-11237.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from .overrides import Overrides

# OpenSSL's verification results: X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_HOSTNAME_MISMATCH.
_CERTIFICATE_CODES = {10: 11236, 62: 11235}
_UNKNOWN_HOST = ("Name or service", "nodename", "resolution", "getaddrinfo")


class ExchangeFailed(Exception):
    """There was no answer.

    Attributes:
        code: Twilio's error code.
        text: the reason in words.
        failure: ``ct`` (connect or TLS) or ``rt`` (reading), as retry policies name it; empty for a body
            that broke off, which is never tried again.
    """

    def __init__(self, code: int, text: str, failure: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.failure = failure


async def exchange(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, overrides: Overrides, deadline: float
) -> httpx.Response:
    """Send a request and read the whole answer.

    Args:
        transport: what connects.
        request: what to send.
        overrides: its timeouts.
        deadline: moment of the monotonic clock at which everything must be over.

    Raises:
        ExchangeFailed: no answer, for whatever reason.
    """
    timeout = httpx.Timeout(overrides.read / 1000, connect=overrides.connect / 1000)
    request.extensions["timeout"] = timeout.as_dict()
    host = request.url.host
    try:
        async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
            response = await transport.handle_async_request(request)
            response.request = request
            await _read(response, host)
    except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
        raise ExchangeFailed(11205, f"No answer in time from {host}", "rt") from None
    except httpx.ConnectTimeout:
        raise ExchangeFailed(11205, f"No connection in time to {host}", "ct") from None
    except httpx.ConnectError as error:
        raise _connect_failure(host, error) from None
    except httpx.TransportError as error:
        text = f"The connection to {host} broke: {type(error).__name__}"
        raise ExchangeFailed(11200, text, "rt") from None
    return response


async def _read(response: httpx.Response, host: str) -> None:
    try:
        await response.aread()
    except httpx.RemoteProtocolError:
        raise ExchangeFailed(11200, f"The answer of {host} broke off", "") from None
    finally:
        await response.aclose()


def _connect_failure(host: str, error: httpx.ConnectError) -> ExchangeFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            code = _CERTIFICATE_CODES.get(cause.verify_code, 11237)
            return ExchangeFailed(code, f"The certificate of {host} is not valid: {cause.verify_message}", "ct")
        if isinstance(cause, ssl.SSLError):
            return ExchangeFailed(11220, f"The TLS handshake with {host} failed", "ct")
        cause = cause.__cause__ or cause.__context__
    if any(part in str(error) for part in _UNKNOWN_HOST):
        return ExchangeFailed(11210, f"The host {host} was not found", "ct")
    return ExchangeFailed(11205, f"No connection to {host}", "ct")
