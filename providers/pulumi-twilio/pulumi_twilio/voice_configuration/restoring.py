"""Restores a number field by field, so that none of the program's own URLs outlives its function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.values import strings

from ..delivery import split
from ..fields import METHOD_FIELDS, URL_FIELDS, describe, remembered, shown
from .adoption import ROUTING, sendable
from .record import VOICE, is_own, without_own

if TYPE_CHECKING:
    from collections.abc import Collection

    from pulumi_provider_kit.request import DeleteRequest
    from pulumi_provider_kit.resource import Operation

    from ..account import TwilioAccount
    from ..fields import Fields
    from ..numbers import Number

__all__ = ["Restoration", "plan_restoration", "restore"]

_EXCLUSIVE = {"trunk_sid": "voice_application_sid", "voice_application_sid": "trunk_sid"}


@dataclass(frozen=True)
class Restoration:
    """The effect of a delete on each field.

    Attributes:
        back: fields to write, with their previous values.
        changed: fields that were changed outside this stack, with their live values; they do not change.
        unknown: fields that have a value of this program and whose previous value is not known.
    """

    back: Fields
    changed: Fields
    unknown: tuple[str, ...]

    def ensure_known(self, number: str, live: Fields) -> None:
        """Make sure that no field keeps a value that only this program can serve.

        Raises:
            ProviderError: a field would; the error names it and the two lines to choose from.
        """
        if not self.unknown:
            return
        found = " and ".join(f"{field} {shown(live[field])}" for field in self.unknown)
        raise ProviderError(
            f"{number} still has {found}, which this program serves, and its earlier value is not known. "
            'Choose one of two lines for this number, run pulumi up, and delete it then: on_delete="clear" '
            '(onDelete: clear) empties what is unknown and restores the rest; on_delete="keep" '
            "(onDelete: keep) leaves the number as it is"
        )


def plan_restoration(
    live: Fields, last: Fields, original: Fields, own_urls: Collection[str], policy: str
) -> Restoration:
    """Decide field by field.

    A field that was changed outside this stack does not change, and neither does the method of a changed URL.
    A URL that differs from the last one only in its connection overrides, or that is one of the program's own,
    still counts as the program's.

    Args:
        live: the number's fields.
        last: the fields that the resource wrote last, with their values.
        original: the previous values.
        own_urls: URLs that no longer work once the program is destroyed.
        policy: ``onDelete``: ``restore``, ``clear`` or ``force``.
    """
    known = without_own(original, own_urls)
    changed: Fields = {}
    back: Fields = {}
    unknown: list[str] = []
    own = {name for name in URL_FIELDS if is_own(live[name], own_urls)}
    for field in [*last, *sorted(own - last.keys())]:
        if live[field] == known.get(field):
            continue
        if policy != "force" and field not in own and not _is_last(field, live, last):
            changed[field] = live[field]
        elif field in known:
            back[field] = known[field]
        elif not live[field]:
            continue
        elif policy == "clear":
            back[field] = _cleared(field)
        elif field in URL_FIELDS or field in ROUTING:
            unknown.append(field)
    for method, url in METHOD_FIELDS.items():
        if url in changed:
            changed.pop(method, None)
            back.pop(method, None)
    for route, other in _EXCLUSIVE.items():
        # Twilio clears one of the two when the other one is set.
        if back.get(route) and live[other] and other not in back:
            del back[route]
            changed[other] = live[other]
    return Restoration(back, changed, tuple(unknown))


async def restore(
    operation: Operation[TwilioAccount], number: Number, request: DeleteRequest, policy: str
) -> None:
    """Restore a number as ``plan_restoration`` decides; report what is restored and what is not.

    Raises:
        ProviderError: a field would keep a value that only this program can serve.
    """
    state, live, e164 = request.state, VOICE.of(number), number["phone_number"]
    last = remembered(state, "lastWritten")
    own_urls = strings(request.old_inputs, "ownUrls") or strings(state, "ownUrls")
    plan = plan_restoration(live, last, remembered(state, "original"), own_urls, policy)
    plan.ensure_known(e164, live)
    if plan.changed:
        changes = describe((field, last.get(field, ""), value) for field, value in plan.changed.items())
        await operation.warn(
            f"{e164} was changed outside this stack since the last update ({changes}); that stays as it is. To "
            'restore it too: on_delete="force", pulumi up, then delete'
        )
    if plan.back:
        shown = describe((field, live[field], value) for field, value in plan.back.items())
        await operation.info(f"{e164} goes back to what it had before: {shown}; it is not released")
        await operation.client.numbers.update(number["sid"], VOICE.form(sendable(plan.back)))


def _is_last(field: str, live: Fields, last: Fields) -> bool:
    if field in URL_FIELDS:
        return split(live[field])[0] == split(last[field])[0]
    return live[field] == last[field]


def _cleared(field: str) -> str:
    if field in METHOD_FIELDS:
        return "POST"
    return "false" if field == "voice_caller_id_lookup" else ""
