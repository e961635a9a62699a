"""The twin as a whole: its state and its machinery, each part knowing only the parts it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .accounts.models import Accounts
from .applications.models import Applications
from .calls.models import Calls
from .clock import Clock
from .faults import Faults
from .monitor.models import Alerts
from .numbers.models import Numbers
from .recordings.models import Recordings
from .simulation.switchboard import Switchboard
from .store import Store
from .voice.models import Permissions
from .webhooks.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import httpx


class Twin:
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
    ) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self._initial = (account_sid, auth_token, tuple(phone_numbers))
        self.store = Store(state_dir / "twilio.sqlite3")
        self.clock = Clock(time_factor)
        self.accounts = Accounts(self.store, self.clock)
        self.numbers = Numbers(self.store, self.clock)
        self.applications = Applications(self.store, self.clock)
        self.calls = Calls(self.store, self.clock)
        self.recordings = Recordings(self.store, self.clock)
        self.permissions = Permissions(self.store)
        self.alerts = Alerts(self.store, self.clock)
        self.faults = Faults(self.store)
        self.delivery = Delivery(self.store, self.auth_token, webhook_transport)
        self.switchboard = Switchboard(self)
        self._open()

    def auth_token(self, account_sid: str) -> str:
        """The token that signs the requests about an account's calls: its primary one."""
        account = self.accounts.get(account_sid)
        return "" if account is None else str(account["auth_token"])

    async def reset(self) -> None:
        """Go back to the account that the sandbox was started with; calls under way stop."""
        await self.switchboard.close()
        self.store.clear()
        self.faults.clear()
        self._open()

    async def close(self) -> None:
        """Stop all calls and release files and connections."""
        await self.switchboard.close()
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
