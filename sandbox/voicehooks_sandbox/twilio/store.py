"""What the sandbox remembers: documents in one SQLite file, safe against ``kill -9``.

Every resource is a JSON document with a SID; lists come newest first, as Twilio's do, and are paged by
position, so that the last page of an account with 100,000 numbers costs as much as the first.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

Document = dict[str, Any]

_SCHEMA = """
create table if not exists document (
    position integer primary key autoincrement,
    kind text not null,
    sid text not null,
    account_sid text not null,
    search text not null,
    body text not null,
    unique (kind, sid)
);
create index if not exists document_listed on document (kind, account_sid, position);
create index if not exists document_found on document (kind, search);
create index if not exists document_parent on document (json_extract(body, '$.parent_call_sid'))
    where kind = 'call';
create table if not exists value (name text primary key, body text not null);
create table if not exists entry (
    id integer primary key autoincrement,
    journal text not null,
    topic text not null,
    body text not null
);
create index if not exists entry_topic on entry (journal, topic, id);
"""
_JOURNAL_LENGTH = 50_000


@dataclass(frozen=True)
class Where:
    """One condition on listed documents: SQL over ``body`` and ``search`` with its arguments."""

    sql: str
    arguments: tuple[Any, ...]

    @classmethod
    def equals(cls, key: str, value: object) -> Where:
        """The document's top-level ``key`` has this value."""
        return cls(f"json_extract(body, '$.{key}') = ?", (value,))

    @classmethod
    def between(cls, key: str, first: float | None, last: float | None) -> Where:
        """The document's moment ``key`` lies between these two, both included; None leaves an end open."""
        low, high = (-1e18 if first is None else first), (1e18 if last is None else last)
        return cls(f"json_extract(body, '$.{key}') between ? and ?", (low, high))

    @classmethod
    def before(cls, key: str, moment: float) -> Where:
        """The document's moment ``key`` lies before this one."""
        return cls(f"json_extract(body, '$.{key}') < ?", (moment,))

    @classmethod
    def search_is(cls, text: str) -> Where:
        """The document's search text is exactly this."""
        return cls("search = ?", (text,))

    @classmethod
    def search_begins(cls, text: str) -> Where:
        """The document's search text begins with this; found by index, however many there are."""
        return cls("search >= ? and search < ?", (text, text + "\U0010ffff"))

    @classmethod
    def search_like(cls, pattern: str) -> Where:
        """The document's search text matches an SQL pattern."""
        return cls("search like ?", (pattern,))


class Store:
    """One SQLite file; every write is committed before the method returns."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)  # it holds the account's auth token
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)
        self._listeners: set[asyncio.Event] = set()
        self.closing = False

    def close(self) -> None:
        """Release the file."""
        self.end_listening()
        self._db.close()

    def end_listening(self) -> None:
        """Let everything that listens end: the sandbox is about to stop."""
        self.closing = True
        self._tell()

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever a journal grows, and at the end."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    def _tell(self) -> None:
        for event in self._listeners:
            event.set()

    def last_entry(self) -> int:
        """The number of the newest entry of all journals, 0 without one."""
        (number,) = self._db.execute("select coalesce(max(id), 0) from entry").fetchone()
        return int(number)

    def first_entry(self) -> int:
        """The number of the oldest entry that is kept, 0 without one."""
        (number,) = self._db.execute("select coalesce(min(id), 0) from entry").fetchone()
        return int(number)

    def entries(
        self, after: int, *, topic: str | None = None, limit: int = -1
    ) -> list[tuple[int, str, str, str]]:
        """The entries of all journals after a number, oldest first: number, journal, topic, body as JSON."""
        sql = "id > ?" if topic is None else "id > ? and topic = ?"
        arguments = (after,) if topic is None else (after, topic)
        rows = self._db.execute(
            f"select id, journal, topic, body from entry where {sql} order by id limit ?",  # noqa: S608 - constants
            (*arguments, limit),
        )
        return rows.fetchall()

    def entry(self, journal: str, number: int) -> Document | None:
        """An entry of a journal, with its number as ``id``; None if it is not there."""
        row = self._db.execute(
            "select body from entry where journal = ? and id = ?", (journal, number)
        ).fetchone()
        return None if row is None else {"id": number, **json.loads(row[0])}

    def copy_to(self, path: Path) -> None:
        """Write everything into a new file."""
        with contextlib.closing(sqlite3.connect(path)) as target:
            self._db.backup(target)

    def replace_by(self, path: Path) -> None:
        """Forget everything, and take over what a file made by `copy_to` has."""
        with contextlib.closing(sqlite3.connect(path)) as source:
            source.backup(self._db)
        self._db.executescript(_SCHEMA)
        self._tell()

    def add(self, kind: str, documents: Iterable[Document], *, search_key: str = "sid") -> None:
        """Insert new documents, all or none; each has ``sid`` and ``account_sid``."""
        rows = [
            (
                kind,
                document["sid"],
                document["account_sid"],
                str(document.get(search_key) or ""),
                json.dumps(document),
            )
            for document in documents
        ]
        self._db.execute("begin immediate")
        try:
            self._db.executemany(
                "insert into document (kind, sid, account_sid, search, body) values (?, ?, ?, ?, ?)", rows
            )
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def save(self, kind: str, document: Document) -> None:
        """Replace a document that exists."""
        self._db.execute(
            "update document set body = ?, account_sid = ? where kind = ? and sid = ?",
            (json.dumps(document), document["account_sid"], kind, document["sid"]),
        )

    def get(self, kind: str, sid: str) -> Document | None:
        """The document with this SID, or None."""
        row = self._db.execute("select body from document where kind = ? and sid = ?", (kind, sid)).fetchone()
        return None if row is None else json.loads(row[0])

    def find(self, kind: str, search: str) -> Document | None:
        """The document with exactly this search text (a number's E.164 form), or None."""
        row = self._db.execute(
            "select body from document where kind = ? and search = ? order by position desc limit 1",
            (kind, search),
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def searches(self, kind: str) -> set[str]:
        """The search texts of all documents of a kind."""
        rows = self._db.execute("select search from document where kind = ?", (kind,))
        return {search for (search,) in rows}

    def delete(self, kind: str, sid: str) -> bool:
        """Remove a document; false when there is none."""
        done = self._db.execute("delete from document where kind = ? and sid = ?", (kind, sid))
        return done.rowcount > 0

    def page(
        self,
        kind: str,
        account_sid: str | None,
        where: Sequence[Where] = (),
        *,
        limit: int,
        skip: int = 0,
        after: str | None = None,
    ) -> list[Document]:
        """Documents of an account (None: of all), newest first, after the document with SID ``after``."""
        sql, arguments = ["kind = ?"], [kind]
        if account_sid is not None:
            sql.append("account_sid = ?")
            arguments.append(account_sid)
        for condition in where:
            sql.append(condition.sql)
            arguments.extend(condition.arguments)
        if after is not None:
            sql.append("position < (select position from document where kind = ? and sid = ?)")
            arguments.extend([kind, after])
        rows = self._db.execute(
            f"select body from document where {' and '.join(sql)} order by position desc limit ? offset ?",  # noqa: S608 - the parts above are constants
            (*arguments, limit, skip),
        )
        return [json.loads(body) for (body,) in rows]

    def count(self, kind: str) -> int:
        """How many documents of a kind there are."""
        (number,) = self._db.execute("select count(*) from document where kind = ?", (kind,)).fetchone()
        return int(number)

    def value(self, name: str) -> Any:
        """A single remembered JSON value, None when it was never set."""
        row = self._db.execute("select body from value where name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_value(self, name: str, value: Any) -> None:
        """Remember a single JSON value."""
        self._db.execute("insert or replace into value (name, body) values (?, ?)", (name, json.dumps(value)))

    def log(self, journal: str, topic: str, entry: Document) -> int:
        """Append to a journal and return the entry's number; the oldest entries are forgotten."""
        done = self._db.execute(
            "insert into entry (journal, topic, body) values (?, ?, ?)", (journal, topic, json.dumps(entry))
        )
        number = int(done.lastrowid or 0)
        self._tell()
        if number % 1000 == 0:
            self._db.execute("delete from entry where id <= ?", (number - _JOURNAL_LENGTH,))
        return number

    def journal(
        self, journal: str, *, topic: str | None = None, after: int = 0, limit: int = -1
    ) -> list[Document]:
        """A journal's entries, oldest first, each with its number as ``id``.

        Args:
            journal: its name.
            topic: only those of this topic.
            after: only those after this number.
            limit: only the newest so many; negative for all.
        """
        sql, arguments = "journal = ? and id > ?", [journal, after]
        if topic is not None:
            sql += " and topic = ?"
            arguments.append(topic)
        rows = self._db.execute(
            f"select id, body from entry where {sql} order by id desc limit ?",  # noqa: S608 - constants
            (*arguments, limit),
        ).fetchall()
        return [{"id": number, **json.loads(body)} for number, body in rows[::-1]]

    def topics(self, journal: str) -> dict[str, int]:
        """How many entries of a journal each topic has."""
        rows = self._db.execute(
            "select topic, count(*) from entry where journal = ? group by topic order by topic", (journal,)
        )
        return dict(rows.fetchall())

    def clear(self, kinds: Collection[str] | None = None) -> None:
        """Forget everything; or, with ``kinds``, the journals and the documents of these kinds."""
        self._db.execute("delete from entry")
        if kinds is None:
            self._db.execute("delete from document")
            self._db.execute("delete from value")
        for kind in kinds or ():
            self._db.execute("delete from document where kind = ?", [kind])
