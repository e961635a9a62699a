"""Application: a TwiML App, a webhook configuration that many numbers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import Adoption, adoption_of, explain_lost_create, keep_attempted, outputs_of
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import outputs_unknown, strings, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound, TwilioError
from .fields import NOT_IMPORTED, FieldSet, delivery_failures, describe, ensure_taken, leave_out_refused
from .voice_configuration.restoring import plan_restoration
from .voice_properties import LOOKUP_AND_DELIVERY, URLS, friendly_name

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi.provider.experimental.provider import CheckFailure
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["Application", "all_applications", "applications_named"]

_SOURCE = "Twilio docs: Application resource"


TABLE = ResourceTable(
    name="Application",
    doc=(
        "A TwiML App: voice URLs and a status callback that many numbers share. A number uses the app by "
        "naming it in ``voiceApplicationSid``. Twilio has no voice webhook for a whole account; this is the "
        "closest to one.\n\n"
        "An app that numbers still use is not deleted: Twilio would silently fall back to each number's own "
        "URLs."
    ),
    properties=(
        Property(
            "friendlyName",
            Scalar.STRING,
            "The app's name, 1 to 64 characters. Twilio does not require a unique name.",
            wire="FriendlyName",
            required=True,
            check=friendly_name,
            source=_SOURCE,
        ),
        *URLS,
        *LOOKUP_AND_DELIVERY,
        Property(
            "ownUrls",
            ListOf(Scalar.STRING),
            "URLs that exist only as long as this program. A restored app does not keep them.",
            input_only=True,
        ),
        *HOME,
        Property("applicationSid", Scalar.STRING, "The app's SID, AP...", output=True),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The app's fields when it was imported, by Twilio's field names; empty if this program created it.",
            output=True,
            secret=True,
        ),
        Property(
            "lastWritten",
            MapOf(Scalar.STRING),
            "The fields that this resource has written, with their values.",
            output=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

app = twilio.Application(
    "crm",
    friendly_name="crm",
    voice_url="https://crm.example.com/twilio/voice",
    status_callback="https://crm.example.com/twilio/status",
)
twilio.VoiceConfiguration(
    "+15551234567",
    phone_number="+15551234567",
    voice_application_sid=app.application_sid,
)
""",
    import_id="the app's SID (AP...) or its name, where only one app has it",
    rights="Applications: list, read, create, update, delete; IncomingPhoneNumbers: list (before a delete)",
)

_APP = FieldSet(TABLE.properties)
# Twilio's values of unset fields, which a removed property gets again.
_DEFAULTS = {field: "POST" if field.endswith("_method") else "" for field in _APP.names.values()} | {
    "voice_caller_id_lookup": "false"
}


async def applications_named(account: TwilioAccount, name: str) -> list[dict[str, Any]]:
    """Return the account's apps with exactly that name."""
    path = account.api.account("Applications.json")
    page = await account.api.get(path, FriendlyName=name, PageSize=50)
    return [app for app in page["applications"] if app["friendly_name"] == name]


async def all_applications(account: TwilioAccount) -> list[dict[str, Any]]:
    """Return every app of the account."""
    path = account.api.account("Applications.json")
    return [app async for page in account.api.pages(path, "applications") for app in page]


class Application(Resource[TwilioAccount]):
    """A TwiML App."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the app, once it exists: two resources may have imported the same app."""
        return (
            [Singleton(f"twilio:application:{resource_id}", f"the TwiML App {resource_id}")]
            if resource_id
            else []
        )

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Refuse a delivery without a URL."""
        return request.inputs, delivery_failures(request.inputs)

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare; removing a property that has its previous value changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        changes = {path: change for path, change in changes.items() if path != "ownUrls"}
        _APP.drop_undone(changes, request.old_inputs, request.inputs, _with_defaults(request.state))
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Warn if the account already has an app of that name."""
        await self._announce(operation, request.inputs)
        return {**outputs_unknown(self.table, request.inputs), **_APP.unmanaged(_DEFAULTS, request.inputs)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the app. The request is not repeated, because that could create a second app."""
        inputs = request.inputs
        await self._announce(operation, inputs)
        path = operation.client.api.account("Applications.json")
        wanted = _APP.wanted(inputs)
        with explain_lost_create(_maybe_created(wanted["friendly_name"])):
            try:
                app = await operation.client.api.post(path, _APP.form(wanted), repeatable=False)
            except TwilioError as error:
                raise _APP.at_property(error, wanted) from None
        return app["sid"], _state(inputs, app, Adoption({}, wanted))

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the app by SID, or, for an import, by name."""
        inputs = request.inputs
        app = await self._find(operation, request.id)
        if app is None:
            return None
        live = _APP.of(app)
        found = _APP.inputs_from(live, inputs)
        if not inputs:
            for reason in leave_out_refused(found):
                await operation.warn(f"{app['friendly_name']}: {reason}; {NOT_IMPORTED}")
        if "ownUrls" in inputs:
            found["ownUrls"] = inputs["ownUrls"]
        adoption = adoption_of(request.state) if inputs else Adoption(live, {})
        if inputs and adoption.original and adoption.differs_from(live):
            adoption = adoption.arrived(_APP.wanted(await operation.attempted()), live)
        return ReadResult(app["sid"], _state(found, app, adoption), found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous value of each removed property."""
        inputs, adoption, wanted = request.inputs, adoption_of(request.state), _APP.wanted(request.inputs)
        back = _with_defaults(request.state).leaving(_APP.given(request.old_inputs), _APP.given(inputs))
        path = operation.client.api.account(f"Applications/{request.id}.json")
        attempted = {**request.state, **inputs, **outputs_of(adoption.attempting(wanted, back))}
        with keep_attempted(request.id, attempted):
            try:
                app = await operation.client.api.post(path, _APP.form({**back, **wanted}))
            except TwilioError as error:
                raise _APP.at_property(error, wanted) from None
        state = _state(inputs, app, adoption.after(wanted, back))
        ensure_taken(request.id, state, {**back, **wanted}, _APP.of(app))
        return state

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the app if no number uses it. An imported app is restored instead."""
        resource_id = request.id
        path = operation.client.api.account(f"Applications/{resource_id}.json")
        if adoption_of(request.state).original:
            await self._restore(operation, request)
            return
        using = [
            number["phone_number"]
            for number in await operation.client.numbers.all()
            if resource_id in (number.get("voice_application_sid"), number.get("sms_application_sid"))
        ]
        if using:
            shown = ", ".join(using[:10]) + (f" and {len(using) - 10} more" if len(using) > 10 else "")
            raise ProviderError(
                f"the TwiML App {resource_id} still answers for {shown}; point them elsewhere first, since "
                "Twilio would silently return them to their own URLs"
            )
        try:
            await operation.client.api.delete(path)
        except NotFound:
            return

    async def _restore(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore each field of an imported app that was not changed outside this stack."""
        sid, inputs = request.id, request.old_inputs
        await operation.info(f"the TwiML App {sid} is not deleted, because it was not created here")
        app = await self._find(operation, sid)
        if app is None:
            return
        adoption = adoption_of(request.state, otherwise=_APP.wanted(inputs))
        restoration = plan_restoration(_APP.of(app), adoption, strings(inputs, "ownUrls"), "clear")
        if restoration.changed:
            changes = describe((f, adoption.written[f], value) for f, value in restoration.changed.items())
            await operation.warn(
                f"the TwiML App {sid} was changed outside this stack since the last update ({changes}); that "
                "stays as it is"
            )
        if restoration.back:
            path = operation.client.api.account(f"Applications/{sid}.json")
            await operation.client.api.post(path, _APP.form(restoration.back))

    async def _announce(self, operation: Operation[TwilioAccount], inputs: PropertyMap) -> None:
        name = text(inputs, "friendlyName")
        same = await applications_named(operation.client, name) if name else []
        if same:
            await operation.warn(
                f"a TwiML App named {name} already exists ({same[0]['sid']}), perhaps from an update that was "
                "killed; this creates another one. Delete the one that is not used in the Twilio console, or "
                f"take that one over before this one is created: pulumi import "
                f"twilio:index:Application {operation.name} {same[0]['sid']}"
            )

    async def _find(self, operation: Operation[TwilioAccount], key: str) -> dict[str, Any] | None:
        if not key.startswith("AP") or len(key) != 34:
            named = await applications_named(operation.client, key)
            if len(named) > 1:
                sids = ", ".join(app["sid"] for app in named)
                raise ProviderError(f"{len(named)} TwiML Apps are named {key}; import one by SID: {sids}")
            return named[0] if named else None
        try:
            path = operation.client.api.account(f"Applications/{key}.json")
            return await operation.client.api.get(path)
        except NotFound:
            return None


def _with_defaults(state: PropertyMap) -> Adoption[str, str]:
    """Return the records of an app; what was not found at first goes back to Twilio's default."""
    adoption = adoption_of(state)
    return Adoption({**_DEFAULTS, **adoption.original}, adoption.written)


def _state(inputs: PropertyMap, app: dict[str, Any], adoption: Adoption[str, str]) -> dict[str, PropertyValue]:
    return {
        **_APP.unmanaged(_APP.of(app), inputs),
        **inputs,
        "applicationSid": wrap(app["sid"]),
        **outputs_of(adoption),
    }


def _maybe_created(name: str) -> str:
    return (
        f"the TwiML App {name} may have been created all the same: look for it in the console, and "
        f"if it is there take it over with pulumi import twilio:index:Application NAME AP..."
    )
