"""DialingPermissions: whether an account may call certain countries. Other countries do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import Adoption, keep_attempted, remembered
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.request import DiffRequest
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, ObjectType, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import outputs_unknown, wrap

from .account import HOME, TwilioAccount
from .country_permissions import (
    Permissions,
    by_country,
    changes_between,
    country_problem,
    permissions_of,
    read_permissions,
    short_name,
    write_permissions,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["DialingPermissions"]

_SOURCE = "Twilio docs: Voice dialing permissions API"

_COUNTRY = ObjectType(
    "CountryPermissions",
    "The callable numbers of a country. A permission that is absent does not change.",
    (
        Property("lowRisk", Scalar.BOOLEAN, "Ordinary numbers.", wire="low_risk_numbers_enabled"),
        Property(
            "highRiskSpecial",
            Scalar.BOOLEAN,
            "Special service numbers, often expensive.",
            wire="high_risk_special_numbers_enabled",
        ),
        Property(
            "highRiskTollfraud",
            Scalar.BOOLEAN,
            "Numbers that are known for toll fraud.",
            wire="high_risk_tollfraud_numbers_enabled",
        ),
    ),
)
_WIRE = {p.name: p.wire or "" for p in _COUNTRY.properties}


def _countries(value: dict[str, Any]) -> str | None:
    return country_problem(value) if value else "names no country; leave the resource out instead"


TABLE = ResourceTable(
    name="DialingPermissions",
    doc=(
        "The account's voice dialing geographic permissions for the named countries. Other countries do not "
        "change. All changes are sent in one bulk update. Deleting the resource, or removing a country from "
        "it, restores the previous permissions."
    ),
    properties=(
        Property(
            "countries",
            MapOf(_COUNTRY),
            "Permissions by country code, ISO 3166-1 alpha-2, two capital letters.",
            required=True,
            check=_countries,
            source=_SOURCE,
        ),
        *HOME,
        Property(
            "original",
            MapOf(MapOf(Scalar.BOOLEAN)),
            "The previous permissions, by country and Twilio's field names. Give the record of "
            "``AccountOriginals`` to have it recorded before anything is written; without it, a create that "
            "was killed finds what it wrote itself. It counts for a country that is new to the resource; what "
            "is in the state already takes precedence.",
            computed=True,
        ),
        Property(
            "lastWritten",
            MapOf(MapOf(Scalar.BOOLEAN)),
            "The permissions of the last update, by country and Twilio's field names.",
            output=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

twilio.DialingPermissions("dialing", countries={"US": {"low_risk": True}, "CA": {"low_risk": True}})
""",
    import_id="country codes joined by commas (US,CA)",
    rights="Voice dialing permissions: read, update",
)


class DialingPermissions(Resource[TwilioAccount]):
    """Dialing permissions of some countries."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the countries."""
        return [_country(operation, code) for code in _named(values)] if operation.connected else []

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare by country; removing a country that has its previous permissions changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        changes = {path: change for path, change in changes.items() if path.partition(".")[0] != "original"}
        adoption, live = _adoption(request), _wanted(request.old_inputs)
        for code in set(_named(request.old_inputs)) - set(_named(request.inputs)):
            if adoption.is_original({field: flag for field, flag in live.items() if field[0] == code}):
                changes.pop(f"countries.{code}", None)
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report the changes."""
        wanted = _wanted(request.inputs)
        live = await read_permissions(operation.client.api, _named(request.inputs))
        for code in _named(request.inputs):
            await operation.warn_renamed(_country(operation, code), unchanged=False)
        if changes := changes_between(live, wanted):
            await operation.info(f"dialing permissions: {changes}")
        return {**outputs_unknown(self.table, request.inputs), "original": wrap(by_country(live))}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Set the permissions, in one request."""
        wanted = _wanted(request.inputs)
        live = await read_permissions(operation.client.api, _named(request.inputs))
        named = _named(request.inputs)
        original = {**live, **_recorded(request.inputs, named), **_past(operation, named)}
        adoption = Adoption(original, wanted)
        state = {**request.inputs, **_outputs(adoption)}
        with keep_attempted(operation.client.api.account_sid, state):
            await write_permissions(operation.client.api, live, wanted)
        return operation.client.api.account_sid, state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the countries that the program names or, for an import, those that the ID names."""
        inputs, given = request.inputs, _wanted(request.inputs)
        importing = "countries" not in inputs
        codes = request.id.split(",") if importing else _named(inputs)
        # An update that was killed may have written a country that the state does not name.
        pending = {} if importing else await operation.attempted()
        everywhere = await read_permissions(operation.client.api, {*codes, *_named(pending)})
        live = {field: flag for field, flag in everywhere.items() if field[0] in codes}
        by_wire = {wire: name for name, wire in _WIRE.items()}
        countries: dict[str, dict[str, bool]] = {code: {} for code in codes}
        for (code, wire), flag in live.items():
            if importing or (code, wire) in given:
                countries[code][by_wire[wire]] = flag
        found = {**inputs, "countries": wrap(countries)}
        carried = {n: request.state[n] for n in ("original", "lastWritten") if n in request.state}
        if importing or "original" not in carried:
            carried["original"] = wrap(by_country(live))
        if attempted := _wanted(pending):
            adoption = _adoption(DiffRequest(request.id, request.state, inputs, inputs))
            known = {**_recorded(pending, _named(pending)), **adoption.original}
            attempted = {field: flag for field, flag in attempted.items() if field in known}
            carried = _outputs(Adoption(known, adoption.written).arrived(attempted, everywhere))
        return ReadResult(operation.client.api.account_sid, {**found, **carried}, found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the differences, and restore removed countries, in one request."""
        wanted, named = _wanted(request.inputs), _named(request.inputs)
        adoption = _adoption(request)
        recorded = {**_recorded(request.inputs, named), **_past(operation, named)}
        adoption = Adoption({**recorded, **adoption.original}, adoption.written)
        back = {
            field: flag
            for field, flag in adoption.leaving(_wanted(request.old_inputs), wanted).items()
            if not operation.managed_elsewhere(_country(operation, field[0]))
        }
        live = await read_permissions(operation.client.api, {*named, *(code for code, _ in back)})
        adoption = Adoption({**live, **adoption.original}, adoption.written)
        # A delete must still restore a removed permission until it is known to be restored.
        attempted = {**request.inputs, **_outputs(adoption.attempting(wanted, back))}
        with keep_attempted(request.id, attempted):
            await write_permissions(operation.client.api, live, {**back, **wanted})
        original = {f: flag for f, flag in adoption.original.items() if f[0] in named}
        return {**request.inputs, **_outputs(Adoption(original, wanted))}

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore each permission that was not changed outside this stack since the last update."""
        adoption = _adoption(request)
        written = {
            field: flag
            for field, flag in adoption.written.items()
            if _country(operation, field[0]).key not in operation.spared
        }
        live = await read_permissions(operation.client.api, {code for code, _ in written})
        restoration = Adoption(adoption.original, written).restoration(live)
        for code, flags in by_country(restoration.changed).items():
            names = ", ".join(map(short_name, flags))
            await operation.warn(
                f"{code}: {names} was changed outside this stack since then; that stays as it is"
            )
        await write_permissions(operation.client.api, live, restoration.back)


def _country(operation: Operation[TwilioAccount], code: str) -> Singleton:
    account = operation.client.api.account_sid
    return Singleton(f"twilio:{account}:dialing-permissions:{code}", f"the country {code}", "countries")


def _past(operation: Operation[TwilioAccount], codes: Collection[str]) -> Permissions:
    """Return the previous permissions from the resources that managed these countries before."""
    found: Permissions = {}
    for code in codes:
        original = permissions_of(remembered(operation.past(_country(operation, code)), "original"))
        found |= {field: flag for field, flag in original.items() if field[0] == code}
    return found


def _recorded(inputs: PropertyMap, codes: Collection[str]) -> Permissions:
    """Return what ``AccountOriginals`` has recorded of some countries, as far as the program gives it."""
    recorded = permissions_of(remembered(inputs, "original"))
    return {field: flag for field, flag in recorded.items() if field[0] in codes}


def _adoption(request: DiffRequest | UpdateRequest | DeleteRequest) -> Adoption[tuple[str, str], bool]:
    """Return the records; states of earlier versions have only inputs, which a refresh changes."""
    written = permissions_of(remembered(request.state, "lastWritten")) or _wanted(request.old_inputs)
    return Adoption(permissions_of(remembered(request.state, "original")), written)


def _outputs(adoption: Adoption[tuple[str, str], bool]) -> dict[str, PropertyValue]:
    return {
        "original": wrap(by_country(adoption.original)),
        "lastWritten": wrap(by_country(adoption.written)),
    }


def _named(inputs: PropertyMap) -> list[str]:
    """Return the countries that a program names, those without a permission included."""
    return list(remembered(inputs, "countries"))


def _wanted(inputs: PropertyMap) -> Permissions:
    return {
        (code, _WIRE[name]): flag
        for code, flags in remembered(inputs, "countries").items()
        for name, flag in flags.items()
        if flag is not None
    }
