"""A stack's state: its resources with their properties, secrets opened where the export has opened them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.stack.engine import Engine

__all__ = ["Resource", "State", "read_state"]

# How the engine marks a secret in an exported state (Pulumi: sdk/go/common/resource, SigKey and SecretSig).
_SIGNATURE = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True)
class Resource:
    """A resource as the last update left it.

    Attributes:
        urn: its URN.
        name: its logical name.
        id: the vendor's.
        inputs: what the program gives; what is not in it is not ours.
        outputs: all properties.
    """

    urn: str
    name: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class State:
    """The resources of a stack by their type."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self._by_type: dict[str, list[Resource]] = {}
        for found in resources:
            if found.get("delete"):  # replaced, and waits to be deleted
                continue
            resource = Resource(
                str(found["urn"]),
                str(found["urn"]).rpartition("::")[2],
                str(found.get("id") or ""),
                _opened(found.get("inputs") or {}),
                _opened(found.get("outputs") or {}),
            )
            self._by_type.setdefault(str(found["type"]), []).append(resource)

    @property
    def deployed(self) -> bool:
        """Whether there is more than the stack itself."""
        return any(":" in kind and not kind.startswith("pulumi:") for kind in self._by_type)

    def all(self, kind: str) -> list[Resource]:
        """The resources of a type."""
        return self._by_type.get(kind, [])

    def one(self, kind: str) -> Resource | None:
        """The only resource of a type, or None."""
        return next(iter(self.all(kind)), None)

    @property
    def numbers(self) -> dict[str, Resource]:
        """The numbers' voice configurations by E.164 number."""
        found = self.all("twilio:index:VoiceConfiguration")
        return {str(resource.outputs.get("e164") or resource.name): resource for resource in found}

    @property
    def application(self) -> Resource | None:
        """The TwiML App that numbers share, or None."""
        return self.one("twilio:index:Application")

    @property
    def functions(self) -> dict[str, Resource]:
        """The Edge Functions by slug."""
        return {
            str(resource.outputs.get("slug")): resource for resource in self.all("supabase:index:EdgeFunction")
        }

    @property
    def secrets(self) -> Resource | None:
        """The functions' secrets without the signing keys, or None."""
        found = self.all("supabase:index:EdgeFunctionSecrets")
        return next((resource for resource in found if resource.name == "secrets"), next(iter(found), None))

    @property
    def secret_values(self) -> dict[str, str]:
        """Every secret of the functions by name, signing keys included; never to be printed."""
        found: dict[str, str] = {}
        for resource in self.all("supabase:index:EdgeFunctionSecrets"):
            values = resource.outputs.get("values") or {}
            found |= {name: str(value) for name, value in values.items()}
        return found

    @property
    def signing_keys(self) -> dict[str, str]:
        """The secrets of the keys with which Twilio may sign, by the keys' IDs; never to be printed."""
        keys = self.all("twilio:index:WebhookSharedKey")
        return {key.id: str(key.outputs.get("secret") or "") for key in keys}

    @property
    def migrations(self) -> Resource | None:
        """The schema, or None."""
        return self.one("supabase:index:Migrations")

    @property
    def stack_outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        stack = self.one("pulumi:pulumi:Stack")
        return stack.outputs if stack else {}


def read_state(engine: Engine, *, show_secrets: bool = False) -> State:
    """Return what the last update left; before the first update nothing.

    Args:
        engine: the stack.
        show_secrets: whether secrets are opened.

    Raises:
        CommandError: there is no such stack, or its secrets cannot be opened.
    """
    return State(engine.resources(show_secrets=show_secrets))


def _opened(value: Any) -> Any:
    """The value without the engine's marks of secrets."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return _opened(json.loads(value["plaintext"])) if "plaintext" in value else value.get("value")
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item) for item in value]
    return value
