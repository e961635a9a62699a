"""Restores a number field by field, so that none of the program's own URLs outlives its function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import Adoption, Restoration, adoption_of
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.values import strings

from ..delivery import split
from ..fields import METHOD_FIELDS, URL_FIELDS, describe, shown
from .record import VOICE, is_own, without_own
from .routing import CLAIMED, ROUTING, sendable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pulumi_provider_kit.request import DeleteRequest
    from pulumi_provider_kit.resource import Operation

    from ..account import TwilioAccount
    from ..fields import Fields
    from ..numbers import Number

__all__ = ["masked", "plan_restoration", "restore", "restores"]

_EXCLUSIVE = {"trunk_sid": "voice_application_sid", "voice_application_sid": "trunk_sid"}


def plan_restoration(
    live: Fields, adoption: Adoption[str, str], own_urls: Collection[str], policy: str | None
) -> Restoration[str, str]:
    """Decide what becomes of each voice field.

    A URL that differs from the last one in its connection overrides alone, or that is one of the program's
    own, still counts as the program's. The method of a URL that was changed stays with its URL.

    Args:
        live: the fields of the number or the app.
        adoption: what is remembered of them.
        own_urls: URLs that are gone once the program is destroyed.
        policy: ``onDelete``: ``restore``, which is the default, ``clear`` or ``force``.
    """
    own = {name for name in URL_FIELDS if is_own(live[name], own_urls)}
    unwritten = {name: live[name] for name in sorted(own - adoption.written.keys())}
    known = Adoption(without_own(adoption.original, own_urls), {**adoption.written, **unwritten})
    plan = known.restoration(
        live,
        is_ours=lambda field: field in own or _is_last(field, live, known.written),
        force=policy == "force",
    )
    back, changed, unknown = dict(plan.back), dict(plan.changed), [f for f in plan.unknown if live[f]]
    if policy == "clear":
        back |= {field: _cleared(field) for field in unknown}
        unknown = []
    for method, url in METHOD_FIELDS.items():
        if url in changed:
            changed.pop(method, None)
            back.pop(method, None)
    for route, other in _EXCLUSIVE.items():
        # Twilio clears one of the two when the other one is set.
        if back.get(route) and live[other] and other not in back:
            del back[route]
            changed[other] = live[other]
    return Restoration(back, changed, tuple(f for f in unknown if f in URL_FIELDS or f in ROUTING))


async def restore(
    operation: Operation[TwilioAccount], number: Number, request: DeleteRequest, policy: str | None
) -> None:
    """Restore a number as :func:`plan_restoration` decides; say what is restored and what stays.

    Raises:
        ProviderError: a field would keep a value that only this program can serve.
    """
    live, adoption, e164 = VOICE.of(number), adoption_of(request.state), number["phone_number"]
    plan = plan_restoration(live, adoption, strings(request.old_inputs, "ownUrls"), policy)
    _ensure_known(e164, plan.unknown, live)
    if plan.changed:
        changes = describe((f, adoption.written.get(f, ""), value) for f, value in plan.changed.items())
        await operation.warn(
            f"{e164} was changed outside this stack since the last update ({changes}); that stays as it is. To "
            'restore it too: on_delete="force", pulumi up, then delete'
        )
    if plan.back:
        shown = describe((field, live[field], value) for field, value in plan.back.items())
        await operation.info(f"{e164} goes back to what it had before: {shown}; it is not released")
        await operation.client.numbers.update(number["sid"], VOICE.form(sendable(plan.back)))


def restores(original: Mapping[str, str]) -> dict[str, str]:
    """Return what a delete restores, for a preview."""
    return {name: shown(original[name]) for name in CLAIMED if name in original}


def masked(shown_before: dict[str, str]) -> dict[str, str]:
    """Return what an earlier version of this provider showed, which did not mask queries."""
    return {name: shown(value) for name, value in shown_before.items()}


def _ensure_known(number: str, unknown: Collection[str], live: Fields) -> None:
    """Make sure that no field keeps a value that only this program can serve.

    Raises:
        ProviderError: one would; names it, and the two lines to choose from.
    """
    if not unknown:
        return
    fields = " and ".join(f"{field} {shown(live[field])}" for field in unknown)
    raise ProviderError(
        f"{number} still has {fields}, which this program serves, and its earlier value is not known. "
        'Add one of two lines to this number, run pulumi up, then delete it: on_delete="clear" '
        '(onDelete: clear) clears what is unknown and restores the rest; on_delete="keep" '
        "(onDelete: keep) leaves the number as it is"
    )


def _is_last(field: str, live: Fields, last: Mapping[str, str]) -> bool:
    if field in URL_FIELDS:
        return split(live[field])[0] == split(last[field])[0]
    return live[field] == last[field]


def _cleared(field: str) -> str:
    if field in METHOD_FIELDS:
        return "POST"
    return "false" if field == "voice_caller_id_lookup" else ""
