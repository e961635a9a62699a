"""A folder of migrations: ``<14 digits>_<name>.sql``, applied in the order of their versions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pulumi_provider_kit.errors import PropertyError

from .statements import transaction_control

__all__ = ["Migration", "read_folder"]

_FILE = re.compile(r"(\d{14})_(.+)\.sql")


@dataclass(frozen=True)
class Migration:
    """One file.

    Attributes:
        version: its 14 digits.
        name: the rest of its name.
        sql: its text, lines ending in line feeds.
    """

    version: str
    name: str
    sql: str

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.version}_{self.name}.sql"

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_folder(directory: str) -> list[Migration]:
    """Return the folder's migrations in order.

    Raises:
        PropertyError: the folder is missing, a .sql file has another name or is no UTF-8, two have one version,
            or one would end the transaction that it is applied in.
    """
    folder = Path(directory)
    if not folder.is_dir():
        seen_from = "" if folder.is_absolute() else f" (relative paths begin at {Path.cwd()})"
        raise PropertyError("directory", f"there is no folder {directory}{seen_from}; correct the path")
    migrations = [_migration(path) for path in sorted(folder.glob("*.sql"))]
    for earlier, later in pairwise(migrations):
        if earlier.version == later.version:
            raise PropertyError(
                "directory", f"{earlier.file} and {later.file} have the same version; rename one"
            )
    return migrations


def _migration(path: Path) -> Migration:
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise PropertyError("directory", f"{path.name} is not named <14 digits>_<name>.sql; rename it")
    try:
        sql = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise PropertyError("directory", f"{path.name} is not UTF-8; save it as UTF-8") from None
    if (control := transaction_control(sql)) is not None:
        raise PropertyError(
            "directory",
            f"{path.name}, line {control.line}: {control.text.split()[0].upper()} begins or ends a "
            "transaction, but a migration is applied in one together with its row of history; remove it",
        )
    return Migration(match[1], match[2], sql)
