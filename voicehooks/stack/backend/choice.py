"""The backend of a stack, from the address that the Pulumi CLI gives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import yaml  # type: ignore[import-untyped]

from voicehooks.stack import project
from voicehooks.stack.backend import address, azure, gcs, s3
from voicehooks.stack.backend.bucket import Bucket
from voicehooks.stack.backend.cloud import Cloud
from voicehooks.stack.backend.folder import Folder
from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.backend.self_managed import SelfManaged

if TYPE_CHECKING:
    from voicehooks.stack.backend.protocol import Backend, Files
    from voicehooks.stack.engine import Engine

__all__ = ["backend_of"]

_BUCKETS = {"s3": s3.store, "gs": gcs.store, "azblob": azure.store}


def backend_of(engine: Engine) -> Backend:
    """Return the backend of a stack.

    Raises:
        CommandError: nobody is logged in to one.
        Unreadable: it is of a kind that is not read, or its address has an option that is not understood.
    """
    url = engine.backend_url()
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"}:
        return Cloud(engine)
    root = project.root(engine.folder)
    definition = yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))
    if parts.scheme == "file":
        files: Files = Folder(root / Path(unquote(parts.netloc + parts.path)).expanduser())
    elif parts.scheme in _BUCKETS:
        parsed = address.parse(url)
        files = Bucket(parsed, _BUCKETS[parts.scheme](parsed, os.environ))
    else:
        raise Unreadable(f"the files of a backend at {parts.scheme}:// are not read")
    return SelfManaged(files, str(definition["name"]), engine.stack)
