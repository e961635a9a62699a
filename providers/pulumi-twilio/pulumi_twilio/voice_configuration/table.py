"""The properties of a number's voice configuration."""

from __future__ import annotations

import re

from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar

from ..account import HOME
from ..voice_properties import LOOKUP_AND_DELIVERY, URLS, sid_check

__all__ = ["TABLE"]

_NUMBER = "Twilio docs: IncomingPhoneNumber resource"


def _phone_number(value: str) -> str | None:
    if re.fullmatch(r"\+[1-9]\d{6,14}", value) or re.fullmatch(r"PN[0-9a-fA-F]{32}", value):
        return None
    return f"{value!r} is neither an E.164 number (+ and 7 to 15 digits, +15551234567) nor a PN... SID"


TABLE = ResourceTable(
    name="VoiceConfiguration",
    doc=(
        "The voice panel of a phone number that the account already owns: where its calls go and who is "
        "told about them.\n\n"
        "The number is found by its E.164 number or SID. It is never bought and never released. A property "
        "that the program does not give is left as it is; one that leaves the program goes back to what was "
        "found at first; an empty string clears. Deleting the resource gives the number back the "
        "configuration that it had before (see ``onDelete``)."
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
            "The TwiML App (AP...) whose URLs replace the number's own, its status callback included. Not "
            "together with ``voiceUrl`` or ``trunkSid``. Setting it makes Twilio clear the trunk.",
            wire="VoiceApplicationSid",
            computed=True,
            clearable=True,
            check=sid_check("AP", "a TwiML App"),
            source=_NUMBER,
        ),
        Property(
            "trunkSid",
            Scalar.STRING,
            "The Elastic SIP trunk (TK...) that takes the calls before any URL or application. Not together "
            "with those. Setting it makes Twilio clear the application.",
            wire="TrunkSid",
            computed=True,
            clearable=True,
            check=sid_check("TK", "a trunk"),
            source=_NUMBER,
        ),
        *LOOKUP_AND_DELIVERY,
        Property(
            "replaceExisting",
            Scalar.BOOLEAN,
            "Whether a URL, application or trunk that the number has from elsewhere may be replaced. "
            "Default false: the preview fails and says what is there.",
        ),
        Property(
            "onDelete",
            Scalar.STRING,
            "What deleting the resource does. ``restore`` (default) restores each field that was not changed "
            "outside this program to what was found at first, and fails where a URL of ``ownUrls`` would "
            "stay; ``clear`` empties the fields whose earlier value is not known and restores the others; "
            "``force`` also restores what was changed; ``keep`` leaves the number as it is. None of them "
            "releases the number.",
            allowed=("restore", "clear", "keep", "force"),
        ),
        Property(
            "ownUrls",
            ListOf(Scalar.STRING),
            "URLs that exist only as long as this program: those of its functions. None of them stays on the "
            "number when the resource is deleted, unless ``onDelete`` is ``keep``.",
        ),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The voice configuration found at first, by Twilio's field names; what a delete restores. Give "
            "the number's part of ``VoiceOriginals`` to have it recorded before anything is written; "
            "without it, a create that was killed or whose answer was lost finds what it wrote itself. It "
            "counts when the resource is created; what is in the state already takes precedence.",
            computed=True,
            secret=True,
        ),
        Property(
            "restores",
            MapOf(Scalar.STRING),
            "What deleting the resource gives back: routes and callbacks as found at first, without "
            "user names, passwords and queries. It shows in the preview of a delete; ``original`` has all "
            "of it, secret.",
            derived=True,
        ),
        *HOME,
        Property("phoneNumberSid", Scalar.STRING, "The number's SID, PN...", output=True),
        Property("e164", Scalar.STRING, "The number in E.164 format.", output=True),
        Property("friendlyName", Scalar.STRING, "The number's name in the console.", output=True),
        Property(
            "lastWritten",
            MapOf(Scalar.STRING),
            "The fields that this resource has written, with their values as Twilio read them back.",
            output=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

twilio.VoiceConfiguration(
    "+15551234567",
    phone_number="+15551234567",
    voice_url="https://crm.example.com/twilio/voice",
    status_callback="https://crm.example.com/twilio/status",
    delivery={"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"]},
)
""",
    import_id="the number's SID (PN...) or E.164 number (+15551234567)",
    rights="IncomingPhoneNumbers: list, read, update",
)
