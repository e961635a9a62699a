"""What the two lists of who may call have in common: a name, and members that are written one by one.

Of a member, Twilio returns less than was written (no password), so the state keeps a mark of what Twilio had
right after the last write. A member whose mark differs was changed outside the program.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, Scalar
from pulumi_provider_kit.values import flag, is_given, is_known, plain, text, wrap

from ..account import HOME, TwilioAccount
from ..client import NotFound
from .parts import listed
from .sip_object import ADOPT_EXISTING

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

__all__ = ["LIST_RECORDS", "AccessList", "list_name"]

LIST_RECORDS = (
    ADOPT_EXISTING,
    *HOME,
    Property("listSid", Scalar.STRING, "The list's SID.", output=True),
    Property(
        "created", Scalar.BOOLEAN, "Whether this program created it; if not, it is never deleted.", output=True
    ),
    Property("original", MapOf(Scalar.STRING), "The members that it had when it was taken over.", output=True),
    Property(
        "marks", MapOf(Scalar.STRING), "What Twilio had of each member after the last write.", output=True
    ),
)
"""What each list keeps for its end."""


def list_name() -> Property:
    """Return the property that is a list's name."""
    return Property(
        "friendlyName",
        Scalar.STRING,
        "The list's name, 1 to 64 characters. Twilio does not require a unique name; this resource does.",
        required=True,
        check=lambda name: (
            None if 1 <= len(name) <= 64 else f"has {len(name)} characters; Twilio takes 1 to 64"
        ),
        source="Twilio docs: SIP CredentialList resource",
    )


class AccessList(Resource[TwilioAccount]):
    """A list of who may call.

    Attributes:
        folder: of the lists, in a path.
        members: of their members, in a path.
        members_property: the property that has the members.
        sid_prefix: of a list's SID.
        hidden: whether Twilio does not return the members' values, so that only a date marks them.
    """

    folder: ClassVar[str]
    members: ClassVar[str]
    members_property: ClassVar[str]
    sid_prefix: ClassVar[str]
    hidden: ClassVar[bool]

    @abstractmethod
    def key_of(self, member: dict[str, Any]) -> str:
        """Return a member's key in the property."""

    @abstractmethod
    def form(self, key: str, value: str, *, existing: bool) -> dict[str, str]:
        """Return the request that writes a member."""

    @abstractmethod
    def shown(self, member: dict[str, Any]) -> str:
        """Return a member's value as Twilio has it."""

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the list, by its name."""
        name = text(values, "friendlyName")
        if name is None or not operation.connected:
            return []
        key = f"twilio:{self.table.name}:{operation.client.api.account_sid}:{name}"
        return [Singleton(key, f"the list {name}", "friendlyName")]

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare, member by member."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        changes.pop("adoptExisting", None)
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Fail where a create would."""
        found = await self._existing(operation, request.inputs)
        if found is not None:
            await operation.info(f"{found['sid']} exists, nothing is created")
        return await super().preview_create(operation, request)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the list, or take over one that exists."""
        inputs, api = request.inputs, operation.client.api
        found = await self._existing(operation, inputs)
        past = self._past(operation, inputs)
        created = found is None or flag(past, "created")
        if found is None:
            form = {"FriendlyName": text(inputs, "friendlyName") or ""}
            found = await api.post(api.account(f"SIP/{self.folder}.json"), form, repeatable=False)
        sid = found["sid"]
        live = await self._members(operation, sid)
        original = remembered(past, "original") or ({} if created else self._values(live))
        records = _Records(inputs, created, original, remembered(past, "marks"))
        await self._write(operation, sid, records, live, {})
        return sid, self._state(sid, records)

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the list by SID, or, for an import, by name."""
        inputs = request.inputs
        found = await self._find(operation, request.id)
        if found is None:
            return None
        live, marks = await self._members(operation, found["sid"]), remembered(request.state, "marks")
        given: dict[str, PropertyValue] = {"friendlyName": wrap(found["friendly_name"])}
        if not inputs:
            created, original = False, self._values(live)
            if not self.hidden and live:
                given[self.members_property] = wrap(original)
            elif live:
                await operation.warn(
                    f"Twilio returns no password, so the import leaves out {', '.join(sorted(live))}; they "
                    "stay as they are until the program gives them a password"
                )
        else:
            created, original = flag(request.state, "created"), remembered(request.state, "original")
            if is_given(inputs, self.members_property):
                given[self.members_property] = self._refreshed(inputs[self.members_property], live, marks)
            if "adoptExisting" in inputs:
                given["adoptExisting"] = inputs["adoptExisting"]
            unknown = {k: m for k, m in live.items() if k not in marks and self.shown(m) != original.get(k)}
            if unknown:  # of others, or of an update that was killed
                attempted = self._given(await operation.attempted())
                marks |= {k: self._mark(m) for k, m in unknown.items() if self._is(m, attempted.get(k))}
        records = _Records(given, created, original, marks)
        return ReadResult(found["sid"], self._state(found["sid"], records), given)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write what changed; members that leave the program are removed, or get what they were."""
        inputs, api = request.inputs, operation.client.api
        found = await self._find(operation, request.id)
        if found is None:
            raise ProviderError(f"the list {request.id} is gone; run pulumi up --refresh")
        name = text(inputs, "friendlyName") or ""
        if found["friendly_name"] != name:
            await api.post(api.account(f"SIP/{self.folder}/{request.id}.json"), {"FriendlyName": name})
        state = request.state
        records = _Records(
            inputs, flag(state, "created"), remembered(state, "original"), remembered(state, "marks")
        )
        live = await self._members(operation, request.id)
        await self._write(operation, request.id, records, live, self._given(request.old_inputs))
        return self._state(request.id, records)

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete a list that this program created; of another one, only what this program added."""
        if await self._find(operation, request.id) is None:
            return
        api, live = operation.client.api, await self._members(operation, request.id)
        marks, original = remembered(request.state, "marks"), remembered(request.state, "original")
        if not flag(request.state, "created"):
            await operation.info(f"the list {request.id} is not deleted, because it was not created here")
            await self._give_back(operation, request.id, live, marks, original, list(marks))
            return
        others = sorted(set(live) - set(marks))
        if others:
            raise ProviderError(
                f"the list {request.id} also has {', '.join(others[:10])}, which this program did not add; "
                "remove them first"
            )
        try:
            await api.delete(api.account(f"SIP/{self.folder}/{request.id}.json"))
        except NotFound:
            return

    async def _write(
        self,
        operation: Operation[TwilioAccount],
        sid: str,
        records: _Records,
        live: dict[str, dict[str, Any]],
        before: dict[str, str],
    ) -> None:
        """Write the members that are new or differ, and note in the records what Twilio has then."""
        wanted, marks = self._given(records.inputs), records.marks
        try:
            for key, value in wanted.items():
                member = live.get(key)
                known = member is not None and self._mark(member) == marks.get(key)
                if not known or before.get(key) != value:
                    form = self.form(key, value, existing=member is not None)
                    path = self._path(operation, sid, member)
                    written = await operation.client.api.post(path, form, repeatable=member is not None)
                    marks[key] = self._mark(written)
            leaving = [key for key in marks if key not in wanted]
            await self._give_back(operation, sid, live, marks, records.original, leaving)
        except ProviderError as error:
            raise InitializationFailed(
                sid, self._state(sid, records), [f"{self.members_property}: {error}; run pulumi up again"]
            ) from None

    async def _give_back(  # noqa: PLR0917 - the records of both sides
        self,
        operation: Operation[TwilioAccount],
        sid: str,
        live: dict[str, dict[str, Any]],
        marks: dict[str, str],
        original: dict[str, str],
        leaving: list[str],
    ) -> None:
        api = operation.client.api
        for key in leaving:
            member = live.get(key)
            changed = member is not None and self._mark(member) != marks[key]
            if member is not None and changed:
                await operation.warn(f"{key} was changed outside this stack; it stays as it is")
            elif member is not None and key not in original:
                await api.delete(self._path(operation, sid, member))
            elif member is not None and self.hidden:
                await operation.warn(f"{key} stays: it was there before, and its password then is not known")
            elif member is not None:
                await api.post(self._path(operation, sid, member), self.form(key, original[key], existing=True))
            del marks[key]

    async def _existing(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap
    ) -> dict[str, Any] | None:
        """Return the list that a create takes over, if any.

        Raises:
            PropertyError: there is one of that name, and the program does not say that it may be taken over.
        """
        if sid := text(self._past(operation, inputs), "listSid"):
            return await self._find(operation, sid)
        name = text(inputs, "friendlyName")
        found = await self._named(operation, name) if name else []
        if not found:
            return None
        if len(found) == 1 and flag(inputs, "adoptExisting"):
            return found[0]
        sids = ", ".join(entry["sid"] for entry in found)
        take = (
            "set adoptExisting to true to take it over, or import it"
            if len(found) == 1
            else "import one of them"
        )
        raise PropertyError(
            "friendlyName",
            f"the account already has {'a list' if len(found) == 1 else f'{len(found)} lists'} named {name} "
            f"({sids}), which this program did not create; {take}: pulumi import "
            f"twilio:index:{self.table.name} {operation.name} {found[0]['sid']}",
        )

    def _past(self, operation: Operation[TwilioAccount], inputs: PropertyMap) -> PropertyMap:
        things = self.singletons(operation, inputs)
        return operation.past(things[0]) if things else {}

    async def _named(self, operation: Operation[TwilioAccount], name: str) -> list[dict[str, Any]]:
        api = operation.client.api
        found = await listed(api, api.account(f"SIP/{self.folder}.json"))
        return [entry for entry in found if entry["friendly_name"] == name]

    async def _find(self, operation: Operation[TwilioAccount], key: str) -> dict[str, Any] | None:
        api = operation.client.api
        if key.startswith(self.sid_prefix) and len(key) == 34:
            try:
                return await api.get(api.account(f"SIP/{self.folder}/{key}.json"))
            except NotFound:
                return None
        found = await self._named(operation, key)
        if len(found) > 1:
            raise ProviderError(f"{len(found)} lists are named {key}; import one by its SID")
        return found[0] if found else None

    async def _members(self, operation: Operation[TwilioAccount], sid: str) -> dict[str, dict[str, Any]]:
        api = operation.client.api
        found = await listed(api, api.account(f"SIP/{self.folder}/{sid}/{self.members}.json"))
        return {self.key_of(member): member for member in found}

    def _path(self, operation: Operation[TwilioAccount], sid: str, member: dict[str, Any] | None) -> str:
        base = f"SIP/{self.folder}/{sid}/{self.members}"
        return operation.client.api.account(f"{base}/{member['sid']}.json" if member else f"{base}.json")

    def _mark(self, member: dict[str, Any]) -> str:
        return str(member["date_updated"]) if self.hidden else self.shown(member)

    def _is(self, member: dict[str, Any], value: str | None) -> bool:
        return value is not None and (self.hidden or self.shown(member) == value)

    def _values(self, live: dict[str, dict[str, Any]]) -> dict[str, str]:
        return {key: self.shown(member) for key, member in live.items()}

    def _given(self, inputs: PropertyMap) -> dict[str, str]:
        value = inputs.get(self.members_property)
        if value is None or value.value is None or not is_known(value):
            return {}
        return {str(key): str(entry) for key, entry in plain(value).items()}

    def _refreshed(
        self, given: PropertyValue, live: dict[str, dict[str, Any]], marks: dict[str, str]
    ) -> PropertyValue:
        """Return the program's members as they are: without those that are gone, with what others changed."""
        found: dict[str, str] = {}
        for key, value in plain(given).items():
            if key in live:
                unchanged = self._mark(live[key]) == marks.get(key)
                found[key] = value if unchanged else self.shown(live[key])
        return wrap(found, is_secret=given.is_secret)

    def _state(self, sid: str, records: _Records) -> dict[str, PropertyValue]:
        return {
            **records.inputs,
            "listSid": wrap(sid),
            "created": wrap(records.created),
            "original": wrap(records.original),
            "marks": wrap(dict(sorted(records.marks.items()))),
        }


class _Records:
    """What a state keeps of a list; the marks change with each member that is written."""

    def __init__(
        self, inputs: PropertyMap, created: bool, original: dict[str, str], marks: dict[str, str]
    ) -> None:
        self.inputs = inputs
        self.created = created
        self.original = original
        self.marks = marks
