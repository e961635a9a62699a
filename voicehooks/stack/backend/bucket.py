"""The files of a backend in a bucket."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from types import ModuleType

    from obstore.store import ObjectStore

    from voicehooks.stack.backend.address import Address, Store

__all__ = ["Bucket"]

# Where nothing else signs in, the machine is asked for an identity of its own, at an address of this kind.
_NO_IDENTITY = "http://169.254."
_REFUSED = re.compile(rf"status code: 40[13]|Expired|invalid_grant|{re.escape(_NO_IDENTITY)}")
# A person waits: without these an absent credential service is asked for minutes.
_PATIENCE = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=15)}
_RETRIES: dict[str, Any] = {"max_retries": 1, "retry_timeout": timedelta(seconds=15)}


class Bucket:
    """Such a bucket.

    Args:
        address: which one.
        store: how it is opened.
    """

    def __init__(self, address: Address, store: Store) -> None:
        self._address = address
        self._settings = store

    def names(self, folder: str) -> list[str]:
        """Return the objects in a folder, with that folder's name, in one listing.

        Raises:
            Unreadable: the bucket cannot be listed.
        """
        obstore = _library()
        root = self._address.root
        try:
            found = obstore.list(self._store, f"{root}{folder}/").collect()
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise self._unreadable(error) from None
        return [str(one["path"]).removeprefix(root) for one in found]

    def read(self, name: str) -> bytes:
        """Return an object's content.

        Raises:
            FileNotFoundError: there is none.
            Unreadable: it cannot be read.
        """
        obstore = _library()
        try:
            return bytes(obstore.get(self._store, f"{self._address.root}{name}").bytes())
        except FileNotFoundError:
            raise
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise self._unreadable(error) from None

    @cached_property
    def _store(self) -> ObjectStore:
        kinds = _library().store
        kind: Any = {"s3": kinds.S3Store, "gs": kinds.GCSStore, "azblob": kinds.AzureStore}
        alone = self._settings.credentials
        store: ObjectStore = kind[self._address.scheme](
            self._address.bucket,
            config=dict(self._settings.config),
            credential_provider=None if alone is None else lambda: dict(alone),
            client_options={**_PATIENCE, "allow_http": self._settings.http},
            retry_config=_RETRIES,
        )
        return store

    def _unreadable(self, error: Exception) -> Unreadable:
        why = f"{self._address.shown} cannot be read: {_sentence(error)}"
        return Unreadable(why, self._settings.advice if _REFUSED.search(str(error)) else "")


def _library() -> ModuleType:
    """Load obstore, which takes its time and is needed by those alone who have a bucket."""
    try:
        import obstore  # noqa: PLC0415
        import obstore.store  # noqa: PLC0415
    except ImportError:
        raise Unreadable(
            "obstore, the library that reads buckets, is not installed", "run make install"
        ) from None
    return obstore


def _sentence(error: Exception) -> str:
    """What a store says, in a few words; never its address with a query, where a signature may stand."""
    text = str(error).partition("\n\nDebug source")[0]
    if _NO_IDENTITY in text:
        return "no credentials were found"
    if said := re.search(r"<Code>(\w+)</Code>\s*<Message>([^<\n]*)", text):
        return f"{said[2].rstrip('. ')} ({said[1]})"
    if answered := re.search(r"status code: (\d+ [A-Za-z ]+)", text):
        return f"it answered {answered[1].strip()}"
    if unreached := re.search(r"https?://[^/\s]+(?=.*HTTP error)", text, re.DOTALL):
        return f"{unreached[0]} does not answer"
    return re.sub(r"\?\S+", "", " ".join(text.split())).rstrip(". ")
