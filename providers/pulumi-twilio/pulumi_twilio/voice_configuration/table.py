"""The properties of a number's voice configuration."""

from __future__ import annotations

import re

from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar

from ..account import HOME
from ..destinations import is_e164
from ..voice_properties import LOOKUP_AND_DELIVERY, URLS, sid_check

__all__ = ["TABLE"]

_NUMBER = "Twilio docs: IncomingPhoneNumber resource"


def _phone_number(value: str) -> str | None:
    if is_e164(value) or re.fullmatch(r"PN[0-9a-fA-F]{32}", value):
        return None
    return f"{value!r} is neither an E.164 number (+ and 7 to 15 digits, +15551234567) nor a PN... SID"


TABLE = ResourceTable(
    name="VoiceConfiguration",
    doc=(
        "The voice configuration of a phone number that the account already owns: its webhooks, fallback and "
        "status callback.\n\n"
        "The number is found by its E.164 number or SID. It is never bought and never released. A property "
        "that is absent does not change, removing a property restores its previous value, and an empty string "
        "clears it. Deleting the resource restores the number's previous configuration (see ``onDelete``)."
    ),
    properties=(
        Property(
            "phoneNumber",
            Scalar.STRING,
            "The number in E.164 format (+15551234567), or its SID (PN...). The account must own it.",
            required=True,
            replaces=True,
            check=_phone_number,
            source=_NUMBER,
        ),
        *URLS,
        Property(
            "voiceApplicationSid",
            Scalar.STRING,
            "The TwiML App (AP...) whose URLs replace the number's own, including the status callback. It "
            "excludes ``voiceUrl`` and ``trunkSid``. If it is set, Twilio clears the trunk.",
            wire="VoiceApplicationSid",
            computed=True,
            check=sid_check("AP", "a TwiML App"),
            source=_NUMBER,
        ),
        Property(
            "trunkSid",
            Scalar.STRING,
            "The Elastic SIP trunk (TK...), which takes precedence over any URL or application and excludes "
            "them. If it is set, Twilio clears the application.",
            wire="TrunkSid",
            computed=True,
            check=sid_check("TK", "a trunk"),
            source=_NUMBER,
        ),
        *LOOKUP_AND_DELIVERY,
        Property(
            "replaceExisting",
            Scalar.BOOLEAN,
            "Whether a URL, application or trunk that this program did not set may be replaced. By default "
            "(false) the preview fails and says what the number has.",
        ),
        Property(
            "onDelete",
            Scalar.STRING,
            "What deleting the resource does. ``restore`` (default) restores the previous value of each field "
            "that was not changed outside this program, and fails if a URL of ``ownUrls`` would stay. "
            "``clear`` clears the fields whose previous value is not known and restores the others. "
            "``force`` also restores fields that were changed outside this program. ``keep`` leaves the "
            "number as it is. None of them releases the number.",
            allowed=("restore", "clear", "keep", "force"),
        ),
        Property(
            "ownUrls",
            ListOf(Scalar.STRING),
            "URLs that exist only as long as this program, such as those of its functions. None of them stays "
            "on the number when the resource is deleted, unless ``onDelete`` is ``keep``.",
            input_only=True,
        ),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The previous voice configuration by Twilio's field names, which a delete restores. Pass the "
            "number's part of ``VoiceOriginals`` to record it before anything is written. Without it, a "
            "create that was killed or whose answer was lost finds its own values. It is used when the "
            "resource is created; a value that is already in the state takes precedence.",
            computed=True,
            secret=True,
            transient=True,
        ),
        Property(
            "restores",
            MapOf(Scalar.STRING),
            "What deleting the resource restores: the previous routes and callbacks, without user names, "
            "passwords and queries. The preview of a delete shows it. ``original`` has all of it, secret.",
            derived=True,
        ),
        *HOME,
        Property("phoneNumberSid", Scalar.STRING, "The number's SID, PN...", output=True),
        Property("e164", Scalar.STRING, "The number in E.164 format.", output=True),
        Property("friendlyName", Scalar.STRING, "The number's name in the console.", output=True),
        Property(
            "lastWritten",
            MapOf(Scalar.STRING),
            "The fields that this resource has written, with the values that Twilio returned. Secret if one of "
            "them is not in plain text in the program.",
            output=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

twilio.VoiceConfiguration(
    "+15551234567",
    phone_number="+15551234567",
    voice_url="https://crm.example.com/twilio/voice",
    status_callback="https://crm.example.com/twilio/status",
    delivery={"retries": 3, "retry_on": ["connect", "read-timeout", "5xx"]},
)
""",
    import_id="the number's SID (PN...) or E.164 number (+15551234567)",
    rights="IncomingPhoneNumbers: list, read, update",
)
