"""A child process that is kept running: started, logged to a file, restarted when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.tasks import end

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from voicehooks_sandbox.processes import ChildRegister

_log = logging.getLogger(__name__)
_RESTART_SECONDS = 0.2
_STOP_SECONDS = 15.0
_READY_SECONDS = 60.0


class Service:
    """One long-lived program with one way to tell that it is ready.

    Args:
        name: For messages and the log file `<name>.log`.
        command: Program and arguments.
        environment: The whole environment of the process.
        log_folder: Where standard output and error go.
        register: Where the pid is written down.
        is_ready: Awaited again and again until it returns True.
        stop_signal: What ends the program in an orderly way.
        popen_arguments: Further arguments for `subprocess` (the user to run as).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        log_folder: Path,
        register: ChildRegister,
        is_ready: Callable[[], Awaitable[bool]],
        stop_signal: int = signal.SIGTERM,
        popen_arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._log_file = log_folder / f"{name}.log"
        self._register = register
        self._is_ready = is_ready
        self._stop_signal = stop_signal
        self._popen_arguments = popen_arguments or {}
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The pid of the running process; None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def is_started(self) -> bool:
        """Whether it is being kept running."""
        return self._watcher is not None

    async def start(self) -> None:
        """Start the program and return once it is ready; does nothing when it has been started.

        Raises:
            SandboxError: It ended or did not become ready; quotes its last words.
        """
        if self._watcher is not None:
            return
        process = await self._spawn()
        try:
            await self._wait_until_ready(process)
        except BaseException:
            await self._end(process)
            raise
        self._watcher = asyncio.create_task(self._watch(process), name=f"watch {self.name}")

    async def stop(self) -> None:
        """End the program and keep it ended; does nothing when it is not running."""
        watcher, self._watcher = self._watcher, None
        await end(watcher)
        if self._process is not None:
            await self._end(self._process)

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self._log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env=dict(self._environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._popen_arguments,
            )
        self._register.add(process.pid)
        self._process = process
        return process

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> None:
        ended = asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not await self._is_ready():
                    await asyncio.wait([ended], timeout=0.01)
                    if ended.done():
                        msg = f"{self.name} ended while starting: {self._last_words()}; see {self._log_file}."
                        raise SandboxError(msg)
        except TimeoutError as error:
            msg = f"{self.name} was not ready within {_READY_SECONDS:.0f} s; see {self._log_file}."
            raise SandboxError(msg) from error
        finally:
            ended.cancel()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        while True:
            code = await process.wait()
            self._register.remove(process.pid)
            self._process = None
            _log.warning("%s ended with code %s and is started again", self.name, code)
            process = await self._start_again()

    async def _start_again(self) -> asyncio.subprocess.Process:
        while True:
            try:
                process = await self._spawn()
            except OSError as error:
                _log.warning("%s cannot be started: %s", self.name, error)
            else:
                try:
                    await self._wait_until_ready(process)
                except SandboxError as error:
                    _log.warning("%s", error)
                    await self._end(process)
                else:
                    return process
            await asyncio.sleep(_RESTART_SECONDS)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self._stop_signal)
            try:
                await asyncio.wait_for(process.wait(), _STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        self._register.remove(process.pid)
        self._process = None

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self._log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            if lines:
                return lines[-1].strip().rstrip(".")
        return "it logged nothing"
