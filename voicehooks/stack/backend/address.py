"""The address of a bucket as the Pulumi CLI takes it: `s3://bucket/some/prefix?region=eu-central-1`.

The options are those of the Go CDK (gocloud.dev/blob), with which the CLI opens buckets, and the older names
that the CLI still takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Address", "parse"]

# What the CLI takes for a Boolean (Go: strconv.ParseBool).
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


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
        """Raise Unreadable for an option that is not understood: it may mean another place."""
        if unknown := sorted(self.options.keys() - set(understood)):
            raise Unreadable(
                f"the backend's address has an option that is not understood here: {', '.join(unknown)}",
                "copy its .pulumi into a folder and repeat this with PULUMI_BACKEND_URL=file://FOLDER",
            )

    def flag(self, *names: str, default: bool = False) -> bool:
        """Return a Boolean option by any of its names; raise Unreadable where it is neither true nor false."""
        for name in names:
            if value := self.options.get(name):
                if value not in _BOOLEANS:
                    raise Unreadable(f"the option {name} of the backend's address is neither true nor false")
                return _BOOLEANS[value]
        return default


def parse(url: str) -> Address:
    """Take an address apart; raise Unreadable where it names no bucket."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = unquote(parts.path).strip("/")
    if not parts.netloc:
        raise Unreadable("the backend's address names no bucket")
    root = options.pop("prefix", "") + (f"{path}/" if path else "")
    return Address(parts.scheme, parts.netloc, root, options)
