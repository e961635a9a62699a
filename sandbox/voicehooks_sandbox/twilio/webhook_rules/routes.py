"""Webhook rules, settings and shared keys over HTTP: JSON in and out, camelCase, pages named by tokens."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from ..api import Endpoint, answer, no_content
from ..dates import iso8601
from . import errors
from .models import KEY, RULE, SETTING

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest, Handler
    from ..store import Document

_BASE = "/v1/Webhooks"
_PATHS = {KEY: "SharedKeys", SETTING: "Settings", RULE: "Rules"}
_LIST_KEYS = {KEY: "sharedKeys", SETTING: "settings", RULE: "rules"}
_MOST = 1000
_RETENTION = "P7D"


def _list(kind: str) -> Handler:
    async def handle(request: ApiRequest) -> Response:
        found = request.emulator.webhook_rules.all(kind, request.account_sid)
        if kind == RULE and (setting := request.query.get("settingId")):
            found = [rule for rule in found if setting in {item["settingId"] for item in rule["settings"]}]
        size = min(int(request.query.get("pageSize") or 50), _MOST)
        first = int(request.query.get("pageToken") or 0)
        page = found[first : first + size]
        key = _LIST_KEYS[kind]
        meta = {
            "key": key,
            "pageSize": size,
            "nextToken": str(first + size) if first + size < len(found) else None,
            "previousToken": str(max(first - size, 0)) if first else None,
        }
        return answer({key: [_encode(kind, item) for item in page], "meta": meta})

    return handle


def _create(kind: str) -> Handler:
    async def handle(request: ApiRequest) -> Response:
        body = await body_of(request)
        once = request.http.headers.get("idempotency-key", "")
        made = request.emulator.webhook_rules.create(kind, request.account_sid, body, once)
        if kind == RULE:
            return _accepted(request, made)
        secret = {"secret": made["secret"]} if kind == KEY else {}
        return answer({**_encode(kind, made), **secret}, 201)

    return handle


def _read(kind: str) -> Handler:
    async def handle(request: ApiRequest) -> Response:
        found = request.emulator.webhook_rules.get(kind, request.account_sid, request.param("Id"))
        return answer(_encode(kind, found))

    return handle


def _change(kind: str) -> Handler:
    async def handle(request: ApiRequest) -> Response:
        body = await body_of(request)
        rules = request.emulator.webhook_rules
        changed = rules.change(kind, rules.get(kind, request.account_sid, request.param("Id")), body)
        return _accepted(request, changed) if kind == RULE else answer(_encode(kind, changed))

    return handle


def _delete(kind: str) -> Handler:
    async def handle(request: ApiRequest) -> Response:
        _check_key(request)
        rules = request.emulator.webhook_rules
        rules.delete(kind, rules.get(kind, request.account_sid, request.param("Id")))
        return no_content()

    return handle


async def _operation(request: ApiRequest) -> Response:
    """The change of a rule, which takes effect at once here."""
    rule_id = request.param("Id").replace("operation", "rule", 1)
    return answer(_operation_of(request, rule_id, "COMPLETED"))


def _accepted(request: ApiRequest, rule: Document) -> Response:
    """The answer to a change of a rule: Twilio reports later when it has taken effect."""
    operation = _operation_of(request, rule["id"], "PENDING")
    response = answer({"operation": operation, "rule": _encode(RULE, rule)}, 202)
    response.headers["Operation-Id"] = operation["id"]
    response.headers["Location"] = operation["statusUrl"]
    response.headers["Retry-After"] = "1"
    return response


def _operation_of(request: ApiRequest, rule_id: str, status: str) -> Document:
    now = iso8601(request.emulator.clock.now())
    operation_id = rule_id.replace("rule", "operation", 1)
    return {
        "id": operation_id,
        "statusUrl": f"{request.base_url}{_BASE}/Operations/{operation_id}",
        "status": status,
        "error": None,
        "resourceId": rule_id,
        "createdAt": now,
        "completedAt": now if status == "COMPLETED" else None,
        "retentionPeriod": _RETENTION,
    }


async def body_of(request: ApiRequest) -> dict[str, Any]:
    """The request's JSON without its nulls.

    Raises:
        Problem: 400 for a body that is not an object, or an idempotency key of the wrong version.
    """
    _check_key(request)
    try:
        body = json.loads(await request.http.body() or b"{}")
    except ValueError:
        raise errors.invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise errors.invalid("the body is not an object")
    return {name: value for name, value in body.items() if value is not None}


def _check_key(request: ApiRequest) -> None:
    """Refuse an idempotency key of another version than 7 (twilio-python, ``rest/webhooks/v1/rule.py``)."""
    given = request.http.headers.get("idempotency-key")
    if given is None:
        return
    try:
        version = uuid.UUID(given).version
    except ValueError:
        version = None
    if version != 7:
        raise errors.invalid("Idempotency-Key must be a UUIDv7")


def _encode(kind: str, found: Document) -> Document:
    hidden = {"sid", "account_sid", "secret", "created", "updated", "once"}
    shown = {name: value for name, value in found.items() if name not in hidden}
    if kind == SETTING and isinstance(inline := found["auth"].get("value"), dict):
        kept = {name: value for name, value in inline.items() if name not in ("password", "clientSecret")}
        shown["auth"] = {**found["auth"], "value": kept}
    return {**shown, "createdAt": iso8601(found["created"]), "updatedAt": iso8601(found["updated"])}


def _endpoints(kind: str) -> list[Endpoint]:
    path = f"{_BASE}/{_PATHS[kind]}"
    one, right = f"{path}/{{Id}}", f"/twilio/webhooks/{_PATHS[kind].lower()}"
    return [
        Endpoint("GET", path, _list(kind), f"{right}/list"),
        Endpoint("POST", path, _create(kind), f"{right}/create"),
        Endpoint("GET", one, _read(kind), f"{right}/read"),
        Endpoint("PATCH", one, _change(kind), f"{right}/update"),
        Endpoint("DELETE", one, _delete(kind), f"{right}/delete"),
    ]


ENDPOINTS = (
    *_endpoints(KEY),
    *_endpoints(SETTING),
    *_endpoints(RULE),
    Endpoint("GET", f"{_BASE}/Operations/{{Id}}", _operation, "/twilio/webhooks/operations/read"),
)
