"""A folder of migrations: ``<14 digits>_<name>.sql``, applied in the order of their versions."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pulumi_provider_kit.errors import PropertyError

__all__ = ["Migration", "read_folder"]

_FILE = re.compile(r"(\d{14})_(.+)\.sql")
_TRANSACTION = re.compile(
    r"^\s*(begin|start\s+transaction|commit|rollback)\s*;", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Migration:
    """One file.

    Attributes:
        version: its 14 digits.
        name: the rest of its name.
        sql: its text.
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
        """The SHA-256 of its text; line ends count as line feeds."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_folder(directory: str) -> list[Migration]:
    """Return the folder's migrations in order.

    Raises:
        PropertyError: the folder is missing, a .sql file has another name, two have one version, or one
            would end the transaction that it is applied in.
    """
    folder = Path(os.path.normpath(Path.cwd() / directory))
    if not folder.is_dir():
        raise PropertyError("directory", f"there is no folder {directory}; correct the path")
    migrations = [_migration(path) for path in sorted(folder.glob("*.sql"))]
    versions = [m.version for m in migrations]
    for migration in migrations:
        if versions.count(migration.version) > 1:
            raise PropertyError("directory", f"two files have the version {migration.version}; rename one")
    return migrations


def _migration(path: Path) -> Migration:
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise PropertyError("directory", f"{path.name} is not named <14 digits>_<name>.sql; rename it")
    sql = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    if (ends := _TRANSACTION.search(sql)) is not None:
        line = sql.count("\n", 0, ends.start(1)) + 1
        raise PropertyError(
            "directory",
            f"{path.name}, line {line}: {ends.group(1)} ends the transaction that a migration is applied in "
            "together with its history; remove it",
        )
    return Migration(match[1], match[2], sql)
