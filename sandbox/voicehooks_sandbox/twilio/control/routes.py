"""The control plane over HTTP; its bodies are described in the package's docstring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware
from starlette.routing import Mount
from voicehooks_page import LoopbackOnly, page_route

from voicehooks_sandbox.operation import Missing, Operation, base_url, json_body, json_object, query_number

from ..accounts.models import KEY_TYPES
from ..api import API_JOURNAL
from ..calls.models import FINAL
from ..calls.models import encode as encode_call
from ..event_streams.delivery import EVENT_JOURNAL
from ..event_streams.models import STATUSES as SINK_STATUSES
from ..numbers.models import encode as encode_number
from ..recordings.models import KIND as RECORDING
from ..recordings.models import encode as encode_recording
from ..simulation.incoming import receive
from ..simulation.live_call import STEP_JOURNAL
from ..simulation.media import media_hosts, set_media_hosts
from ..store import Where
from . import events, openapi, overview, parties, resend, schemas, snapshots, webhook_requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from ..emulator import Emulator
    from ..store import Document

_LONGEST_WAIT = 300.0
_ACCOUNT_KEYS = {
    "status": "status",
    "type": "type",
    "authToken": "auth_token",
    "secondaryAuthToken": "secondary_auth_token",
    "balance": "balance",
    "verifiedNumbers": "verified_numbers",
    "concurrencyLimit": "concurrency_limit",
    "callsPerSecond": "calls_per_second",
    "requestSeconds": "request_seconds",
}
_ACCOUNT_CHOICES = {"status": ("active", "suspended", "closed"), "type": ("Full", "Trial")}


class Control:
    """What can be asked of a sandbox."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def health(self, _: Request) -> Document:
        """Whether the sandbox serves, and for which account."""
        emulator = self._emulator
        return {
            "ok": True,
            "account_sid": emulator.accounts.main_sid,
            "calls_under_way": emulator.switchboard.under_way,
        }

    async def call(self, request: Request) -> Document:
        """Let somebody call a number."""
        document = receive(self._emulator.switchboard, await json_object(request), base_url(request))
        return {"sid": document["sid"], "status": document["status"]}

    async def read_call(self, request: Request) -> Document:
        """A call's story so far, after step ``after``; ``wait`` up to so many seconds for its end."""
        emulator, sid = self._emulator, str(request.path_params["sid"])
        asked = emulator.calls.find(sid)
        # A dialed leg's story is that of its call.
        sid = str(asked["parent_call_sid"] or sid) if asked else sid
        root = emulator.calls.find(sid)
        if root is None:
            msg = f"There is no call {sid}."
            raise Missing(msg)
        if seconds := query_number(request, "wait"):
            await emulator.switchboard.wait(sid, min(seconds, _LONGEST_WAIT))
            for child in emulator.calls.children(sid):  # a leg that was redirected goes on by itself
                await emulator.switchboard.wait(child["sid"], min(seconds, _LONGEST_WAIT))
            root = emulator.calls.find(sid) or root
        legs = [sid, *(child["sid"] for child in emulator.calls.children(sid))]
        steps = emulator.store.journal(STEP_JOURNAL, topic=sid, after=int(query_number(request, "after")))
        recordings = emulator.store.page(RECORDING, None, [Where.search_is(sid)], limit=100)
        return {
            "sid": sid,
            "status": root["status"],
            "finished": root["status"] in FINAL and not any(emulator.switchboard.busy(leg) for leg in legs),
            "call": encode_call(root),
            "legs": [encode_call(child) for child in emulator.calls.children(sid)],
            "recordings": [encode_recording(recording, base_url(request)) for recording in recordings[::-1]],
            "steps": sorted(steps, key=lambda step: (step["offset"], step["id"])),
        }

    async def stock(self, request: Request) -> Document:
        """Give an account numbers, named or by count."""
        body = await json_object(request)
        emulator, account = self._emulator, str(body.get("account_sid") or self._emulator.accounts.main_sid)
        if "count" in body:
            fresh = emulator.numbers.stock_many(account, int(body["count"]))
        else:
            fresh = emulator.numbers.stock(account, body.get("phone_numbers") or [], body.get("capabilities"))
        shown = [] if len(fresh) > 1000 else [encode_number(number) for number in fresh]
        return {"stocked": len(fresh), "numbers": shown}

    async def read_faults(self, _: Request) -> Document:
        """The faults in force."""
        return {"faults": self._emulator.faults.active()}

    async def add_faults(self, request: Request) -> Document:
        """Order one fault or several."""
        body = await json_body(request)
        self._emulator.faults.add(body if isinstance(body, list) else [body])
        return {"faults": self._emulator.faults.active()}

    async def clear_faults(self, _: Request) -> Document:
        """Heal everything."""
        self._emulator.faults.clear()
        return {"faults": []}

    async def reset(self, request: Request) -> Document:
        """Back to the account as it was at first; with ``{"only": "calls"}`` it keeps its configuration."""
        only = (await json_object(request)).get("only")
        if only not in (None, "calls"):
            msg = f'"only" is "calls" or not given, not {only!r}.'
            raise ValueError(msg)
        if only == "calls":
            await self._emulator.forget_calls()
        else:
            await self._emulator.reset()
        return {"ok": True}

    async def api_requests(self, request: Request) -> Document:
        """Every REST request received, or how many of each kind."""
        if request.query_params.get("count"):
            return {"counts": self._emulator.store.topics(API_JOURNAL)}
        return {
            "api_requests": self._emulator.store.journal(API_JOURNAL, after=int(query_number(request, "after")))
        }

    async def forget_requests(self, _: Request) -> Document:
        """Empty both journals."""
        self._emulator.store.clear(kinds=())
        return {"ok": True}

    async def read_clock(self, _: Request) -> Document:
        """The pace of time and the present moment."""
        clock = self._emulator.clock
        return {"factor": "max" if math.isinf(clock.factor) else clock.factor, "now": clock.now()}

    async def set_clock(self, request: Request) -> Document:
        """Change the pace, or let data grow older."""
        body, clock = await json_object(request), self._emulator.clock
        if "factor" in body:
            clock.set_factor(math.inf if body["factor"] == "max" else float(body["factor"]))
        if "advanceSeconds" in body:
            clock.advance(float(body["advanceSeconds"]))
        return await self.read_clock(request)

    async def read_account(self, request: Request) -> Document:
        """What can be changed about an account here."""
        return _shown(self._account(request.query_params.get("account_sid")))

    async def set_account(self, request: Request) -> Document:
        """Suspend it, make it a trial, rotate its token, limit its concurrency."""
        body = await json_object(request)
        account = self._account(body.pop("account_sid", None))
        for name, value in body.items():
            key = _ACCOUNT_KEYS.get(name)
            if key is None:
                msg = f"An account has no {name!r} here; it has {', '.join(_ACCOUNT_KEYS)}."
                raise ValueError(msg)
            if name in _ACCOUNT_CHOICES and value not in _ACCOUNT_CHOICES[name]:
                msg = f"{name!r} is one of {', '.join(_ACCOUNT_CHOICES[name])}, not {value!r}."
                raise ValueError(msg)
            if name == "callsPerSecond" and not (value is None or _is_positive(value)):
                msg = f"{name!r} is a number above 0, or null for no queue, not {value!r}."
                raise ValueError(msg)
            account[key] = value
        self._emulator.accounts.save(account)
        return _shown(account)

    async def create_key(self, request: Request) -> Document:
        """A new API key with its secret."""
        body = await json_object(request)
        kind = body.get("type", "standard")
        if kind not in KEY_TYPES:
            msg = f'An API key\'s "type" is one of {", ".join(KEY_TYPES)}, not {kind!r}.'
            raise ValueError(msg)
        account = self._account(body.get("account_sid"))
        return self._emulator.accounts.create_key(
            account["sid"], kind, [str(permission) for permission in body.get("permissions", [])]
        )

    async def set_sink(self, request: Request) -> Document:
        """Give a sink of Event Streams another status, as Twilio does by itself."""
        status = (await json_object(request)).get("status")
        if status not in SINK_STATUSES:
            msg = f'A sink\'s "status" is one of {", ".join(SINK_STATUSES)}, not {status!r}.'
            raise ValueError(msg)
        sid = str(request.path_params["sid"])
        if self._emulator.event_streams.set_status(sid, status) is None:
            msg = f"There is no sink {sid}."
            raise Missing(msg)
        return {"sid": sid, "status": status}

    async def event_requests(self, request: Request) -> Document:
        """Every request to an Event Streams sink; ``wait`` up to so many seconds until none is under way."""
        delivery = self._emulator.event_delivery
        if seconds := query_number(request, "wait"):
            await delivery.settle(min(seconds, _LONGEST_WAIT))
        entries = self._emulator.store.journal(EVENT_JOURNAL, after=int(query_number(request, "after")))
        return {"event_requests": entries, "under_way": delivery.under_way}

    def _account(self, sid: str | None) -> Document:
        account = self._emulator.accounts.get(sid or self._emulator.accounts.main_sid)
        if account is None:
            msg = f"There is no account {sid}."
            raise Missing(msg)
        return account

    async def read_media_hosts(self, _: Request) -> Document:
        """The hosts besides loopback from which ``<Play>`` fetches."""
        return {"hosts": media_hosts(self._emulator.store)}

    async def set_media_hosts(self, request: Request) -> Document:
        """Replace them."""
        hosts = (await json_object(request)).get("hosts")
        if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
            msg = f'"hosts" is a list of host names, not {hosts!r}.'
            raise ValueError(msg)
        set_media_hosts(self._emulator.store, hosts)
        return {"hosts": media_hosts(self._emulator.store)}

    async def read_scenarios(self, _: Request) -> Document:
        """The scripts of parties for calls that bring none along."""
        return self._emulator.switchboard.scripts()

    async def set_scenarios(self, request: Request) -> Document:
        """Replace those scripts."""
        self._emulator.switchboard.set_scripts(await json_object(request))
        return self._emulator.switchboard.scripts()


def routes(emulator: Emulator, others: Sequence[Operation] = ()) -> list[Mount]:
    """All paths of the control plane.

    Args:
        emulator: what it controls.
        others: operations of the sandbox's other half.
    """
    control = Control(emulator)
    own = [
        Operation("GET", "/health", control.health),
        Operation("POST", "/calls", control.call, body=schemas.CALL),
        Operation("GET", "/calls/{sid}", control.read_call, query=("wait", "after")),
        Operation("POST", "/numbers", control.stock, body=schemas.NUMBERS),
        Operation("GET", "/faults", control.read_faults),
        Operation("POST", "/faults", control.add_faults, body=schemas.FAULTS),
        Operation("DELETE", "/faults", control.clear_faults),
        Operation("POST", "/reset", control.reset, body=schemas.RESET),
        Operation("DELETE", "/webhook-requests", control.forget_requests),
        Operation("GET", "/api-requests", control.api_requests, query=("after", "count")),
        Operation("DELETE", "/api-requests", control.forget_requests),
        Operation("GET", "/clock", control.read_clock),
        Operation("POST", "/clock", control.set_clock, body=schemas.CLOCK),
        Operation("GET", "/account", control.read_account, query=("account_sid",)),
        Operation("POST", "/account", control.set_account, body=schemas.ACCOUNT),
        Operation("POST", "/api-keys", control.create_key, body=schemas.API_KEY),
        Operation("POST", "/event-sinks/{sid}", control.set_sink, body=schemas.EVENT_SINK),
        Operation("GET", "/event-requests", control.event_requests, query=("after", "wait")),
        Operation("GET", "/media-hosts", control.read_media_hosts),
        Operation("PUT", "/media-hosts", control.set_media_hosts, body=schemas.MEDIA_HOSTS),
        Operation("GET", "/scenarios", control.read_scenarios),
        Operation("PUT", "/scenarios", control.set_scenarios, body=schemas.SCENARIOS),
    ]
    operations = [
        *own,
        *parties.operations(emulator),
        *overview.operations(emulator),
        *webhook_requests.operations(emulator),
        *resend.operations(emulator),
        *events.operations(emulator),
        *snapshots.operations(emulator),
        *others,
    ]
    described = Operation("GET", "/openapi.json", openapi.describing(operations))
    paths = [operation.route for operation in (*operations, described)]
    return [Mount("/_sandbox", routes=[*paths, page_route()], middleware=[Middleware(LoopbackOnly)])]


def _shown(account: Document) -> Document:
    return {"sid": account["sid"], **{name: account.get(key) for name, key in _ACCOUNT_KEYS.items()}}


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
