"""The sandbox's process: the emulated Twilio and Supabase in one event loop, and their child processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks_sandbox import credentials
from voicehooks_sandbox.control_plane import project_operations, record_project
from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.http_server import serving
from voicehooks_sandbox.ports import LOOPBACK, listen
from voicehooks_sandbox.processes import ChildRegister, identify_self
from voicehooks_sandbox.proxy.authority import Authority
from voicehooks_sandbox.proxy.hosts import sandbox_hosts
from voicehooks_sandbox.proxy.server import proxying
from voicehooks_sandbox.state import RunningSandbox, StateFolder
from voicehooks_sandbox.supabase.binaries import find_binaries
from voicehooks_sandbox.supabase.cluster import remove_abandoned
from voicehooks_sandbox.supabase.management.app import answer_error
from voicehooks_sandbox.supabase.management.app import create_app as create_management_app
from voicehooks_sandbox.supabase.management.errors import ApiError
from voicehooks_sandbox.supabase.project import Project, ProjectAddresses
from voicehooks_sandbox.twilio import create_app as create_twilio_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicehooks_sandbox.twilio.emulator import Emulator

_log = logging.getLogger(__name__)
_STATE_CHECK_SECONDS = 2.0


@dataclass(frozen=True)
class ServeOptions:
    """How to run a sandbox.

    Attributes:
        state: The state folder.
        ports: Those that were chosen, by name (`twilio`, `supabase_api`, `supabase`, `proxy`, `database`); 0
            takes a free one.
        time_factor: How much faster than the clock simulated calls run.
        rate_limit: The Management API's requests a minute; 0 for no limit.
    """

    state: Path
    ports: dict[str, int]
    time_factor: float = 1.0
    rate_limit: int = 120


async def serve(options: ServeOptions, on_ready: Callable[[RunningSandbox], None]) -> None:
    """Run a sandbox until SIGTERM or SIGINT.

    Args:
        options: How to run it.
        on_ready: Called once when everything answers.

    Raises:
        SandboxError: It cannot be started; nothing of it is left running.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    state = StateFolder(options.state)
    state.create()
    lock = state.try_lock()
    if lock is None:
        msg = f"A sandbox already runs on {state.path}; see: voicehooks sandbox status"
        raise SandboxError(msg)
    with lock:
        binaries = find_binaries(_log.warning)
        register = ChildRegister(state.children_file)
        register.stop_left_behind()
        remove_abandoned()
        listeners = listen(options.ports, state.last_ports().taken)
        ports = {name: listener.getsockname()[1] for name, listener in listeners.items()}
        reserved = listeners.pop("database")  # Postgres opens it itself
        addresses = ProjectAddresses(
            url=f"http://{LOOPBACK}:{ports['supabase']}", api_url=f"http://{LOOPBACK}:{ports['supabase_api']}"
        )
        project = Project(
            state,
            binaries,
            register,
            addresses,
            database_port=ports["database"],
            release_database_port=reserved.close,
        )
        management, project_control = create_management_app(project, rate_limit_per_minute=options.rate_limit)
        twilio = create_twilio_app(
            state_dir=state.twilio,
            account_sid=credentials.TWILIO_ACCOUNT_SID,
            auth_token=credentials.TWILIO_AUTH_TOKEN,
            phone_numbers=credentials.TWILIO_PHONE_NUMBERS,
            time_factor=options.time_factor,
            database_url=project.postgres.superuser_url,
            others=project_operations(project, project_control),
            exception_handlers={ApiError: answer_error},
            follow_rows=project.row_changes.follow,
        )
        emulator: Emulator = twilio.state.emulator
        record_project(project, emulator)
        hosts = sandbox_hosts(ports["twilio"], ports["supabase"], credentials.SUPABASE_PROJECT_REF)
        authority = Authority(state.proxy, hosts.emulated)
        try:
            await project.start_database()
            async with (
                serving(project.gateway, listeners["supabase"], date_header=False, grace_seconds=1),
                serving(management, listeners["supabase_api"]),
                serving(twilio, listeners["twilio"]),
                proxying(listeners["proxy"], hosts, authority),
            ):
                running = _describe(project, ports, authority)
                state.write_running(running, options.ports)
                on_ready(running)
                await _until_stopped(stop, state)
                emulator.store.end_listening()
                await project.realtime.disconnect_all()
        finally:
            state.running_file.unlink(missing_ok=True)
            await project.stop()


async def _until_stopped(stop: asyncio.Event, state: StateFolder) -> None:
    """Wait for the signal to stop, or until the state folder is deleted and nobody can find the sandbox."""
    while state.lock_file.exists():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _STATE_CHECK_SECONDS)
            return
    _log.warning("the state folder is gone; the sandbox ends")


def _describe(project: Project, ports: dict[str, int], authority: Authority) -> RunningSandbox:
    return RunningSandbox(
        process=identify_self(),
        environment={
            "page_url": f"http://{LOOPBACK}:{ports['twilio']}/_sandbox/",
            "twilio_base_url": f"http://{LOOPBACK}:{ports['twilio']}",
            "twilio_account_sid": credentials.TWILIO_ACCOUNT_SID,
            "twilio_auth_token": credentials.TWILIO_AUTH_TOKEN,
            "supabase_api_url": project.addresses.api_url,
            "supabase_url": project.addresses.url,
            "supabase_access_token": credentials.SUPABASE_ACCESS_TOKEN,
            "supabase_project_ref": credentials.SUPABASE_PROJECT_REF,
            "supabase_secret_key": credentials.SUPABASE_SECRET_KEY,
            "supabase_publishable_key": credentials.SUPABASE_PUBLISHABLE_KEY,
            "webhook_url": f"{project.addresses.url}/functions/v1/twilio-webhook",
            "database_url": project.postgres.url,
            "proxy_url": f"http://{LOOPBACK}:{ports['proxy']}",
            "proxy_ca_file": str(authority.bundle),
        },
        ports=ports,
    )
