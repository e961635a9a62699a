"""The claims on a project's secrets, and this stack's records of the program's secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.values import strings, text

from ..project import project_of

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..client import ManagementApi

__all__ = ["Past", "entries", "secret_claim"]


class Past:
    """The records of the program's secrets: from the resource's state, and from other resources' states.

    Attributes:
        digests: by name, the SHA-256 that this stack wrote last.
        created: the names that this stack created.
        key: the key of the fingerprints, or empty. While it stays, functions are not redeployed.
        managers: the other resources that managed some of the names before, with those names.
    """

    def __init__(
        self, operation: Operation[ManagementApi], inputs: PropertyMap, state: PropertyMap | None = None
    ) -> None:
        self.digests = remembered(state or {}, "digests")
        self.created = set(strings(state or {}, "created"))
        self.key = text(state or {}, "key") or ""
        self.managers: dict[str, list[str]] = {}
        for name in sorted(set(entries(inputs)) - set(self.digests)):
            past = operation.pasts.get(secret_claim(project_of(inputs), name).key)
            digest = remembered(past.state, "digests").get(name) if past is not None else None
            if past is None or digest is None:
                continue
            self.digests[name] = digest
            self.created |= {name} & set(strings(past.state, "created"))
            self.key = self.key or text(past.state, "key") or ""
            self.managers.setdefault(past.urn, []).append(name)


def secret_claim(ref: str, name: str) -> Singleton:
    """Return the claim on a secret."""
    return Singleton(f"supabase:{ref}:secret:{name}", f"the secret {name}", "values")


def entries(inputs: PropertyMap) -> Mapping[str, PropertyValue]:
    """Return the program's secrets by name; empty while the whole map is not known."""
    value = inputs.get("values")
    return value.value if value is not None and isinstance(value.value, Mapping) else {}
