"""Twilio's webhooks API: lists, writes that act once, and changes that take effect later.

Rules, settings and shared keys are JSON objects of the host ``webhooks``. A change of a rule is an operation,
which takes 30 to 60 seconds (Twilio docs, "Webhook configuration", public beta). What is not documented there
is read in the way that does not lose a callback.
"""

from __future__ import annotations

import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError

from .client import NotFound, TwilioError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi_provider_kit.resource import Operation

    from .account import TwilioAccount
    from .client import TwilioClient

__all__ = [
    "HOST",
    "KEYS",
    "RULES",
    "SETTINGS",
    "TESTS",
    "create",
    "delete",
    "list_all",
    "patch",
    "rule_for",
    "try_out",
    "wait_for",
]

HOST = "webhooks"
KEYS = "/v1/Webhooks/SharedKeys"
SETTINGS = "/v1/Webhooks/Settings"
RULES = "/v1/Webhooks/Rules"
TESTS = "/v1/Webhooks/Tests"
_PAUSE_SECONDS = 2.0
_ATTEMPTS = 90
_MOST_PAGES = 50
_DONE = "COMPLETED"
_FAILED = ("FAILED", "CANCELLED")


async def list_all(api: TwilioClient, path: str) -> list[dict[str, Any]]:
    """Return every object of a kind."""
    found: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"pageSize": 100}
    for _ in range(_MOST_PAGES):
        page = await api.get(path, host=HOST, **query)
        found += page.get(str(page["meta"]["key"])) or []
        token = page["meta"].get("nextToken")
        if not token:
            return found
        query["pageToken"] = str(token)
    raise ProviderError(f"Twilio's list {path} has no end; run the command again later")


async def create(api: TwilioClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Create an object; a request whose answer is lost is sent again with the same idempotency key."""
    return await api.write_json("POST", path, body, host=HOST, once=_uuid7())


async def patch(api: TwilioClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change an object."""
    return await api.write_json("PATCH", path, body, host=HOST, once=_uuid7())


async def wait_for(operation: Operation[TwilioAccount], accepted: Mapping[str, Any]) -> None:
    """Wait until a change of a rule has taken effect everywhere.

    Args:
        operation: the operation of the engine.
        accepted: Twilio's answer to the change.

    Raises:
        ProviderError: the change failed, or takes longer than three minutes.
    """
    change = accepted.get("operation")
    if change is None:
        return
    for _ in range(_ATTEMPTS):
        if change["status"] == _DONE:
            return
        if change["status"] in _FAILED:
            raise ProviderError(
                f"Twilio could not put the webhook rule into effect ({change['status'].lower()}"
                f"{_reason(change.get('error'))}); run pulumi up again"
            )
        change = await operation.client.api.get(f"/v1/Webhooks/Operations/{change['id']}", host=HOST)
        if change["status"] not in (_DONE, *_FAILED):
            await operation.status("waiting until the webhook rule is in effect everywhere")
            await operation.cancellation.sleep(_PAUSE_SECONDS)
    raise ProviderError(
        "the change of the webhook rule is not in effect after three minutes; run pulumi up --refresh later"
    )


async def delete(operation: Operation[TwilioAccount], path: str, object_id: str) -> None:
    """Delete an object; wait while Twilio still takes it as used, although nothing names it any more.

    Raises:
        ProviderError: something still uses it; the error names what.
    """
    api = operation.client.api
    users = {KEYS: SETTINGS, SETTINGS: RULES}.get(path)
    for _ in range(_ATTEMPTS):
        try:
            await wait_for(operation, await api.delete_later(f"{path}/{object_id}", host=HOST))
        except NotFound:
            return
        except TwilioError as error:
            if error.status != 409 or users is None:
                raise
            using = [item for item in await list_all(api, users) if object_id in _names(item)]
            if using:
                names = ", ".join(f"{item.get('friendlyName') or 'no name'} ({item['id']})" for item in using)
                raise ProviderError(
                    f"{object_id} is not deleted, because it is still used by {names}; change or delete that "
                    "in Twilio, then run the command again"
                ) from None
            await operation.cancellation.sleep(_PAUSE_SECONDS)
        else:
            return
    raise ProviderError(f"Twilio still says that {object_id} is in use; run the command again later")


async def try_out(operation: Operation[TwilioAccount], setting_id: str, url: str) -> None:
    """Let Twilio send one signed request to a URL, as a setting says.

    A new setting takes up to a minute until it can be used; Twilio answers 422 until then.

    Raises:
        ProviderError: the URL does not accept the request.
    """
    body = {"url": url, "settingId": setting_id, "method": "GET"}
    for _ in range(_ATTEMPTS):
        try:
            trial = await operation.client.api.write_json("POST", TESTS, body, host=HOST)
        except TwilioError as error:
            if error.status != 422:
                raise
            await operation.status("waiting until the webhook setting can be used")
            await operation.cancellation.sleep(_PAUSE_SECONDS)
            continue
        result = trial["result"]
        status = (result.get("response") or {}).get("statusCode")
        if status is not None and 200 <= status < 300:
            return
        received = f"HTTP status {status}" if status else f"no answer{_reason(result.get('error'))}"
        raise ProviderError(
            f"Twilio's own test request to {url.partition('?')[0]} was not accepted ({received}), so no rule "
            "uses this setting: the URL would refuse every callback. Check that the receiver knows the key"
        )
    raise ProviderError(
        f"the webhook setting {setting_id} cannot be used three minutes after its creation; run pulumi up again"
    )


def rule_for(url: str, rules: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the rule that Twilio applies to a URL, or None.

    Exact matches come first, then prefixes, the longest one of each, then the default rule of the account. An
    account has at most one rule per match (Twilio docs, "Webhook rules").

    Args:
        url: without a query and without connection overrides.
        rules: as the webhooks API lists them.
    """
    fitting = [(rank, rule) for rule in rules if (rank := _rank(url, rule)) is not None]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _rank(url: str, rule: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return how closely a rule matches; None if it does not."""
    kind, value, prefix = rule.get("matchType"), str(rule.get("value") or ""), str(rule.get("prefix") or "")
    if kind == "EXACT_MATCH" and url == value:
        return 2, len(value)
    if kind == "PREFIX_MATCH" and prefix and url.startswith(prefix):
        return 1, len(prefix)
    return (0, 0) if kind == "DEFAULT" else None


def _names(user: Mapping[str, Any]) -> set[str]:
    """Return the IDs of the key that a setting names, or of the settings that a rule names."""
    key = (user.get("signature") or {}).get("sharedKeyId")
    return {str(key)} | {str(share.get("settingId")) for share in user.get("settings") or ()}


def _reason(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("detail") or error.get("message") or error.get("code")
    return f": {error}" if error else ""


def _uuid7() -> str:
    """Return a UUID of version 7, the only one that this API takes as an idempotency key (RFC 9562)."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=value & ~(0b11 << 62) | 0b10 << 62))
