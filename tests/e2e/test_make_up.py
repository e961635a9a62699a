"""`make up`, run again, `make down`: what a newcomer types, in a copy of the repository."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import PATIENCE
from tools.recording import FILE, copy_repository, plain, record, shape, shown_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy that links this environment, as a git worktree would next to the clone."""
    folder = tmp_path / "copy"
    copy_repository(folder)
    yield folder
    make(folder, "down")


@pytest.fixture
def neighbor(tmp_path: Path) -> Iterator[Path]:
    """A second copy on the same machine."""
    folder = tmp_path / "neighbor"
    copy_repository(folder)
    yield folder
    make(folder, "down")


def environment(folder: Path) -> dict[str, str]:
    """How to reach the sandbox of a copy."""
    command = [folder / ".venv" / "bin" / "voicehooks", "sandbox", "env", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    values: dict[str, str] = json.loads(done.stdout)
    return values


def assert_deployed(folder: Path) -> None:
    """The copy's own account points at the copy's own project, and the file in git is unchanged."""
    values = environment(folder)
    account = values["twilio_account_sid"]
    url = f"{values['twilio_base_url']}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json"
    answer = httpx.get(url, auth=(account, values["twilio_auth_token"]), timeout=PATIENCE)
    urls = {number["voice_url"] for number in answer.json()["incoming_phone_numbers"] if number["voice_url"]}
    assert {url.partition("#")[0] for url in urls} == {values["webhook_url"]}
    assert (folder / "Pulumi.local.yaml").read_bytes() == (ROOT / "Pulumi.local.yaml").read_bytes()


def make(folder: Path, target: str) -> str:
    """Run a make target without a terminal; what it printed."""
    answer = subprocess.run(
        ["make", target],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_up_deploys_calls_and_repeats_without_a_change(copy: Path) -> None:
    """The first run looks like the README's picture; the second changes nothing; after down it starts again."""
    settings = (copy / "Pulumi.local.yaml").read_text()

    first = plain(record(copy))
    assert re.search(r"Resources:\n\s+\+ \d+ created", first)
    for step in ("Connecting...", "Ringing...", "Connected", "Call ended", "Recording"):
        assert f" s  {step}" in first
    assert "twilio_recordings  1 row" in first
    assert re.search(r"^PASS ", first, re.MULTILINE)
    assert "Where to look next" in first
    assert_deployed(copy)
    picture = shown_in((ROOT / FILE).read_text(encoding="utf-8"))
    differing = set(shape(first)) ^ set(shape(picture))
    # Another sandbox on this machine has the usual ports.
    differing = {line for line in differing if "this sandbox has" not in line}
    assert differing == set(), "the picture is of another make up: make recording"

    second = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", second)
    assert re.search(r"^PASS ", second, re.MULTILINE)

    assert (copy / "Pulumi.local.yaml").read_text() == settings
    make(copy, "down")
    assert make(copy, "down") == make(copy, "down")

    third = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", third)
    assert re.search(r"^PASS ", third, re.MULTILINE)


def test_two_clones_each_deploy_into_their_own_sandbox(copy: Path, neighbor: Path) -> None:
    """Next to a running sandbox, in both orders, and after another process has taken a stopped one's port."""
    ports = []
    for folder in (copy, neighbor):
        assert re.search(r"^PASS ", make(folder, "up"), re.MULTILINE)
        ports.append(environment(folder))
    assert not {v for k, v in ports[0].items() if k.endswith("_url")} & set(ports[1].values())
    assert_deployed(copy)
    assert_deployed(neighbor)

    make(copy, "down")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", make(neighbor, "up"))
    assert environment(neighbor) == ports[1]

    taken = int(ports[0]["supabase_url"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", taken)):
        assert re.search(r"^PASS ", make(copy, "up"), re.MULTILINE)
    assert environment(copy)["supabase_url"] not in {ports[0]["supabase_url"], ports[1]["supabase_url"]}
    assert_deployed(copy)
    assert_deployed(neighbor)


def test_a_file_that_names_other_addresses_is_refused(copy: Path) -> None:
    """`make up` never deploys into a sandbox that only has the right address."""
    settings = copy / "Pulumi.local.yaml"
    text = settings.read_text().replace('voicehooks:sandbox: "true"', "twilio:baseUrl: http://127.0.0.1:4710")
    settings.write_text(text)
    done = subprocess.run(["make", "up"], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "voicehooks:sandbox: true" in done.stderr
    assert not (copy / ".voicehooks").exists()
