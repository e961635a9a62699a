"""The emulated account with its calls in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks_sandbox.snapshots.archive import Snapshots

from .calls.models import KIND as CALL
from .conferences.models import KIND as CONFERENCE
from .monitor.models import KIND as ALERT
from .recordings.models import KIND as RECORDING
from .recordings.transcriptions import KIND as TRANSCRIPTION
from .simulation.incoming import ring
from .simulation.switchboard import Switchboard
from .state import TwilioState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    import httpx

    from .store import Document


class Emulator(TwilioState):
    """Everything that one sandboxed account consists of."""

    def __init__(
        self,
        *,
        state_dir: Path,
        account_sid: str,
        auth_token: str,
        phone_numbers: Sequence[str],
        time_factor: float,
        webhook_transport: httpx.AsyncBaseTransport | None,
        database_url: str | None = None,
        follow_rows: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(state_dir, time_factor, webhook_transport, follow_rows)
        self._initial = (account_sid, auth_token, tuple(phone_numbers))
        self.switchboard = Switchboard(self, ring)
        self.snapshots = Snapshots(state_dir.parent / "snapshots", database_url)
        self._open()

    async def reset(self) -> None:
        """Go back to the account that the sandbox was started with; calls under way stop."""
        await self.switchboard.close()
        await self.event_delivery.abort()
        self.store.clear()
        self.faults.clear()
        self._open()

    async def save_snapshot(self, name: str) -> Document:
        """Save this state, and the rows of the database, under a name.

        Raises:
            ValueError: the name is not valid, or calls are under way, which a file cannot hold.
        """
        if self.switchboard.under_way:
            msg = "Calls are under way, which a snapshot cannot hold; wait for their end."
            raise ValueError(msg)
        return await self.snapshots.save(name, self.store.copy_to)

    async def load_snapshot(self, name: str) -> Document:
        """Go back to a saved state; calls under way stop.

        Raises:
            FileNotFoundError: there is none of this name.
            ValueError: it is not a snapshot, or the database has other tables.
        """

        async def replace(file: Path) -> None:
            await self.switchboard.close()
            await self.event_delivery.abort()
            self.store.replace_by(file)
            self.faults.reload()

        await self.snapshots.load(name, replace)
        return {"name": name}

    async def forget_calls(self) -> None:
        """Forget all calls, recordings, alerts and requests; numbers, applications and keys stay."""
        await self.switchboard.close()
        await self.event_delivery.abort()
        self.store.clear(kinds=(CALL, CONFERENCE, RECORDING, TRANSCRIPTION, ALERT))

    async def close(self) -> None:
        """Stop all calls and release files and connections."""
        await self.switchboard.close()
        await self.event_delivery.close()
        await self.delivery.close()
        self.store.close()

    def _open(self) -> None:
        """Stock a new state; take up an old one, whose calls nobody is on any more."""
        account_sid, auth_token, phone_numbers = self._initial
        fresh = self.store.value("main-account") is None
        self.accounts.open(account_sid, auth_token)
        if fresh:
            # Lists come newest first: stocked last to first, the numbers are listed in the order given.
            self.numbers.stock(account_sid, reversed(phone_numbers))
        self.calls.close_interrupted()
        self.conferences.close_interrupted()
