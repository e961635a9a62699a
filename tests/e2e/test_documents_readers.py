"""The shortest path of each reader in README.md: its commands are run as they are shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.clone import Clone
from tests.support.documents_blocks import ROOT, blocks
from tests.support.engine import Project
from tests.support.hand_deployed import NUMBER

README = (ROOT / "README.md").read_text(encoding="utf-8")
READERS = ("A developer with an hour", "A reviewer", "On call", "The CRM's developer", "Only a provider")
# What other tests run: test_make_up.py and test_crm_page.py (make), test_wheels.py (pip).
ELSEWHERE = re.compile(r"make (install|up|crm)|source \.venv/bin/activate|pip install .*")


def path_of(reader: str) -> str:
    """The section of a reader."""
    found = re.search(rf"^### {re.escape(reader)}\n(.*?)^##", README, re.MULTILINE | re.DOTALL)
    assert found is not None, reader
    return found[1]


def commands(reader: str) -> list[list[str]]:
    """The commands of a reader's section that are run here."""
    lines = [
        line.strip() for line in path_of(reader).splitlines() if line.startswith("    ") and "```" not in line
    ]
    code = {line.strip() for block in blocks(path_of(reader)) for line in block.text.splitlines()}
    return [
        shlex.split(line.removeprefix(".venv/bin/"))
        for line in lines
        if line not in code and not ELSEWHERE.fullmatch(line)
    ]


def test_every_reader_has_a_path() -> None:
    """The sections of the shortest path are those that are tested here."""
    chapter = README.split("## The shortest path")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^### (.*)$", chapter, re.MULTILINE)) == READERS


@pytest.mark.slow
def test_a_developer_with_an_hour(undeployed: Clone, tmp_path: Path) -> None:
    """The rehearsal needs no account and no address: init --sandbox, adopt, up, then call and doctor."""
    (tmp_path / "state").mkdir()
    variables = {
        "PULUMI_HOME": str(tmp_path),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "a long one",
    }
    # There is no terminal to answer in.
    answers = {"init": ["--for", "incoming,recording"], "adopt": ["--yes"], "up": ["--yes", "--skip-preview"]}

    def run(program: str, *arguments: str) -> str:
        done = undeployed.run(program, *arguments, environment=variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        shown = "".join(run(*command, *answers[command[1]]) for command in commands(READERS[0]))
        assert "next: voicehooks adopt --stack rehearsal" in shown
        assert "an update would change no number" in shown
        settings = undeployed.folder / "Pulumi.rehearsal.yaml"
        assert "127.0.0.1" not in settings.read_text()

        # The stack is selected: neither pulumi nor the doctor needs its name.
        settings.write_text(re.sub(rf'"\{NUMBER}": .*', f'"{NUMBER}": {{}}', settings.read_text()))
        run("pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
        assert "PASS" in run("voicehooks", "call", NUMBER, "--stack", "rehearsal")
        run("voicehooks", "doctor")
        assert undeployed.number()["voice_url"] in {"", None}  # the sandbox of local is another one
    finally:
        undeployed.voicehooks("sandbox", "down", "--purge", "--stack", "rehearsal")


@pytest.mark.parametrize("reader", READERS[1:4])
def test_readers_of_what_is_deployed(deployed: Clone, reader: str) -> None:
    """Each command does its work on a deployed stack, here on `local`."""
    shown = commands(reader)
    assert shown
    for command in shown:
        done = deployed.run(*("local" if word == "prod" else word for word in command))
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_only_a_provider(sandbox: dict[str, str], tmp_path: Path) -> None:
    """The program sets the number's URLs."""
    config = {"twilio:accountSid": sandbox["twilio_account_sid"], "twilio:baseUrl": sandbox["twilio_base_url"]}
    project = Project(tmp_path, {**config, "twilio:authToken": sandbox["twilio_auth_token"]})
    (program,) = blocks(path_of(READERS[4]), "python")
    project.program(program.text)
    preview = project.preview()
    assert f"::{NUMBER}]" in preview
    assert "https://example.com/voice" in preview
