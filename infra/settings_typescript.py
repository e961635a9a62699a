"""The TypeScript interfaces of ``settings.json``, generated from the models that write it."""

from __future__ import annotations

import json
import textwrap
import types
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from .callers import Callers
from .handler_settings import HandlerSettings
from .number_settings import NumberSettings, Voicemail
from .settings_model import ActsOn
from .sip_settings import SipDomainSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic.fields import FieldInfo

__all__ = ["module"]

_HEADER = """\
// The settings of one environment. A deploy writes them as settings.json next to a function's index.ts.
// Generated from infra/number_settings.py and infra/handler_settings.py: change those and run `make generate`.
"""

_NAMES: dict[type[BaseModel], str] = {HandlerSettings: "Settings", SipDomainSettings: "SipDomain"}
_PRIMITIVES = {str: "string", int: "number", bool: "boolean"}


def module() -> str:
    """Return the module's text before `deno fmt`."""
    in_handler = {name: NumberSettings.model_fields[name] for name in NumberSettings.acting_on(ActsOn.HANDLER)}
    domain = SipDomainSettings.acting_on(ActsOn.HANDLER)
    in_domain = {name: SipDomainSettings.model_fields[name] for name in domain}
    return "\n".join(
        [
            _HEADER,
            _interface(
                "NumberSettings",
                "How calls of one number are handled; a key that is absent or null leaves Twilio's default.",
                in_handler.items(),
            ),
            _interface("Voicemail", "Voicemail for calls that nobody answers.", Voicemail.model_fields.items()),
            _interface("Callers", "Which signed-in users may place calls.", Callers.model_fields.items()),
            _interface("SipDomain", "How calls of a SIP domain's phones are handled.", in_domain.items()),
            _interface("Settings", "The whole of settings.json.", HandlerSettings.model_fields.items()),
        ]
    )


def _interface(name: str, what: str, fields: Iterable[tuple[str, FieldInfo]]) -> str:
    rows = [
        f"{_comment(info.description or '')}\n  {info.alias}{_optional(info)}: {_type(info.annotation)};"
        for _, info in fields
    ]
    return f"/** {what} */\nexport interface {name} {{\n" + "\n".join(rows) + "\n}\n"


def _comment(text: str) -> str:
    """Return a JSDoc comment, on one line if it fits."""
    lines = textwrap.wrap(text, 100)
    if len(lines) == 1:
        return f"  /** {text} */"
    return "\n".join(["  /**", *(f"   * {line}" for line in lines), "   */"])


def _optional(info: FieldInfo) -> str:
    return "?" if type(None) in get_args(info.annotation) else ""


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in {Union, types.UnionType}:
        return " | ".join(_type(argument) for argument in arguments)
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in arguments)
    if origin is list:
        inner = _type(arguments[0])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<string, {_type(arguments[1])}>"
    if annotation is type(None):
        return "null"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _NAMES.get(annotation, annotation.__name__)
    return _PRIMITIVES[annotation]
