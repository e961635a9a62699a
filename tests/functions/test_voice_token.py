"""voice-token: the access token of a user's softphone in the browser."""

from __future__ import annotations

import time
import uuid

import jwt
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.functions.project import LEAD, OUR_NUMBER
from tests.functions.test_place_call import finished

KEY_SID, KEY_SECRET = f"SK{'8' * 32}", "the secret of a key for softphones"


@pytest.fixture(scope="module", autouse=True)
def _deployed(project):
    project.set_secrets(VOICEHOOKS_SOFTPHONE_KEY_SID=KEY_SID, VOICEHOOKS_SOFTPHONE_KEY_SECRET=KEY_SECRET)
    callers = {"claim": "role", "anyOf": ["agent"]}
    project.deploy("voice-token", project.settings(callers=callers))


def request(project, *, slug="voice-token", **claims):
    """Ask for a token as a user with these claims."""
    headers = {"Authorization": f"Bearer {project.token(**claims)}", "Origin": "http://localhost:8080"}
    return project.http.post(f"/functions/v1/{slug}", json={}, headers=headers)


def test_a_token_is_what_twilios_own_library_signs(project):
    """Header and claims are the same; it is for incoming calls alone, of this user, for ten minutes."""
    sub = str(uuid.uuid4())

    answer = request(project, sub=sub, app_metadata={"role": "agent"})

    assert answer.status_code == 200, answer.text
    token, identity = answer.json()["token"], answer.json()["identity"]
    assert identity == sub.replace("-", "_")
    own = AccessToken(project.account_sid, KEY_SID, KEY_SECRET, identity=identity, ttl=600)
    own.add_grant(VoiceGrant(incoming_allow=True))
    expected = jwt.decode(own.to_jwt(), KEY_SECRET, algorithms=["HS256"])
    assert jwt.get_unverified_header(token) == jwt.get_unverified_header(own.to_jwt())
    claims = jwt.decode(token, KEY_SECRET, algorithms=["HS256"])
    assert (
        claims["grants"] == expected["grants"] == {"identity": identity, "voice": {"incoming": {"allow": True}}}
    )
    assert (claims["iss"], claims["sub"]) == (expected["iss"], expected["sub"])
    assert claims["jti"].startswith(f"{KEY_SID}-")
    assert claims["exp"] - claims["iat"] == answer.json()["expiresIn"] == 600
    assert claims["iat"] <= time.time()
    assert request(project, sub=sub, app_metadata={"role": "agent"}).json()["token"] != token


def test_only_who_may_place_calls_has_a_softphone(project):
    """The refusals are those of place-call."""
    refused = [
        request(project, sub=str(uuid.uuid4())),
        request(project, sub=str(uuid.uuid4()), is_anonymous=True),
        request(project, role="service_role"),
    ]

    assert [(a.status_code, a.json()["code"]) for a in refused] == [
        (403, "claim"),
        (403, "user"),
        (403, "user"),
    ]
    assert all("token" not in answer.json() for answer in refused)


def test_without_a_key_there_is_no_token(project):
    """For an environment whose secrets were removed."""
    project.set_secrets(VOICEHOOKS_SOFTPHONE_KEY_SECRET="")
    try:
        project.deploy("voice-token", project.settings(), slug="voice-token-keyless")
        answer = request(project, slug="voice-token-keyless", sub=str(uuid.uuid4()))
    finally:
        project.set_secrets(VOICEHOOKS_SOFTPHONE_KEY_SECRET=KEY_SECRET)
    assert (answer.status_code, answer.json()["code"]) == (503, "no-key")


def test_an_incoming_call_rings_the_softphone_that_forward_to_names(project):
    """`client:<identity>` in forwardTo; its leg says whose softphone it was."""
    identity = str(uuid.uuid4()).replace("-", "_")
    settings = project.settings(numbers={OUR_NUMBER: {"forwardTo": [f"client:{identity}"]}})
    project.deploy("twilio-webhook", settings)
    try:
        sid = project.call_in(LEAD)
        finished(project, sid)
    finally:
        project.deploy("twilio-webhook", project.settings())
    (leg,) = project.rows("select to_number, answered_at from twilio_calls where parent_call_sid = %s", sid)
    assert leg["to_number"] == f"client:{identity}"
    assert leg["answered_at"] is not None
