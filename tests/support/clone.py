"""A clone of this repository with its own sandbox: what a user has after `make up`, quickly.

The real program under the real engine; the stack is `local`, whose state lies in the clone, or one of another
backend's.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml
from voicehooks_sandbox.testing import running_sandbox

from tests.support.hand_deployed import BIN, NUMBER
from tests.support.waiting import PATIENCE

__all__ = ["NUMBER", "ROOT", "Clone", "clone_repository", "running_clone", "variables"]

ROOT = Path(__file__).resolve().parents[2]
_CODE = ("infra", "functions", "migrations")
# The sandbox speaks plain HTTP; else each request would load the certificates, which takes ten times as long.
_NO_TLS = False


@dataclass(frozen=True)
class Clone:
    """A project folder and the sandbox that its stack is deployed into.

    Attributes:
        folder: the project's folder.
        values: how to reach the sandbox, by the names of `voicehooks-sandbox env --json`.
        stack: the stack's name.
        environment: variables of every program that is run, for a stack of another backend.
    """

    folder: Path
    values: dict[str, str]
    stack: str = "local"
    environment: Mapping[str, str] = field(default_factory=dict)

    # The project

    def configure(self, **settings: Any) -> None:
        """Set keys of `voicehooks:` in the settings file; None takes one out."""
        path = self.settings_file
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key, value in settings.items():
            content["config"].pop(f"voicehooks:{key}", None)
            if value is not None:
                content["config"][f"voicehooks:{key}"] = value
        path.write_text(yaml.safe_dump(content), encoding="utf-8")

    @property
    def settings_file(self) -> Path:
        """The stack's settings."""
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def settings(self) -> dict[str, Any]:
        """The configuration in the settings file."""
        content = yaml.safe_load(self.settings_file.read_text(encoding="utf-8"))
        config: dict[str, Any] = content["config"]
        return config

    def git(self, *arguments: str) -> str:
        """Run git in the clone, which is no repository before `git init`."""
        identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(self, *options: str) -> str:
        """Deploy."""
        return self.pulumi("up", "--yes", "--skip-preview", *options)

    def pulumi(self, *arguments: str, ok: bool = True) -> str:
        """Run a Pulumi command for the stack; returns all that it printed."""
        done = self.run("pulumi", *arguments, "--stack", self.stack, "--non-interactive")
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout + done.stderr

    def voicehooks(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run an operator's command without a terminal, whatever its exit code."""
        return self.run("voicehooks", *arguments, environment=environment)

    def run(
        self, program: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the virtual environment in the clone."""
        return subprocess.run(
            [BIN / program, *arguments],
            cwd=self.folder,
            env={**variables(), **self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )

    # Twilio's side

    def number(self, e164: str = NUMBER) -> dict[str, Any]:
        """A number as Twilio answers it."""
        answer = self.twilio("GET", "IncomingPhoneNumbers.json", params={"PhoneNumber": e164})
        found: dict[str, Any] = next(n for n in answer["incoming_phone_numbers"] if n["phone_number"] == e164)
        return found

    def click(self, e164: str = NUMBER, **fields: str) -> None:
        """Change a number as somebody would in the console, by Twilio's names: VoiceUrl=..."""
        self.twilio("POST", f"IncomingPhoneNumbers/{self.number(e164)['sid']}.json", data=fields)

    def twilio(self, method: str, path: str, **request: Any) -> Any:
        """Ask the 2010 API about the account."""
        account = self.values["twilio_account_sid"]
        answer = httpx.request(
            method,
            f"{self.values['twilio_base_url']}/2010-04-01/Accounts/{account}/{path}",
            auth=(account, self.values["twilio_auth_token"]),
            timeout=PATIENCE,
            verify=_NO_TLS,
            **request,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def permit(self, countries: list[dict[str, Any]]) -> None:
        """Set dialing permissions as somebody would in the console, by Twilio's names."""
        answer = httpx.post(
            f"{self.values['twilio_base_url']}/v1/DialingPermissions/BulkCountryUpdates",
            auth=(self.values["twilio_account_sid"], self.values["twilio_auth_token"]),
            data={"UpdateRequest": json.dumps(countries)},
            timeout=PATIENCE,
            verify=_NO_TLS,
        )
        assert answer.is_success, answer.text

    def permissions(self, code: str) -> dict[str, bool]:
        """Return the dialing permissions of a country by Twilio's names."""
        answer = httpx.get(
            f"{self.values['twilio_base_url']}/v1/DialingPermissions/Countries/{code}",
            auth=(self.values["twilio_account_sid"], self.values["twilio_auth_token"]),
            timeout=PATIENCE,
            verify=_NO_TLS,
        )
        assert answer.is_success, answer.text
        return {k: v for k, v in answer.json().items() if k.endswith("_enabled")}

    def control(self, method: str, path: str, **request: Any) -> Any:
        """Ask the control plane of the Twilio emulator: `POST`, `faults`, json=..."""
        return _control(self.values["twilio_base_url"], method, path, request)

    def call(self, to: str = NUMBER, **scenario: Any) -> dict[str, Any]:
        """Somebody calls a number; returns the story once it is over and everybody was told."""
        started = self.control("POST", "calls", json={"from": "+15550100001", "to": to, **scenario})
        story: dict[str, Any] = self.control("GET", f"calls/{started['sid']}", params={"wait": 60})
        return story

    # Supabase's side

    def supabase(self, method: str, path: str, **request: Any) -> Any:
        """Ask the Management API about the project: `GET`, `functions`."""
        answer = httpx.request(
            method,
            f"{self.values['supabase_api_url']}/v1/projects/{self.values['supabase_project_ref']}/{path}",
            headers={"Authorization": f"Bearer {self.values['supabase_access_token']}"},
            timeout=PATIENCE,
            verify=_NO_TLS,
            **request,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def supabase_body(self, path: str) -> httpx.Response:
        """Ask the Management API for a function's files as they were deployed: multipart."""
        answer = httpx.get(
            f"{self.values['supabase_api_url']}/v1/projects/{self.values['supabase_project_ref']}/{path}",
            headers={
                "Authorization": f"Bearer {self.values['supabase_access_token']}",
                "Accept": "multipart/form-data",
            },
            timeout=PATIENCE,
            verify=_NO_TLS,
        )
        assert answer.is_success, answer.text
        return answer

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Run SQL; returns the rows."""
        rows: list[dict[str, Any]] = self.supabase("POST", "database/query", json={"query": sql})
        return rows

    def supabase_control(self, method: str, path: str, **request: Any) -> Any:
        """Ask the control plane of the Supabase emulator: `POST`, `faults`, json=..."""
        return _control(self.values["supabase_api_url"], method, path, request)

    def reset(self) -> None:
        """Put both accounts back to their first day and forget the stack."""
        self.control("POST", "reset")
        self.supabase_control("POST", "reset")
        shutil.rmtree(self.folder / ".voicehooks" / "state", ignore_errors=True)


def clone_repository(
    folder: Path,
    values: Mapping[str, str],
    *,
    stack: str = "local",
    environment: Mapping[str, str] | None = None,
    **settings: Any,
) -> Clone:
    """Copy what a stack needs into a folder and point it at a running sandbox; deploys nothing.

    Args:
        folder: the project's folder.
        values: the sandbox's, from `running_sandbox`.
        stack: its name; with another than `local`, the environment has to name its backend.
        environment: variables of every program that is run in the clone.
        **settings: keys of `voicehooks:` in place of Pulumi.local.yaml's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    shutil.copy(ROOT / ".gitignore", folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    content = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8"))
    # The sandbox may be in another folder.
    del content["config"]["voicehooks:sandbox"]
    content["config"] |= {
        "twilio:baseUrl": values["twilio_base_url"],
        "supabase:apiUrl": values["supabase_api_url"],
        "voicehooks:publicUrl": values["supabase_url"],
    }
    clone = Clone(folder, dict(values), stack, environment or {})
    clone.settings_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    clone.configure(**settings)
    clone.pulumi("stack", "init", "--no-select")
    return clone


@contextmanager
def running_clone(folder: Path, *, time_factor: float = 50, **settings: Any) -> Iterator[Clone]:
    """Run a sandbox and yield a clone that points at it; deploys nothing.

    Args:
        folder: where both are.
        time_factor: how many times faster than life calls go by.
        **settings: keys of `voicehooks:` in place of Pulumi.local.yaml's.
    """
    with running_sandbox(folder / "sandbox", time_factor=time_factor) as values:
        yield clone_repository(folder / "clone", values, **settings)


def variables() -> dict[str, str]:
    """This process's variables without the user's own credentials and stacks."""
    foreign = ("PULUMI_", "TWILIO_", "SUPABASE_", "GITHUB_", "AWS_", "AZURE_", "GOOGLE_")
    return {**{k: v for k, v in os.environ.items() if not k.startswith(foreign)}, "NO_COLOR": "1"}


def _control(url: str, method: str, path: str, request: Mapping[str, Any]) -> Any:
    answer = httpx.request(method, f"{url}/_sandbox/{path}", timeout=PATIENCE, verify=_NO_TLS, **request)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None
