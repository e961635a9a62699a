"""Reading committed changes from Postgres: the streaming replication protocol with the plugin pgoutput.

Postgres docs: "Streaming Replication Protocol" and "Logical Replication Message Formats" (version 1).
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import pq

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from psycopg.pq.abc import PGconn, PGresult

SLOT = "supabase_realtime_sandbox"
# As a hosted project reads at once.
_MOST_CHANGES = 100
TEXT_OPTIONS = "-c datestyle=ISO -c timezone=UTC -c intervalstyle=postgres -c extra_float_digits=1"
"""What a session needs so that it writes values as the log has them."""
_POSTGRES_EPOCH_MICROSECONDS = 946_684_800_000_000


@dataclass(frozen=True)
class Column:
    """A column of a table, as the log describes it."""

    name: str
    type_oid: int
    type_modifier: int
    is_key: bool


@dataclass(frozen=True)
class Table:
    """A table, as the log describes it; sent again after each change of its definition."""

    oid: int
    schema: str
    name: str
    has_full_identity: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Change:
    """One changed row: values as text by column; a column that the log does not carry is absent."""

    type: str
    table: Table
    new: dict[str, str | None] | None
    old: dict[str, str | None] | None
    size: int


@dataclass
class Transaction:
    """One committed transaction.

    Attributes:
        xid: Its id.
        committed_at: Microseconds since 1970.
        end: The position in the log after it.
        changes: In the order of its statements.
    """

    xid: int
    committed_at: int
    end: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def timestamp(self) -> str:
        """When it was committed, as clients see it."""
        moment = datetime.fromtimestamp(self.committed_at / 1e6, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class StreamEnded(Exception):
    """The connection broke or Postgres ended the stream; the message is Postgres'."""


class LogStream:
    """A connection that receives the log of Postgres, as a plugin writes it.

    Args:
        url: Connection URL of a role that may replicate, without parameters for the session.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}&replication=database&options={quote(TEXT_OPTIONS)}"
        self._connection: PGconn | None = None
        self._readable = asyncio.Event()
        self._interrupted = False
        self._confirmed = 0
        self._inside_transaction = False

    async def _connect(self) -> PGconn:
        connection = await asyncio.to_thread(pq.PGconn.connect, self._url.encode())
        self._connection = connection
        if connection.status != pq.ConnStatus.OK:
            raise StreamEnded(connection.get_error_message())
        return connection

    def _make_slot(self, connection: PGconn, slot: str, definition: str) -> PGresult:
        made = connection.exec_(f"CREATE_REPLICATION_SLOT {slot} {definition}".encode())
        if made.status != pq.ExecStatus.TUPLES_OK:
            raise StreamEnded(made.get_error_message())
        return made

    def _start(self, connection: PGconn, slot: str, options: str) -> None:
        started = connection.exec_(f"START_REPLICATION SLOT {slot} LOGICAL 0/0 ({options})".encode())
        if started.status != pq.ExecStatus.COPY_BOTH:
            raise StreamEnded(started.get_error_message())
        connection.nonblocking = 1

    def interrupt(self) -> None:
        """Let `transactions` end with StreamEnded at the next moment between two transactions."""
        self._interrupted = True
        self._readable.set()

    def close(self) -> None:
        """Close the connection; the slot stays."""
        if self._connection is not None:
            self._connection.finish()
            self._connection = None

    async def _messages(self) -> AsyncIterator[bytes]:
        """Yield the plugin's messages; an empty one before it waits for more."""
        loop = asyncio.get_running_loop()
        connection = self._connection
        if connection is None:
            raise StreamEnded("closed")
        descriptor = connection.socket
        loop.add_reader(descriptor, self._readable.set)
        try:
            while True:
                try:
                    size, data = connection.get_copy_data(1)
                except psycopg.OperationalError as error:
                    raise StreamEnded(str(error)) from error
                if size > 0:
                    frame = bytes(data)
                    if frame[:1] == b"w":
                        yield frame[25:]
                    elif frame[:1] == b"k":
                        # Postgres waits for this answer when it is shut down.
                        (end,) = struct.unpack_from("!Q", frame, 1)
                        self._confirm(0 if self._inside_transaction else end)
                elif size == 0:
                    yield b""
                    self._readable.clear()
                    await self._readable.wait()
                    if self._interrupted:
                        msg = "interrupted"
                        raise StreamEnded(msg)
                    try:
                        connection.consume_input()
                    except psycopg.OperationalError as error:
                        raise StreamEnded(str(error)) from error
                else:
                    result = connection.get_result()
                    raise StreamEnded(result.get_error_message() if result is not None else "end of stream")
        finally:
            loop.remove_reader(descriptor)

    def _confirm(self, position: int) -> None:
        self._confirmed = max(self._confirmed, position)
        if self._connection is not None:
            lsn = self._confirmed
            self._connection.put_copy_data(b"r" + struct.pack("!QQQqB", lsn, lsn, lsn, 0, 0))
            self._connection.flush()


class ReplicationStream(LogStream):
    """A connection that receives all changes of some publications.

    Args:
        url: Connection URL of a role that may replicate, without parameters for the session.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._tables: dict[int, Table] = {}

    async def open(self, publications: Sequence[str]) -> None:
        """Connect, make the slot unless it exists, and start.

        Raises:
            StreamEnded: It did not work.
        """
        connection = await self._connect()
        await asyncio.to_thread(self._begin, connection, publications)

    def _begin(self, connection: PGconn, publications: Sequence[str]) -> None:
        # The slot outlives the connection: what is committed while Realtime reconnects is not lost.
        known = connection.exec_(f"select from pg_replication_slots where slot_name = '{SLOT}'".encode())
        if known.ntuples == 0:
            self._make_slot(connection, SLOT, "LOGICAL pgoutput NOEXPORT_SNAPSHOT")
        names = ",".join(publications)
        self._start(connection, SLOT, f"proto_version '1', publication_names '{names}'")

    async def transactions(self) -> AsyncIterator[list[Transaction]]:
        """Yield the transactions that have arrived, in the order of their commits, about 100 changes at most.

        They are confirmed when the next ones are asked for.

        Raises:
            StreamEnded: The connection broke.
        """
        arrived: list[Transaction] = []
        count = 0
        current: Transaction | None = None
        async for message in self._messages():
            if arrived and (not message or count >= _MOST_CHANGES):
                yield arrived
                self._confirm(arrived[-1].end)
                self._inside_transaction = current is not None
                arrived, count = [], 0
            kind = message[:1]
            match kind:
                case b"B":
                    _, timestamp, xid = struct.unpack_from("!QqI", message, 1)
                    current = Transaction(xid, timestamp + _POSTGRES_EPOCH_MICROSECONDS)
                    self._inside_transaction = True
                case b"R":
                    table = _parse_table(message)
                    self._tables[table.oid] = table
                case b"I" | b"U" | b"D" if current is not None:
                    current.changes.append(self._parse_change(message))
                case b"C" if current is not None:
                    (current.end,) = struct.unpack_from("!Q", message, 10)
                    arrived.append(current)
                    count += len(current.changes)
                    current = None
                case _:
                    pass  # truncations, types, origins

    def _parse_change(self, message: bytes) -> Change:
        (oid,) = struct.unpack_from("!I", message, 1)
        table = self._tables[oid]
        position = 5
        rows: dict[bytes, dict[str, str | None]] = {}
        while position < len(message):
            kind = message[position : position + 1]
            rows[kind], position = _parse_row(message, position + 1, table, is_key=kind == b"K")
        old = rows.get(b"O", rows.get(b"K"))
        new = rows.get(b"N")
        if new is not None and b"O" in rows and table.has_full_identity:
            new = {**{name: value for name, value in rows[b"O"].items() if name not in new}, **new}
        name = {b"I": "INSERT", b"U": "UPDATE", b"D": "DELETE"}[message[:1]]
        return Change(name, table, new, old, len(message))


def _parse_table(message: bytes) -> Table:
    (oid,) = struct.unpack_from("!I", message, 1)
    schema, position = _parse_string(message, 5)
    name, position = _parse_string(message, position)
    identity, count = struct.unpack_from("!cH", message, position)
    position += 3
    columns = []
    for _ in range(count):
        is_key = message[position] == 1
        column, position = _parse_string(message, position + 1)
        type_oid, modifier = struct.unpack_from("!Ii", message, position)
        position += 8
        columns.append(Column(column, type_oid, modifier, is_key))
    return Table(oid, schema or "pg_catalog", name, identity == b"f", tuple(columns))


def _parse_row(
    message: bytes, position: int, table: Table, *, is_key: bool
) -> tuple[dict[str, str | None], int]:
    (count,) = struct.unpack_from("!H", message, position)
    position += 2
    row: dict[str, str | None] = {}
    for column in table.columns[:count]:
        kind = message[position : position + 1]
        position += 1
        if kind == b"t":
            (length,) = struct.unpack_from("!I", message, position)
            position += 4
            row[column.name] = message[position : position + length].decode()
            position += length
        elif kind == b"n" and not (is_key and not column.is_key):
            row[column.name] = None
    return row, position


def _parse_string(message: bytes, position: int) -> tuple[str, int]:
    end = message.index(0, position)
    return message[position:end].decode(), end + 1
