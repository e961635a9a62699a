"""Credential lists and IP access control lists over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import Endpoint, answer, no_content
from ..paging import PageRequest, page_2010
from ..store import Where
from .access_lists import (
    ADDRESS,
    ADDRESS_LIST,
    CREDENTIAL,
    CREDENTIAL_LIST,
    PARENT,
    encode_list,
    encode_member,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_SIP = "/2010-04-01/Accounts/{AccountSid}/SIP"


def _list_endpoints(kind: str, folder: str, key: str, right: str) -> tuple[Endpoint, ...]:
    """The operations of one kind of list."""

    def one(request: ApiRequest) -> Document:
        return request.emulator.sip_lists.get(kind, request.account_sid, request.param("Sid"), request.path)

    async def list_(request: ApiRequest) -> Response:
        page = PageRequest.of(request.http)
        found, more = page.select(request.emulator.store, kind, request.account_sid)
        return answer(page_2010(page, key, found, more, lambda item: encode_list(kind, item)))

    async def create(request: ApiRequest) -> Response:
        name = request.form.get("FriendlyName", "")
        return answer(
            encode_list(kind, request.emulator.sip_lists.create(kind, request.account_sid, name)), 201
        )

    async def read(request: ApiRequest) -> Response:
        return answer(encode_list(kind, one(request)))

    async def update(request: ApiRequest) -> Response:
        found = one(request)
        request.emulator.sip_lists.rename(kind, found, request.form.get("FriendlyName", ""))
        return answer(encode_list(kind, found))

    async def delete(request: ApiRequest) -> Response:
        found = one(request)
        request.emulator.sip_lists.delete(kind, found, in_use=request.emulator.sip_domains.uses(found["sid"]))
        return no_content()

    all_, single = f"{_SIP}/{folder}.json", f"{_SIP}/{folder}/{{Sid}}.json"
    return (
        Endpoint("GET", all_, list_, f"{right}/list"),
        Endpoint("POST", all_, create, f"{right}/create"),
        Endpoint("GET", single, read, f"{right}/read"),
        Endpoint("POST", single, update, f"{right}/update"),
        Endpoint("DELETE", single, delete, f"{right}/delete"),
    )


def _parent(request: ApiRequest, kind: str, name: str) -> Document:
    return request.emulator.sip_lists.get(kind, request.account_sid, request.param(name), request.path)


async def _add_credential(request: ApiRequest) -> Response:
    parent, form = _parent(request, CREDENTIAL_LIST, "CredentialListSid"), request.form
    made = request.emulator.sip_lists.add_credential(parent, form.get("Username", ""), form.get("Password", ""))
    return answer(encode_member(CREDENTIAL, made), 201)


async def _update_credential(request: ApiRequest) -> Response:
    found = _member(request, CREDENTIAL)
    if "Password" in request.form:
        request.emulator.sip_lists.change_password(found, request.form["Password"])
    return answer(encode_member(CREDENTIAL, found))


async def _add_address(request: ApiRequest) -> Response:
    parent = _parent(request, ADDRESS_LIST, "IpAccessControlListSid")
    return answer(encode_member(ADDRESS, request.emulator.sip_lists.add_address(parent, request.form)), 201)


async def _update_address(request: ApiRequest) -> Response:
    found = _member(request, ADDRESS)
    request.emulator.sip_lists.change_address(found, request.form)
    return answer(encode_member(ADDRESS, found))


def _member(request: ApiRequest, kind: str) -> Document:
    return request.emulator.sip_lists.get(kind, request.account_sid, request.param("Sid"), request.path)


def _member_endpoints(kind: str, parent: str, folder: str, key: str, right: str) -> tuple[Endpoint, ...]:
    """The operations of the members of one kind of list."""
    parent_kind, parameter = (
        (CREDENTIAL_LIST, "CredentialListSid")
        if kind == CREDENTIAL
        else (ADDRESS_LIST, "IpAccessControlListSid")
    )
    add, change = (
        (_add_credential, _update_credential) if kind == CREDENTIAL else (_add_address, _update_address)
    )

    async def list_(request: ApiRequest) -> Response:
        page, found_in = PageRequest.of(request.http), _parent(request, parent_kind, parameter)
        where = [Where.equals(PARENT[kind], found_in["sid"])]
        found, more = page.select(request.emulator.store, kind, request.account_sid, where)
        return answer(page_2010(page, key, found, more, lambda item: encode_member(kind, item)))

    async def read(request: ApiRequest) -> Response:
        return answer(encode_member(kind, _member(request, kind)))

    async def delete(request: ApiRequest) -> Response:
        request.emulator.sip_lists.remove(kind, _member(request, kind))
        return no_content()

    all_ = f"{_SIP}/{parent}/{{{parameter}}}/{folder}.json"
    single = f"{_SIP}/{parent}/{{{parameter}}}/{folder}/{{Sid}}.json"
    return (
        Endpoint("GET", all_, list_, f"{right}/list"),
        Endpoint("POST", all_, add, f"{right}/create"),
        Endpoint("GET", single, read, f"{right}/read"),
        Endpoint("POST", single, change, f"{right}/update"),
        Endpoint("DELETE", single, delete, f"{right}/delete"),
    )


_CREDENTIALS, _ADDRESSES = "/twilio/voice/sip.credential-lists", "/twilio/voice/sip.ip-access-control-lists"
ENDPOINTS = (
    *_list_endpoints(CREDENTIAL_LIST, "CredentialLists", "credential_lists", _CREDENTIALS),
    *_list_endpoints(ADDRESS_LIST, "IpAccessControlLists", "ip_access_control_lists", _ADDRESSES),
    *_member_endpoints(CREDENTIAL, "CredentialLists", "Credentials", "credentials", _CREDENTIALS),
    *_member_endpoints(ADDRESS, "IpAccessControlLists", "IpAddresses", "ip_addresses", _ADDRESSES),
)
