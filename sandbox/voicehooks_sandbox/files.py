"""Files that are whole or absent, whenever the process writing them is killed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Write a file so that a reader, or the next start, sees the old or the new content, never half.

    Args:
        path: The file; its folder must exist.
        content: Text (written as UTF-8) or bytes.
        mode: Permission bits; the default keeps the file private, as state may hold secrets.
    """
    data = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
