"""Requests as Event Streams sends them, which `twilio-events` must answer correctly."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from twilio.request_validator import (
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

if TYPE_CHECKING:
    from pulumi_supabase import FunctionCheckArgs

__all__ = ["SignedCheck", "events_checks", "signed_check"]


class SignedCheck(NamedTuple):
    """A request by which a deploy asks which revision answers.

    Attributes:
        query: what follows the function's URL.
        body: the JSON.
        headers: with the signature.
    """

    query: str
    body: str
    headers: dict[str, str]


def signed_check(url: str, secret: str, nonce: str, key_id: str = "") -> SignedCheck:
    """Return a check request, signed as Twilio signs events: the URL with the SHA-256 of the body.

    Args:
        url: the function's public URL.
        secret: Twilio's auth token, or the secret of a signing key.
        nonce: what the answer repeats.
        key_id: the signing key's ID; empty if the token signs.
    """
    body = json.dumps([{"type": "voicehooks.check", "id": nonce}])
    query = f"?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    algorithm = HMAC_SHA256 if key_id else HMAC_SHA1
    signature = RequestValidator(secret).compute_signature(url + query, {}, algorithm)
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
    if key_id:
        headers[SIGNATURE_SETTINGS_HEADER] = f"key={key_id},algorithm={algorithm}"
    return SignedCheck(query, body, headers)


def events_checks(url: str, secret: str, key_id: str = "") -> list[FunctionCheckArgs]:
    """Return the requests that `twilio-events` must answer correctly before Event Streams sends to it.

    The revision just deployed must answer the correctly signed request. It must refuse another body under that
    signature, an unsigned request, and a GET.

    Args:
        url: the function's public URL, over which the signature is computed.
        secret: Twilio's auth token, or the secret of the key with which Twilio will sign.
        key_id: that key's ID; empty if the token signs.
    """
    query, body, headers = signed_check(url, secret, "deploy", key_id)
    forged = body.replace("deploy", "forged")
    return [
        {
            "name": "signed",
            "path": query,
            "body": body,
            "headers": headers,
            "expect": {"status": 200, "json": {"revision": "{revision}", "nonce": "deploy"}},
        },
        {"name": "forged", "path": query, "body": forged, "headers": headers, "expect": {"status": 403}},
        {"name": "unsigned", "path": query, "body": body, "expect": {"status": 403}},
        {"name": "GET", "method": "GET", "path": query, "headers": headers, "expect": {"status": 403}},
    ]
