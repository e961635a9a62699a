"""`make up`, run again, `make down`: what a newcomer types, in a copy of the repository."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PORTS = {"twilio": 4710, "supabase-api": 4720, "supabase": 4721}


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy that links this environment and uses free ports, as a git worktree would beside the clone."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "copy"
    for name in listed.stdout.splitlines():
        source, target = ROOT / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    ports = free_ports()
    settings = folder / "Pulumi.local.yaml"
    text = settings.read_text()
    for name, port in PORTS.items():
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ports[name]}")
    settings.write_text(text)
    # The sandbox keeps the ports that it had the last time.
    sandbox(folder, "up", *(word for name, port in ports.items() for word in (f"--{name}-port", str(port))))
    sandbox(folder, "down")
    yield folder
    sandbox(folder, "down")


def free_ports() -> dict[str, int]:
    """A free port for each of the sandbox's servers."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in PORTS}
    ports = {name: one.getsockname()[1] for name, one in sockets.items()}
    for one in sockets.values():
        one.close()
    return ports


def sandbox(folder: Path, *arguments: str) -> None:
    """Run the sandbox's own command."""
    subprocess.run([Path(sys.prefix) / "bin" / "voicehooks-sandbox", *arguments], cwd=folder, check=True)


def make(folder: Path, target: str) -> str:
    """Run a make target without a terminal; what it printed."""
    answer = subprocess.run(
        ["make", target],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_up_deploys_calls_and_repeats_without_a_change(copy: Path) -> None:
    """The first run deploys and makes a call; the second changes nothing; down stops it; then up again."""
    settings = (copy / "Pulumi.local.yaml").read_text()

    first = make(copy, "up")
    assert re.search(r"Resources:\n\s+\+ \d+ created", first)
    for step in ("Connecting...", "Ringing...", "Connected", "Call ended", "Recording"):
        assert f" s  {step}" in first
    assert "twilio_recordings  1 row" in first
    assert re.search(r"^PASS ", first, re.MULTILINE)
    assert "Where to look next" in first

    second = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", second)
    assert re.search(r"^PASS ", second, re.MULTILINE)

    assert (copy / "Pulumi.local.yaml").read_text() == settings
    make(copy, "down")
    assert make(copy, "down") == make(copy, "down")

    third = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", third)
    assert re.search(r"^PASS ", third, re.MULTILINE)
