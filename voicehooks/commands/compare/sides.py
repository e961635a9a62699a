"""One side of a comparison: a stack's settings by path, and what is live."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from typing_extensions import TypedDict

from voicehooks.output.errors import CommandError
from voicehooks.stack.deployed_state import read_state
from voicehooks.vendors.live import read_live
from voicehooks.vendors.supabase import open_supabase

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from infra.settings import Settings
    from voicehooks.stack.environment import Environment

__all__ = ["Side", "read_side", "settings_by_path"]

_SECRETS = frozenset(
    {
        "secondaryAuthToken",
        "functionsApiKeySecret",
        "functionsApiKeySid",
        "softphoneApiKeySecret",
        "softphoneApiKeySid",
    }
)
# What differs between any two stacks and says nothing: where they are, and which numbers they have.
_IDENTITY = frozenset({"supabaseProject", "publicUrl", "diverted"})


class _Latest(TypedDict):
    latest: str | None


@dataclass
class Side:
    """What is known of one stack.

    Attributes:
        stack: its name.
        values: by what they are called: a setting's path, or "live: ...".
        unread: why something is not known.
    """

    stack: str
    values: dict[str, Any]
    unread: list[str] = field(default_factory=list)


async def read_side(environment: Environment) -> Side:
    """Read a stack.

    Raises:
        CommandError: its settings cannot be read.
    """
    settings = await asyncio.to_thread(lambda: environment.settings)
    side = Side(environment.name, dict(settings_by_path(settings)))
    reads: list[Callable[[Environment], Awaitable[dict[str, Any]]]] = [_live, _code, _schema]
    for answer in await asyncio.gather(*(read(environment) for read in reads), return_exceptions=True):
        if isinstance(answer, CommandError | ProviderError):
            side.unread.append(str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            side.values |= answer
    return side


def settings_by_path(settings: Settings) -> Iterator[tuple[str, Any]]:
    """The settings in force by path: `defaults.ringSeconds`; a secret only by whether it is set."""
    content = settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    numbers = content.pop("numbers", {})
    for name, value in content.items():
        if name in _SECRETS:
            yield name, "set"
        elif name not in _IDENTITY and value not in ({}, []):
            yield from _flat(name, value)
    yield "numbers", len(settings.named_numbers)
    own = sorted(
        json.dumps(value, sort_keys=True) for number, value in numbers.items() if value and number != "*"
    )
    if own:
        yield "numbers with settings of their own", len(own)
    if "*" in numbers:
        yield 'numbers."*"', numbers["*"]


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}", inner)
    else:
        yield path, value


async def _live(environment: Environment) -> dict[str, Any]:
    live = await read_live(environment)
    named = [number for number in live.settings.named_numbers if number in live.numbers]
    return {
        "live: numbers that the handler answers": sum(live.is_answered(number) for number in named),
        "live: numbers without a fallback": sum(not live.fallback(number) for number in named),
        **{
            f"live: function {slug}": f"version {function['version']}, {str(function['status']).lower()}, "
            f"verify_jwt {'on' if function['verify_jwt'] else 'off'}"
            for slug, function in sorted(live.functions.items())
        },
    }


async def _code(environment: Environment) -> dict[str, Any]:
    """A digest of each function's code as the last update deployed it, without its settings."""
    state = await asyncio.to_thread(read_state, environment.engine)
    return {
        f"deployed: code of {slug}": hashlib.sha256(
            json.dumps(function.outputs.get("fileHashes"), sort_keys=True).encode()
        ).hexdigest()[:8]
        for slug, function in sorted(state.functions.items())
    }


async def _schema(environment: Environment) -> dict[str, Any]:
    async with open_supabase(environment) as api:
        rows = await api.query(
            environment.settings.supabase_project,
            "select max(version) as latest from voicehooks.schema_migrations",
            read_only=True,
            row=_Latest,
        )
    return {"live: latest migration": rows[0]["latest"] if rows else None}
