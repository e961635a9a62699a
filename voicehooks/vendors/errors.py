"""Turning what a vendor's client raises into the error that a user sees."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from pulumi_provider_kit.errors import ProviderError

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["reported"]


@contextmanager
def reported(what: str, do: str = "") -> Iterator[None]:
    """Report what a vendor refused, or answered wrongly, as a command's error.

    Args:
        what: what could not be done, a sentence without a full stop.
        do: what the user can do, where the vendor's own error does not say it.

    Raises:
        CommandError: exit code 2; the cause is the client's own sentence, which names the API.
    """
    try:
        yield
    except ProviderError as error:
        raise CommandError(what, str(error), do) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CommandError(what, f"no answer ({type(error).__name__})", do or "check the network") from None
