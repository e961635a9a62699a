"""A provider's configuration: from the stack's settings, else from the environment."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

from .table import Scalar, snake_case
from .values import secret, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.provider.experimental.property_value import PropertyValue

    from .table import Property, ProviderTable
    from .values import PropertyMap

__all__ = ["missing", "parse_config", "with_environment"]


def parse_config(table: ProviderTable, given: PropertyMap) -> dict[str, PropertyValue]:
    """Give each setting its type: a stack's settings all arrive as strings."""
    types = {p.name: p for p in table.config}
    parsed: dict[str, PropertyValue] = {}
    for name, value in given.items():
        prop = types.get(name)
        if prop is not None and isinstance(value.value, str) and prop.type is not Scalar.STRING:
            with contextlib.suppress(ValueError):  # the check names the type that it should have
                value = wrap(json.loads(value.value), is_secret=value.is_secret)  # noqa: PLW2901
        parsed[name] = secret(value) if prop is not None and prop.secret else value
    return parsed


def with_environment(table: ProviderTable, config: PropertyMap) -> dict[str, PropertyValue]:
    """Fill in what the configuration leaves open from the environment and from fixed defaults.

    Done in the plugin's process and never handed back to the engine, so that a credential from the
    environment does not end up in a stack's state.
    """
    filled = {k: v for k, v in config.items() if v.value not in (None, "")}
    for prop in table.config:
        if prop.name in filled or prop.default is None:
            continue
        found = next((os.environ[n] for n in prop.default.environment if os.environ.get(n)), None)
        value = found if found is not None else prop.default.value
        if value is not None:
            filled[prop.name] = wrap(value, is_secret=prop.secret)
    return filled


def missing(table: ProviderTable, config: Mapping[str, object], *names: str) -> list[str]:
    """Say, for each named setting that is missing, with which command or variable to give it."""
    properties = {p.name: p for p in table.config}
    return [_how_to_set(table, properties[name]) for name in names if name not in config]


def _how_to_set(table: ProviderTable, prop: Property) -> str:
    flag = "--secret " if prop.secret else ""
    command = f"pulumi config set {flag}{table.name}:{prop.name}"
    variables = prop.default.environment if prop.default else ()
    return f"{snake_case(prop.name)} ({command}" + (f", or {variables[0]})" if variables else ")")
