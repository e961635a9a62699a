"""Every operation that Twilio documents is either emulated, or a 501 that names itself.

``documented.txt`` lists the operations of twilio-oai's documents of the products that a voice application uses.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from voicehooks_sandbox.twilio.api import not_emulated
from voicehooks_sandbox.twilio.app import ENDPOINTS

from tests.sandbox.twilio.sandbox_client import ACCOUNT_SID, Sandbox

pytestmark = pytest.mark.anyio
_FIXTURES = Path(__file__).parents[2] / "fixtures" / "twilio_specs"
DOCUMENTED = (_FIXTURES / "documented.txt").read_text("utf-8").splitlines()
EMULATED = {
    f"{endpoint.method} {re.sub(r'{[A-Za-z]+}', '{}', endpoint.template)}"
    for endpoint in ENDPOINTS
    if endpoint.handler is not not_emulated
}
# Twilio's documents do not have the audio of a recording, and other suffixes of paths.
_OTHER = re.compile(r"/Recordings/{}(\.mp3|\.wav|)$")


def bare(key: str) -> str:
    """An operation without the names of its path's parameters."""
    return re.sub(r"{[A-Za-z]+}", "{}", key)


async def test_what_is_not_emulated_says_so(sandbox: Sandbox) -> None:
    """With the method and the path, whatever the request; never a 404, which would be about a resource."""
    for key in DOCUMENTED:
        if bare(key) in EMULATED:
            continue
        method, template = key.split(" ", 1)
        path = re.sub(r"{[A-Za-z]+}", "X" * 34, template.replace("{AccountSid}", ACCOUNT_SID))
        answer = await sandbox.client.request(method, path)
        assert answer.status_code == 501, (key, answer.text)
        assert f"does not emulate {method} {path}" in answer.json()["message"]


def test_everything_that_is_emulated_is_documented() -> None:
    """No operation is made up. Of the newest products Twilio has published no such documents."""
    of_documents = {key for key in EMULATED if " /2010-04-01/" in key and not _OTHER.search(key)}
    assert of_documents <= {bare(key) for key in DOCUMENTED}


async def test_other_formats_are_refused_by_name(sandbox: Sandbox) -> None:
    """XML, which Twilio answers without a suffix, and CSV."""
    for suffix in ("", ".xml", ".csv"):
        answer = await sandbox.get(f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls{suffix}")
        assert (answer.status_code, "JSON only" in answer.json()["message"]) == (501, True)
