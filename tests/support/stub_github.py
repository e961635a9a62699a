"""A stub of GitHub's REST API on loopback: comments and issues of one repository, plans kept by its runs."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["BOT", "REPOSITORY", "StubGitHub", "pull", "run_of", "running_github"]

REPOSITORY = "ana/voice"
BOT = {"login": "github-actions[bot]"}


def pull(head: str, *, merged: bool = True) -> dict[str, Any]:
    """A pull request as the list of a commit's pull requests has it."""
    return {"number": 7, "head": {"sha": head}, "merged_at": "2026-11-20T10:00:00Z" if merged else None}


def run_of(number: int, *, repository: str | None = REPOSITORY, **values: str) -> dict[str, Any]:
    """A run of the pull request's workflow; `repository` is None where a fork was deleted."""
    head = None if repository is None else {"full_name": repository}
    fine = {"event": "pull_request", "conclusion": "success", "head_sha": "head"}
    return {"id": number, "head_repository": head, **fine, **values}


class StubGitHub:
    """The comments and issues of one repository, the plans kept by its runs, and every request."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.plans: dict[str, str] = {}
        self.expired: set[str] = set()
        self.pulls = [pull("head")]
        self.runs = [run_of(1), run_of(2)]
        self.user = BOT
        self.kept: list[tuple[str, dict[str, str]]] = []
        self.requests: list[str] = []
        self.refuse = 0
        self.port = 0

    def forget(self) -> None:
        """Drop what was written to it."""
        for written in (self.comments, self.issues, self.kept):
            written.clear()

    def variables(self, summary: Path) -> dict[str, str]:
        """What a runner sets for a job."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": "stub",
            "GITHUB_API_URL": f"http://127.0.0.1:{self.port}",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_SHA": "c0ffee",
        }

    def answer(self, method: str, path: str, query: dict[str, list[str]], content: Any) -> Any:
        """Answer one request as GitHub does."""
        self.requests.append(f"{method} {path}")
        page, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])
        part = slice((page - 1) * size, page * size)
        if method == "GET" and path == "issues/7/comments":
            return self.comments[part]
        if path == "/user":
            return self.user
        if method == "GET" and path == "issues":
            return [i for i in self.issues if i["state"] == query["state"][0]][part]
        if method == "POST" and path == "issues":
            known = {"number": len(self.issues) + 1, "state": "open", "html_url": "issue", "user": self.user}
            issue = {**known, **content}
            self.issues.append(issue)
            return issue
        if match := re.fullmatch(r"issues/(\d+)/comments", path):
            made = {"id": len(self.comments) + 1, "html_url": "comment", "on": int(match[1]), "user": self.user}
            self.comments.append({**made, **content})
            return self.comments[-1]
        if match := re.fullmatch(r"issues/comments/(\d+)", path):
            return self._changed(self.comments, "id", int(match[1]), content)
        if match := re.fullmatch(r"issues/(\d+)", path):
            return self._changed(self.issues, "number", int(match[1]), content)
        if match := re.fullmatch("contents/(.+)", path):
            self.kept.append((match[1], content))
            return {"commit": {"html_url": "commit"}}
        if path == "commits/c0ffee/pulls":
            return self.pulls[part]
        if path == "actions/workflows/pull-request.yml/runs":
            # The other filters are left to the client, so that its own check is seen.
            return {"workflow_runs": [r for r in self.runs if [r["head_sha"]] == query["head_sha"]][part]}
        if match := re.fullmatch(r"actions/runs/(\d+)/artifacts", path):
            names = [n for n in self.plans if n.startswith(f"{match[1]}-")]
            found = [{"id": n, "name": n.partition("-")[2], "expired": n in self.expired} for n in names]
            return {"artifacts": found[part]}
        if match := re.fullmatch("actions/artifacts/(.+)/zip", path):
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("plan.json", self.plans[match[1]])
            return file.getvalue()
        raise AssertionError(path)

    def _changed(self, rows: list[dict[str, Any]], key: str, value: int, content: Any) -> dict[str, Any]:
        row = next(row for row in rows if row[key] == value)
        row.update(content)
        return row


@contextlib.contextmanager
def running_github() -> Iterator[StubGitHub]:
    """Run a stub."""
    stub = StubGitHub()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            url = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            assert self.headers["Authorization"] == "Bearer stub"
            path = url.path.removeprefix(f"/repos/{REPOSITORY}/")
            body = stub.answer(
                self.command, path, parse_qs(url.query), json.loads(content) if content else None
            )
            if stub.refuse:
                body = {"message": "Resource not accessible by integration"}
            self.send_response(stub.refuse or 200)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
