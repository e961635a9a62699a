"""A stored callback as another stack would get it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Form", "mapped", "our_numbers"]

_PARTIES = ("To", "From", "Called", "Caller", "ForwardedFrom", "OutgoingCallerId")


class Form(dict[str, list[str]]):
    """A callback's parameters, each with the values that it has: a caller's own parameters may be repeated."""

    @classmethod
    def of(cls, params: Mapping[str, str | list[str]]) -> Form:
        """Return the parameters as the database keeps them."""
        return cls({name: [value] if isinstance(value, str) else value for name, value in params.items()})

    def getlist(self, name: str) -> list[str]:
        """Return a parameter's values; Twilio's ``RequestValidator`` asks for them so."""
        return self[name]

    def first(self, name: str) -> str:
        """Return a parameter's first value, "" if it is absent."""
        return next(iter(self.get(name, [])), "")


def our_numbers(form: Form, known: Collection[str]) -> set[str]:
    """Return the numbers in a callback that are the stack's own.

    Args:
        form: the callback.
        known: the numbers that the settings name; with "*" there are more.
    """
    ours = {value for name in _PARTIES for value in form.get(name, []) if value in known}
    if not ours and form.first("Direction") == "inbound" and not form.first("ParentCallSid"):
        ours = set(form.get("To", []))
    return ours


def mapped(form: Form, *, account: str, ours: Collection[str], number: str) -> Form:
    """Return the callback with the target's account and number.

    Args:
        form: the callback as it was stored.
        account: the target's account SID.
        ours: the source's numbers in it.
        number: the target's number.
    """
    source = form.first("AccountSid")

    def of_target(name: str, value: str) -> str:
        if name in _PARTIES and value in ours:
            return number
        return value.replace(source, account) if source else value

    return Form({name: [of_target(name, value) for value in values] for name, values in form.items()})
