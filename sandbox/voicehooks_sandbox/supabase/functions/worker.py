"""One Deno process that runs one version of one function."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.gateway.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicehooks_sandbox.processes import ChildRegister
    from voicehooks_sandbox.supabase.functions.log import FunctionLogs
    from voicehooks_sandbox.supabase.functions.models import Function

_BOOT_SECONDS = 30.0
_OUT_OF_MEMORY = (-signal.SIGTRAP, -signal.SIGABRT, -signal.SIGILL)


class BootError(Exception):
    """The function's process ended, or did not listen, before it could take a request."""


class Worker:
    """A function's process; `upstream` reaches it once `boot` has returned.

    Args:
        function: What it runs.
        logs: Where its output goes.
        register: Where its pid is written down.
    """

    def __init__(self, function: Function, logs: FunctionLogs, register: ChildRegister) -> None:
        self.function = function
        self.upstream = Upstream()
        self.in_flight = 0
        self.retired = False
        self.exited = asyncio.Event()
        self._logs = logs
        self._register = register
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def boot(
        self, deno: Path, arguments: Sequence[str], marker: str, environment: Mapping[str, str]
    ) -> None:
        """Start the process and return when it listens.

        Raises:
            BootError: The function's module failed, or did not begin to serve in time.
        """
        self._process = await asyncio.create_subprocess_exec(
            deno,
            *arguments,
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        self._register.add(self._process.pid)
        self._tasks = [asyncio.create_task(self._await_exit(self._process))]
        if self._process.stdout is not None and self._process.stderr is not None:
            self._tasks.append(asyncio.create_task(self._read(self._process.stdout, "log", marker)))
            self._tasks.append(asyncio.create_task(self._read(self._process.stderr, "error", None)))
        try:
            port = await asyncio.wait_for(asyncio.shield(self._port), _BOOT_SECONDS)
        except TimeoutError as error:
            self._say("boot", f"The function did not call Deno.serve within {_BOOT_SECONDS:.0f} s")
            self._process.kill()
            await self.exited.wait()
            raise BootError from error
        self.upstream = Upstream(port=port)
        self._say("boot", f"booted (version {self.function.version})")

    @property
    def pid(self) -> int | None:
        """The pid of the process; None before it is started."""
        return self._process.pid if self._process is not None else None

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the process ended the way V8 ends one that exceeds its heap."""
        return self._process is not None and self._process.returncode in _OUT_OF_MEMORY

    @property
    def is_alive(self) -> bool:
        """Whether the process can still answer."""
        return not self.exited.is_set()

    def retire(self) -> None:
        """Take no further request; the process ends when the last one in flight is answered."""
        self.retired = True
        if self.in_flight == 0:
            self._ask_to_finish()

    def request_done(self) -> None:
        """Count a request as answered."""
        self.in_flight -= 1
        if self.retired and self.in_flight == 0:
            self._ask_to_finish()

    async def stop(self, grace_seconds: float) -> None:
        """End the process: ask, wait, then kill."""
        self.retire()
        self._ask_to_finish()
        try:
            await asyncio.wait_for(self.exited.wait(), grace_seconds)
        except TimeoutError:
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
            await self.exited.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ask_to_finish(self) -> None:
        self.upstream.close()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _await_exit(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        self._register.remove(process.pid)
        if not self._port.done():
            self._port.set_exception(BootError())
            self._port.exception()  # retrieved here, in case nothing waits for it any longer
        elif not self.retired:
            self._say("shutdown", f"exited with code {code}")
        self.upstream.close()
        self.exited.set()

    async def _read(self, stream: asyncio.StreamReader, level: str, marker: str | None) -> None:
        """Log a stream line by line; the marked line contains the port and is not logged."""
        rest = b""
        while data := await stream.read(65536):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                if marker is not None and text.startswith(marker) and not self._port.done():
                    self._port.set_result(int(text.rpartition(" ")[2]))
                    marker = None
                else:
                    self._say(level, text)
        if rest:
            self._say(level, rest.decode(errors="replace"))

    def _say(self, level: str, message: str) -> None:
        self._logs.write(self.function.slug, self.function.version, level, message)


def new_marker() -> str:
    """A word that a function's own output cannot contain by chance."""
    return f"sandbox-{secrets.token_hex(8)}"
