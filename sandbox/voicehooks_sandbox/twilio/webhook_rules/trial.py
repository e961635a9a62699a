"""Twilio's own test: one signed request through a setting, without a rule.

Source: Twilio docs, "Webhook testing" (public beta); twilio-python, ``rest/webhooks/v1/test.py``. Decided here
and worth a look on a real account: the request has no parameters of its own, an answer of any status counts as
delivered, and a request without an answer has the outcome ``FAILED``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..api import Endpoint, answer
from ..dates import iso8601
from ..webhooks.exchange import Webhook
from . import errors
from .models import SETTING
from .routes import body_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest

_METHODS = ("POST", "GET")


async def _try(request: ApiRequest) -> Response:
    body = await body_of(request)
    url, method = str(body.get("url") or ""), str(body.get("method") or "POST")
    if not url.startswith(("https://", "http://")):
        raise errors.invalid("url is not a URL")
    if method not in _METHODS:
        raise errors.invalid(f"method is one of {', '.join(_METHODS)}")
    emulator, account = request.emulator, request.account_sid
    setting = emulator.webhook_rules.get(SETTING, account, str(body.get("settingId") or ""))
    now = emulator.clock.now()
    webhook = Webhook("test", url, method, {}, account, "", "", now)
    started = time.monotonic()
    treatment = emulator.webhook_rules.treatment_by(setting, emulator.auth_token(account))
    outcome = await emulator.delivery.send(webhook, treatment=treatment)
    delivered = outcome.status is not None
    response = (
        {"statusCode": outcome.status, "headers": {name: [value] for name, value in outcome.headers.items()}}
        if delivered
        else None
    )
    result = {
        "outcome": "DELIVERED" if delivered else "FAILED",
        "response": response,
        "timing": {"totalMs": round((time.monotonic() - started) * 1000)},
        "error": None if delivered else outcome.error_text,
    }
    return answer({"url": url, "result": result, "createdAt": iso8601(now)}, 201)


ENDPOINTS = (Endpoint("POST", "/v1/Webhooks/Tests", _try, "/twilio/webhooks/tests/create"),)
