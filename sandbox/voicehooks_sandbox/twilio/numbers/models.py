"""The rules of IncomingPhoneNumbers.

Sources: Twilio docs, "IncomingPhoneNumber resource"; twilio-oai, twilio_api_v2010 (field descriptions).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..dates import rfc2822
from ..ownership import owned
from ..parameters import Field, decode, initial, invalid_webhook_field
from ..sids import new_sid
from ..store import Where
from . import errors as number_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "incoming-phone-number"
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
    Field("StatusCallback", "status_callback", "url"),
    Field("StatusCallbackMethod", "status_callback_method", "method", "POST", "POST"),
    Field("VoiceApplicationSid", "voice_application_sid", "sid", prefix="AP"),
    Field("TrunkSid", "trunk_sid", "sid", None, None, prefix="TK"),
    Field("VoiceCallerIdLookup", "voice_caller_id_lookup", "bool", initial=False, cleared=False),
    Field("VoiceReceiveMode", "voice_receive_mode", "choice", "voice", "voice", choices=("voice", "fax")),
    Field("SmsUrl", "sms_url", "url"),
    Field("SmsMethod", "sms_method", "method", "POST", "POST"),
    Field("SmsFallbackUrl", "sms_fallback_url", "url"),
    Field("SmsFallbackMethod", "sms_fallback_method", "method", "POST", "POST"),
    Field("SmsApplicationSid", "sms_application_sid", "sid", prefix="AP"),
    Field(
        "EmergencyStatus",
        "emergency_status",
        "choice",
        "Inactive",
        "Inactive",
        choices=("Active", "Inactive"),
    ),
    Field("EmergencyAddressSid", "emergency_address_sid", "sid", None, None, prefix="AD"),
    Field("AddressSid", "address_sid", "sid", None, None, prefix="AD"),
    Field("BundleSid", "bundle_sid", "sid", None, None, prefix="BU"),
    Field("IdentitySid", "identity_sid", "sid", None, None, prefix="RI"),
)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")
_CAPABILITIES = {"voice": True, "sms": True, "mms": True, "fax": False}


class Numbers:
    """The phone numbers of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def stock(
        self, account_sid: str, numbers: Iterable[str], capabilities: Mapping[str, bool] | None = None
    ) -> list[Document]:
        """Give an account numbers that it "already owns"; those it has are left alone.

        Args:
            account_sid: the account.
            numbers: in E.164 form.
            capabilities: what they can do, where it differs from the usual (``{"voice": False}``).

        Raises:
            ValueError: one of them is not an E.164 number.
        """
        fresh, owned = [], self._store.searches(KIND)
        for number in numbers:
            if not is_e164(number):
                msg = f"{number!r} is not a phone number in E.164 form, such as +15551234567."
                raise ValueError(msg)
            if number not in owned:
                owned.add(number)
                document = self._new(account_sid, number)
                document["capabilities"] = {**document["capabilities"], **(capabilities or {})}
                fresh.append(document)
        self._store.add(KIND, fresh, search_key="phone_number")
        return fresh

    def stock_many(self, account_sid: str, count: int) -> list[Document]:
        """Give an account so many invented numbers, +1 555 000 0000 and up, in addition to those it has."""
        return self.stock(account_sid, self._invent(count, "555"))

    def buy(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """Buy a number by its E.164 form or by area code.

        Raises:
            TwilioError: 21421 or 21422 for the number, others for its settings.
        """
        number = form.get("PhoneNumber", "")
        if not number:
            if not re.fullmatch(r"[2-9][0-9]{2}", form.get("AreaCode", "")):
                raise number_errors.number_missing()
            (number,) = self._invent(1, form["AreaCode"])
        if not is_e164(number):
            raise number_errors.number_invalid(number)
        if self._store.find(KIND, number) is not None:
            raise number_errors.number_unavailable(number)
        document = self._new(account_sid, number)
        self._apply(document, form)
        self._store.add(KIND, [document], search_key="phone_number")
        return document

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One number of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def by_number(self, number: str) -> Document | None:
        """The owner's record of an E.164 number, None if no account of the sandbox owns it."""
        return self._store.find(KIND, number)

    def update(self, document: Document, form: Mapping[str, str], accounts: Iterable[str]) -> Document:
        """Change what the form names, nothing else; ``accounts`` are those it may be moved to.

        Raises:
            TwilioError: 21402, 21403 or 20001 for a value, 21401 for a missing TwiML App.
        """
        target = form.get("AccountSid", "")
        if target and target not in set(accounts):
            raise number_errors.account_missing(target)
        self._apply(document, form)
        if target:
            document["account_sid"] = target
        document["updated"] = self._clock.now()
        self._store.save(KIND, document)
        return document

    def release(self, document: Document) -> None:
        """Give the number up: it is gone from the account, and from the sandbox."""
        self._store.delete(KIND, document["sid"])

    def release_all(self, account_sid: str) -> None:
        """Give all numbers of an account up, as Twilio does when it is closed."""
        while found := self._store.page(KIND, account_sid, limit=1000):
            for document in found:
                self.release(document)

    def forget_application(self, account_sid: str, application_sid: str) -> None:
        """Remove a deleted TwiML App from the numbers that used it, as Twilio does."""
        for key in ("voice_application_sid", "sms_application_sid"):
            where = [Where.equals(key, application_sid)]
            while found := self._store.page(KIND, account_sid, where, limit=1000):
                for document in found:
                    document[key] = ""
                    self._store.save(KIND, document)

    def forget_trunk(self, account_sid: str, trunk_sid: str) -> None:
        """Remove a deleted trunk from the numbers that used it."""
        where = [Where.equals("trunk_sid", trunk_sid)]
        while found := self._store.page(KIND, account_sid, where, limit=1000):
            for document in found:
                document["trunk_sid"] = None
                self._store.save(KIND, document)

    def _apply(self, document: Document, form: Mapping[str, str]) -> None:
        changes = decode(form, FIELDS, invalid_webhook_field)
        for key in ("voice_application_sid", "sms_application_sid"):
            app = changes.get(key)
            known = self._store.get("application", app) if app else None
            if app and (known is None or known["account_sid"] != document["account_sid"]):
                raise number_errors.application_missing(app)
        # "If a TrunkSid is present, Twilio ignores all voice urls and voice applications", and setting the
        # one deletes the other; of both in one request the trunk wins.
        if changes.get("trunk_sid"):
            changes["voice_application_sid"] = ""
        elif changes.get("voice_application_sid"):
            changes["trunk_sid"] = None
        if changes.get("friendly_name") == "":
            changes["friendly_name"] = formatted(document["phone_number"])
        document.update(changes)

    def _new(self, account_sid: str, number: str) -> Document:
        now = self._clock.now()
        return {
            "sid": new_sid("PN"),
            "account_sid": account_sid,
            "phone_number": number,
            **initial(FIELDS),
            "friendly_name": formatted(number),
            "address_requirements": "none",
            "beta": False,
            "capabilities": _CAPABILITIES,
            "origin": "twilio",
            "emergency_address_status": "unregistered",
            "status": "in-use",
            "type": "toll-free" if number.startswith(TOLL_FREE) else "local",
            "created": now,
            "updated": now,
        }

    def _invent(self, count: int, area_code: str) -> list[str]:
        found: list[str] = []
        owned = self._store.searches(KIND)
        digits = self._store.value(f"next-number-{area_code}") or 0
        while len(found) < count:
            if digits > 9_999_999:
                msg = f"The sandbox has no more numbers in area code {area_code}."
                raise ValueError(msg)
            number = f"+1{area_code}{digits:07d}"
            digits += 1
            if number not in owned:
                found.append(number)
        self._store.set_value(f"next-number-{area_code}", digits)
        return found


def as_dialed(text: str) -> str:
    """A number as Twilio reads it in ``To`` and in ``<Number>``; a text of another kind stays as it is.

    Source: Twilio docs, "Make outbound phone calls" and TwiML <Number>: E.164 numbers, and US numbers without a
    country code, formatted or not.
    """
    digits = text.translate(str.maketrans("", "", " -()."))
    bare = digits.removeprefix("+")
    if not (bare.isascii() and bare.isdecimal()):
        return text
    if digits == bare and len(digits) == 10:
        return f"+1{digits}"
    return f"+{digits}" if len(digits) == 11 and digits.startswith("1") else digits


def is_e164(text: str) -> bool:
    """Whether this is a phone number in E.164 form."""
    return _E164.fullmatch(text) is not None


def formatted(number: str) -> str:
    """A number as Twilio shows it: ``(555) 123-4567`` for +1, unchanged elsewhere."""
    if re.fullmatch(r"\+1[0-9]{10}", number):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def filters(query: Mapping[str, str]) -> list[Where]:
    """The list filters; PhoneNumber may be given in part, with ``*`` for any digit."""
    where = []
    if name := query.get("FriendlyName"):
        where.append(Where.equals("friendly_name", name))
    if number := query.get("PhoneNumber"):
        where.append(_matching(number))
    if origin := query.get("Origin"):
        where.append(Where.equals("origin", origin))
    if query.get("Beta", "").lower() == "false":
        where.append(Where.equals("beta", 0))
    return where


def encode(document: Document) -> dict[str, Any]:
    """The number as Twilio's JSON shows it, all 35 keys."""
    shown = {key: value for key, value in document.items() if key not in {"created", "updated"}}
    shown["date_created"] = rfc2822(document["created"])
    shown["date_updated"] = rfc2822(document["updated"])
    shown["uri"] = f"/2010-04-01/Accounts/{document['account_sid']}/IncomingPhoneNumbers/{document['sid']}.json"
    return shown


def _matching(pattern: str) -> Where:
    """A pattern may match anywhere; one with a plus sign only where a number begins."""
    kept = re.sub(r"[^0-9*+]", "", pattern)
    if kept.startswith("+") and "*" not in kept:
        return Where.search_begins(kept)
    return Where.search_like(f"%{kept.replace('*', '_')}%")
