"""SIP domains and their mappings over HTTP."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..api import Endpoint, answer, no_content
from ..paging import PageRequest, page_2010
from ..store import Where
from .access_lists import ADDRESS_LIST, CREDENTIAL_LIST
from .models import (
    CALLS_ADDRESSES,
    CALLS_CREDENTIALS,
    KIND,
    MAPPING,
    REGISTRATIONS_CREDENTIALS,
    encode,
    encode_mapping,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_DOMAINS = "/2010-04-01/Accounts/{AccountSid}/SIP/Domains"
_RIGHT = "/twilio/voice/sip.domains"
_LISTS = {
    CALLS_CREDENTIALS: (CREDENTIAL_LIST, "CredentialListSid"),
    CALLS_ADDRESSES: (ADDRESS_LIST, "IpAccessControlListSid"),
    REGISTRATIONS_CREDENTIALS: (CREDENTIAL_LIST, "CredentialListSid"),
}
_OLDER = {"CredentialListMappings": CALLS_CREDENTIALS, "IpAccessControlListMappings": CALLS_ADDRESSES}
_KEYS = {
    "CredentialListMappings": "credential_list_mappings",
    "IpAccessControlListMappings": "ip_access_control_list_mappings",
}
_MAPPINGS = {
    "Auth/Calls/CredentialListMappings": CALLS_CREDENTIALS,
    "Auth/Calls/IpAccessControlListMappings": CALLS_ADDRESSES,
    "Auth/Registrations/CredentialListMappings": REGISTRATIONS_CREDENTIALS,
    **_OLDER,
}


def _shown(request: ApiRequest, document: Document) -> Document:
    domains = request.emulator.sip_domains
    uses = (("IP_ACL", CALLS_ADDRESSES), ("CREDENTIAL_LIST", CALLS_CREDENTIALS))
    auth_type = ",".join(name for name, use in uses if domains.mappings(document["sid"], use))
    return encode(document, auth_type)


def _domain(request: ApiRequest, name: str = "Sid") -> Document:
    return request.emulator.sip_domains.get(request.account_sid, request.param(name), request.path)


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid)
    return answer(page_2010(page, "domains", found, more, partial(_shown, request)))


async def _create(request: ApiRequest) -> Response:
    return answer(_shown(request, request.emulator.sip_domains.create(request.account_sid, request.form)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(_shown(request, _domain(request)))


async def _update(request: ApiRequest) -> Response:
    return answer(_shown(request, request.emulator.sip_domains.update(_domain(request), request.form)))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.sip_domains.delete(_domain(request))
    return no_content()


def _shown_mapping(mapping: Document, path: str) -> Document:
    shown = encode_mapping(mapping)
    if "/Auth/" in path:
        return shown
    uri = f"{path.removesuffix('.json').rpartition('/Domains/')[0]}/Domains/{mapping['domain_sid']}"
    folder = "CredentialListMappings" if mapping["use"] == CALLS_CREDENTIALS else "IpAccessControlListMappings"
    return {**shown, "domain_sid": mapping["domain_sid"], "uri": f"{uri}/{folder}/{shown['sid']}.json"}


def _mapping_endpoints(folder: str, use: str) -> tuple[Endpoint, ...]:
    kind, parameter = _LISTS[use]
    # Below Auth, the key of a list is "contents" (twilio-oai, twilio_api_v2010).
    key = "contents" if folder.startswith("Auth/") else _KEYS[folder]

    async def list_(request: ApiRequest) -> Response:
        page, domain = PageRequest.of(request.http), _domain(request, "DomainSid")
        where = [Where.equals("domain_sid", domain["sid"]), Where.equals("use", use)]
        found, more = page.select(request.emulator.store, MAPPING, request.account_sid, where)
        return answer(page_2010(page, key, found, more, lambda item: _shown_mapping(item, request.path)))

    async def create(request: ApiRequest) -> Response:
        domain = _domain(request, "DomainSid")
        lists = request.emulator.sip_lists
        found = lists.get(kind, request.account_sid, request.form.get(parameter, ""), request.path)
        return answer(_shown_mapping(request.emulator.sip_domains.map(domain, use, found), request.path), 201)

    def mapping(request: ApiRequest) -> Document:
        domain = _domain(request, "DomainSid")
        return request.emulator.sip_domains.mapping(domain, use, request.param("Sid"), request.path)

    async def read(request: ApiRequest) -> Response:
        return answer(_shown_mapping(mapping(request), request.path))

    async def delete(request: ApiRequest) -> Response:
        request.emulator.sip_domains.unmap(mapping(request))
        return no_content()

    all_, one = f"{_DOMAINS}/{{DomainSid}}/{folder}.json", f"{_DOMAINS}/{{DomainSid}}/{folder}/{{Sid}}.json"
    return (
        Endpoint("GET", all_, list_, f"{_RIGHT}/list"),
        Endpoint("POST", all_, create, f"{_RIGHT}/update"),
        Endpoint("GET", one, read, f"{_RIGHT}/read"),
        Endpoint("DELETE", one, delete, f"{_RIGHT}/update"),
    )


ENDPOINTS = (
    Endpoint("GET", f"{_DOMAINS}.json", _list, f"{_RIGHT}/list"),
    Endpoint("POST", f"{_DOMAINS}.json", _create, f"{_RIGHT}/create"),
    Endpoint("GET", f"{_DOMAINS}/{{Sid}}.json", _read, f"{_RIGHT}/read"),
    Endpoint("POST", f"{_DOMAINS}/{{Sid}}.json", _update, f"{_RIGHT}/update"),
    Endpoint("DELETE", f"{_DOMAINS}/{{Sid}}.json", _delete, f"{_RIGHT}/delete"),
    *(endpoint for folder, use in _MAPPINGS.items() for endpoint in _mapping_endpoints(folder, use)),
)
