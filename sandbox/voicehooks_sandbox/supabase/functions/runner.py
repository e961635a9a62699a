"""Which process answers a request to a function: started on demand, replaced without losing a request."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from voicehooks_sandbox.credentials import SUPABASE_PROJECT_REF
from voicehooks_sandbox.supabase.functions.deno import run_arguments, runtime_environment
from voicehooks_sandbox.supabase.functions.worker import Worker, new_marker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicehooks_sandbox.processes import ChildRegister
    from voicehooks_sandbox.supabase.functions.log import FunctionLogs
    from voicehooks_sandbox.supabase.functions.models import Function, FunctionStore
    from voicehooks_sandbox.supabase.functions.secrets import SecretStore

_GRACE_SECONDS = 2.0


@dataclass(frozen=True)
class SlowSpread:
    """How a deploy spreads: for so many requests, or so many seconds, the old answers still come.

    With `mixed` every second request already meets the new version.
    """

    requests: int = 0
    seconds: float = 0.0
    mixed: bool = False


@dataclass
class _Spreading:
    before: Function | None
    requests_left: int
    until: float
    mixed: bool
    turn: int = 0

    def is_over(self) -> bool:
        return self.requests_left <= 0 and time.monotonic() >= self.until


class FunctionRunner:
    """Runs the functions of a store.

    Args:
        deno: Deno's executable.
        store: What is deployed.
        secrets: Their environment; a change restarts every function.
        platform_environment: The variables that every project has (SUPABASE_URL ...).
        logs: Where output goes.
        register: Where pids are written down.
    """

    def __init__(
        self,
        *,
        deno: Path,
        store: FunctionStore,
        secrets: SecretStore,
        platform_environment: Mapping[str, str],
        logs: FunctionLogs,
        register: ChildRegister,
    ) -> None:
        self._deno = deno
        self._store = store
        self._secrets = secrets
        self._platform_environment = platform_environment
        self._logs = logs
        self._register = register
        self._workers: dict[tuple[str, int], tuple[Worker, asyncio.Task[None]]] = {}
        self._retired: set[Worker] = set()
        self._spreading: dict[str, _Spreading] = {}

    def resolve(self, slug: str) -> Function | None:
        """The version of a function that this request meets; None when it meets none."""
        current = self._store.get(slug)
        spreading = self._spreading.get(slug) if self._spreading else None
        if spreading is None:
            return current
        if spreading.is_over():
            del self._spreading[slug]
            self._retire_all(slug, keep=current)
            return current
        spreading.turn += 1
        if spreading.mixed and spreading.turn % 2 == 0:
            return current
        if spreading.requests_left > 0:
            spreading.requests_left -= 1
        return spreading.before

    def is_replaced(self, function: Function) -> bool:
        """Whether this version is neither the active one nor one that still answers while a deploy spreads."""
        spreading = self._spreading.get(function.slug)
        return function not in (self._store.get(function.slug), spreading.before if spreading else None)

    async def acquire(self, function: Function) -> Worker:
        """A running worker for this version, counted as busy until `Worker.request_done`.

        Raises:
            BootError: It did not start; the next request tries again.
        """
        key = (function.slug, function.version)
        entry = self._workers.get(key)
        if entry is None or not entry[0].is_alive or entry[0].retired:
            worker = Worker(function, self._logs, self._register)
            entry = (worker, asyncio.create_task(self._boot(worker)))
            self._workers[key] = entry
        worker, booting = entry
        worker.in_flight += 1
        if not booting.done() or booting.exception() is not None:
            try:
                await asyncio.shield(booting)
            except BaseException:
                worker.request_done()
                raise
        return worker

    def pid(self, function: Function) -> int | None:
        """The pid of the process that runs this version; None before its first request."""
        entry = self._workers.get((function.slug, function.version))
        return entry[0].pid if entry is not None and entry[0].is_alive else None

    def deployed(self, slug: str, before: Function | None, spread: SlowSpread | None) -> None:
        """Let a newly activated version take over, at once or slowly."""
        if spread is not None:
            until = time.monotonic() + spread.seconds
            self._spreading[slug] = _Spreading(before, spread.requests, until, spread.mixed)
            return
        self._spreading.pop(slug, None)
        self._retire_all(slug, keep=self._store.get(slug))

    def end_spreading(self) -> None:
        """Let every deploy that still spreads be everywhere at once."""
        for slug in list(self._spreading):
            self.deployed(slug, None, None)

    def deleted(self, slug: str) -> None:
        """Let the workers of a deleted function finish."""
        self._spreading.pop(slug, None)
        self._retire_all(slug, keep=None)

    def set_platform_environment(self, environment: Mapping[str, str]) -> None:
        """Change the variables that every function has; restart the functions if something changed."""
        if environment != self._platform_environment:
            self._platform_environment = environment
            self.environment_changed()

    def environment_changed(self) -> None:
        """Restart every function at its next request, with the current secrets."""
        for slug, _ in list(self._workers):
            self._retire_all(slug, keep=None)

    async def stop(self) -> None:
        """End all workers."""
        workers = {worker for worker, _ in self._workers.values()} | self._retired
        await asyncio.gather(*(worker.stop(_GRACE_SECONDS) for worker in workers if worker.is_alive))

    def _retire_all(self, slug: str, keep: Function | None) -> None:
        for key in [key for key in self._workers if key[0] == slug]:
            if keep is not None and key[1] == keep.version:
                continue
            worker, booting = self._workers.pop(key)
            self._retired = {retired for retired in self._retired if retired.is_alive}
            self._retired.add(worker)
            booting.add_done_callback(partial(_retire, worker))

    async def _boot(self, worker: Worker) -> None:
        function = worker.function
        marker = new_marker()
        environment = {
            **self._secrets.values(),
            **self._platform_environment,
            "SB_REGION": "local",
            "SB_EXECUTION_ID": str(uuid.uuid4()),
            "DENO_DEPLOYMENT_ID": f"{SUPABASE_PROJECT_REF}_{function.id}_{function.version}",
            **runtime_environment(),
        }
        arguments = run_arguments(function, self._store.source_folder(function), marker)
        await worker.boot(self._deno, arguments, marker, environment)


def _retire(worker: Worker, _: asyncio.Task[None]) -> None:
    worker.retire()
