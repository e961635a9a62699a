"""Auth tokens over HTTP: a secondary one is made, promoted, or deleted.

Source: Twilio docs, "Auth token", "Secondary auth token"; twilio-oai, twilio_accounts_v1. Decided here and
worth a look on a real account: making a second one replaces the first, and promoting without one is refused
with 404.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ..api import Endpoint, answer, no_content
from ..dates import iso8601
from ..errors import not_found

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest

_SECONDARY, _PROMOTE = "/v1/AuthTokens/Secondary", "/v1/AuthTokens/Promote"


async def _create(request: ApiRequest) -> Response:
    account = request.account
    account["secondary_auth_token"] = secrets.token_hex(16)
    request.emulator.accounts.save(account)
    return answer(
        {
            "account_sid": account["sid"],
            "date_created": iso8601(account["updated"]),
            "date_updated": iso8601(account["updated"]),
            "secondary_auth_token": account["secondary_auth_token"],
            "url": request.base_url + _SECONDARY,
        },
        201,
    )


async def _delete(request: ApiRequest) -> Response:
    if not request.account["secondary_auth_token"]:
        raise not_found(request.path)
    request.account["secondary_auth_token"] = ""
    request.emulator.accounts.save(request.account)
    return no_content()


async def _promote(request: ApiRequest) -> Response:
    """The secondary token becomes the primary one; the old one is not valid any more."""
    account = request.account
    if not account["secondary_auth_token"]:
        raise not_found(request.path)
    account.update(auth_token=account["secondary_auth_token"], secondary_auth_token="")
    request.emulator.accounts.save(account)
    return answer(
        {
            "account_sid": account["sid"],
            "auth_token": account["auth_token"],
            "date_created": iso8601(account["created"]),
            "date_updated": iso8601(account["updated"]),
            "url": request.base_url + _PROMOTE,
        }
    )


ENDPOINTS = (
    Endpoint("POST", _SECONDARY, _create, "/twilio/accounts/auth-tokens/create", main_only=True),
    Endpoint("DELETE", _SECONDARY, _delete, "/twilio/accounts/auth-tokens/delete", main_only=True),
    Endpoint("POST", _PROMOTE, _promote, "/twilio/accounts/auth-tokens/promote", main_only=True),
)
