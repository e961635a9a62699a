"""Subaccount: an account below the account of the credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import Adoption, adoption_of, explain_lost_create, keep_attempted, outputs_of
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import outputs_unknown, text, wrap

from .account import REGION, TwilioAccount
from .fields import FieldSet, describe
from .voice_properties import friendly_name

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import (
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

    from .fields import Fields

__all__ = ["Subaccount"]

_SOURCE = "Twilio docs: Subaccounts"
_ON_DELETE = ("keep", "suspend", "close")


def _status(value: str) -> str | None:
    if value in ("active", "suspended"):
        return None
    return (
        f"{value!r} is not one of active, suspended; to close the account, set onDelete to close and delete it"
    )


def _on_delete(value: str) -> str | None:
    return None if value in _ON_DELETE else f"{value!r} is not one of {', '.join(_ON_DELETE)}"


TABLE = ResourceTable(
    name="Subaccount",
    doc=(
        "A subaccount of the account of the provider's credentials, for example for one customer. Pass its "
        "``subaccountSid`` to other resources as ``accountSid`` to manage them in it.\n\n"
        "Closing an account is final: Twilio releases its phone numbers, and nobody can reopen it. So deleting "
        "the resource leaves the account as it is, unless ``onDelete`` says something else. An account that "
        "this resource did not create is never closed, nor one that still has phone numbers.\n\n"
        "The state does not contain the account's auth token. An ``ApiKey`` in the subaccount gives other "
        "programs access to it. By default Twilio allows 1,000 subaccounts."
    ),
    properties=(
        Property(
            "friendlyName",
            Scalar.STRING,
            "The account's name, 1 to 64 characters. Twilio does not require a unique name.",
            wire="FriendlyName",
            required=True,
            check=friendly_name,
            source=_SOURCE,
        ),
        Property(
            "status",
            Scalar.STRING,
            "``active`` or ``suspended``. A suspended account neither makes nor answers calls, keeps its phone "
            "numbers, and can be activated again. By default the status is left as it is.",
            wire="Status",
            computed=True,
            check=_status,
            source=_SOURCE,
        ),
        Property(
            "onDelete",
            Scalar.STRING,
            "What deleting the resource does. ``keep`` (default) leaves an account that this resource created "
            "as it is, and restores the previous name and status of an imported one. ``suspend`` suspends it. "
            "``close`` closes it for ever; if it still has phone numbers, the delete fails and names them.",
            check=_on_delete,
        ),
        Property("accountSid", Scalar.STRING, "The account that owns the subaccount, AC...", output=True),
        REGION,
        Property("subaccountSid", Scalar.STRING, "The subaccount's SID, AC...", output=True),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The name and status of an imported account, by Twilio's field names; empty if this program "
            "created the account.",
            output=True,
        ),
        Property("lastWritten", MapOf(Scalar.STRING), "The fields of the last update.", output=True),
    ),
    example="""\
import pulumi_twilio as twilio

customer = twilio.Subaccount("customer", friendly_name="Customer 17")
twilio.Application(
    "customer-app",
    friendly_name="crm",
    voice_url="https://crm.example.com/twilio/voice",
    account_sid=customer.subaccount_sid,
)
""",
    import_id="the subaccount's SID (AC...)",
    rights="Accounts: list, read, create, update (the auth token or a main key)",
)
_ACCOUNT = FieldSet(TABLE.properties)
_NOT_COMPARED = {"onDelete"}
_DEFAULTS = {"status": "active"}


class Subaccount(Resource[TwilioAccount]):
    """A subaccount."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the account, once it exists: two resources may have imported the same one."""
        return (
            [Singleton(f"twilio:account:{resource_id}", f"the subaccount {resource_id}")] if resource_id else []
        )

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare; removing a status that is the previous one changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        _ACCOUNT.drop_undone(changes, request.old_inputs, request.inputs, _with_defaults(request.state))
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Warn if there is a subaccount of that name already."""
        await _announce(operation, request.inputs)
        return {**outputs_unknown(self.table, request.inputs), **_ACCOUNT.unmanaged(_DEFAULTS, request.inputs)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the account. The request is not repeated, because that could create a second account."""
        await _announce(operation, request.inputs)
        wanted, directory = _ACCOUNT.wanted(request.inputs), operation.client.subaccounts
        advice = (
            f"the subaccount {wanted['friendly_name']} may have been created all the same: look for it in the "
            f"Twilio console, and if it is there, run pulumi import twilio:index:Subaccount {operation.name} "
            "AC..."
        )
        with explain_lost_create(advice):
            account = await directory.create(wanted["friendly_name"])
        sid, adoption = account["sid"], Adoption[str, str]({}, wanted)
        if wanted.get("status", account["status"]) != account["status"]:
            with keep_attempted(sid, _state(request.inputs, account, adoption)):
                account = await directory.update(sid, {"Status": wanted["status"]})
        return sid, _state(request.inputs, account, adoption)

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the account; a closed one is gone."""
        owner = operation.client.api.account_sid
        if request.id == owner:
            raise PropertyError("id", f"{owner} is the account of these credentials and not a subaccount of it")
        account = await operation.client.subaccounts.find(request.id)
        if account is None:
            return None
        if account["status"] == "closed":
            await operation.warn(
                f"the subaccount {request.id} ({account['friendly_name']}) is closed, and Twilio does not "
                "reopen it"
            )
            return None
        live, inputs = _ACCOUNT.of(account), request.inputs
        found = {n: v for n, v in inputs.items() if n in _NOT_COMPARED} | _ACCOUNT.inputs_from(live, inputs)
        adoption = adoption_of(request.state) if inputs else Adoption(live, {})
        return ReadResult(request.id, _state(found, account, adoption), found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous status where it is no longer given."""
        adoption, wanted = adoption_of(request.state), _ACCOUNT.wanted(request.inputs)
        given = _ACCOUNT.given(request.inputs)
        back = _with_defaults(request.state).leaving(_ACCOUNT.given(request.old_inputs), given)
        attempted = {**request.state, **request.inputs, **outputs_of(adoption.attempting(wanted, back))}
        with keep_attempted(request.id, attempted):
            account = await operation.client.subaccounts.update(request.id, _ACCOUNT.form({**back, **wanted}))
        return _state(request.inputs, account, adoption.after(wanted, back))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Leave the account, suspend it or close it, as ``onDelete`` says."""
        policy = text(request.old_inputs, "onDelete") or text(request.state, "onDelete") or "keep"
        directory, adoption = operation.client.subaccounts, adoption_of(request.state)
        account = await directory.read(request.id)
        if account is None or account["status"] == "closed":
            await operation.info(f"the subaccount {request.id} is closed already")
            return
        name = f"the subaccount {request.id} ({account['friendly_name']})"
        if policy == "close":
            await _ensure_closable(operation, name, request.id, adoption)
            await directory.update(request.id, {"Status": "closed"})
            await operation.info(f"{name} is closed")
        elif policy == "suspend":
            await directory.update(request.id, {"Status": "suspended"})
            await operation.info(f"{name} is suspended and keeps its phone numbers")
        elif adoption.original:
            await _restore(operation, name, _ACCOUNT.of(account), request)
        else:
            await operation.info(
                f"{name} stays as it is, with its phone numbers. To close it for ever, set on_delete to close "
                "and run pulumi up before it is deleted"
            )


async def _ensure_closable(
    operation: Operation[TwilioAccount], name: str, sid: str, adoption: Adoption[str, str]
) -> None:
    """Make sure that closing an account takes nothing from others, and releases no phone number.

    Raises:
        ProviderError: this resource did not create it, or it has phone numbers.
    """
    if adoption.original:
        raise ProviderError(
            f"{name} was not created here, so it is not closed. Close it in the Twilio console, or set "
            "on_delete to keep or suspend, run pulumi up, and delete it then"
        )
    numbers = await operation.client.below(sid).numbers.all()
    if numbers:
        shown = ", ".join(n["phone_number"] for n in numbers[:3]) + (", ..." if len(numbers) > 3 else "")
        count = "1 phone number" if len(numbers) == 1 else f"{len(numbers)} phone numbers"
        raise ProviderError(
            f"{name} still has {count} ({shown}), which closing it would release, so it stays open. Move them "
            "to another account first, or set on_delete to keep or suspend, run pulumi up, and delete it then"
        )


async def _restore(
    operation: Operation[TwilioAccount], name: str, live: Fields, request: DeleteRequest
) -> None:
    """Restore the name and the status of an imported account, where nobody else changed them."""
    restoration = adoption_of(request.state).restoration(live)
    await operation.info(f"{name} stays open, because it was not created here")
    if restoration.changed:
        await operation.warn(
            f"{name}: {', '.join(restoration.changed)} was changed outside this stack; that stays as it is"
        )
    if restoration.back:
        shown = describe((field, live[field], value) for field, value in restoration.back.items())
        await operation.info(f"{name} goes back to what it had before: {shown}")
        await operation.client.subaccounts.update(request.id, _ACCOUNT.form(restoration.back))


async def _announce(operation: Operation[TwilioAccount], inputs: PropertyMap) -> None:
    name = text(inputs, "friendlyName")
    same = await operation.client.subaccounts.named(name) if name else []
    if same:
        await operation.warn(
            f"a subaccount named {name} exists already ({same[0]['sid']}), perhaps from an update that was "
            "killed; this creates another one. To take that one over: pulumi import twilio:index:Subaccount "
            f"{operation.name} {same[0]['sid']}"
        )


def _with_defaults(state: PropertyMap) -> Adoption[str, str]:
    """Return the records; an account that this resource created goes back to Twilio's default."""
    adoption = adoption_of(state)
    return Adoption({**_DEFAULTS, **adoption.original}, adoption.written)


def _state(
    inputs: PropertyMap, account: dict[str, Any], adoption: Adoption[str, str]
) -> dict[str, PropertyValue]:
    return {
        **_ACCOUNT.unmanaged(_ACCOUNT.of(account), inputs),
        **inputs,
        "subaccountSid": wrap(account["sid"]),
        **outputs_of(adoption),
    }
