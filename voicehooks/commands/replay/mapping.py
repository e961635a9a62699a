"""A stored callback as another stack would get it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["mapped", "our_numbers"]

_PARTIES = ("To", "From", "Called", "Caller", "ForwardedFrom", "OutgoingCallerId")


def our_numbers(params: Mapping[str, str], known: Collection[str]) -> set[str]:
    """Return the numbers in a callback that are the stack's own.

    Args:
        params: the callback.
        known: the numbers that the settings name; with "*" there are more.
    """
    ours = {params[name] for name in _PARTIES if params.get(name) in known}
    if not ours and params.get("Direction") == "inbound" and not params.get("ParentCallSid"):
        ours = {params["To"]} if params.get("To") else set()
    return ours


def mapped(params: Mapping[str, str], *, account: str, ours: Collection[str], number: str) -> dict[str, str]:
    """Return the callback with the target's account and number.

    Args:
        params: the callback as it was stored.
        account: the target's account SID.
        ours: the source's numbers in it.
        number: the target's number.
    """
    source = params.get("AccountSid", "")
    found = {name: value.replace(source, account) if source else value for name, value in params.items()}
    return {name: number if name in _PARTIES and value in ours else value for name, value in found.items()}
