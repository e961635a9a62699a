"""Trunks over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import Endpoint, answer, no_content
from ..dates import iso8601
from ..numbers.models import KIND as NUMBER
from ..numbers.models import encode as encode_number
from ..ownership import owned
from ..paging import PageRequest, page_v1
from ..sip.access_lists import ADDRESS_LIST, CREDENTIAL_LIST
from ..store import Where
from . import errors as trunk_errors
from .models import KIND, LINK, ORIGINATION, encode, encode_link, encode_origination

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_TRUNKS = "/v1/Trunks"
_OF_TRUNK = "/v1/Trunks/{TrunkSid}"
_RIGHT = "/twilio/trunking/trunks"
_NOT_SHOWN = (
    "uri",
    "emergency_status",
    "emergency_address_sid",
    "emergency_address_status",
    "address_sid",
    "bundle_sid",
    "identity_sid",
    "origin",
    "status",
    "type",
    "voice_receive_mode",
    "subresource_uris",
)


def _trunk(request: ApiRequest, name: str = "TrunkSid") -> Document:
    return request.emulator.trunks.get(request.account_sid, request.param(name), request.path)


def _shown(request: ApiRequest, trunk: Document) -> Document:
    return encode(trunk, request.emulator.trunks.auth_types(trunk["sid"]), request.base_url)


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid)
    return answer(
        page_v1(page, "trunks", found, more, lambda item: _shown(request, item), base_url=request.base_url)
    )


async def _create(request: ApiRequest) -> Response:
    return answer(_shown(request, request.emulator.trunks.create(request.account_sid, request.form)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(_shown(request, _trunk(request, "Sid")))


async def _update(request: ApiRequest) -> Response:
    return answer(_shown(request, request.emulator.trunks.update(_trunk(request, "Sid"), request.form)))


async def _delete(request: ApiRequest) -> Response:
    """Its numbers lose it, and are answered by their own URLs again."""
    trunk = _trunk(request, "Sid")
    request.emulator.trunks.delete(trunk)
    request.emulator.numbers.forget_trunk(trunk["account_sid"], trunk["sid"])
    return no_content()


async def _read_recording(request: ApiRequest) -> Response:
    return answer(_trunk(request)["recording"])


async def _update_recording(request: ApiRequest) -> Response:
    return answer(request.emulator.trunks.set_recording(_trunk(request), request.form))


async def _list_originations(request: ApiRequest) -> Response:
    page, trunk = PageRequest.of(request.http), _trunk(request)
    where = [Where.equals("trunk_sid", trunk["sid"])]
    found, more = page.select(request.emulator.store, ORIGINATION, request.account_sid, where)

    def shown(one: Document) -> Document:
        return encode_origination(one, request.base_url)

    return answer(page_v1(page, "origination_urls", found, more, shown, base_url=request.base_url))


async def _add_origination(request: ApiRequest) -> Response:
    made = request.emulator.trunks.add_origination(_trunk(request), request.form)
    return answer(encode_origination(made, request.base_url), 201)


def _origination(request: ApiRequest) -> Document:
    return request.emulator.trunks.origination(_trunk(request), request.param("Sid"), request.path)


async def _read_origination(request: ApiRequest) -> Response:
    return answer(encode_origination(_origination(request), request.base_url))


async def _update_origination(request: ApiRequest) -> Response:
    changed = request.emulator.trunks.update_origination(_origination(request), request.form)
    return answer(encode_origination(changed, request.base_url))


async def _delete_origination(request: ApiRequest) -> Response:
    request.emulator.trunks.delete_origination(_origination(request))
    return no_content()


def _list_endpoints(kind: str, folder: str, parameter: str, key: str, prefix: str) -> tuple[Endpoint, ...]:
    """The operations of the lists of one kind that a trunk names."""

    async def list_(request: ApiRequest) -> Response:
        page, trunk = PageRequest.of(request.http), _trunk(request)
        where = [Where.equals("trunk_sid", trunk["sid"]), Where.equals("prefix", prefix)]
        found, more = page.select(request.emulator.store, LINK, request.account_sid, where)

        def shown(one: Document) -> Document:
            return encode_link(one, request.base_url)

        return answer(page_v1(page, key, found, more, shown, base_url=request.base_url))

    async def add(request: ApiRequest) -> Response:
        trunk, sid = _trunk(request), request.form.get(parameter, "")
        found = request.emulator.sip_lists.get(kind, request.account_sid, sid, request.path)
        return answer(encode_link(request.emulator.trunks.link(trunk, found), request.base_url), 201)

    def link(request: ApiRequest) -> Document:
        return request.emulator.trunks.linked(_trunk(request), request.param("Sid"), request.path)

    async def read(request: ApiRequest) -> Response:
        return answer(encode_link(link(request), request.base_url))

    async def delete(request: ApiRequest) -> Response:
        request.emulator.trunks.unlink(link(request))
        return no_content()

    all_, one = f"{_OF_TRUNK}/{folder}", f"{_OF_TRUNK}/{folder}/{{Sid}}"
    return (
        Endpoint("GET", all_, list_, f"{_RIGHT}/list"),
        Endpoint("POST", all_, add, f"{_RIGHT}/update"),
        Endpoint("GET", one, read, f"{_RIGHT}/read"),
        Endpoint("DELETE", one, delete, f"{_RIGHT}/update"),
    )


def _shown_number(request: ApiRequest, number: Document) -> Document:
    shown = {key: value for key, value in encode_number(number).items() if key not in _NOT_SHOWN}
    url = f"{request.base_url}/v1/Trunks/{number['trunk_sid']}/PhoneNumbers/{number['sid']}"
    return {
        **shown,
        "date_created": iso8601(number["created"]),
        "date_updated": iso8601(number["updated"]),
        "links": {"phone_number": f"{request.base_url}{encode_number(number)['uri']}"},
        "url": url,
    }


def _number(request: ApiRequest) -> Document:
    number = owned(request.emulator.store, NUMBER, request.account_sid, request.param("Sid"), request.path)
    if number["trunk_sid"] != _trunk(request)["sid"]:
        raise trunk_errors.not_associated(request.path)
    return number


async def _list_numbers(request: ApiRequest) -> Response:
    page, trunk = PageRequest.of(request.http), _trunk(request)
    found, more = page.select(
        request.emulator.store, NUMBER, request.account_sid, [Where.equals("trunk_sid", trunk["sid"])]
    )

    def shown(one: Document) -> Document:
        return _shown_number(request, one)

    return answer(page_v1(page, "phone_numbers", found, more, shown, base_url=request.base_url))


async def _add_number(request: ApiRequest) -> Response:
    """The number's own ``trunk_sid`` is the same association, seen from the other side."""
    trunk, sid = _trunk(request), request.form.get("PhoneNumberSid", "")
    number = request.emulator.numbers.get(request.account_sid, sid, request.path)
    if number["trunk_sid"] == trunk["sid"]:
        raise trunk_errors.already_associated(sid)
    changed = request.emulator.numbers.update(number, {"TrunkSid": trunk["sid"]}, ())
    return answer(_shown_number(request, changed), 201)


async def _read_number(request: ApiRequest) -> Response:
    return answer(_shown_number(request, _number(request)))


async def _delete_number(request: ApiRequest) -> Response:
    request.emulator.numbers.update(_number(request), {"TrunkSid": ""}, ())
    return no_content()


ENDPOINTS = (
    Endpoint("GET", _TRUNKS, _list, f"{_RIGHT}/list"),
    Endpoint("POST", _TRUNKS, _create, f"{_RIGHT}/create"),
    Endpoint("GET", f"{_TRUNKS}/{{Sid}}", _read, f"{_RIGHT}/read"),
    Endpoint("POST", f"{_TRUNKS}/{{Sid}}", _update, f"{_RIGHT}/update"),
    Endpoint("DELETE", f"{_TRUNKS}/{{Sid}}", _delete, f"{_RIGHT}/delete"),
    Endpoint("GET", f"{_OF_TRUNK}/Recording", _read_recording, f"{_RIGHT}/read"),
    Endpoint("POST", f"{_OF_TRUNK}/Recording", _update_recording, f"{_RIGHT}/update"),
    Endpoint("GET", f"{_OF_TRUNK}/OriginationUrls", _list_originations, f"{_RIGHT}/list"),
    Endpoint("POST", f"{_OF_TRUNK}/OriginationUrls", _add_origination, f"{_RIGHT}/update"),
    Endpoint("GET", f"{_OF_TRUNK}/OriginationUrls/{{Sid}}", _read_origination, f"{_RIGHT}/read"),
    Endpoint("POST", f"{_OF_TRUNK}/OriginationUrls/{{Sid}}", _update_origination, f"{_RIGHT}/update"),
    Endpoint("DELETE", f"{_OF_TRUNK}/OriginationUrls/{{Sid}}", _delete_origination, f"{_RIGHT}/update"),
    Endpoint("GET", f"{_OF_TRUNK}/PhoneNumbers", _list_numbers, f"{_RIGHT}/list"),
    Endpoint("POST", f"{_OF_TRUNK}/PhoneNumbers", _add_number, f"{_RIGHT}/update"),
    Endpoint("GET", f"{_OF_TRUNK}/PhoneNumbers/{{Sid}}", _read_number, f"{_RIGHT}/read"),
    Endpoint("DELETE", f"{_OF_TRUNK}/PhoneNumbers/{{Sid}}", _delete_number, f"{_RIGHT}/update"),
    *_list_endpoints(CREDENTIAL_LIST, "CredentialLists", "CredentialListSid", "credential_lists", "CL"),
    *_list_endpoints(
        ADDRESS_LIST, "IpAccessControlLists", "IpAccessControlListSid", "ip_access_control_lists", "AL"
    ),
)
