"""What the proxy does with a connection, by the name of the host."""

from __future__ import annotations

from dataclasses import dataclass

TWILIO = tuple(
    f"{product}.twilio.com"
    for product in ("accounts", "api", "events", "insights", "monitor", "routes", "voice", "webhooks")
)
"""The hosts of the products that the sandbox emulates; `https://HOST` of each is one service here."""


@dataclass(frozen=True)
class Hosts:
    """The names that a sandbox answers for.

    Attributes:
        emulated: Loopback ports by host name.
    """

    emulated: dict[str, int]

    def port(self, host: str) -> int | None:
        """The sandbox's own port for a host; None for hosts that it does not emulate."""
        return self.emulated.get(_plain(host))

    def refused(self, host: str) -> bool:
        """Whether a connection must not be made: it would reach the real Twilio with a test's requests."""
        name = _plain(host)
        return name not in self.emulated and (name == "twilio.com" or name.endswith(".twilio.com"))


def sandbox_hosts(twilio_port: int, supabase_port: int, project_ref: str) -> Hosts:
    """The hosts that one sandbox answers for: Twilio's products, and its project's own host."""
    return Hosts({**dict.fromkeys(TWILIO, twilio_port), f"{project_ref}.supabase.co": supabase_port})


def _plain(host: str) -> str:
    return host.lower().rstrip(".")
