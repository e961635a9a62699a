"""An environment in a running sandbox, put up by hand through the vendors' APIs.

For tests of what comes after a deploy, healthy or broken in a chosen way. Deploying has tests of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.waiting import PATIENCE, wait_for

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
NUMBER = "+15551234567"
AGENT = "+15557654321"
RECORDED = {"record": "record-from-answer", "forwardTo": [AGENT]}
UNRECORDED = {"record": "do-not-record", "forwardTo": [AGENT]}


@dataclass(frozen=True)
class Environment:
    """A project folder with a sandbox and a stack `local`."""

    folder: Path
    values: dict[str, str]

    @property
    def webhook_url(self) -> str:
        """Where the number points."""
        return f"{self.values['supabase_url']}/functions/v1/twilio-webhook"

    def deploy(self, settings: dict[str, Any]) -> None:
        """Migrations, the token as a secret, the function with these settings, the number, the outputs."""
        self._migrate()
        self.set_auth_token(self.values["twilio_auth_token"])
        self.deploy_function(settings)
        self.configure_number(VoiceUrl=self.webhook_url, StatusCallback=self.webhook_url)

    def set_auth_token(self, token: str) -> None:
        """The secret with which the handler checks signatures."""
        self._management("secrets", json=[{"name": "VOICEHOOKS_AUTH_TOKEN", "value": token}])

    def deploy_function(self, settings: dict[str, Any]) -> None:
        """The handler as it is in the repository, with these settings for its numbers."""
        functions = ROOT / "functions"
        document = json.loads((functions / "twilio-webhook" / "settings.json").read_text())
        document.update(
            environment="local",
            functionsUrl=f"{self.values['supabase_url']}/functions/v1",
            twilioApiUrl=self.values["twilio_base_url"],
            defaults={"answer": True, **settings},
            numbers={NUMBER: {}},
        )
        files = [
            *(functions / "_shared").glob("*.ts"),
            *(functions / "twilio-webhook").iterdir(),
            functions / "deno.json",
        ]
        parts: list[tuple[str, Any]] = [
            (
                "metadata",
                (
                    None,
                    json.dumps(
                        {
                            "name": "twilio-webhook",
                            "entrypoint_path": "twilio-webhook/index.ts",
                            "verify_jwt": False,
                        }
                    ),
                ),
            )
        ]
        generated = {"settings.json": document, "revision.json": {"revision": "by hand"}}
        for file in files:
            content = json.dumps(generated[file.name]).encode() if file.name in generated else file.read_bytes()
            parts.append(("file", (str(file.relative_to(functions)), content)))
        self._management("functions/deploy", params={"slug": "twilio-webhook"}, files=parts)

    def configure_number(self, **properties: str) -> None:
        """Write the number's properties at the Twilio emulator."""
        account = f"/2010-04-01/Accounts/{self.values['twilio_account_sid']}"
        with httpx.Client(
            base_url=self.values["twilio_base_url"],
            auth=(self.values["twilio_account_sid"], self.values["twilio_auth_token"]),
            timeout=PATIENCE,
        ) as twilio:
            found = twilio.get(f"{account}/IncomingPhoneNumbers.json", params={"PhoneNumber": NUMBER}).json()
            sid = found["incoming_phone_numbers"][0]["sid"]
            twilio.post(f"{account}/IncomingPhoneNumbers/{sid}.json", data=properties).raise_for_status()

    def export(self, settings: dict[str, Any]) -> None:
        """Deploy a stack `local` whose outputs name the number, with the real engine."""
        (self.folder / "Pulumi.yaml").write_text("name: voicehooks\nruntime: python\n")
        (self.folder / "__main__.py").write_text(
            f"import pulumi\npulumi.export('numbers', {{{NUMBER!r}: {settings!r}}})\n"
        )
        if not (self.folder / ".voicehooks" / "state").exists():
            self._pulumi("stack", "init", "--no-select")
        self._pulumi("up", "--yes", "--skip-preview")

    def _pulumi(self, *command: str) -> None:
        subprocess.run(
            [BIN / "pulumi", *command, "--stack", "local", "--non-interactive"],
            cwd=self.folder,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )

    def _migrate(self) -> None:
        for file in sorted((ROOT / "migrations").glob("*.sql")):
            self._management("database/query", json={"query": file.read_text()})
        wait_for(self._knows_schema, "PostgREST knows the schema")

    def _knows_schema(self) -> bool:
        return httpx.post(
            f"{self.values['supabase_url']}/rest/v1/rpc/ingest_twilio_webhook",
            headers={"apikey": self.values["supabase_secret_key"]},
            json={"kind": "check"},
            timeout=PATIENCE,
        ).is_success

    def _management(self, path: str, **request: Any) -> None:
        answer = httpx.post(
            f"{self.values['supabase_api_url']}/v1/projects/{self.values['supabase_project_ref']}/{path}",
            headers={"Authorization": f"Bearer {self.values['supabase_access_token']}"},
            timeout=PATIENCE,
            **request,
        )
        assert answer.is_success, answer.text
