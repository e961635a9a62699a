"""A sandbox with everything deployed that the documents speak of, and ways to run what they show."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.functions.project import Project
from tests.support.documents_blocks import Block
from tests.support.hand_deployed import AGENT, BIN, RECORDED, Environment
from tests.support.waiting import PATIENCE

ORIGIN = "http://localhost:8080"
LEAD = "+15550001111"
USER = "11111111-2222-4333-8444-555555555555"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "crm"
_CONFIG = json.loads((EXAMPLE / "deno.json").read_text(encoding="utf-8"))
SUPABASE_JS = {"imports": _CONFIG["imports"]}


@dataclass(frozen=True)
class DocumentedProject:
    """The project of the documents."""

    folder: Path
    values: dict[str, str]

    def deploy(self) -> None:
        """Schema, secrets, the number, and the functions that a CRM and Twilio call."""
        Environment(self.folder, self.values).deploy(RECORDED)
        project = Project(self.values)
        try:
            settings = project.settings(allowedOrigins=[ORIGIN])
            for function in ("place-call", "control-call", "recording"):
                project.deploy(function, settings)
        finally:
            project.close()

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run SQL through the Management API, as the dashboard's SQL editor does."""
        answer = httpx.post(
            f"{self.values['supabase_api_url']}/v1/projects/{self.values['supabase_project_ref']}/database/query",
            headers={"Authorization": f"Bearer {self.values['supabase_access_token']}"},
            json={"query": sql},
            timeout=PATIENCE,
        )
        assert answer.is_success, f"{answer.text}\n{sql}"
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def token(self, user: str = USER) -> str:
        """A signed-in user's access token."""
        answer = httpx.post(
            f"{self.values['supabase_api_url']}/_sandbox/tokens", json={"sub": user}, timeout=PATIENCE
        )
        return str(answer.json()["token"])

    def read(self, path: str, user: str | None = USER) -> httpx.Response:
        """Ask the REST API as a user, or as nobody."""
        headers = {"apikey": self.values["supabase_publishable_key"]}
        if user is not None:
            headers["Authorization"] = f"Bearer {self.token(user)}"
        return httpx.get(f"{self.values['supabase_url']}/rest/v1/{path}", headers=headers, timeout=PATIENCE)

    def send(self, request: Any, **replacements: str) -> httpx.Response:
        """Send a request as it stands in a document, its <placeholders> filled in."""
        filled = {"the user's access token": self.token(), **replacements}

        def fill(text: str) -> str:
            for name, value in filled.items():
                text = text.replace(f"<{name}>", value)
            assert "<" not in text, f"{text}: no value for this placeholder"
            return text

        return httpx.request(
            request.method,
            self.values["supabase_url"] + fill(request.path),
            headers={name: fill(value) for name, value in request.headers.items()},
            content=request.body,
            timeout=PATIENCE,
        )

    def place_call(self) -> str:
        """Have the CRM place a call; returns its SID."""
        answer = httpx.post(
            f"{self.values['supabase_url']}/functions/v1/place-call",
            headers={"Authorization": f"Bearer {self.token()}"},
            json={"to": LEAD, "agent": AGENT, "reference": "lead-42"},
            timeout=PATIENCE,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["callSid"])

    def finished(self, call_sid: str) -> dict[str, Any]:
        """Wait until a call is over and everybody has been told; returns its row."""
        url = f"{self.values['twilio_base_url']}/_sandbox/calls/{call_sid}"
        assert httpx.get(url, params={"wait": 60}, timeout=PATIENCE).json()["finished"]
        (row,) = self.query(f"select * from public.twilio_calls where call_sid = '{call_sid}'")
        return row


def run_deno(
    folder: Path,
    modules: list[Block],
    program: str,
    environment: Mapping[str, str],
    *,
    import_map: Mapping[str, Any] | None = None,
) -> Any:
    """Run a program beside a document's modules; returns the JSON that it prints as its last line."""
    write_modules(folder, modules, program, import_map)
    run = subprocess.run(
        [
            BIN / "deno",
            "run",
            "--no-prompt",
            "--quiet",
            "--allow-net",
            "--allow-env",
            "--allow-read",
            "main.ts",
        ],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def check_types(folder: Path, modules: list[Block], import_map: Mapping[str, Any] | None = None) -> None:
    """Have Deno check the types of a document's modules."""
    names = write_modules(folder, modules, "", import_map)
    run = subprocess.run(
        [BIN / "deno", "check", *names], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def write_modules(
    folder: Path, modules: list[Block], program: str, import_map: Mapping[str, Any] | None
) -> list[str]:
    """Write the modules under the names that they give themselves, and the program as main.ts."""
    names = []
    for module in modules:
        assert module.file_name is not None, module.text
        (folder / module.file_name).write_text(module.text, encoding="utf-8")
        names.append(module.file_name)
    (folder / "main.ts").write_text(program, encoding="utf-8")
    types = EXAMPLE / "database.types.ts"
    (folder / types.name).write_text(types.read_text(encoding="utf-8"), encoding="utf-8")
    config = {"compilerOptions": _CONFIG["compilerOptions"], **(import_map or {})}
    (folder / "deno.json").write_text(json.dumps(config), encoding="utf-8")
    return names
