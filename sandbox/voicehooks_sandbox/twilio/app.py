"""The ASGI application: the vendor's paths behind common checks, and the control plane."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from . import control
from .accounts.key_routes import ENDPOINTS as KEYS
from .accounts.routes import ENDPOINTS as ACCOUNTS
from .accounts.token_routes import ENDPOINTS as AUTH_TOKENS
from .api import Door
from .applications.routes import ENDPOINTS as APPLICATIONS
from .calls.notification_routes import ENDPOINTS as NOTIFICATIONS
from .calls.routes import ENDPOINTS as CALLS
from .calls.stream_routes import ENDPOINTS as STREAMS
from .conferences.participant_routes import ENDPOINTS as PARTICIPANTS
from .conferences.recording_routes import ENDPOINTS as CONFERENCE_RECORDINGS
from .conferences.routes import ENDPOINTS as CONFERENCES
from .emulator import Emulator
from .event_streams.routes import ENDPOINTS as EVENT_STREAMS
from .monitor.routes import ENDPOINTS as MONITOR
from .numbers.available import ENDPOINTS as AVAILABLE_NUMBERS
from .numbers.routes import ENDPOINTS as NUMBERS
from .queues.routes import ENDPOINTS as QUEUES
from .recordings.routes import ENDPOINTS as RECORDINGS
from .recordings.transcription_routes import ENDPOINTS as TRANSCRIPTIONS
from .regions.routes import ENDPOINTS as REGIONS
from .sip.list_routes import ENDPOINTS as SIP_LISTS
from .sip.routes import ENDPOINTS as SIP_DOMAINS
from .studio.routes import ENDPOINTS as STUDIO
from .trunking.routes import ENDPOINTS as TRUNKING
from .voice.recording_default_routes import ENDPOINTS as RECORDING_DEFAULTS
from .voice.routes import ENDPOINTS as VOICE
from .webhook_rules.routes import ENDPOINTS as WEBHOOK_RULES
from .webhook_rules.trial import ENDPOINTS as WEBHOOK_TRIALS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    import httpx

    from voicehooks_sandbox.operation import Operation

ENDPOINTS = (
    *ACCOUNTS,
    *KEYS,
    *AUTH_TOKENS,
    *NUMBERS,
    *AVAILABLE_NUMBERS,
    *APPLICATIONS,
    *CALLS,
    *NOTIFICATIONS,
    *STREAMS,
    *CONFERENCES,
    *PARTICIPANTS,
    *CONFERENCE_RECORDINGS,
    *QUEUES,
    *RECORDINGS,
    *TRANSCRIPTIONS,
    *VOICE,
    *RECORDING_DEFAULTS,
    *REGIONS,
    *WEBHOOK_RULES,
    *WEBHOOK_TRIALS,
    *EVENT_STREAMS,
    *MONITOR,
    *SIP_DOMAINS,
    *SIP_LISTS,
    *TRUNKING,
    *STUDIO,
)


def create_app(
    *,
    state_dir: Path,
    account_sid: str,
    auth_token: str,
    phone_numbers: Sequence[str],
    time_factor: float = 1.0,
    webhook_transport: httpx.AsyncBaseTransport | None = None,
    database_url: str | None = None,
    others: Sequence[Operation] = (),
    exception_handlers: Mapping[Any, Any] | None = None,
    follow_rows: Callable[[], Awaitable[None]] | None = None,
) -> Starlette:
    """The emulation of Twilio as an ASGI application.

    Args:
        state_dir: folder for its state; made when missing, taken up when it holds one.
        account_sid: the account, ``AC`` and 32 hexadecimal digits.
        auth_token: the account's token in a new state; an old state keeps the one it has.
        phone_numbers: E.164 numbers that the account owns in a new state.
        time_factor: simulated seconds a second; ``math.inf`` for as fast as the machine can.
        webhook_transport: what makes the webhook requests, by default real HTTP.
        database_url: of the project's Postgres as a superuser, for snapshots; None without one.
        others: operations of the project, for this control plane.
        exception_handlers: what answers their errors.
        follow_rows: lets changed rows be in the events from then on; awaited before each webhook request.

    Raises:
        ValueError: the state belongs to another account, or a number is not E.164.
    """
    emulator = Emulator(
        state_dir=state_dir,
        account_sid=account_sid,
        auth_token=auth_token,
        phone_numbers=phone_numbers,
        time_factor=time_factor,
        webhook_transport=webhook_transport,
        database_url=database_url,
        follow_rows=follow_rows,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await emulator.close()

    routes = [*control.routes(emulator, others), *Door(emulator).routes(ENDPOINTS)]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=exception_handlers)
    app.state.emulator = emulator
    return app
