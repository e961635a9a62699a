"""recording: a user plays what they may read."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.functions.project import AGENT, LEAD
from tests.support.waiting import PATIENCE

ORIGIN = "http://localhost:8080"
# Nobody else's: calls of one user within a minute are limited, and all tests of this folder share the project.
VIEWER = str(uuid.uuid4())


@pytest.fixture(scope="module")
def recorded(project):
    """A recording of a call that VIEWER placed, under a policy that lets users read their own."""
    project.database.execute("""
        grant select on twilio_calls, twilio_recordings to authenticated;
        create policy test_play_calls on twilio_calls for select to authenticated
          using (placed_by = (select auth.uid()));
        create policy test_play on twilio_recordings for select to authenticated
          using (exists (select from twilio_calls c where c.call_sid = twilio_recordings.call_sid));
    """)
    headers = {"Authorization": f"Bearer {project.token(sub=VIEWER)}"}
    call = project.http.post(
        "/functions/v1/place-call", json={"to": LEAD, "agent": AGENT}, headers=headers
    ).json()
    emulator = f"{project.env['twilio_base_url']}/_sandbox/calls/{call['callSid']}"
    assert httpx.get(emulator, params={"wait": 60}, timeout=PATIENCE).json()["finished"]
    (row,) = project.rows("select * from twilio_recordings where call_sid = %s", call["callSid"])
    yield row
    project.database.execute("""
        drop policy test_play on twilio_recordings;
        drop policy test_play_calls on twilio_calls;
        revoke select on twilio_calls, twilio_recordings from authenticated;
    """)


@pytest.fixture
def play(project):
    """Ask for a recording as a user's page does."""

    def ask(sid, *, sub=VIEWER, method="GET", query="", **headers):
        headers = {"Authorization": f"Bearer {project.token(sub=sub)}", "Origin": ORIGIN, **headers}
        return project.http.request(method, f"/functions/v1/recording/{sid}{query}", headers=headers)

    return ask


def test_a_user_plays_the_recording_of_their_call(project, recorded, play):
    """The audio comes whole, readable by the page, and without Twilio's credentials."""
    answer = play(recorded["recording_sid"])

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["accept-ranges"] == "bytes"
    assert len(answer.content) == int(answer.headers["content-length"]) > 1000
    assert project.auth_token not in str(answer.headers)
    assert play(recorded["recording_sid"], query="?format=wav").content.startswith(b"RIFF")


def test_a_browser_keeps_a_recording_for_its_user_alone(recorded, play):
    """The next user of the browser, or one whose right was taken, does not hear it from the cache."""
    for answer in (play(recorded["recording_sid"]), play("RE" + "0" * 32)):
        assert {name.strip().lower() for name in answer.headers["vary"].split(",")} == {
            "origin",
            "authorization",
        }
    caching = play(recorded["recording_sid"]).headers["cache-control"]
    private, max_age = caching.split(", max-age=")
    assert (private, int(max_age) <= 300) == ("private", True)


def test_our_credentials_are_used_for_our_account_alone(project, recorded, play, new_sid):
    """A row of another account's recording plays nothing, and Twilio is not asked for it."""
    sid = new_sid("RE")
    params = {"CallSid": recorded["call_sid"], "AccountSid": new_sid("AC"), "RecordingSid": sid}
    project.ingest(kind="reconciled", params={**params, "RecordingStatus": "completed"})
    twilio = f"{project.env['twilio_base_url']}/_sandbox/api-requests"

    refused = play(sid)

    assert (refused.status_code, refused.json()["code"]) == (404, "not-there")
    assert [r for r in httpx.get(twilio, timeout=PATIENCE).json()["api_requests"] if sid in r["path"]] == []


def test_a_player_may_ask_for_a_range(recorded, play):
    """A part from the middle, the end, and one that does not exist."""
    sid = recorded["recording_sid"]
    whole = play(sid).content

    middle = play(sid, Range="bytes=100-199")
    end = play(sid, Range="bytes=-50")
    nothing = play(sid, Range=f"bytes={len(whole)}-")

    assert (middle.status_code, middle.content) == (206, whole[100:200])
    assert middle.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert (end.status_code, end.content) == (206, whole[-50:])
    assert (nothing.status_code, nothing.headers["content-range"]) == (416, f"bytes */{len(whole)}")
    head = play(sid, method="HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole)))


def test_another_user_cannot_tell_it_from_one_that_is_not_there(recorded, play, new_sid):
    """Row-level security decides, and the answer says nothing more."""
    other = play(recorded["recording_sid"], sub="99999999-2222-4333-8444-555555555555")
    missing = play(new_sid("RE"))

    assert other.status_code == missing.status_code == 404
    assert other.json() == missing.json()
    assert other.json()["code"] == "not-there"


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        ("in-progress", 409, "not-ready"),
        ("processing", 409, "not-ready"),
        ("absent", 404, "absent"),
        ("completed", 410, "deleted"),
        ("deleted", 410, "deleted"),
    ],
)
def test_what_cannot_be_played_is_distinguished(project, recorded, play, new_sid, status, answer, code):
    """Not ready yet, never made, deleted at Twilio: each its own answer."""
    sid = new_sid("RE")
    params = {"CallSid": recorded["call_sid"], "AccountSid": project.account_sid, "RecordingSid": sid}
    project.ingest(kind="reconciled", params={**params, "RecordingStatus": status})

    refused = play(sid)

    assert (refused.status_code, refused.json()["code"]) == (answer, code)


def test_keys_and_odd_addresses_get_nothing(project, recorded, play):
    """The service role's token plays nothing here; neither does an address without a recording's SID."""
    token = project.token(role="service_role")
    path = f"/functions/v1/recording/{recorded['recording_sid']}"

    assert project.http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert project.http.get(path).status_code == 401
    assert play("RE1/../../secrets").status_code == 404
    assert play(recorded["recording_sid"], method="DELETE").status_code == 405
