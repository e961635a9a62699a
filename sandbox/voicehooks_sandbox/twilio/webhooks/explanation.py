"""A request's signature step by step: what was signed, in which order, with which key, and the verdict.

Source: Twilio docs, "Security: validating requests": the URL, then each parameter's name and value, sorted by
name, without separators; HMAC-SHA1 with the auth token, in Base64. With the shared key of a webhook rule it is
HMAC-SHA256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .signature import signature, signed_url

if TYPE_CHECKING:
    from ..store import Document


def explain_signature(entry: Document, account: Document, shared_key: str = "") -> Document:
    """Explain the signature of a recorded webhook request.

    Args:
        entry: the request, of the journal.
        account: whose tokens sign.
        shared_key: the secret of the shared key that the request names; empty if it names none that exists.
    """
    url, sent = entry["url"], entry["headers"].get("x-twilio-signature")
    # With GET the parameters are in the URL.
    form = {name: str(value) for name, value in entry["params"].items()} if entry["method"] == "POST" else {}
    ordered = sorted(form.items())
    token = account["auth_token"]
    digests = {"auth token": signature(token, url, form), "wrong key": signature(f"not-{token}", url, form)}
    if secondary := account.get("secondary_auth_token"):
        digests["secondary auth token"] = signature(secondary, url, form)
    main = "auth token"
    if shared_key:
        main = "shared key"
        for name, secret in (("shared key", shared_key), ("wrong key", f"not-{shared_key}")):
            digests[name] = signature(secret, url, form, "HMAC_SHA256")
    key = next((name for name, digest in digests.items() if digest == sent), None)
    return {
        "url": signed_url(url),
        "parameters": [{"name": name, "value": value} for name, value in ordered],
        "string": signed_url(url) + "".join(name + value for name, value in ordered),
        "key": key,
        "sent": sent,
        "computed": digests[main],
        "valid": key in {"auth token", "secondary auth token", "shared key"},
        "verdict": _verdict(sent, key),
    }


def _verdict(sent: str | None, key: str | None) -> str:
    if sent is None:
        return "not signed"
    if key is None:
        return "signed with a key that the account does not have now; does not match"
    if key == "wrong key":
        return "signed with a wrong key, as ordered; does not match"
    return f"signed with the {key}; matches"
