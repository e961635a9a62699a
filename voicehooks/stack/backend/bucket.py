"""The files of a backend in a bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["Bucket", "Store", "library"]

_KINDS = {"s3": "S3Store", "gs": "GCSStore", "azblob": "AzureStore"}
# Where nothing else signs in, the machine is asked for an identity of its own, at an address of this kind.
_NO_IDENTITY = "http://169.254."
_REFUSED = re.compile(rf"status code: 40[13]|Expired|invalid_grant|{re.escape(_NO_IDENTITY)}")
# A person waits: without these an absent credential service is asked for minutes.
_PATIENCE = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=15)}
_RETRIES = {"max_retries": 1, "retry_timeout": timedelta(seconds=15)}


@dataclass(frozen=True)
class Store:
    """How a bucket is opened.

    Attributes:
        config: obstore's settings by its names; credentials may be among them.
        credentials: those to use on their own: obstore then ignores what the environment has.
        advice: what to do where the credentials are refused.
    """

    config: Mapping[str, Any] = field(repr=False)
    credentials: Mapping[str, Any] | None = field(default=None, repr=False)
    advice: str = ""

    @property
    def http(self) -> bool:
        """Whether it is reached without TLS."""
        return str(self.config.get("endpoint") or self.config.get("base_url")).startswith("http://")


class Bucket:
    """Such a bucket: which one, and how it is opened."""

    def __init__(self, address: Address, store: Store) -> None:
        self._address = address
        self._settings = store

    def names(self, folder: str) -> list[str]:
        """Return the objects in a folder, with that folder's name, in one listing; see `Files`."""
        root = self._address.root
        obstore = library("obstore")
        try:
            found = obstore.list(self._store, f"{root}{folder}/").collect()
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise self._unreadable(error) from None
        return [str(entry["path"]).removeprefix(root) for entry in found]

    def read(self, name: str) -> bytes:
        """Return an object's content; see `Files`."""
        obstore = library("obstore")
        try:
            return bytes(obstore.get(self._store, f"{self._address.root}{name}").bytes())
        except FileNotFoundError:
            raise
        except (obstore.exceptions.BaseError, OSError, ValueError) as error:
            raise self._unreadable(error) from None

    @cached_property
    def _store(self) -> Any:
        alone = self._settings.credentials
        return getattr(library("obstore.store"), _KINDS[self._address.scheme])(
            self._address.bucket,
            config=dict(self._settings.config),
            credential_provider=None if alone is None else lambda: dict(alone),
            client_options={**_PATIENCE, "allow_http": self._settings.http},
            retry_config=_RETRIES,
        )

    def _unreadable(self, error: Exception) -> Unreadable:
        why = f"{self._address.shown} cannot be read: {_sentence(error)}"
        return Unreadable(why, self._settings.advice if _REFUSED.search(str(error)) else "")


def library(name: str) -> Any:
    """Load a module that takes its time, and that only those need who have a bucket.

    Raises:
        Unreadable: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise Unreadable(f"{package}, which reads buckets, is not installed", "run make install") from None


def _sentence(error: Exception) -> str:
    """What a store says, in a few words; never its address with a query, where a signature may be."""
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
