"""X-Twilio-Signature, computed by the official client.

Source: Twilio docs, "Security: validating requests". For voice, https is signed without its port and http
with it; fragment and credentials are never part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from collections.abc import Mapping


def requested_url(url: str) -> str:
    """The URL as it goes over the wire: without fragment and credentials, query untouched."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))


def signed_url(url: str) -> str:
    """The URL as it enters the signature."""
    parts = urlsplit(requested_url(url))
    netloc = parts.netloc
    if parts.scheme == "https" and parts.port is not None:
        netloc = netloc.rpartition(":")[0]
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def signature(auth_token: str, url: str, form: Mapping[str, str], algorithm: str = "HMAC_SHA1") -> str:
    """The header's value for a request to ``url``; ``form`` is empty for GET."""
    return str(RequestValidator(auth_token).compute_signature(signed_url(url), dict(form), algorithm))


@dataclass(frozen=True)
class Signer:
    """What signs a request: the account's token, or the shared key of a webhook rule's setting.

    Source: Twilio docs, "Webhook shared keys"; twilio-python, ``request_validator.py``.

    Attributes:
        secret: the token or the key's secret.
        algorithm: ``HMAC_SHA1`` or ``HMAC_SHA256``.
        header: ``X-Twilio-Webhooks-Signature-Settings``; empty where the token signs.
    """

    secret: str
    algorithm: str = "HMAC_SHA1"
    header: str = ""

    def headers(self, url: str, form: Mapping[str, str], *, wrong: bool = False) -> dict[str, str]:
        """The headers of a request's signature; with ``wrong`` that of another secret."""
        secret = f"not-{self.secret}" if wrong else self.secret
        signed = {"X-Twilio-Signature": signature(secret, url, form, self.algorithm)}
        if self.header:
            signed["X-Twilio-Webhooks-Signature-Settings"] = self.header
        return signed
