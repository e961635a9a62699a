"""The requests that a function must answer correctly before it replaces the one that is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twilio.request_validator import HMAC_SHA256, SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, RequestValidator

if TYPE_CHECKING:
    from pulumi_supabase import FunctionCheckArgs

__all__ = ["key_checks", "page_checks", "webhook_checks"]


def webhook_checks(url: str, auth_token: str) -> list[FunctionCheckArgs]:
    """Return the requests that a function must answer correctly before numbers point at it.

    The revision just deployed must answer the correctly signed request. It must refuse an unsigned request and
    one that was signed for other parameters.

    Args:
        url: the function's public URL, over which the signature is computed.
        auth_token: Twilio's auth token.
    """
    form = {"VoicehooksCheck": "deploy"}
    validator = RequestValidator(auth_token)
    signature = validator.compute_signature(url, form)
    tampered = validator.compute_signature(url, {"VoicehooksCheck": "tampered"})
    return [
        {
            "name": "signed",
            "form": form,
            "headers": {"X-Twilio-Signature": signature},
            "expect": {"status": 200, "json": {"revision": "{revision}", "nonce": "deploy"}},
        },
        {"name": "unsigned", "form": form, "expect": {"status": 403}},
        {
            "name": "tampered",
            "form": form,
            "headers": {"X-Twilio-Signature": tampered},
            "expect": {"status": 403},
        },
    ]


def key_checks(
    url: str, auth_token: str, key_id: str, key_secret: str, *, key_only: bool
) -> list[FunctionCheckArgs]:
    """Return the same for a function that accepts a key's signatures.

    Args:
        url: the function's public URL.
        auth_token: Twilio's auth token.
        key_id: the ID of the key with which Twilio will sign.
        key_secret: its secret.
        key_only: whether the function must refuse what the auth token signed.
    """
    signed, *refused = webhook_checks(url, auth_token)
    form = signed["form"]
    signature = RequestValidator(key_secret).compute_signature(url, form, HMAC_SHA256)

    def check(name: str, key: str, expect: Any) -> FunctionCheckArgs:
        settings = f"key={key},algorithm={HMAC_SHA256}"
        headers = {SIGNATURE_HEADER: signature, SIGNATURE_SETTINGS_HEADER: settings}
        return {"name": name, "form": form, "headers": headers, "expect": expect}

    by_token: FunctionCheckArgs = {**signed, "name": "signed by the auth token"}
    if key_only:
        by_token = {**by_token, "expect": {"status": 403}}
    return [
        check("signed", key_id, signed["expect"]),
        check("signed by an unknown key", f"{key_id}-unknown", {"status": 403}),
        by_token,
        *refused,
    ]


def page_checks() -> list[FunctionCheckArgs]:
    """Return the requests that a function for pages must answer correctly: it runs and requires a user."""
    return [
        {"name": "preflight", "method": "OPTIONS", "expect": {"status": 204}},
        {"name": "without a user", "method": "POST", "expect": {"status": 401}},
    ]
