"""Which resource of an engine run manages which object that exists only once at the vendor.

A phone number, a function's slug or a secret's name stays the same object when its resource is renamed, moved
or replaced: the engine creates the new resource first and deletes the old one afterwards, and that deletion
must not touch the object. So every resource claims its objects before it manages them, and a deletion asks.

One run starts several plugin processes: one for each explicit provider, another one after the credentials
changed, and the previous one for the deletions that follow a replaced provider. They share a database file
in a private folder. Its name holds the engine's process and address, so no run ever reads another one's
claims, and the files of engines that have ended are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sqlite3
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Claims", "Holder", "Singleton", "Standing", "engine_process", "run_file"]

_BUSY_SECONDS = 30.0
_ENGINES = {"pulumi", "pulumi.exe"}


@dataclass(frozen=True)
class Singleton:
    """An object that exists only once at the vendor.

    Attributes:
        key: identifies it among all objects of all providers: ``twilio:number:PN...``.
        label: what the user calls it, ``+15551234567``.
        property: the property that names it in a program.
    """

    key: str
    label: str
    property: str = ""


class Standing(IntEnum):
    """How far a resource is with an object that it claims."""

    WANTED = 1
    """The program has the resource; nothing was done yet."""
    FAILED = 2
    """The resource could not be created."""
    MANAGED = 3
    """The resource is, or is about to be, in the state with this object."""


@dataclass(frozen=True)
class Holder:
    """A resource that claims an object."""

    urn: str
    standing: Standing


class Claims:
    """The claims of one engine run.

    Args:
        path: the file that all plugin processes of the run share, or None to keep everything in this process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._registered: set[str] = set()
        self._claims = sqlite3.connect(path or ":memory:", timeout=_BUSY_SECONDS, isolation_level=None)
        # Nothing outlives the run, so durability is not worth a single flush.
        self._claims.execute("pragma synchronous = off")
        self._claims.execute("pragma journal_mode = memory")
        self._claims.execute(
            "create table if not exists claims (object text, urn text, standing integer, "
            "primary key (object, urn)) without rowid"
        )

    def close(self) -> None:
        """Close the file."""
        self._claims.close()

    def register(self, urn: str) -> None:
        """Note that the program has a resource."""
        self._registered.add(urn)

    def is_registered(self, urn: str) -> bool:
        """Tell whether the program has a resource, as far as it has run and this process has seen it."""
        return urn in self._registered

    def want(self, urn: str, objects: Iterable[Singleton]) -> tuple[Singleton, str] | None:
        """Claim objects for a resource of the program, unless another resource claims one of them.

        Returns:
            The first object that is taken and the URN of the resource that has it, or None.
        """
        wanted = list(objects)
        if not wanted:
            return None
        with _transaction(self._claims):
            for thing in wanted:
                row = self._claims.execute(
                    "select urn from claims where object = ? and urn <> ?", (thing.key, urn)
                ).fetchone()
                if row is not None:
                    return thing, row[0]
            self._claims.executemany(
                "insert or ignore into claims values (?, ?, ?)",
                [(thing.key, urn, Standing.WANTED) for thing in wanted],
            )
        return None

    def mark(self, urn: str, objects: Iterable[Singleton], standing: Standing) -> None:
        """Note how far a resource is with its objects."""
        rows = [(thing.key, urn, standing) for thing in objects]
        if rows:
            with _transaction(self._claims):
                self._claims.executemany("insert or replace into claims values (?, ?, ?)", rows)

    def holder(self, key: str, urn: str) -> Holder | None:
        """Return the resource that claims an object: another one than ``urn`` first, then ``urn`` itself."""
        row = self._claims.execute(
            "select urn, standing from claims where object = ? order by urn = ?, standing desc", (key, urn)
        ).fetchone()
        return None if row is None else Holder(row[0], Standing(row[1]))


@contextlib.contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("begin immediate")
    try:
        yield
    finally:
        database.execute("commit")


def run_file(address: str, folder: Path | None = None) -> Path | None:
    """Return the file of the engine run that this plugin belongs to; None where no private folder can be had.

    Files of engines that are no longer running are removed.

    Args:
        address: the engine's address, which the engine passes to each plugin that it starts.
        folder: where the files are; by default a folder in the system's temporary folder.
    """
    folder = folder or Path(tempfile.gettempdir()) / f"pulumi-claims-{os.getuid()}-{platform.node()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077 or folder.is_symlink():
            return None
        for path in folder.iterdir():
            if not _is_running(path.name):
                path.unlink(missing_ok=True)
    except OSError:
        return None
    engine = engine_process() or psutil.Process(os.getppid())
    if engine.pid == 1 and _name(engine) not in _ENGINES:
        return None  # the engine has ended already
    run = hashlib.sha256(address.encode()).hexdigest()[:16]
    return folder / f"{engine.pid}-{engine.create_time():.2f}-{run}.sqlite3"


def _is_running(name: str) -> bool:
    pid, _, rest = name.partition("-")
    started = rest.partition("-")[0]
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == started
    except (psutil.Error, ValueError):
        return False


def engine_process() -> psutil.Process | None:
    """Return the engine's process, the nearest ``pulumi`` above this one; None where there is none.

    A language host stands in between where the engine starts the plugin from a folder or an archive.
    """
    return next((p for p in psutil.Process().parents() if _name(p) in _ENGINES), None)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return ""
