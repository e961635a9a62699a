"""The account's default recording configuration: where the callbacks of all its recordings go.

Source: Twilio docs, "Recording: account default configuration"; twilio-python, ``rest/voice/v2``. Decided here
and worth a look on a real account: the default starts no recording, and a recording that names a callback of
its own reports there and not to the default. The composition policy is kept and has no effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TwilioError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

_CALLBACKS = ("callRecordingStatusCallback", "conferenceRecordingStatusCallback")
_EVENTS = ("in-progress", "completed", "absent", "failed")
_POLICY = {
    "channels": ("mono", "dual"),
    "trim": ("trim-silence", "do-not-trim"),
    "track": ("inbound", "outbound", "both"),
}


class RecordingDefaults:
    """The default recording configuration of each account."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, account_sid: str) -> Document | None:
        """The account's default, None where it has none."""
        found: Document | None = self._store.value(f"recording-default-{account_sid}")
        return found

    def configuration(self, account_sid: str) -> dict[str, Any]:
        """What the default says; empty where the account has none."""
        found = self.of(account_sid)
        return {} if found is None else dict(found["configuration"])

    def write(self, account_sid: str, body: Mapping[str, Any]) -> Document:
        """Set the whole object.

        Raises:
            TwilioError: 422 for a configuration that is not valid.
        """
        configuration = body.get("configuration")
        _check(configuration)
        now = self._clock.now()
        before = self.of(account_sid)
        made: Document = {
            "description": body.get("description"),
            "configuration": configuration,
            "created": now if before is None else before["created"],
            "updated": now,
            "version": 1 if before is None else before["version"] + 1,
        }
        self._store.set_value(f"recording-default-{account_sid}", made)
        return made

    def delete(self, account_sid: str) -> None:
        """Remove it."""
        self._store.set_value(f"recording-default-{account_sid}", None)


def _check(configuration: Any) -> None:
    if not isinstance(configuration, dict) or configuration.get("configurationType") != "Recording":
        raise unprocessable("configuration.configurationType must be Recording")
    for name in _CALLBACKS:
        callback = configuration.get(name)
        if callback is None:
            continue
        if not str(callback.get("url") or "").startswith("http"):
            raise unprocessable(f"configuration.{name}.url is not a URL")
        if callback.get("method", "POST") not in ("GET", "POST"):
            raise unprocessable(f"configuration.{name}.method is GET or POST")
        if any(event not in _EVENTS for event in callback.get("events") or ()):
            raise unprocessable(f"configuration.{name}.events has values of {', '.join(_EVENTS)}")
    policy = configuration.get("compositionPolicy") or {}
    for name, allowed in _POLICY.items():
        if policy.get(name) not in (None, *allowed):
            raise unprocessable(f"configuration.compositionPolicy.{name} is one of {', '.join(allowed)}")


def unprocessable(text: str) -> TwilioError:
    """The body is not a valid configuration."""
    return TwilioError(422, 20422, text)
