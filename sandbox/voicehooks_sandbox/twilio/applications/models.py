"""The rules of Applications. Source: Twilio docs, "Applications resource"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dates import rfc2822
from ..ownership import owned
from ..parameters import Field, decode, initial, invalid_webhook_field
from ..sids import new_sid
from ..store import Where
from . import errors as application_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "application"
FIELDS = (
    Field("FriendlyName", "friendly_name", "name"),
    Field(
        "ApiVersion",
        "api_version",
        "choice",
        "2010-04-01",
        "2010-04-01",
        choices=("2010-04-01", "2008-08-01"),
    ),
    Field("VoiceUrl", "voice_url", "url", None),
    Field("VoiceMethod", "voice_method", "method", "POST", "POST"),
    Field("VoiceFallbackUrl", "voice_fallback_url", "url", None),
    Field("VoiceFallbackMethod", "voice_fallback_method", "method", "POST", "POST"),
    Field("StatusCallback", "status_callback", "url", None),
    Field("StatusCallbackMethod", "status_callback_method", "method", "POST", "POST"),
    Field("VoiceCallerIdLookup", "voice_caller_id_lookup", "bool", initial=False, cleared=False),
    Field("SmsUrl", "sms_url", "url", None),
    Field("SmsMethod", "sms_method", "method", "POST", "POST"),
    Field("SmsFallbackUrl", "sms_fallback_url", "url", None),
    Field("SmsFallbackMethod", "sms_fallback_method", "method", "POST", "POST"),
    Field("SmsStatusCallback", "sms_status_callback", "url", None),
    Field("MessageStatusCallback", "message_status_callback", "url", None),
    Field(
        "PublicApplicationConnectEnabled",
        "public_application_connect_enabled",
        "bool",
        initial=False,
        cleared=False,
    ),
)
_MOST = 1000


class Applications:
    """The TwiML Apps of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """A new application; nothing is required.

        Raises:
            TwilioError: a value Twilio does not take, or one application too many.
        """
        if len(self._store.page(KIND, account_sid, limit=_MOST)) >= _MOST:
            raise application_errors.too_many()
        now = self._clock.now()
        document: Document = {
            "sid": new_sid("AP"),
            "account_sid": account_sid,
            **initial(FIELDS),
            **decode(form, FIELDS, invalid_webhook_field),
            "created": now,
            "updated": now,
        }
        self._store.add(KIND, [document], search_key="friendly_name")
        return document

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One application of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def find(self, sid: str) -> Document | None:
        """An application of whichever account, or None."""
        return self._store.get(KIND, sid)

    def update(self, document: Document, form: Mapping[str, str]) -> Document:
        """Change what the form names, nothing else.

        Raises:
            TwilioError: a value Twilio does not take.
        """
        document.update(decode(form, FIELDS, invalid_webhook_field), updated=self._clock.now())
        self._store.save(KIND, document)
        return document

    def delete(self, document: Document) -> None:
        """Remove it, also while numbers use it."""
        self._store.delete(KIND, document["sid"])


def filters(query: Mapping[str, str]) -> list[Where]:
    """The list filter: FriendlyName, exact."""
    name = query.get("FriendlyName")
    return [Where.equals("friendly_name", name)] if name else []


def encode(document: Document) -> Document:
    """The application as Twilio's JSON shows it."""
    shown = {key: value for key, value in document.items() if key not in {"created", "updated"}}
    shown["date_created"] = rfc2822(document["created"])
    shown["date_updated"] = rfc2822(document["updated"])
    shown["uri"] = f"/2010-04-01/Accounts/{document['account_sid']}/Applications/{document['sid']}.json"
    return shown
