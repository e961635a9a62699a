"""Accounts and their balance over HTTP."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, not_emulated
from ..dates import rfc2822
from ..errors import invalid_parameter
from ..paging import PageRequest, page_2010
from ..store import Where
from .models import KIND

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_LIST = "/2010-04-01/Accounts.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}.json"
_BALANCE = "/2010-04-01/Accounts/{AccountSid}/Balance.json"
_CALLER_IDS = "/2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds.json"
_STATUSES = ("active", "suspended", "closed")
_PERMISSION = "/twilio/accounts"
_SUBRESOURCES = {
    "addresses": "Addresses",
    "applications": "Applications",
    "authorized_connect_apps": "AuthorizedConnectApps",
    "available_phone_numbers": "AvailablePhoneNumbers",
    "balance": "Balance",
    "calls": "Calls",
    "conferences": "Conferences",
    "connect_apps": "ConnectApps",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "keys": "Keys",
    "messages": "Messages",
    "notifications": "Notifications",
    "outgoing_caller_ids": "OutgoingCallerIds",
    "queues": "Queues",
    "recordings": "Recordings",
    "short_codes": "SMS/ShortCodes",
    "signing_keys": "SigningKeys",
    "sip": "SIP",
    "transcriptions": "Transcriptions",
    "usage": "Usage",
}


async def _list(request: ApiRequest) -> Response:
    where = []
    for name, key in (("FriendlyName", "friendly_name"), ("Status", "status")):
        if value := request.query.get(name):
            where.append(Where.equals(key, value))
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "accounts", found, more, encode))


async def _create(request: ApiRequest) -> Response:
    """A subaccount of the account that asks."""
    name = request.form.get("FriendlyName") or "SubAccount"
    return answer(encode(request.emulator.accounts.create_subaccount(request.account_sid, name)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(encode(request.account))


async def _update(request: ApiRequest) -> Response:
    account = request.account
    if name := request.form.get("FriendlyName"):
        account["friendly_name"] = name
    if status := request.form.get("Status"):
        if status not in _STATUSES:
            raise invalid_parameter("Status", status)
        request.emulator.accounts.set_status(account, status)
        if status == "closed":
            request.emulator.numbers.release_all(request.account_sid)
    request.emulator.accounts.save(account)
    return answer(encode(account))


async def _balance(request: ApiRequest) -> Response:
    return answer(
        {"account_sid": request.account_sid, "balance": request.account["balance"], "currency": "USD"}
    )


async def _caller_ids(request: ApiRequest) -> Response:
    """The verified numbers, which a trial account may call and anybody may call from."""
    wanted = request.query.get("PhoneNumber")
    page = PageRequest.of(request.http)
    numbers = [number for number in request.account["verified_numbers"] if wanted in (None, "", number)]
    found, more = page.slice([_caller_id(request.account, number) for number in numbers])
    return answer(page_2010(page, "outgoing_caller_ids", found, more, lambda number: number))


def _caller_id(account: Document, number: str) -> Document:
    sid = "PN" + hashlib.md5(f"{account['sid']} {number}".encode(), usedforsecurity=False).hexdigest()
    return {
        "sid": sid,
        "account_sid": account["sid"],
        "date_created": rfc2822(account["created"]),
        "date_updated": rfc2822(account["created"]),
        "friendly_name": number,
        "phone_number": number,
        "uri": f"/2010-04-01/Accounts/{account['sid']}/OutgoingCallerIds/{sid}.json",
    }


def encode(account: Document) -> Document:
    """The account as Twilio's JSON shows it, its auth token included."""
    uri = f"/2010-04-01/Accounts/{account['sid']}"
    return {
        "auth_token": account["auth_token"],
        "date_created": rfc2822(account["created"]),
        "date_updated": rfc2822(account["updated"]),
        "friendly_name": account["friendly_name"],
        "owner_account_sid": account["account_sid"],
        "sid": account["sid"],
        "status": account["status"],
        "subresource_uris": {key: f"{uri}/{name}.json" for key, name in _SUBRESOURCES.items()},
        "type": account["type"],
        "uri": f"{uri}.json",
    }


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list", main_only=True, suspended_too=True),
    Endpoint("POST", _LIST, _create, f"{_PERMISSION}/create", main_only=True),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read", main_only=True, suspended_too=True),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update", main_only=True, suspended_too=True),
    Endpoint("GET", _BALANCE, _balance, f"{_PERMISSION}/balance/read"),
    Endpoint("GET", _CALLER_IDS, _caller_ids, "/twilio/phone-numbers/outgoing-caller-ids/list"),
    Endpoint("POST", _CALLER_IDS, not_emulated, ""),
)
