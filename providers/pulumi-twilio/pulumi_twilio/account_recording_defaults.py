"""AccountRecordingDefaults: how the recordings of a whole account are made, and where they report.

Twilio has one object for it, which exists or not, and which a write replaces as a whole. Other people's keys in
it survive a write of this resource, which reads it, changes it and sends it back with its ETag (Twilio docs,
"configurations/recording-account-default-configuration-resource").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import adoption_of
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.table import Property, ResourceTable, Scalar
from pulumi_provider_kit.values import flag

from .account import HOME, TwilioAccount
from .account_settings import REMEMBERED, AccountSettings
from .client import NotFound, TwilioError
from .delivery import split
from .webhook_url import mask, problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_provider_kit.request import CreateRequest, UpdateRequest
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from .fields import Fields

__all__ = ["AccountRecordingDefaults"]

_SOURCE = "Twilio docs: Recording account default configuration"
_EVENTS = ("in-progress", "completed", "absent", "failed")
_ATTEMPTS = 5
_TYPE = {"configurationType": "Recording"}
_CALLBACKS = {
    "call_recording_status_callback": "callRecordingStatusCallback",
    "conference_recording_status_callback": "conferenceRecordingStatusCallback",
}
_POLICY = ("channels", "trim", "track")
_REFERENCES = ("configuration_id", "configurationId")


def _url_problem(url: str) -> str | None:
    return problem(split(url)[0])


def _events_problem(text: str) -> str | None:
    unknown = [event for event in text.split() if event not in _EVENTS]
    if unknown:
        return f"has {unknown[0]!r}, which is not one of {', '.join(_EVENTS)}"
    ordered = _in_order(text.split())
    return None if text == ordered else f"must name each event once, in this order: {ordered!r}"


def _in_order(events: Iterable[str]) -> str:
    """Return events as a property has them, so that equal lists are equal texts."""
    return " ".join(sorted(set(events), key=lambda event: (*_EVENTS, event).index(event)))


def _choice(name: str, what: str, *values: str) -> Property:
    return Property(
        name,
        Scalar.STRING,
        f"{what} {', '.join(f'``{value}``' for value in values)}; empty: Twilio's default.",
        wire=name[0].upper() + name[1:],
        computed=True,
        check=lambda value: None if value in ("", *values) else f"{value!r} is not one of {', '.join(values)}",
        source=_SOURCE,
    )


def _callback(name: str, what: str) -> tuple[Property, ...]:
    wire = name[0].upper() + name[1:]
    return (
        Property(
            name,
            Scalar.STRING,
            f"The URL to which Twilio reports {what}, with connection overrides if any; empty: none.",
            wire=wire,
            computed=True,
            check=_url_problem,
            source=_SOURCE,
        ),
        Property(
            f"{name}Events",
            Scalar.STRING,
            f"What is reported there, separated by spaces: {', '.join(f'``{event}``' for event in _EVENTS)}.",
            wire=f"{wire}Events",
            computed=True,
            check=_events_problem,
            source=_SOURCE,
        ),
    )


TABLE = ResourceTable(
    name="AccountRecordingDefaults",
    doc=(
        "The account's default recording configuration: where Twilio reports the recordings of all calls and "
        "conferences of the account, and how it makes them. It starts no recording. A recording whose TwiML or "
        "API request says something else follows that.\n\n"
        "An account has one such object, which several programs can share: each program manages the properties "
        "that it gives, and everything else in the object stays as it is. Deleting the resource restores the "
        "previous values. If there was no such object before and nobody else added to it, it is deleted.\n\n"
        "A callback of somebody else is not replaced unless ``replaceExisting`` is true. A default that names "
        "a recording configuration by its ID is never changed, because Twilio takes either an ID or these "
        "properties, not both.\n\n"
        "The API is new, and was never tried by this project on a real account."
    ),
    properties=(
        *_callback("callRecordingStatusCallback", "recordings of calls"),
        *_callback("conferenceRecordingStatusCallback", "recordings of conferences"),
        _choice("channels", "The channels of a recording:", "mono", "dual"),
        _choice("trim", "Whether silence at both ends is cut off:", "trim-silence", "do-not-trim"),
        _choice("track", "Which side of a call is recorded:", "inbound", "outbound", "both"),
        Property(
            "replaceExisting",
            Scalar.BOOLEAN,
            "Whether a callback that this program did not set may be replaced.",
        ),
        *HOME,
        *REMEMBERED,
    ),
    example="""\
import pulumi_twilio as twilio

twilio.AccountRecordingDefaults(
    "recordings",
    call_recording_status_callback="https://crm.example.com/recordings",
    call_recording_status_callback_events="completed absent",
    channels="dual",
)
""",
    import_id="the account's SID",
    rights="Voice account default configuration: read, update",
)


class AccountRecordingDefaults(AccountSettings):
    """The account's default recording configuration."""

    host = "voice"
    path = "/v2/AccountDefaultConfiguration/Recording"
    sensitive = True
    table = TABLE

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report the changes; refuse to replace a callback of somebody else."""
        await self._check_create(operation, request)
        return await super().preview_create(operation, request)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Adopt the object, or create it."""
        await self._check_create(operation, request)
        return await super().create(operation, request)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Refuse to replace a callback of somebody else."""
        await self._check_update(operation, request)
        return await super().preview_update(operation, request)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous value of each removed property."""
        await self._check_update(operation, request)
        return await super().update(operation, request)

    async def live(self, operation: Operation[TwilioAccount]) -> Fields:
        """Return the fields as they are; all are empty where the account has no such object."""
        found, _ = await self._read_tagged(operation)
        return _fields_of(found)

    async def _set(self, operation: Operation[TwilioAccount], live: Fields, wanted: Fields) -> None:
        """Change these fields of the object as it is at this moment, also if somebody else changes it too."""
        for _ in range(_ATTEMPTS):
            found, tag = await self._read_tagged(operation)
            now = _fields_of(found)
            changes = {field: value for field, value in wanted.items() if now[field] != value}
            if not changes:
                return
            try:
                await self._write(operation, _changed(found or {}, changes), tag, exists=found is not None)
            except TwilioError as error:
                # 409: somebody created it; 412: somebody changed it; 404: somebody deleted it.
                if error.status not in (404, 409, 412):
                    raise
            else:
                return
        raise ProviderError(
            "the account's default recording configuration was changed outside this stack at the same "
            "time; run pulumi up again"
        )

    async def _write(
        self, operation: Operation[TwilioAccount], body: dict[str, Any], tag: str, *, exists: bool
    ) -> None:
        api = operation.client.api
        if body["configuration"] == _TYPE and not body.get("description"):
            if exists:
                await api.delete(self.path, host=self.host)
            return
        await api.write_json("PUT" if exists else "POST", self.path, body, host=self.host, tag=tag)

    async def _read_tagged(self, operation: Operation[TwilioAccount]) -> tuple[dict[str, Any] | None, str]:
        try:
            found, tag = await operation.client.api.get_tagged(self.path, host=self.host)
        except NotFound:
            return None, ""
        if any(name in found or name in found["configuration"] for name in _REFERENCES):
            raise ProviderError(
                "the account's default recording configuration names a recording configuration by its ID, and "
                "Twilio takes either an ID or properties; change that configuration, or delete the default in "
                "Twilio first"
            )
        return found, tag

    async def _check_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> None:
        past = operation.past(self.singletons(operation, request.inputs)[0])
        await self._check_foreign(operation, request.inputs, past)

    async def _check_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> None:
        await self._check_foreign(operation, request.inputs, request.state)

    async def _check_foreign(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, state: PropertyMap
    ) -> None:
        if flag(inputs, "replaceExisting"):
            return
        written = adoption_of(state).written
        live = await self.live(operation)
        for field, value in self._fields.wanted(inputs).items():
            found = live[field]
            foreign = field in _CALLBACKS and found and split(found)[0] != split(value)[0]
            if foreign and found != written.get(field):
                raise PropertyError(
                    _CALLBACKS[field],
                    f"the account's recordings report to {mask(found)}, which this program did not set; an "
                    "account has one such callback, so only one environment can have it: set replaceExisting "
                    "to true to take it over",
                )


def _fields_of(found: dict[str, Any] | None) -> Fields:
    """Return our fields of an object as Twilio returned it."""
    configuration = (found or {}).get("configuration") or {}
    fields: Fields = {}
    for field, key in _CALLBACKS.items():
        callback = configuration.get(key) or {}
        fields[field] = str(callback.get("url") or "")
        fields[f"{field}_events"] = _in_order(callback.get("events") or [])
    policy = configuration.get("compositionPolicy") or {}
    return {**fields, **{name: str(policy.get(name) or "") for name in _POLICY}}


def _changed(found: dict[str, Any], changes: Fields) -> dict[str, Any]:
    """Return the whole object with some of our fields changed; everything else stays as it is."""
    configuration = {**_TYPE, **(found.get("configuration") or {})}
    for field, key in _CALLBACKS.items():
        callback = dict(configuration.get(key) or {})
        if field in changes:
            callback |= {"url": changes[field], "method": "POST"}
        if f"{field}_events" in changes:
            callback["events"] = changes[f"{field}_events"].split()
        _put(configuration, key, {k: v for k, v in callback.items() if v} if callback.get("url") else {})
    policy = dict(configuration.get("compositionPolicy") or {})
    policy |= {name: changes[name] for name in _POLICY if name in changes}
    _put(configuration, "compositionPolicy", {name: value for name, value in policy.items() if value})
    body: dict[str, Any] = {"configuration": configuration}
    if found.get("description") is not None:
        body["description"] = found["description"]
    return body


def _put(into: dict[str, Any], key: str, value: dict[str, Any]) -> None:
    if value:
        into[key] = value
    else:
        into.pop(key, None)
