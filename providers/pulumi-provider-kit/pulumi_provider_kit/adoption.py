"""Adopt and give back: take over what existed before the program, and restore it later.

Some objects are neither created nor deleted by a program: a phone number, an account's settings, a country's
dialing permissions, an imported TwiML App. A resource takes over some of their fields and restores them:

- ``original`` is what was found at first. It is recorded once. A value of the program's own is never recorded
  as what was there before.
- ``lastWritten`` is what the resource wrote, also where the answer to the write was lost.
- A field that the program does not give stays as it is. One that leaves the program goes back to ``original``.
- A delete restores each field on its own. A field that was changed outside this stack in the meantime stays
  as it is and is reported.

Both records are outputs of the resource. A field is whatever the vendor changes on its own; each resource says
how it reads and writes its fields, and this module decides which of them are written with which values.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import Cancelled, InitializationFailed, ProviderError
from .values import is_known, plain, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from pulumi.provider.experimental.property_value import PropertyValue

    from .values import PropertyMap

__all__ = [
    "Adoption",
    "Restoration",
    "adoption_of",
    "explain_lost_create",
    "keep_attempted",
    "outputs_of",
    "remembered",
]

FieldT = TypeVar("FieldT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True)
class Restoration(Generic[FieldT, ValueT]):
    """What a delete does to each field.

    Attributes:
        back: fields to write, with their earlier values.
        changed: fields that were changed outside this stack, with their live values; they stay as they are.
        unknown: fields that hold a value of this program and whose earlier value is not known.
    """

    back: dict[FieldT, ValueT]
    changed: dict[FieldT, ValueT]
    unknown: tuple[FieldT, ...]


@dataclass(frozen=True)
class Adoption(Generic[FieldT, ValueT]):
    """What is known of an adopted object's past.

    Attributes:
        original: the fields found at first, as far as they are known.
        written: the fields that the resource manages, with the values that it wrote last.
    """

    original: Mapping[FieldT, ValueT]
    written: Mapping[FieldT, ValueT]

    def is_original(self, fields: Mapping[FieldT, ValueT]) -> bool:
        """Tell whether all these fields have their first values, so that giving them back changes nothing."""
        return all(field in self.original and self.original[field] == v for field, v in fields.items())

    def leaving(self, before: Iterable[FieldT], given: Collection[FieldT]) -> dict[FieldT, ValueT]:
        """Return the fields that leave the program, with the values that they go back to.

        Args:
            before: the fields that the program gave before; those that were written count as well.
            given: the fields that it gives now, known or not.
        """
        fields = sorted({*self.written, *before}, key=str)
        return {f: self.original[f] for f in fields if f not in given and f in self.original}

    def attempting(
        self, wanted: Mapping[FieldT, ValueT], back: Mapping[FieldT, ValueT]
    ) -> Adoption[FieldT, ValueT]:
        """Return what to remember while it is not known whether a write arrived.

        A field on its way back still counts as managed, with the value that it has if nothing arrived.
        """
        return Adoption(self.original, {**back, **self.written, **wanted})

    def after(self, wanted: Mapping[FieldT, ValueT], back: Mapping[FieldT, ValueT]) -> Adoption[FieldT, ValueT]:
        """Return what to remember after a write: a field that went back is no longer this resource's."""
        written = {f: v for f, v in {**self.written, **wanted}.items() if f not in back}
        return Adoption(self.original, written)

    def differs_from(self, live: Mapping[FieldT, ValueT]) -> bool:
        """Tell whether a field has neither the value written last nor, where none was, its first one."""
        known = {**self.original, **self.written}
        return any(field in known and known[field] != value for field, value in live.items())

    def arrived(
        self, attempted: Mapping[FieldT, ValueT], live: Mapping[FieldT, ValueT]
    ) -> Adoption[FieldT, ValueT]:
        """Return what to remember after an update that was killed.

        Args:
            attempted: the fields that it was about to write.
            live: the fields as they are: those that did not arrive do not count.
        """
        written = {f: v for f, v in attempted.items() if f in live and live[f] == v}
        return Adoption(self.original, {**self.written, **written})

    def restoration(
        self,
        live: Mapping[FieldT, ValueT],
        *,
        is_ours: Callable[[FieldT], bool] | None = None,
        force: bool = False,
    ) -> Restoration[FieldT, ValueT]:
        """Decide, field by field, what a delete restores.

        Args:
            live: the fields as they are now; those that were written at least.
            is_ours: tells whether a field still holds a value of this program; by default, whether it is
                equal to the one written last.
            force: restore also what was changed outside this stack.
        """
        back: dict[FieldT, ValueT] = {}
        changed: dict[FieldT, ValueT] = {}
        unknown: list[FieldT] = []
        for field, last in self.written.items():
            if field in self.original and live[field] == self.original[field]:
                continue
            ours = is_ours(field) if is_ours is not None else live[field] == last
            if not (ours or force):
                changed[field] = live[field]
            elif field in self.original:
                back[field] = self.original[field]
            else:
                unknown.append(field)
        return Restoration(back, changed, tuple(unknown))


def adoption_of(state: PropertyMap, otherwise: Mapping[str, str] | None = None) -> Adoption[str, str]:
    """Return what a state remembers of an object whose fields are strings.

    Args:
        state: the state.
        otherwise: what counts as written where the state does not say.
    """
    return Adoption(remembered(state, "original"), remembered(state, "lastWritten") or otherwise or {})


def outputs_of(adoption: Adoption[str, str], *, is_secret: bool = False) -> dict[str, PropertyValue]:
    """Return the two outputs that a state keeps."""
    return {
        "original": wrap(dict(adoption.original), is_secret=is_secret),
        "lastWritten": wrap(dict(sorted(adoption.written.items())), is_secret=is_secret),
    }


def remembered(state: PropertyMap, name: str) -> dict[str, Any]:
    """Return the map kept in an output such as ``original``; empty where there is none."""
    value = state.get(name)
    if value is None or not is_known(value) or value.value is None:
        return {}
    return {str(key): entry for key, entry in plain(value).items()}


@contextmanager
def keep_attempted(
    resource_id: str, attempted: PropertyMap, advice: str = "run pulumi up again"
) -> Iterator[None]:
    """Keep a state where it is not known whether the write under ``with`` arrived.

    Args:
        resource_id: the resource's ID.
        attempted: the state to keep: that of :meth:`Adoption.attempting`.
        advice: what the message adds to the error.

    Raises:
        ProviderError: the vendor refused the write, so that nothing changed and the previous state holds.
        InitializationFailed: anything else went wrong.
    """
    try:
        yield
    except ProviderError as error:
        if error.refused or isinstance(error, InitializationFailed):
            raise
        raise InitializationFailed(resource_id, attempted, [f"{error}; {advice}"]) from None


@contextmanager
def explain_lost_create(advice: str) -> Iterator[None]:
    """Say where to look if it is not known whether the create under ``with`` arrived.

    The vendor gives the new object its ID, so there is no state to keep.

    Args:
        advice: what the message adds to the error.

    Raises:
        ProviderError: the create failed.
    """
    try:
        yield
    except ProviderError as error:
        if error.refused or isinstance(error, Cancelled):
            raise
        raise ProviderError(f"{error}; {advice}") from None
