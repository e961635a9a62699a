"""What goes wrong where rows are kept: the disk is full, or old calls are deleted while callbacks come in."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.scene import Scene

__all__ = ["delete_old_calls", "fill_disk"]

_EVENTS = "public.twilio_call_events"
_OLD_CALLS = 40
_SUPERUSER = "supabase_admin"


@contextlib.contextmanager
def _database(scene: Scene, user: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    url, address = scene.clone.values["database_url"], {}
    if user is not None:  # only `postgres` has a password; everyone else uses the cluster's private socket
        record = json.loads(
            (scene.clone.folder.parent / "sandbox" / "postgres.json").read_text(encoding="utf-8")
        )
        address = {"host": record["sockets"], "user": user}
    with psycopg.connect(url, autocommit=True, **address) as connection:
        yield connection


def fill_disk(scene: Scene) -> None:
    """The file system with the events is full for some seconds: callbacks get 503 until there is room again.

    The table moves to a small file system for that time, which only root can mount.
    """
    with _database(scene, _SUPERUSER) as database:
        data = Path(str(database.execute("show data_directory").fetchall()[0][0])).stat()
        folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
        command = ["mount", "-t", "tmpfs", "-o", f"size=32m,mode=711,uid={data.st_uid},gid={data.st_gid}"]
        mounted = subprocess.run([*command, "tmpfs", folder], capture_output=True, text=True, check=False)
        if mounted.returncode:
            folder.rmdir()
            scene.journal.say("disk skipped", f"only root may mount one: {mounted.stderr.strip()}")
            return
        folder.chmod(0o711)
        # Postgres' user, who owns what is mounted, must be able to reach it.
        place = folder / "data"
        place.mkdir(mode=0o700)
        os.chown(place, data.st_uid, data.st_gid)
        try:
            database.execute(f"create tablespace small location '{place}'")
            database.execute(f"alter table {_EVENTS} set tablespace small")
            filler = folder / "filler"
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)
            scene.journal.say("disk full", "no room for another event")
            scene.pause(2, 4)
            filler.unlink()
            database.execute(f"alter table {_EVENTS} set tablespace pg_default")
            database.execute("drop tablespace small")
            scene.journal.say("disk has room", "")
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
            folder.rmdir()


def delete_old_calls(scene: Scene) -> None:
    """Retention runs again and again while callbacks come in, until none of the old calls is left."""
    with _database(scene) as database:
        made = database.execute(
            "select count(public.ingest_twilio_webhook(jsonb_build_object('kind', 'status', 'params', "
            "jsonb_build_object('AccountSid', 'AC' || repeat('0', 32), 'CallStatus', 'completed', "
            "'CallSid', 'CA0' || lpad(to_hex((random() * 1e9)::int), 31, '0'), 'SequenceNumber', n::text, "
            "'Timestamp', 'Tue, 24 Nov 2020 11:00:00 +0000')))) from generate_series(1, %s) n",
            [_OLD_CALLS],
        ).fetchall()[0][0]
        scene.journal.say("retention", f"{made} old calls, a few at a time")
        deleted, runs = 0, 0
        while gone := database.execute("select public.delete_old_twilio_calls('90 days', 3)").fetchall()[0][0]:
            deleted += gone
            runs += 1
            scene.pause(0, 0.2)
        scene.journal.say("retention done", f"{deleted} calls deleted in {runs} runs")
