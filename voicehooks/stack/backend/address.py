"""The address of a bucket as the Pulumi CLI takes it: `s3://bucket/some/prefix?region=eu-central-1`.

The options are those of the Go CDK (gocloud.dev/blob), with which the CLI opens buckets, and the older names
that the CLI still takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Address", "Store", "parse"]

# What the CLI takes for a Boolean (Go: strconv.ParseBool).
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


@dataclass(frozen=True)
class Address:
    """Such an address in parts.

    Attributes:
        scheme: s3, gs, azblob.
        bucket: the bucket's or container's name.
        root: what every name in the bucket starts with: the option `prefix` as it was written, then the path,
            which ends in a slash.
        options: the rest of the query.
    """

    scheme: str
    bucket: str
    root: str
    options: Mapping[str, str]

    @property
    def shown(self) -> str:
        """Without its options, for a sentence."""
        return f"{self.scheme}://{self.bucket}/{self.root}".rstrip("/")

    def only(self, understood: Collection[str]) -> None:
        """Make sure that every option is understood: one that is not may mean another place.

        Raises:
            Unreadable: names those that are not.
        """
        unknown = sorted(self.options.keys() - set(understood))
        if unknown:
            raise Unreadable(
                f"the backend's address has an option that is not understood here: {', '.join(unknown)}",
                "copy its .pulumi into a folder and repeat this with PULUMI_BACKEND_URL=file://FOLDER",
            )

    def flag(self, *names: str, default: bool = False) -> bool:
        """Return an option that is true or false, by any of its names.

        Raises:
            Unreadable: it is neither.
        """
        for name in names:
            if value := self.options.get(name):
                if value not in _TRUE | _FALSE:
                    raise Unreadable(f"the option {name} of the backend's address is neither true nor false")
                return value in _TRUE
        return default


@dataclass(frozen=True)
class Store:
    """How a bucket is opened.

    Attributes:
        config: obstore's settings by its names; credentials may be among them.
        credentials: those that stand alone: what the environment has, a session's token too, does not count.
        http: whether it is reached without TLS.
        advice: what to do where the credentials do not do.
    """

    config: Mapping[str, Any] = field(repr=False)
    credentials: Mapping[str, str | None] | None = field(default=None, repr=False)
    http: bool = False
    advice: str = ""


def parse(url: str) -> Address:
    """Take an address apart.

    Raises:
        Unreadable: it names no bucket.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = unquote(parts.path).lstrip("/")
    if path and not path.endswith("/"):
        path += "/"
    if not parts.netloc:
        raise Unreadable("the backend's address names no bucket")
    return Address(parts.scheme, parts.netloc, options.pop("prefix", "") + path, options)
