"""The file of a snapshot: a zip archive that only its owner may read.

``manifest.json`` says what it is; ``twilio.sqlite3`` is Twilio's half; ``rows/N`` are the rows of the
manifest's table N, in the text format of Postgres' COPY.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .tables import Sequence, Table, read_rows, replace_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FORMAT = 1
_SUFFIX = ".voicehooks.zip"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Snapshots:
    """The snapshots in a folder.

    Args:
        folder: Where the files are; a file from somebody else is copied there.
        database_url: Connection URL of a superuser; None without a database.
    """

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.folder = folder
        self._database_url = database_url

    def list(self) -> list[dict[str, Any]]:
        """Name, file, size and time of each, newest first."""
        files = sorted(self.folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
        return [
            {
                "name": file.name.removesuffix(_SUFFIX),
                "file": file.name,
                "bytes": file.stat().st_size,
                "saved": datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds"),
            }
            for file in files
        ]

    async def save(self, name: str, copy_twilio: Callable[[Path], None]) -> dict[str, Any]:
        """Save the sandbox; a snapshot of the same name is replaced.

        Args:
            name: Letters, digits, ``.``, ``_`` and ``-``.
            copy_twilio: Writes Twilio's half to a file.

        Raises:
            ValueError: The name is not valid.
        """
        target = self._file(name)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        tables: list[Table] = []
        sequences: list[Sequence] = []
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            draft = Path(scratch) / "draft"
            draft.touch(mode=0o600)
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                half = Path(scratch) / "twilio.sqlite3"
                copy_twilio(half)
                archive.write(half, "twilio.sqlite3")

                def keep(table: Table, rows: bytes) -> None:
                    archive.writestr(f"rows/{len(tables)}", rows)
                    tables.append(table)

                if self._database_url is not None:
                    sequences = await read_rows(self._database_url, keep)
                manifest = {
                    "format": _FORMAT,
                    "database": self._database_url is not None,
                    "tables": [asdict(table) for table in tables],
                    "sequences": [asdict(sequence) for sequence in sequences],
                }
                archive.writestr("manifest.json", json.dumps(manifest, indent=1))
            draft.replace(target)
        return next(item for item in self.list() if item["name"] == name)

    async def load(self, name: str, replace_twilio: Callable[[Path], Awaitable[None]]) -> None:
        """Load a snapshot: first the rows, which can be refused, then Twilio's half.

        Raises:
            FileNotFoundError: There is none of this name.
            ValueError: It is not a snapshot, or the database has other tables.
        """
        file = self._file(name)
        try:
            with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory() as scratch:
                manifest = json.loads(archive.read("manifest.json"))
                if manifest["format"] != _FORMAT:
                    msg = f"{file} has format {manifest['format']}, and this sandbox reads format {_FORMAT}."
                    raise ValueError(msg)
                half = Path(scratch) / "twilio.sqlite3"
                half.write_bytes(archive.read("twilio.sqlite3"))
                await self._load_rows(archive, manifest)
                await replace_twilio(half)
        except (zipfile.BadZipFile, KeyError) as error:
            msg = f"{file} is not a snapshot of a sandbox."
            raise ValueError(msg) from error

    async def _load_rows(self, archive: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        if not manifest["database"]:
            return
        if self._database_url is None:
            msg = "The snapshot has rows, and this sandbox has no database."
            raise ValueError(msg)
        tables = [Table(item["schema"], item["name"], tuple(item["columns"])) for item in manifest["tables"]]
        numbers = {table.title: number for number, table in enumerate(tables)}
        await replace_rows(
            self._database_url,
            tables,
            lambda table: archive.read(f"rows/{numbers[table.title]}"),
            [Sequence(**sequence) for sequence in manifest["sequences"]],
        )

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            msg = f"A snapshot's name has letters, digits, '.', '_' and '-', at most 64 of them; not {name!r}."
            raise ValueError(msg)
        return self.folder / f"{name}{_SUFFIX}"
