"""The weekly audit: the job's command with the real pip-audit, against a stub of OSV on loopback."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.jobs import ROOT, run, steps
from tools import audit as audit_module
from tools.installer.environment import LOCK
from tools.scan.lock import entries

PINNED = [entry.pin for entry in entries((ROOT / LOCK).read_text(encoding="utf-8")) if entry.applies]
VERSION = dict(PINNED)["httpx"]


def advisory(name: str) -> dict[str, Any]:
    """An advisory as OSV answers it, fixed in 99.0."""
    affected = {
        "package": {"name": name, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
    }
    return {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "a hole", "affected": [affected]}


@contextmanager
def osv(*vulnerable: str) -> Iterator[tuple[str, list[str]]]:
    """A service that knows of holes in these; its address, and the names that it was asked about."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            asked.append(name)
            body = json.dumps({"vulns": [advisory(name)]} if name in vulnerable else {}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def job(address: str, summary: Path) -> subprocess.CompletedProcess[str]:
    """Run the job's only step."""
    (step,) = steps(ROOT / ".github" / "workflows" / "audit.yml")
    service = {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": address}
    return run(step, ROOT, {}, {**service, "GITHUB_STEP_SUMMARY": str(summary)})


def test_every_pin_is_asked_about(tmp_path: Path) -> None:
    """Without an advisory the job is green and says how many distributions it asked about."""
    with osv() as (address, asked):
        done = job(address, tmp_path / "page.md")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(asked) == len(PINNED)
    assert f"{len(PINNED)} pinned distributions: no known vulnerabilities" in done.stdout
    assert (tmp_path / "page.md").read_text(encoding="utf-8").startswith("## Audit requirements: fine")


def test_a_hole_is_named_at_its_pin(tmp_path: Path) -> None:
    """An advisory is a line with file, line, versions and what to take; the job is red."""
    with osv("httpx") as (address, _):
        done = job(address, tmp_path / "page.md")

    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = [line for line in done.stdout.splitlines() if "httpx" in line]
    assert line.startswith("requirements.lock:")
    assert line.endswith(f": httpx {VERSION}: PYSEC-2026-1, CVE-2026-1; upgrade to 99.0")


def test_a_service_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    """Offline the exit code is 2, and there is one line, no traceback: it could not be told."""
    done = job("http://127.0.0.1:9/v1/query", tmp_path / "page.md")

    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("$ ")]
    assert line.startswith("audit: could not tell: the advisory service does not answer (")


def test_a_service_that_knows_nothing_is_not_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pip-audit passes over, and calls fine, could not be told: a mock, no service does it on demand."""
    dependencies = [{"name": "httpx", "skip_reason": "not found"}]
    done = subprocess.CompletedProcess([], 0, json.dumps({"dependencies": dependencies}), "")
    monkeypatch.setattr(audit_module.subprocess, "run", lambda *_, **__: done)

    with pytest.raises(audit_module.Unanswered, match="does not know 1 of 1, httpx for one"):
        audit_module.audit(ROOT)
