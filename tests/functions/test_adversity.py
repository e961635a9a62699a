"""Callbacks while things go wrong around them: whatever was answered 2xx is there afterwards."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row
from voicehooks_sandbox.testing import running_sandbox

from tests.functions.histories import Author
from tests.functions.project import MIGRATIONS, Project, apply_migration, read_callback

ACCOUNT = "AC" + "5a4db0c5" * 4


def ingest(connection, **event):
    """Call the ingest function on a connection of one's own."""
    row = connection.execute("select ingest_twilio_webhook(%s::jsonb) as r", [json.dumps(event)]).fetchone()
    return row["r"]["result"]


def test_retention_and_callbacks_do_not_disturb_each_other(project, new_sid):
    """Old calls go while callbacks about old and young ones come in: no error, no young call is lost."""
    old = [new_sid("CA") for _ in range(60)]
    young = [new_sid("CA") for _ in range(60)]
    dialed = {sid: new_sid("CA") for sid in old + young}

    def event(sid, name, sequence):
        at = "Tue, 24 Nov 2020 11:00:00 +0000" if sid in old else "Sat, 28 Nov 2099 11:00:00 +0000"
        base = {"AccountSid": ACCOUNT, "CallStatus": name, "SequenceNumber": str(sequence), "Timestamp": at}
        leg = {"CallSid": dialed[sid], "ParentCallSid": sid, "Direction": "outbound-dial"}
        return [{"kind": "status", "params": base | who} for who in (leg, {"CallSid": sid})]

    for sid in old:
        for item in event(sid, "ringing", 0):
            project.ingest(**item)
    stored, failures, done = [], [], threading.Event()

    def deliver(lot):
        connection = psycopg.connect(project.env["database_url"], autocommit=True, row_factory=dict_row)
        try:
            for sequence, name in enumerate(("in-progress", "completed"), 1):
                for sid in lot:
                    for item in event(sid, name, sequence):
                        assert ingest(connection, **item) == "stored"
                        stored.append((item["params"]["CallSid"], name))
        except psycopg.Error as error:
            failures.append(error)
        connection.close()

    def retain():
        connection = psycopg.connect(project.env["database_url"], autocommit=True)
        try:
            while not done.is_set():
                connection.execute("select delete_old_twilio_calls('90 days', 7)")
        except psycopg.Error as error:
            failures.append(error)
        connection.close()

    mixed = [sid for pair in zip(old, young, strict=True) for sid in pair]
    deliveries = [threading.Thread(target=deliver, args=[mixed[worker::4]]) for worker in range(4)]
    retention = threading.Thread(target=retain)
    for thread in (retention, *deliveries):
        thread.start()
    for thread in deliveries:
        thread.join()
    done.set()
    retention.join()

    assert failures == []
    kept = {(sid, name) for sid, name in stored if sid in {*young, *(dialed[sid] for sid in young)}}
    events = project.rows(
        "select call_sid, params ->> 'CallStatus' as name from twilio_call_events where call_sid = any(%s)",
        [sid for sid, _ in kept],
    )
    assert {(row["call_sid"], row["name"]) for row in events} == kept
    for sid in young:
        call = project.call(sid)
        assert (call["status"], call["dial_status"]) == ("completed", "completed")
        assert project.call(dialed[sid])["status"] == "completed"
    while project.rows("select delete_old_twilio_calls('90 days') as n")[0]["n"]:
        pass
    left = project.rows(
        "select 1 from twilio_calls where call_sid = any(%s)", [*old, *(dialed[s] for s in old)]
    )
    assert left == []


def test_retention_covers_every_kind_of_row(project, new_sid):
    """Events of no call's row, quarantined ones, legs below legs, legs whose call is gone; young ones stay."""
    marks = {"old": new_sid("CA"), "young": new_sid("CA")}
    transcription, quarantined, orphan, parent, leg, below, refused = (
        {age: new_sid("CA") for age in marks} for _ in range(7)
    )
    for age in marks:
        project.ingest(kind="other", params={"CallSid": transcription[age], "AccountSid": ACCOUNT, "Text": "x"})
        project.ingest(kind="refused", params={"AccountSid": ACCOUNT, "ErrorMessage": refused[age]})
        for sid, above in ((leg, parent), (below, leg)):
            params = {"CallSid": sid[age], "ParentCallSid": above[age], "Direction": "outbound-dial"}
            project.ingest(kind="status", params=params | {"AccountSid": ACCOUNT, "CallStatus": "completed"})
        project.database.execute(
            "insert into twilio_call_events (event_key, call_sid, kind, params) "
            "values (%s, %s, 'quarantined', '{}')",
            [f"{quarantined[age]}:x", quarantined[age]],
        )
        project.database.execute(
            "insert into twilio_calls (call_sid, parent_call_sid, account_sid) values (%s, %s, %s)",
            [orphan[age], new_sid("CA"), ACCOUNT],
        )
    aged = [sids["old"] for sids in (transcription, quarantined, orphan, parent, leg, below)]
    project.database.execute(
        "update twilio_calls set created_at = '2020-01-01' where call_sid = any(%s)", [aged]
    )
    project.database.execute(
        "update twilio_call_events set received_at = '2020-01-01' "
        "where call_sid = any(%s) or params ->> 'ErrorMessage' = %s",
        [aged, refused["old"]],
    )

    project.database.execute("select delete_old_twilio_calls('90 days')")

    def left(age):
        sids = [sids[age] for sids in (transcription, quarantined, orphan, parent, leg, below)]
        calls = project.rows("select call_sid from twilio_calls where call_sid = any(%s)", sids)
        events = project.rows(
            "select 1 from twilio_call_events where call_sid = any(%s) or params ->> 'ErrorMessage' = %s",
            sids,
            refused[age],
        )
        return len(calls), len(events)

    assert left("old") == (0, 0)
    assert left("young") == (4, 5)


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_two_hours_off_changes_no_outcome(project, hours):
    """The database's clock differs from Twilio's: the same calls end alike, and none is lost."""
    outcomes = []
    for prefix, shift in (("c10c", 0), (f"c1{hours + 20:02d}", hours)):
        author = Author(77, prefix)
        histories = [author.write() for _ in range(60)]
        for history in histories:
            for event in history.events:
                if event.get("place") == "PLACE":
                    del event["place"]
                at = datetime.fromisoformat(event["received_at"]) + timedelta(hours=shift)
                assert ingest(project.database, **event | {"received_at": at.isoformat()}) == "stored"
        rows = project.rows(
            "select right(call_sid, 28) as sid, status, display_status, duration_seconds, talk_seconds, "
            "dial_status, lead_number, left_voicemail, ended_at is null as open, "
            "right(parent_call_sid, 28) as parent "
            "from twilio_calls where call_sid like %s order by 1",
            f"CA{prefix}%",
        )
        outcomes.append(rows)
        for table in ("twilio_call_events", "twilio_calls"):
            project.database.execute(f"delete from {table} where call_sid like %s", [f"CA{prefix}%"])

    assert len(outcomes[0]) >= 50
    assert outcomes[1] == outcomes[0]


@contextmanager
def small_disk(project: Project, megabytes: int) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Put the database's data on a small file system; yields what fills it and what makes room again."""
    data = Path(project.rows("show data_directory")[0]["data_directory"])
    aside = data.with_name("aside")
    project.api.post("/_sandbox/database/stop").raise_for_status()
    data.rename(aside)
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(data)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        data.rmdir()
        aside.rename(data)
        project.api.post("/_sandbox/database/start").raise_for_status()
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    filler = data / "filler"

    def fill() -> None:
        # Without a buffer, whose rest could not be written when the file is closed.
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(65536))

    def restart() -> None:
        project.api.post("/_sandbox/database/stop").raise_for_status()
        project.api.post("/_sandbox/database/start").raise_for_status()
        project.database.close()
        project.database = psycopg.connect(project.env["database_url"], autocommit=True, row_factory=dict_row)
        project.wait_for_schema()

    def make_room() -> None:
        filler.unlink()
        restart()

    try:
        shutil.copystat(aside, data)
        subprocess.run(["cp", "-a", f"{aside}/.", str(data)], check=True)
        owner = aside.stat()
        os.chown(data, owner.st_uid, owner.st_gid)
        project.api.post("/_sandbox/database/start").raise_for_status()
        restart()
        yield fill, make_room
    finally:
        project.api.post("/_sandbox/database/stop")
        subprocess.run(["umount", "-l", str(data)], check=True)
        data.rmdir()
        aside.rename(data)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_full_disk_loses_nothing_that_was_answered(tmp_path):
    """204 until the disk is full, then 503; once there is room each is stored, those of before too."""
    with running_sandbox(tmp_path) as environment, closing(Project(environment)) as project:
        for migration in MIGRATIONS:
            apply_migration(project.database, migration)
        project.wait_for_schema()
        project.set_secrets(VOICEHOOKS_AUTH_TOKEN=project.auth_token)
        project.deploy("twilio-webhook", project.settings())
        form = read_callback("status-api-call")
        sids = [f"CA{number:032x}" for number in range(1, 4000)]
        answers: dict[str, int] = {}

        def send(sid: str) -> int:
            padded = form | {"CallSid": sid, "Padding": os.urandom(6000).hex()}
            answers[sid] = project.send(padded).status_code
            return answers[sid]

        with small_disk(project, 160) as (fill, make_room):
            for sid in sids[:20]:
                assert send(sid) == 204
            fill()
            refused = 0
            for sid in sids[20:]:
                refused += send(sid) == 503
                if refused == 15:
                    break
            assert refused == 15, "the disk was not full"
            make_room()

            again = [sid for sid, status in answers.items() if status != 204]
            assert [send(sid) for sid in again] == [204] * len(again)
            rows = project.rows(
                "select call_sid from twilio_call_events where call_sid = any(%s)", list(answers)
            )
            assert {row["call_sid"] for row in rows} == set(answers)
            calls = project.rows("select call_sid from twilio_calls where call_sid = any(%s)", list(answers))
            assert {row["call_sid"] for row in calls} == set(answers)
