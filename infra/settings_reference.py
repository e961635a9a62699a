"""The reference page of an environment's settings, made from their model."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from .account import Account
from .callers import Callers
from .dialing_permissions import CountryPermissions
from .diversions import Before, Diversion
from .number_settings import Delivery, NumberSettings, Voicemail
from .rules import CountriesRule, HostsRule, RetriesRule, Rules
from .settings import Settings
from .settings_model import ActsOn
from .settings_parser import REQUIRED_ELSEWHERE
from .sip_settings import Origin, SipDomainSettings, TrunkSettings

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

__all__ = ["page"]

_INTRODUCTION = """\
# Settings of an environment

<!-- Generated from the models of the settings in infra/; change those and run make generate. -->

All settings are in `Pulumi.<environment>.yaml`. A setting that is absent leaves Twilio as it is.
"""

_OTHER_CREDENTIALS = """\
All three are required. The providers have more settings, for example a Twilio API key: see
[pulumi-twilio](pulumi-twilio.md#provider-configuration) and
[pulumi-supabase](pulumi-supabase.md#provider-configuration).
"""


def page() -> str:
    """Return the page as Markdown."""
    credentials = "\n".join(f"| `{key}` | `{variable}` |" for key, variable in REQUIRED_ELSEWHERE.items())
    return "\n".join(
        [
            _INTRODUCTION,
            "## Credentials\n\n| key | or this environment variable |\n| --- | --- |\n" + credentials + "\n",
            _OTHER_CREDENTIALS,
            _section("## Keys of an environment", Settings, prefix="voicehooks:"),
            _section("## Keys of a number, and of `voicehooks:defaults`", NumberSettings),
            _section("### `delivery`", Delivery),
            _section("### `voicemail`", Voicemail),
            _section("### `voicehooks:account`", Account),
            _section("### A domain of `voicehooks:sipDomains`", SipDomainSettings),
            _section("### A trunk of `voicehooks:trunks`", TrunkSettings),
            _section("#### An entry of `origins`", Origin),
            _section("### A country of `voicehooks:dialingPermissions`", CountryPermissions),
            _section("### `voicehooks:callers`", Callers),
            _section("### A number of `voicehooks:diverted`", Diversion),
            _section("#### `before` of a diverted number", Before),
            _section("### `voicehooks:rules`", Rules),
            _section("#### `retries` of the rules", RetriesRule),
            _section("#### `hosts` of the rules", HostsRule),
            _section("#### `countries` of the rules", CountriesRule),
        ]
    )


def _section(title: str, model: type[BaseModel], prefix: str = "") -> str:
    columns = ["key", "value", "description"]
    if any(_places(info) for info in model.model_fields.values()):
        columns.append("acts on")
    rows = [f"{title}\n", _line(columns), _line(["---"] * len(columns))]
    for name, info in model.model_fields.items():
        cells = [*_cells(prefix + (info.alias or name), info), _places(info)]
        rows.append(_line(cells[: len(columns)]))
    return "\n".join(rows) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _places(info: FieldInfo) -> str:
    return ", ".join(place.value for place in info.metadata if isinstance(place, ActsOn))


def _cells(key: str, info: FieldInfo) -> tuple[str, str, str]:
    required = " Required." if info.is_required() else ""
    default = info.get_default(call_default_factory=True, validated_data={}) if not info.is_required() else None
    # "" and false mean the same as an absent key.
    shown = f" Default: `{default}`." if default and isinstance(default, str | int) else ""
    what = (info.description or "").strip().replace("<", "&lt;")
    return f"`{key}`", _type(info.annotation), f"{what}{required}{shown}"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, types.UnionType}:
        return _type(next(a for a in arguments if a is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map to {_type(arguments[1])}"
    names = {str: "text", int: "whole number", bool: "true, false"}
    return names.get(annotation, getattr(annotation, "__name__", "value"))
