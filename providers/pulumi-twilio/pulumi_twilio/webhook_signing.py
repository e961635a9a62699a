"""WebhookSharedKey and WebhookSetting: what signs webhook requests, and how they are delivered.

Both are created and deleted by the program. Twilio shows a key's secret once, and of a setting only its name
and description can be changed (Twilio docs, "Webhook shared keys", "Webhook settings", public beta).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, is_known, outputs_unknown, plain, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound
from .delivery import DELIVERY
from .webhook_api import HOST, KEYS, SETTINGS, create, delete, list_all, patch

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["BETA", "WebhookSetting", "WebhookSharedKey", "text_property"]

BETA = "Twilio's webhooks API is in public beta, and was never tried by this project on a real account."
_RETRY_ON = {
    "connect": "CONNECTION_TIMEOUT",
    "read-timeout": "READ_TIMEOUT",
    "4xx": "HTTP_4XX",
    "5xx": "HTTP_5XX",
    "all": "ALL",
}
_TIMES = {
    "connectTimeout": "connectTimeoutMs",
    "readTimeout": "readTimeoutMs",
    "totalTimeout": "totalTimeoutMs",
}
_ALGORITHM = "HMAC_SHA256"
_NO_AUTHENTICATION = "NONE"


def text_property(name: str, most: int, doc: str) -> Property:
    """Return a property for one of the texts that Twilio keeps for a person to read."""

    def check(value: str) -> str | None:
        return None if len(value) <= most else f"has {len(value)} characters; Twilio takes {most} at most"

    return Property(name, Scalar.STRING, doc, wire=name, check=check, source="Twilio docs: Webhook settings")


_NAME = text_property("friendlyName", 255, "The name in the console, at most 255 characters.")


class _WebhookObject(Resource[TwilioAccount]):
    """An object that the program creates and deletes.

    Attributes:
        path: of its list.
        what: its name in messages.
        texts: the properties that can be changed.
    """

    path: ClassVar[str]
    what: ClassVar[str]
    texts: ClassVar[tuple[str, ...]]

    def body(self, inputs: PropertyMap) -> dict[str, Any]:
        """Return what creates the object."""
        return self.texts_of(inputs)

    def texts_of(self, inputs: PropertyMap) -> dict[str, Any]:
        """Return the texts of the program; one that it does not give is empty."""
        return {name: text(inputs, name) or "" for name in self.texts}

    def found_inputs(self, live: dict[str, Any], given: PropertyMap) -> dict[str, PropertyValue]:
        """Return the live values of the program's texts, and the rest, which cannot change, as it was."""
        texts = {name: wrap(live.get(name) or "") for name in self.texts if is_given(given, name)}
        return {**given, **texts}

    def state(self, inputs: PropertyMap, live: dict[str, Any]) -> dict[str, PropertyValue]:
        """Return the state."""
        raise NotImplementedError

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Warn about an object that an update may have left behind."""
        await self._announce(operation, request.inputs)
        return outputs_unknown(self.table, request.inputs)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the object."""
        made = await create(operation.client.api, self.path, self.body(request.inputs))
        return made["id"], self.state(request.inputs, made)

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the texts; None where the object is gone."""
        try:
            live = await operation.client.api.get(f"{self.path}/{request.id}", host=HOST)
        except NotFound:
            return None
        inputs = self.found_inputs(live, request.inputs)
        return ReadResult(request.id, {**request.state, **self.state(inputs, live)}, inputs)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Change the texts."""
        path = f"{self.path}/{request.id}"
        await patch(operation.client.api, path, self.texts_of(request.inputs))
        # A text that leaves the program leaves the state as well; what cannot change is given, or an output.
        kept = {n: v for n, v in request.state.items() if n not in self.texts}
        return {**kept, **self.state(request.inputs, {"id": request.id})}

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the object, which this program created."""
        await delete(operation, self.path, request.id)

    async def _announce(self, operation: Operation[TwilioAccount], inputs: PropertyMap) -> None:
        name = text(inputs, "friendlyName")
        same = [
            item for item in await list_all(operation.client.api, self.path) if item.get("friendlyName") == name
        ]
        if name and same:
            await operation.warn(
                f"a {self.what} named {name} exists already ({same[0]['id']}), perhaps from an update that was "
                "killed; this creates another one. Delete the one that is not used in Twilio"
            )


class WebhookSharedKey(_WebhookObject):
    """A key that signs webhook requests."""

    path = KEYS
    what = "webhook key"
    texts = ("friendlyName",)
    table = ResourceTable(
        name="WebhookSharedKey",
        doc=(
            "A key with which Twilio signs webhook requests instead of the account's auth token, by "
            "HMAC-SHA256. A ``WebhookSetting`` names the key, and a ``WebhookRule`` decides which URLs that "
            "setting is for. The receiver finds the key's ID in the header "
            "``X-Twilio-Webhooks-Signature-Settings``.\n\n"
            "To rotate a key, add another key under another name, let the receiver accept both, and let the "
            "rule's setting name the new one. Then remove the old key. Pulumi deletes it after everything "
            "that used it.\n\n"
            "Twilio shows the secret once, so a key cannot be imported. " + BETA
        ),
        properties=(
            _NAME,
            *HOME,
            Property("keyId", Scalar.STRING, "The key's ID, webhooks_sharedkey_...", output=True),
            Property("secret", Scalar.STRING, "The key's secret.", output=True, secret=True),
        ),
        example="""\
import pulumi_twilio as twilio

key = twilio.WebhookSharedKey("signing-1", friendly_name="crm 1")
twilio.WebhookSetting("signed", friendly_name="crm", shared_key_id=key.key_id)
""",
        import_id="nothing: a key cannot be imported, because Twilio does not show its secret again",
        rights="Webhooks SharedKeys: list, read, create, update, delete; Settings: list (before a delete)",
    )

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the name; refuse an import."""
        if not request.state:
            raise PropertyError(
                "id",
                "a webhook key cannot be imported, because Twilio shows its secret only once; create another "
                "key with WebhookSharedKey",
            )
        return await super().read(operation, request)

    def state(self, inputs: PropertyMap, live: dict[str, Any]) -> dict[str, PropertyValue]:
        """Return the state; the secret is in the answer to the creation only."""
        shown = {"secret": wrap(live["secret"])} if live.get("secret") else {}
        return {**inputs, "keyId": wrap(live["id"]), **shown}


class WebhookSetting(_WebhookObject):
    """How webhook requests are signed and delivered."""

    path = SETTINGS
    what = "webhook setting"
    texts = ("friendlyName", "description")
    table = ResourceTable(
        name="WebhookSetting",
        doc=(
            "How Twilio signs and delivers webhook requests. It has no effect until a ``WebhookRule`` names "
            "it. Twilio changes only the texts of a setting, so any other change creates another setting, to "
            "which the rule moves before the old one is deleted.\n\n"
            "A setting's delivery takes precedence over the connection overrides of a URL. Without retries "
            "in it Twilio does not retry, so give ``delivery`` with what the URLs asked for. " + BETA
        ),
        properties=(
            _NAME,
            text_property("description", 1024, "What the setting is for, at most 1024 characters."),
            Property(
                "sharedKeyId",
                Scalar.STRING,
                "The ID of the ``WebhookSharedKey`` that signs. Absent: the account's auth token signs.",
                replaces=True,
                source="Twilio docs: Webhook settings",
            ),
            Property(
                "signatureType",
                Scalar.STRING,
                "Twilio's word for a signature with a shared key. It is not documented, so none is sent "
                "unless it is given.",
                replaces=True,
                source="Twilio docs: Webhook settings",
            ),
            Property(
                "authScheme",
                Scalar.STRING,
                "The scheme with which Twilio signs in at the receiver. Default: ``NONE``, the word for no "
                "sign-in, which is not confirmed.",
                replaces=True,
                source="Twilio docs: Webhook settings",
            ),
            Property(
                "delivery",
                DELIVERY,
                "Retries and time-outs. ``edges`` is not possible here.",
                replaces=True,
                element_path=False,
                source="Twilio docs: Webhook settings",
            ),
            *HOME,
            Property("settingId", Scalar.STRING, "The setting's ID, webhooks_setting_...", output=True),
        ),
        example="""\
import pulumi_twilio as twilio

twilio.WebhookSetting(
    "patient",
    friendly_name="patient",
    delivery={"retries": 3, "retry_on": ["connect", "read-timeout", "5xx"]},
)
""",
        import_id="the setting's ID, webhooks_setting_...",
        rights="Webhooks Settings: list, read, create, update, delete; Rules: list (before a delete)",
    )

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Refuse edges: a setting has zones, which are named differently."""
        delivery = request.inputs.get("delivery")
        if delivery is not None and is_known(delivery) and (plain(delivery) or {}).get("edges"):
            return request.inputs, [CheckFailure("delivery.edges", "is not possible in a webhook setting")]
        return request.inputs, []

    def body(self, inputs: PropertyMap) -> dict[str, Any]:
        """Return what creates the setting."""
        scheme = text(inputs, "authScheme") or _NO_AUTHENTICATION
        body = {**self.texts_of(inputs), "auth": {"source": "INLINE", "value": {"scheme": scheme}}}
        if key := text(inputs, "sharedKeyId"):
            kind = text(inputs, "signatureType")
            body["signature"] = {
                **({"type": kind} if kind else {}),
                "sharedKeyId": key,
                "algorithm": _ALGORITHM,
            }
        delivery = plain(inputs.get("delivery")) or {}
        if delivery:
            body["connection"] = _connection(delivery)
        return body

    def found_inputs(self, live: dict[str, Any], given: PropertyMap) -> dict[str, PropertyValue]:
        """Return the texts; for an import also what signs and delivers."""
        if given:
            return super().found_inputs(live, given)
        texts = {name: wrap(live[name]) for name in self.texts if live.get(name)}
        signature, auth = live.get("signature") or {}, (live.get("auth") or {}).get("value") or {}
        others = {
            "sharedKeyId": signature.get("sharedKeyId"),
            "authScheme": auth.get("scheme"),
            "delivery": _delivery(live.get("connection") or {}),
        }
        return {**texts, **{name: wrap(value) for name, value in others.items() if value}}

    def state(self, inputs: PropertyMap, live: dict[str, Any]) -> dict[str, PropertyValue]:
        """Return the state."""
        return {**inputs, "settingId": wrap(live["id"])}


def _connection(delivery: dict[str, Any]) -> dict[str, Any]:
    """Return a delivery as this API writes it."""
    times = {wire: delivery[name] for name, wire in _TIMES.items() if delivery.get(name) is not None}
    policy: dict[str, Any] = {}
    if delivery.get("retries") is not None:
        policy["retryCount"] = delivery["retries"]
    if delivery.get("retryOn"):
        policy["retryOn"] = [_RETRY_ON[reason] for reason in delivery["retryOn"]]
    return {**times, **({"retryPolicy": policy} if policy else {})}


def _delivery(connection: dict[str, Any]) -> dict[str, Any]:
    """Return the delivery that a connection is, as far as a delivery can say it."""
    names = {wire: name for name, wire in _RETRY_ON.items()}
    policy = connection.get("retryPolicy") or {}
    found = {name: connection[wire] for name, wire in _TIMES.items() if connection.get(wire) is not None}
    if policy.get("retryCount") is not None:
        found["retries"] = policy["retryCount"]
    if retried := [names[reason] for reason in policy.get("retryOn") or () if reason in names]:
        found["retryOn"] = retried
    return found
