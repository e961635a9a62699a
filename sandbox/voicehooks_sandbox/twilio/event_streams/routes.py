"""Event Streams over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..api import Endpoint, answer, no_content
from ..paging import PageRequest, page_v1
from ..store import Where
from .events import TYPES
from .models import SINK, SUBSCRIPTION, encode_event, encode_sink, encode_subscription, encode_type

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_SINKS, _SUBSCRIPTIONS = "/v1/Sinks", "/v1/Subscriptions"
_RIGHT = "/twilio/events"


async def _list_sinks(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    where = [Where.equals("status", request.query["Status"])] if request.query.get("Status") else []
    if wanted := request.query.get("InUse"):
        used = request.emulator.event_streams.in_use(request.account_sid)
        where.append(Where.equals("account_sid", request.account_sid))
        all_sinks = request.emulator.store.page(SINK, None, where, limit=1000)
        found, more = page.slice([sink for sink in all_sinks if (sink["sid"] in used) == (wanted == "true")])
    else:
        found, more = page.select(request.emulator.store, SINK, request.account_sid, where)
    return answer(
        page_v1(page, "sinks", found, more, lambda item: encode_sink(item, base_url), base_url=base_url)
    )


async def _create_sink(request: ApiRequest) -> Response:
    form = request.form
    sink = request.emulator.event_streams.create_sink(
        request.account_sid,
        form.get("Description", ""),
        form.get("SinkType", ""),
        form.get("SinkConfiguration", ""),
    )
    return answer(encode_sink(sink, request.base_url), 201)


async def _read_sink(request: ApiRequest) -> Response:
    return answer(encode_sink(_one(request, SINK), request.base_url))


async def _update_sink(request: ApiRequest) -> Response:
    sink = _one(request, SINK)
    request.emulator.event_streams.describe(SINK, sink, request.form.get("Description", ""))
    return answer(encode_sink(sink, request.base_url))


async def _delete_sink(request: ApiRequest) -> Response:
    request.emulator.event_streams.delete(SINK, _one(request, SINK))
    return no_content()


async def _list_subscriptions(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    where = [Where.equals("sink_sid", request.query["SinkSid"])] if request.query.get("SinkSid") else []
    found, more = page.select(request.emulator.store, SUBSCRIPTION, request.account_sid, where)

    def encode(one: Document) -> Document:
        return encode_subscription(one, base_url)

    return answer(page_v1(page, "subscriptions", found, more, encode, base_url=base_url))


async def _subscribe(request: ApiRequest) -> Response:
    types = [value for name, value in request.form_items if name == "Types"]
    made = request.emulator.event_streams.subscribe(
        request.account_sid,
        request.form.get("Description", ""),
        request.form.get("SinkSid", ""),
        types,
        request.path,
    )
    return answer(encode_subscription(made, request.base_url), 201)


async def _read_subscription(request: ApiRequest) -> Response:
    return answer(encode_subscription(_one(request, SUBSCRIPTION), request.base_url))


async def _update_subscription(request: ApiRequest) -> Response:
    found = _one(request, SUBSCRIPTION)
    request.emulator.event_streams.describe(SUBSCRIPTION, found, request.form.get("Description", ""))
    return answer(encode_subscription(found, request.base_url))


async def _delete_subscription(request: ApiRequest) -> Response:
    request.emulator.event_streams.delete(SUBSCRIPTION, _one(request, SUBSCRIPTION))
    return no_content()


async def _list_events(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    subscription = _subscription(request)
    found, more = page.slice(subscription["events"])

    def encode(event: Document) -> Document:
        return encode_event(subscription, event, base_url)

    return answer(page_v1(page, "types", found, more, encode, base_url=base_url))


async def _test_sink(request: ApiRequest) -> Response:
    request.emulator.event_delivery.test(_one(request, SINK))
    return answer({"result": "submitted"}, 201)


async def _validate_sink(request: ApiRequest) -> Response:
    """There is no longer a need for it: the answer is always the same (Twilio docs, "Sink Validate")."""
    _one(request, SINK)
    if not request.form.get("TestId"):
        raise errors.invalid_parameter("TestId", "")
    return answer({"result": "valid"}, 201)


async def _create_event(request: ApiRequest) -> Response:
    subscription = _subscription(request)
    event = request.emulator.event_streams.set_event(
        subscription, request.form.get("Type", ""), request.form.get("SchemaVersion")
    )
    return answer(encode_event(subscription, event, request.base_url), 201)


async def _read_event(request: ApiRequest) -> Response:
    subscription = _subscription(request)
    event = request.emulator.event_streams.event(subscription, request.param("Type"), request.path)
    return answer(encode_event(subscription, event, request.base_url))


async def _update_event(request: ApiRequest) -> Response:
    subscription = _subscription(request)
    request.emulator.event_streams.event(subscription, request.param("Type"), request.path)
    event = request.emulator.event_streams.set_event(
        subscription, request.param("Type"), request.form.get("SchemaVersion")
    )
    return answer(encode_event(subscription, event, request.base_url))


async def _delete_event(request: ApiRequest) -> Response:
    subscription = _subscription(request)
    request.emulator.event_streams.event(subscription, request.param("Type"), request.path)
    request.emulator.event_streams.remove_event(subscription, request.param("Type"))
    return no_content()


async def _read_type(request: ApiRequest) -> Response:
    if request.param("Type") not in TYPES:
        raise errors.not_found(request.path)
    return answer(encode_type(request.param("Type"), request.base_url))


async def _list_types(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    found, more = page.slice(sorted(TYPES))
    shown = [encode_type(name, base_url) for name in found]
    return answer(page_v1(page, "types", shown, more, lambda item: item, base_url=base_url))


def _one(request: ApiRequest, kind: str) -> Document:
    return request.emulator.event_streams.get(kind, request.account_sid, request.param("Sid"), request.path)


def _subscription(request: ApiRequest) -> Document:
    sid = request.param("SubscriptionSid")
    return request.emulator.event_streams.get(SUBSCRIPTION, request.account_sid, sid, request.path)


_EVENTS = f"{_SUBSCRIPTIONS}/{{SubscriptionSid}}/SubscribedEvents"
ENDPOINTS = (
    Endpoint("GET", "/v1/Types", _list_types, f"{_RIGHT}/types/list"),
    Endpoint("GET", "/v1/Types/{Type}", _read_type, f"{_RIGHT}/types/read"),
    Endpoint("GET", _SINKS, _list_sinks, f"{_RIGHT}/sinks/list"),
    Endpoint("POST", _SINKS, _create_sink, f"{_RIGHT}/sinks/create"),
    Endpoint("GET", f"{_SINKS}/{{Sid}}", _read_sink, f"{_RIGHT}/sinks/read"),
    Endpoint("POST", f"{_SINKS}/{{Sid}}", _update_sink, f"{_RIGHT}/sinks/update"),
    Endpoint("DELETE", f"{_SINKS}/{{Sid}}", _delete_sink, f"{_RIGHT}/sinks/delete"),
    Endpoint("GET", _SUBSCRIPTIONS, _list_subscriptions, f"{_RIGHT}/subscriptions/list"),
    Endpoint("POST", _SUBSCRIPTIONS, _subscribe, f"{_RIGHT}/subscriptions/create"),
    Endpoint("GET", f"{_SUBSCRIPTIONS}/{{Sid}}", _read_subscription, f"{_RIGHT}/subscriptions/read"),
    Endpoint("POST", f"{_SUBSCRIPTIONS}/{{Sid}}", _update_subscription, f"{_RIGHT}/subscriptions/update"),
    Endpoint("DELETE", f"{_SUBSCRIPTIONS}/{{Sid}}", _delete_subscription, f"{_RIGHT}/subscriptions/delete"),
    Endpoint("POST", f"{_SINKS}/{{Sid}}/Test", _test_sink, f"{_RIGHT}/sinks/test"),
    Endpoint("POST", f"{_SINKS}/{{Sid}}/Validate", _validate_sink, f"{_RIGHT}/sinks/validate"),
    Endpoint("GET", _EVENTS, _list_events, f"{_RIGHT}/subscribed-events/list"),
    Endpoint("POST", _EVENTS, _create_event, f"{_RIGHT}/subscribed-events/create"),
    Endpoint("GET", f"{_EVENTS}/{{Type}}", _read_event, f"{_RIGHT}/subscribed-events/read"),
    Endpoint("POST", f"{_EVENTS}/{{Type}}", _update_event, f"{_RIGHT}/subscribed-events/update"),
    Endpoint("DELETE", f"{_EVENTS}/{{Type}}", _delete_event, f"{_RIGHT}/subscribed-events/delete"),
)
