"""ApiKey: an API key of an account, whose secret Twilio shows once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import Adoption, adoption_of, explain_lost_create, keep_attempted, outputs_of
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import outputs_unknown, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound
from .fields import FieldSet
from .voice_properties import friendly_name

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["ApiKey"]

_SOURCE = "Twilio docs: API keys"
_NAME = "friendly_name"

TABLE = ResourceTable(
    name="ApiKey",
    doc=(
        "A standard API key, with which a program signs in at Twilio without the account's auth token. Twilio "
        "returns the key's secret once, when the key is created. The state keeps it as a Pulumi secret, so it "
        "is encrypted there and masked on every screen.\n\n"
        "Deleting the resource revokes the key. An imported key is not revoked, and its secret is not known: "
        "nobody can read it from Twilio. The key that the provider itself signs in with is never revoked. To "
        "replace a key by a new one, run ``pulumi up --replace`` with the resource's URN.\n\n"
        "Creating a key needs the account's auth token or a main key. A standard key opens everything except "
        "accounts and keys. This resource does not create main or restricted keys."
    ),
    properties=(
        Property(
            "friendlyName",
            Scalar.STRING,
            "The key's name in the console, 1 to 64 characters. Twilio does not require a unique name.",
            wire="FriendlyName",
            required=True,
            check=friendly_name,
            source=_SOURCE,
        ),
        *HOME,
        Property(
            "apiKeySid", Scalar.STRING, "The key's SID, SK...: the user name to sign in with.", output=True
        ),
        Property(
            "secret",
            Scalar.STRING,
            "The key's secret: the password to sign in with. An imported key has none here.",
            output=True,
            secret=True,
        ),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The key's name when it was imported, by Twilio's field name; empty if this program created it.",
            output=True,
        ),
        Property("lastWritten", MapOf(Scalar.STRING), "The name of the last update.", output=True),
    ),
    example="""\
import pulumi
import pulumi_twilio as twilio

key = twilio.ApiKey("crm", friendly_name="crm")
pulumi.export("keySid", key.api_key_sid)
pulumi.export("keySecret", key.secret)
""",
    import_id="the key's SID (SK...)",
    rights="Keys: list, read, create, update, delete (the auth token or a main key)",
)
_KEY = FieldSet(TABLE.properties)


class ApiKey(Resource[TwilioAccount]):
    """An API key."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the key, once it exists: two resources may have imported the same key."""
        return [Singleton(f"twilio:key:{resource_id}", f"the API key {resource_id}")] if resource_id else []

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Warn if the account already has a key of that name; fail without the right to manage keys."""
        await _announce(operation, request.inputs)
        return outputs_unknown(self.table, request.inputs)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the key. The request is not repeated, because that could create a second key."""
        await _announce(operation, request.inputs)
        wanted = _KEY.wanted(request.inputs)
        path = operation.client.api.account("Keys.json")
        advice = (
            f"the API key {wanted[_NAME]} may have been created all the same, and nobody knows its secret: "
            "look for it in the Twilio console and revoke it, then run pulumi up again"
        )
        with explain_lost_create(advice):
            key = await operation.client.api.post(path, _KEY.form(wanted), repeatable=False)
        state = _state(request.inputs, key, Adoption({}, wanted))
        return key["sid"], {**state, "secret": wrap(key["secret"], is_secret=True)}

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the key; its secret is carried on, and unknown for an import."""
        try:
            key = await operation.client.api.get(_path(operation, request.id))
        except NotFound:
            return None
        live, inputs = _KEY.of(key), {**request.inputs, "friendlyName": wrap(key[_NAME] or "")}
        if not request.inputs:
            await operation.warn(
                f"the secret of the API key {request.id} is not known: Twilio shows it only when it creates "
                "a key"
            )
            return ReadResult(key["sid"], _state(inputs, key, Adoption(live, {})), inputs)
        kept = {"secret": request.state["secret"]} if "secret" in request.state else {}
        return ReadResult(key["sid"], {**_state(inputs, key, adoption_of(request.state)), **kept}, inputs)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Rename the key."""
        wanted, adoption = _KEY.wanted(request.inputs), adoption_of(request.state)
        attempted = {**request.state, **request.inputs, **outputs_of(adoption.attempting(wanted, {}))}
        with keep_attempted(request.id, attempted):
            key = await operation.client.api.post(_path(operation, request.id), _KEY.form(wanted))
        kept = {"secret": request.state["secret"]} if "secret" in request.state else {}
        return {**_state(request.inputs, key, adoption.after(wanted, {})), **kept}

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Revoke the key that this resource created; restore the name of an imported one."""
        sid, adoption, api = request.id, adoption_of(request.state), operation.client.api
        if adoption.original:
            await operation.info(f"the API key {sid} is not revoked, because it was not created here")
            await _restore_name(operation, sid, adoption)
            return
        if api.signs_in_with(sid):
            raise ProviderError(
                f"the provider itself signs in with the API key {sid}, so it is not revoked; sign in with "
                "another key or with the auth token, then delete this one"
            )
        try:
            await api.delete(_path(operation, sid))
        except NotFound:
            return


async def _restore_name(operation: Operation[TwilioAccount], sid: str, adoption: Adoption[str, str]) -> None:
    try:
        live = _KEY.of(await operation.client.api.get(_path(operation, sid)))
    except NotFound:
        return
    restoration = adoption.restoration(live)
    if restoration.changed:
        await operation.warn(f"the API key {sid} was renamed outside this stack; it keeps that name")
    if restoration.back:
        await operation.client.api.post(_path(operation, sid), _KEY.form(restoration.back))


async def _announce(operation: Operation[TwilioAccount], inputs: PropertyMap) -> None:
    pages = operation.client.api.pages(operation.client.api.account("Keys.json"), "keys")
    same = [key["sid"] async for page in pages for key in page if key[_NAME] == text(inputs, "friendlyName")]
    if same:
        await operation.warn(
            f"an API key with this name exists already ({same[0]}), perhaps from an update that was killed; "
            "this creates another one. Revoke the one that is not used in the Twilio console"
        )


def _path(operation: Operation[TwilioAccount], sid: str) -> str:
    return operation.client.api.account(f"Keys/{sid}.json")


def _state(inputs: PropertyMap, key: dict[str, Any], adoption: Adoption[str, str]) -> dict[str, PropertyValue]:
    return {**inputs, "apiKeySid": wrap(key["sid"]), **outputs_of(adoption)}
