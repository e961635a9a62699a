"""DialingPermissions: whether an account may call certain countries. Other countries do not change."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, ObjectType, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, is_known, outputs_unknown, plain, wrap

from .account import HOME, TwilioAccount
from .client import TwilioError

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_provider_kit.request import (
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
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
_FLAGS = tuple(_WIRE.values())


def _countries(value: dict[str, Any]) -> str | None:
    wrong = [code for code in value if not re.fullmatch("[A-Z]{2}", code)]
    if wrong:
        return f"{wrong[0]!r} is not a country code of two capital letters (ISO 3166-1), like US"
    return None if value else "names no country; leave the resource out instead"


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
            "The previous permissions, by country and Twilio's field names.",
            output=True,
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

twilio.DialingPermissions("dialing", countries={"US": {"lowRisk": True}, "CA": {"lowRisk": True}})
""",
    import_id="country codes joined by commas (US,CA)",
    rights="Voice dialing permissions: read, update",
)

Flags = dict[str, bool]
"""A country's three permissions by Twilio's field names."""


class DialingPermissions(Resource[TwilioAccount]):
    """Dialing permissions of some countries."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the countries."""
        return [_country(operation, code) for code in _wanted(values)] if operation.connected else []

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare by country; removing a country that has its previous permissions changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        original, live, now = (
            _flags(request.state, "original"),
            _wanted(request.old_inputs),
            _wanted(request.inputs),
        )
        for code in [c for c in live if c not in now]:
            if all(original.get(code, {}).get(name) == value for name, value in live[code].items()):
                changes.pop(f"countries.{code}", None)
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report the changes."""
        wanted = _wanted(request.inputs)
        live = await _read(operation, wanted)
        for code in wanted:
            await operation.warn_renamed(_country(operation, code), unchanged=False)
        await _announce(operation, live, wanted)
        return {**outputs_unknown(self.table, request.inputs), "original": wrap(live)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Set the permissions, in one request."""
        wanted = _wanted(request.inputs)
        live = await _read(operation, wanted)
        original = {**live, **_past(operation, wanted)}
        state = {**request.inputs, "original": wrap(original), "lastWritten": wrap(wanted)}
        await _write_and_keep(operation, live, wanted, state)
        return operation.client.api.account_sid, state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the countries that the program names or, for an import, those that the ID names."""
        inputs = request.inputs
        importing = "countries" not in inputs
        codes = request.id.split(",") if importing else list(_wanted(inputs))
        live = await _read(operation, codes)
        asked = {code: set(_WIRE.values()) for code in codes} if importing else _wanted(inputs)
        by_wire = {wire: name for name, wire in _WIRE.items()}
        countries = {code: {by_wire[w]: live[code][w] for w in _FLAGS if w in asked[code]} for code in codes}
        found = {**inputs, "countries": wrap(countries)}
        original = wrap(live) if importing else request.state.get("original", wrap(live))
        carried = {"original": original} | {n: request.state[n] for n in ("lastWritten",) if n in request.state}
        return ReadResult(operation.client.api.account_sid, {**found, **carried}, found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the differences, and restore removed countries, in one request."""
        wanted = _wanted(request.inputs)
        before = {**_past(operation, wanted), **_flags(request.state, "original")}
        live = await _read(operation, {*wanted, *_wanted(request.old_inputs)})
        back = {
            code: {w: before[code][w] for w in flags if w not in wanted.get(code, {})}
            for code, flags in _wanted(request.old_inputs).items()
            if code in before and not _managed_elsewhere(operation, code)
        }
        changes = {code: {**back.get(code, {}), **wanted.get(code, {})} for code in {*back, *wanted}}
        original = {code: before.get(code, live[code]) for code in wanted}
        new_state = {**request.inputs, "original": wrap(original), "lastWritten": wrap(wanted)}
        # A delete must still restore a removed permission until it is known to be restored.
        attempted = {
            "original": wrap({**before, **original}),
            "lastWritten": wrap({**_last(request.state, request.old_inputs), **wanted}),
        }
        await _write_and_keep(operation, live, changes, {**request.inputs, **attempted})
        return new_state

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore each permission that was not changed outside this stack since the last update."""
        original = _flags(request.state, "original")
        ours = {
            code: flags
            for code, flags in _last(request.state, request.old_inputs).items()
            if _country(operation, code).key not in operation.spared
        }
        live = await _read(operation, ours)
        back: dict[str, Flags] = {}
        for code, flags in ours.items():
            before = original.get(code, live[code])
            changed = [w for w, last in flags.items() if live[code][w] not in (last, before[w])]
            if changed:
                names = ", ".join(w.removesuffix("_numbers_enabled") for w in changed)
                await operation.warn(
                    f"{code}: {names} was changed outside this stack since; that stays as it is"
                )
            back[code] = {w: before[w] for w in flags if w not in changed}
        await _write(operation, live, back)


def _country(operation: Operation[TwilioAccount], code: str) -> Singleton:
    account = operation.client.api.account_sid
    return Singleton(f"twilio:{account}:dialing-permissions:{code}", f"the country {code}", "countries")


def _managed_elsewhere(operation: Operation[TwilioAccount], code: str) -> bool:
    """Return whether another resource of the program manages a country."""
    holder = operation.claims.holder(_country(operation, code).key, operation.urn)
    return holder is not None and holder.urn != operation.urn


def _past(operation: Operation[TwilioAccount], codes: Collection[str]) -> dict[str, Flags]:
    """Return the previous permissions from the resources that managed these countries before."""
    found = {code: _flags(operation.past(_country(operation, code)), "original") for code in codes}
    return {code: original[code] for code, original in found.items() if code in original}


def _wanted(inputs: PropertyMap) -> dict[str, Flags]:
    value = inputs.get("countries")
    if value is None or not is_known(value):
        return {}
    return {
        code: {_WIRE[name]: flag for name, flag in flags.items() if flag is not None}
        for code, flags in plain(value).items()
    }


def _flags(state: PropertyMap, name: str) -> dict[str, Flags]:
    value = state.get(name)
    if value is None or not is_known(value) or value.value is None:
        return {}
    return {str(code): {str(w): bool(v) for w, v in flags.items()} for code, flags in plain(value).items()}


def _last(state: PropertyMap, old_inputs: PropertyMap) -> dict[str, Flags]:
    """Return the permissions of the last update; older states have only the inputs, which a refresh changes."""
    return _flags(state, "lastWritten") if is_given(state, "lastWritten") else _wanted(old_inputs)


async def _write_and_keep(
    operation: Operation[TwilioAccount],
    live: dict[str, Flags],
    wanted: dict[str, Flags],
    attempted: PropertyMap,
) -> None:
    """Write; if the answer is lost, keep ``attempted`` as the state.

    Raises:
        ProviderError: Twilio refused it.
        InitializationFailed: the answer was lost.
    """
    try:
        await _write(operation, live, wanted)
    except ProviderError as error:
        if isinstance(error, TwilioError) and error.status < 500:
            raise
        reason = f"{error}; run pulumi up again"
        raise InitializationFailed(operation.client.api.account_sid, attempted, [reason]) from None


async def _read(operation: Operation[TwilioAccount], codes: Collection[str]) -> dict[str, Flags]:
    """Return the permissions of some countries with one request."""
    found: dict[str, Flags] = {}
    url: str | None = "/v1/DialingPermissions/Countries?PageSize=1000"
    while url and any(code not in found for code in codes):
        page = await operation.client.api.get(url, host="voice")
        for country in page["content"]:
            found[country["iso_code"]] = {w: bool(country[w]) for w in _FLAGS}
        url = page["meta"].get("next_page_url")
    unknown = sorted(code for code in codes if code not in found)
    if unknown:
        raise PropertyError("countries", f"Twilio knows no country {', '.join(unknown)}; correct the code")
    return {code: found[code] for code in codes}


async def _write(operation: Operation[TwilioAccount], live: dict[str, Flags], wanted: dict[str, Flags]) -> None:
    """Write the countries that differ, in one bulk update with all three permissions of each."""
    requests: list[dict[str, Any]] = [
        {"iso_code": code, **live[code], **flags}
        for code, flags in sorted(wanted.items())
        if any(live[code][w] != value for w, value in flags.items())
    ]
    if not requests:
        return
    await operation.client.api.post(
        "/v1/DialingPermissions/BulkCountryUpdates", {"UpdateRequest": json.dumps(requests)}, host="voice"
    )
    now = await _read(operation, [r["iso_code"] for r in requests])
    refused = [r["iso_code"] for r in requests if any(now[r["iso_code"]][w] != r[w] for w in _FLAGS)]
    if refused:
        raise ProviderError(
            f"Twilio accepted the update but {', '.join(refused)} is unchanged; the account may have to ask "
            "Twilio for these countries in the console (Voice, Settings, Geo permissions)"
        )


async def _announce(
    operation: Operation[TwilioAccount], live: dict[str, Flags], wanted: dict[str, Flags]
) -> None:
    changes = [
        f"{code} {w.removesuffix('_numbers_enabled')} {'on' if live[code][w] else 'off'} -> "
        f"{'on' if value else 'off'}"
        for code, flags in sorted(wanted.items())
        for w, value in flags.items()
        if live[code][w] != value
    ]
    if changes:
        await operation.info(f"dialing permissions: {'; '.join(changes)}")
