"""What one emulated account consists of, and what sends its webhooks: everything but the calls in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .accounts.models import Accounts
from .applications.models import Applications
from .calls.models import Calls
from .clock import Clock
from .conferences.models import Conferences
from .event_streams.delivery import EventDelivery
from .event_streams.models import EventStreams
from .faults import Faults
from .monitor.models import Alerts
from .numbers.models import Numbers
from .queues.models import Queues
from .recordings.models import Recordings
from .recordings.transcriptions import Transcriptions
from .regions.models import Regions
from .sip.access_lists import AccessLists
from .sip.models import SipDomains
from .store import Store
from .studio.models import Flows
from .trunking.models import Trunks
from .voice.models import Permissions
from .voice.recording_defaults import RecordingDefaults
from .webhook_rules.models import WebhookRules
from .webhooks.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import httpx

    from .webhooks.overrides import Overrides
    from .webhooks.signature import Signer


class TwilioState:
    """The resources of an account by product, each of which knows only what it needs.

    Args:
        state_dir: The folder of the database; made if it does not exist.
        time_factor: How much faster than real time simulated calls run.
        webhook_transport: Sends the webhooks; None for the network.
        follow_rows: Lets changed rows be in the events from then on; awaited before each webhook request.
    """

    def __init__(
        self,
        state_dir: Path,
        time_factor: float,
        webhook_transport: httpx.AsyncBaseTransport | None,
        follow_rows: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self.follow_rows = follow_rows
        self.store = Store(state_dir / "twilio.sqlite3")
        self.clock = Clock(time_factor)
        self.accounts = Accounts(self.store, self.clock)
        self.numbers = Numbers(self.store, self.clock)
        self.applications = Applications(self.store, self.clock)
        self.calls = Calls(self.store, self.clock)
        self.conferences = Conferences(self.store, self.clock)
        self.queues = Queues(self.store, self.clock)
        self.recordings = Recordings(self.store, self.clock)
        self.transcriptions = Transcriptions(self.store, self.clock)
        self.recording_defaults = RecordingDefaults(self.store, self.clock)
        self.permissions = Permissions(self.store)
        self.regions = Regions(self.store, self.clock)
        self.event_streams = EventStreams(self.store, self.clock)
        self.sip_domains = SipDomains(self.store, self.clock)
        self.sip_lists = AccessLists(self.store, self.clock)
        self.trunks = Trunks(self.store, self.clock)
        self.flows = Flows(self.store, self.clock)
        self.faults = Faults(self.store)
        self.webhook_rules = WebhookRules(self.store, self.clock)
        self.delivery = Delivery(self.store, self.treatment_of, webhook_transport, follow_rows)
        self.event_delivery = EventDelivery(
            self.store,
            self.clock,
            self.faults,
            lambda account_sid, url: self.treatment_of(account_sid, url)[0],
            webhook_transport,
        )
        self.alerts = Alerts(self.store, self.clock, self.event_delivery.report_alert)

    def treatment_of(self, account_sid: str, url: str) -> tuple[Signer, Overrides | None]:
        """What signs a webhook request, and how it is made where a webhook rule says that."""
        return self.webhook_rules.treatment_of(account_sid, url, self.auth_token(account_sid))

    def auth_token(self, account_sid: str) -> str:
        """The token that signs the requests about an account's calls: its primary one."""
        account = self.accounts.get(account_sid)
        return "" if account is None else str(account["auth_token"])
