"""What belongs to a SIP object and has requests of its own: mapped lists, numbers, origination URLs.

Each part is a field of its own, ``credential_lists/CL...``, so that parts which somebody else added stay as
they are, and each is restored on its own. A field's value is text; an empty text means that the part is absent.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.table import snake_case
from pulumi_provider_kit.values import is_known, plain, wrap

from ..client import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

    from ..account import TwilioAccount
    from ..client import TwilioClient
    from ..fields import Fields

__all__ = ["ListMappings", "Parts", "listed"]

_PAGE_SIZE = 1000


async def listed(api: TwilioClient, path: str, *, host: str = "api") -> list[dict[str, Any]]:
    """Return all entries of a list, whichever of its two forms of pages Twilio gives it.

    Raises:
        ProviderError: the list has no end.
    """
    page = await api.get(path, host=host, PageSize=_PAGE_SIZE)
    found: list[dict[str, Any]] = []
    seen = set()
    while True:
        found += next((value for value in page.values() if isinstance(value, list)), [])
        following = page.get("next_page_uri") or (page.get("meta") or {}).get("next_page_url")
        if not following:
            return found
        if following in seen:
            raise ProviderError(f"Twilio's list {path} has no end; run the command again later")
        seen.add(following)
        page = await api.get(following, host=host)


class Parts(ABC):
    """One kind of parts.

    Args:
        property_name: the property that lists them, ``credentialLists``.
    """

    def __init__(self, property_name: str) -> None:
        self.property = property_name
        self.prefix = f"{snake_case(property_name)}/"

    def wanted(self, inputs: PropertyMap) -> Fields:
        """Return the fields of the parts that a program names; none where they are not known yet."""
        value = inputs.get(self.property)
        if value is None or value.value is None or not is_known(value):
            return {}
        return {self.prefix + key: text for key, text in self.entries(plain(value)).items()}

    def input_from(self, live: Fields, keys: Iterable[str], given: PropertyValue | None) -> PropertyValue:
        """Return the property's value for those of these parts that are live, in this order.

        Args:
            live: the fields as they are.
            keys: the parts.
            given: what the program says; a part that is as it says stays in the program's words.
        """
        said = [] if given is None or not is_known(given) else plain(given)
        words = {self.prefix + key: (item, text) for item in said for key, text in self.entries([item]).items()}
        return wrap(
            [
                words[k][0] if k in words and words[k][1] == live[k] else self.shown(k, live[k])
                for k in keys
                if live.get(k)
            ]
        )

    def entries(self, value: Any) -> dict[str, str]:
        """Return key and value of each part that a property's plain value names."""
        return dict.fromkeys(value, "mapped")

    def shown(self, field: str, value: str) -> Any:
        """Return a part as the property has it."""
        return field.removeprefix(self.prefix)

    def own(self, fields: Iterable[str]) -> list[str]:
        """Return those of these fields that are parts of this kind."""
        return [field for field in fields if field.startswith(self.prefix)]

    @abstractmethod
    async def live(self, account: TwilioAccount, sid: str, fields: Iterable[str]) -> Fields:
        """Return the parts that the object has, and the present value of each of these fields."""

    @abstractmethod
    async def set(self, account: TwilioAccount, sid: str, field: str, value: str) -> None:
        """Add, change or (with an empty value) remove a part."""


class ListMappings(Parts):
    """Credential lists or IP access control lists that an object names.

    Args:
        property_name: the property.
        path: of the mappings, below the object.
        parameter: the name of a list's SID in a request.
        host: the product, ``api`` or ``trunking``.
    """

    def __init__(self, property_name: str, path: str, parameter: str, host: str = "api") -> None:
        super().__init__(property_name)
        self._path = path
        self._parameter = parameter
        self._host = host

    async def live(self, account: TwilioAccount, sid: str, fields: Iterable[str]) -> Fields:
        """Return the mapped lists."""
        found = await listed(account.api, self._at(account.api, sid), host=self._host)
        return {self.prefix + entry["sid"]: "mapped" for entry in found}

    async def set(self, account: TwilioAccount, sid: str, field: str, value: str) -> None:
        """Map a list, or take it out."""
        key = field.removeprefix(self.prefix)
        path = self._at(account.api, sid)
        if value:
            await account.api.post(path, {self._parameter: key}, host=self._host)
            return
        stem, dot, suffix = path.partition(".json")
        try:
            await account.api.delete(f"{stem}/{key}{dot}{suffix}", host=self._host)
        except NotFound:
            return

    def _at(self, api: TwilioClient, sid: str) -> str:
        path = self._path.format(sid=sid)
        return api.account(path) if self._host == "api" else path
