"""Loopback ports: taking them, and saying which process has one that is taken."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import psutil

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK = "127.0.0.1"
USUAL_PORTS = {"twilio": 4710, "supabase_api": 4720, "supabase": 4721, "proxy": 4711, "database": 4722}
"""The ports of a sandbox that has not chosen any. Where one is taken, it gets a free one."""
PURPOSES = {
    "twilio": "the Twilio API",
    "supabase_api": "the Supabase Management API",
    "supabase": "the Supabase project URL",
    "proxy": "the proxy for unmodified clients",
    "database": "Postgres itself",
}


def listen(chosen: Mapping[str, int], last: Mapping[str, int]) -> dict[str, socket.socket]:
    """Open a listening socket on the loopback interface for each port.

    Args:
        chosen: The ports that must be these, by the names of `PURPOSES`; 0 takes a free one. One that is not
            here is the previous or the usual one if that is free.
        last: The ports of the sandbox's previous start. A restart keeps them where it can.

    Raises:
        SandboxError: Chosen ports are taken; names each with its holder and its option.
    """
    listeners: dict[str, socket.socket] = {}
    taken = []
    for name, usual in USUAL_PORTS.items():
        choice = chosen.get(name)
        candidates = [choice] if choice else [last.get(name), None if choice == 0 else usual, 0]
        for port in candidates:
            if port is not None:
                with contextlib.suppress(OSError):
                    listeners[name] = _bind(port)
                    break
        else:
            taken.append(
                f"Port {choice} ({PURPOSES[name]}) is taken{holder(choice or 0)}; stop that, or choose another "
                f"port with --{name.replace('_', '-')}-port (0 takes a free one)."
            )
    if taken:
        for listener in listeners.values():
            listener.close()
        raise SandboxError("\n".join(taken))
    return listeners


def moved_ports(ports: Mapping[str, int]) -> list[str]:
    """Return a sentence for each process because of which a sandbox does not have a usual port."""
    held: dict[str, list[str]] = {}
    for name, usual in USUAL_PORTS.items():
        if ports.get(name, usual) != usual and (process := holder(usual)):
            held.setdefault(process, []).append(str(usual))
    return [
        f"Ports {', '.join(numbers[:-1])} and {numbers[-1]} are taken{process}; this sandbox has others."
        if len(numbers) > 1
        else f"Port {numbers[0]} is taken{process}; this sandbox has another."
        for process, numbers in held.items()
    ]


def _bind(port: int) -> socket.socket:
    # With the protocol named, asyncio switches Nagle's delay off on accepted connections.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(512)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def holder(port: int) -> str:
    """Return ` by process ...` for the process that listens on a port, as far as this user may know."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(
                connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
                for connection in process.net_connections("tcp")
            ):
                return f" by process {process.pid} ({' '.join(process.cmdline())[:120] or process.name()})"
    return ""
