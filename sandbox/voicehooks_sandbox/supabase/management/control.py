"""The sandbox's own control plane, under `/_sandbox/` on the Management API's port.

It needs no token: it listens on the loopback interface alone, as everything else of the sandbox.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.operation import Operation
from voicehooks_sandbox.supabase.faults import ApiFault, Faults, FunctionFault
from voicehooks_sandbox.supabase.functions.runner import SlowSpread
from voicehooks_sandbox.supabase.keys import sign_token
from voicehooks_sandbox.supabase.management.errors import ApiError, read_object
from voicehooks_sandbox.supabase.realtime.limits import SCHEMA as REALTIME_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from voicehooks_sandbox.supabase.management.guard import Guard
    from voicehooks_sandbox.supabase.management.rate_limit import RateLimit
    from voicehooks_sandbox.supabase.project import Project

_TOKEN_SECONDS = 3600
_FAULTS = (
    "paused",
    "spread",
    "api",
    "functions",
    "token_permissions",
    "deleted_api_keys",
    "open_sign_up",
    "rate_limit",
    "function_timeout_seconds",
)
_OBJECT = {"type": "object"}
_STOP = {"type": "object", "properties": {"only": {"enum": ["postgres", "postgrest"]}}}
_T = TypeVar("_T")


class ControlPlane:
    """The control plane's requests.

    Args:
        project: What they act on.
        rate_limit: The Management API's limit.
        guard: Returns the record of requests.
    """

    def __init__(self, project: Project, rate_limit: RateLimit, guard: Callable[[], Guard]) -> None:
        self._project = project
        self._rate_limit = rate_limit
        self._guard = guard
        self._initial_limit = rate_limit.per_minute

    def operations(self) -> list[Operation]:
        """What can be asked of the project."""
        return [
            Operation("GET", "/status", self.status),
            Operation("GET", "/api-requests", self.api_requests),
            Operation("GET", "/faults", self.read_faults),
            Operation("POST", "/faults", self.set_faults, body=_OBJECT, status=204),
            Operation("POST", "/reset", self.reset, status=204),
            Operation("POST", "/tokens", self.sign_user_token, body=_OBJECT),
            Operation("GET", "/mail", self.mail, query=("to",)),
            Operation("GET", "/auth", self.auth_settings),
            Operation("POST", "/auth", self.auth_settings, body=_OBJECT),
            Operation("GET", "/realtime", self.read_realtime_limits),
            Operation("POST", "/realtime", self.set_realtime_limits, body=REALTIME_LIMITS),
            Operation("GET", "/functions/{slug}/logs", self.function_logs),
            Operation("POST", "/database/stop", self.stop_database, body=_STOP, status=204),
            Operation("POST", "/database/start", self.start_database, status=204),
        ]

    async def status(self, _: Request) -> Response:
        """The processes of the project and its functions; pid null where none runs."""
        return JSONResponse(self._project.status())

    async def api_requests(self, _: Request) -> Response:
        """Every request to the Management API with its status, oldest first."""
        return JSONResponse({"requests": list(self._guard().requests)})

    async def read_faults(self, _: Request) -> Response:
        """The faults in force, under the names that POST faults takes."""
        faults = self._project.faults
        spread = None if faults.spread is None else dataclasses.asdict(faults.spread)
        return JSONResponse(
            {
                "paused": faults.paused,
                "spread": spread,
                "api": [dataclasses.asdict(fault) for fault in faults.api],
                "functions": [dataclasses.asdict(fault) for fault in faults.functions],
                "token_permissions": None
                if faults.token_permissions is None
                else sorted(faults.token_permissions),
                "deleted_api_keys": sorted(faults.deleted_api_keys),
                "open_sign_up": faults.open_sign_up,
                "rate_limit": self._rate_limit.per_minute,
                "function_timeout_seconds": faults.function_timeout_seconds,
            }
        )

    async def set_faults(self, request: Request) -> Response:
        """Set the faults named and leaves the others; `{"clear": true}` ends all first.

        Keys: paused (bool), spread ({requests?, seconds?, mixed?} or null), api ([{status, message?,
        method?, path?, after?, times?, apply?}]), functions ([{function, status, times?}]),
        token_permissions ([names] or null), deleted_api_keys ([types: publishable, secret, legacy]),
        open_sign_up (bool), rate_limit (requests a minute, 0 for none), function_timeout_seconds.
        """
        body = await read_object(request)
        if body.pop("clear", False):
            self._project.faults = Faults()
            self._project.runner.end_spreading()
            self._project.api_keys_changed()
            self._rate_limit.set(self._initial_limit)
        faults = self._project.faults
        for key, value in body.items():
            match key:
                case "paused":
                    faults.paused = _typed(key, value, bool)
                case "spread":
                    faults.spread = None if value is None else _built(key, SlowSpread, value)
                case "api":
                    faults.api = [_built(key, ApiFault, entry) for entry in _typed(key, value, list)]
                case "functions":
                    faults.functions = [_built(key, FunctionFault, entry) for entry in _typed(key, value, list)]
                case "token_permissions":
                    faults.token_permissions = None if value is None else frozenset(_typed(key, value, list))
                case "deleted_api_keys":
                    faults.deleted_api_keys = frozenset(_typed(key, value, list))
                    self._project.api_keys_changed()
                case "open_sign_up":
                    faults.open_sign_up = _typed(key, value, bool)
                case "rate_limit":
                    self._rate_limit.set(_typed(key, value, int))
                case "function_timeout_seconds":
                    faults.function_timeout_seconds = float(value)
                case _:
                    raise ApiError(400, f"There is no fault {key}; there are: {', '.join(_FAULTS)}, clear.")
        return Response(status_code=204)

    async def reset(self, _: Request) -> Response:
        """Bring the project back to its first day, without records and faults."""
        await self._project.reset()
        self._rate_limit.set(self._initial_limit)
        self._guard().requests.clear()
        return Response(status_code=204)

    async def sign_user_token(self, request: Request) -> Response:
        """Sign claims as the project's Auth would; role `authenticated` by default."""
        claims = await read_object(request)
        now = int(time.time())
        defaults = {"aud": "authenticated", "role": "authenticated", "iat": now, "exp": now + _TOKEN_SECONDS}
        return JSONResponse({"token": sign_token({**defaults, **claims})})

    async def mail(self, request: Request) -> Response:
        """The mails that Auth has written, oldest first; `?to=` an address."""
        return JSONResponse({"mail": self._project.auth.outbox.read(request.query_params.get("to"))})

    async def auth_settings(self, request: Request) -> Response:
        """Auth's settings, under the Management API's names (.../config/auth)."""
        settings = self._project.auth.settings
        if request.method == "POST":
            try:
                settings.change(await read_object(request))
            except ValueError as error:
                raise ApiError(400, str(error)) from error
        return JSONResponse(dataclasses.asdict(settings.current))

    async def read_realtime_limits(self, _: Request) -> Response:
        """Realtime's limits; 0 is none."""
        return JSONResponse(dataclasses.asdict(self._project.realtime.limits))

    async def set_realtime_limits(self, request: Request) -> Response:
        """Set the limits named and leave the others, and count from 0.

        `{"plan": "free"}` sets all to the free plan's, `{"plan": null}` to the sandbox's defaults.
        """
        try:
            self._project.realtime.change_limits(await read_object(request))
        except ValueError as error:
            raise ApiError(400, str(error)) from error
        return await self.read_realtime_limits(request)

    async def function_logs(self, request: Request) -> Response:
        """The function's log, oldest line first."""
        return JSONResponse({"logs": self._project.logs.read(request.path_params["slug"])})

    async def stop_database(self, request: Request) -> Response:
        """Stop Postgres and PostgREST, or with `{"only": "postgres"}` or `"postgrest"` one of them."""
        only = (await read_object(request)).get("only") if await request.body() else None
        if only not in (None, "postgres", "postgrest"):
            raise ApiError(400, "only: must be postgres or postgrest")
        await self._project.stop_database(postgres=only != "postgrest", postgrest=only != "postgres")
        return Response(status_code=204)

    async def start_database(self, _: Request) -> Response:
        """Start Postgres and PostgREST where they are stopped."""
        await self._project.start_database()
        return Response(status_code=204)


def _typed(key: str, value: Any, kind: type[_T]) -> _T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ApiError(400, f"{key}: must be of type {kind.__name__}")
    return value


def _built(key: str, kind: type[_T], value: Any) -> _T:
    try:
        return kind(**value)
    except TypeError as error:
        raise ApiError(400, f"{key}: {error}") from error
