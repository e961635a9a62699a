"""What a provider tells its user when something is wrong.

::

    ProviderError                 the operation failed; its text is one sentence for the user
    ├── PropertyError             ... because of one property, which it names
    ├── Cancelled                 ... because the user asked the engine to stop
    ├── HomeGone                  ... because the account that the resource was in no longer exists
    └── InitializationFailed      ... after something was written: the state is kept all the same

Only these cross the wire as they are. Anything else is a defect of the provider, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi.provider.experimental.property_value import PropertyValue

__all__ = ["Cancelled", "HomeGone", "InitializationFailed", "PropertyError", "ProviderError"]


class ProviderError(Exception):
    """An operation failed; the text says what, why and what to do, in one sentence.

    Attributes:
        refused: whether the vendor refused the request, so that it changed nothing.
    """

    refused = False


class PropertyError(ProviderError):
    """One property is at fault.

    Attributes:
        property: the property's schema name or path, ``voiceUrl`` or ``delivery.retries``.
        reason: the sentence without the property's name.
    """

    def __init__(self, property_name: str, reason: str) -> None:
        super().__init__(f"{property_name}: {reason}")
        self.property = property_name
        self.reason = reason


class Cancelled(ProviderError):
    """The user interrupted the update; what was begun is finished, nothing new is started."""

    def __init__(self) -> None:
        super().__init__("stopped, because the update was interrupted")


class HomeGone(ProviderError):
    """The account that the resource was in no longer exists, and nothing in it does."""


class InitializationFailed(ProviderError):
    """A write succeeded and what followed did not.

    The engine keeps the state given here and calls update or delete next time, so that nothing that was
    written is ever forgotten.
    """

    def __init__(self, resource_id: str, state: Mapping[str, PropertyValue], reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id = resource_id
        self.state = state
        self.reasons = tuple(reasons)
