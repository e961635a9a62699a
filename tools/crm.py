"""Serve the CRM example against the running sandbox, with leads and a user to sign in as.

python -m tools.crm [--port 8080]
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = ["PASSWORD", "USERS", "main", "prepare", "site"]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "examples" / "crm"
PASSWORD = "sandbox-only"  # noqa: S105 - of users that exist in the sandbox alone
USERS = {
    "agent@example.com": ("Sam Reyes", "+15557654321"),
    "colleague@example.com": ("Robin Chen", "+15557650000"),
}
"""Name and phone by email. The first user's phone is the one to which Pulumi.local.yaml forwards calls."""
PORT = 8080
"""The port in `voicehooks:allowedOrigins` of Pulumi.local.yaml."""


class NotReadyError(Exception):
    """The page cannot be served; the text says why and what to do."""


def main(arguments: list[str]) -> int:
    """Prepare the sandbox and serve until interrupted; return the process's exit code."""
    parser = argparse.ArgumentParser(prog="make crm", description="Serves examples/crm against the sandbox.")
    parser.add_argument("--port", type=int, default=PORT)
    port = parser.parse_args(arguments).port
    try:
        values = sandbox()
        listener = _listener(port)
        prepare(values)
    except NotReadyError as error:
        print(error, file=sys.stderr)
        return 1
    email = next(iter(USERS))
    print(f"The CRM example: http://localhost:{port}")
    print(f"  sign in as  {email}, password {PASSWORD}  (filled in on the page)")
    print(f"  or as       {list(USERS)[1]}, with the same password, in a private window")
    print("  call in     .venv/bin/voicehooks call +15551234567 --stack local")
    print("  stop        Ctrl-C", flush=True)
    uvicorn.Server(uvicorn.Config(site(values), log_level="warning")).run(sockets=[listener])
    return 0


def sandbox() -> dict[str, str]:
    """Return how to reach the running sandbox.

    Raises:
        NotReadyError: it does not run.
    """
    command = [str(Path(sys.executable).with_name("voicehooks")), "sandbox", "env", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise NotReadyError("The sandbox is not running. Start it and deploy to it:\n    make up")
    values: dict[str, str] = json.loads(run.stdout)
    return values


def prepare(values: Mapping[str, str]) -> None:
    """Add the CRM's tables, leads and users; a second run changes nothing.

    Raises:
        NotReadyError: the stack is not deployed.
    """
    headers = {"Authorization": f"Bearer {values['supabase_access_token']}"}
    project = f"{values['supabase_api_url']}/v1/projects/{values['supabase_project_ref']}"
    with httpx.Client(timeout=60) as http:

        def query(sql: str) -> Any:
            answer = http.post(f"{project}/database/query", headers=headers, json={"query": sql})
            if answer.is_error:
                raise NotReadyError(f"The sandbox's database refused the CRM's tables: {answer.text}")
            return answer.json()

        deployed = http.get(f"{project}/functions", headers=headers).json()
        if not {"place-call", "control-call", "recording"} <= {function["slug"] for function in deployed}:
            raise NotReadyError("The functions that the page uses are not deployed. Deploy them:\n    make up")
        if query("select to_regclass('public.leads') as leads")[0]["leads"] is None:
            query((FOLDER / "migration.sql").read_text(encoding="utf-8"))
            query("notify pgrst, 'reload schema'")
        query((FOLDER / "seed.sql").read_text(encoding="utf-8"))
        for email, (name, phone) in USERS.items():
            user = _user(http, values, email)
            query(
                "insert into public.agents (user_id, name, phone) "  # noqa: S608 - none of them is input
                f"values ('{user}', '{name}', '{phone}') on conflict do nothing"
            )


def site(values: Mapping[str, str]) -> Starlette:
    """Return the application that serves the page, with the sandbox's values as its config.js."""
    config = {
        "url": values["supabase_url"],
        "key": values["supabase_publishable_key"],
        "demo": {"email": next(iter(USERS)), "password": PASSWORD},
    }

    async def config_module(_: Request) -> Response:
        return Response(f"export const config = {json.dumps(config)};\n", media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/config.js", config_module),
            Mount("/", StaticFiles(directory=FOLDER, html=True)),
        ]
    )


def _user(http: httpx.Client, values: Mapping[str, str], email: str) -> str:
    """Return the id of the user with this address, who is created if necessary."""
    url = f"{values['supabase_url']}/auth/v1/admin/users"
    key = values["supabase_secret_key"]
    headers = {"apikey": key, "Authorization": f"Bearer {key}"}
    user = {"email": email, "password": PASSWORD, "email_confirm": True, "app_metadata": {"role": "agent"}}
    made = http.post(url, headers=headers, json=user)
    if made.is_success:
        return str(made.json()["id"])
    users = http.get(url, headers=headers, params={"per_page": 1000}).raise_for_status().json()["users"]
    return next(str(item["id"]) for item in users if item["email"] == email)


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise NotReadyError(
            f"Port {port} is not available: {error.strerror}. Stop what uses it, or add another origin "
            "to voicehooks:allowedOrigins in Pulumi.local.yaml, deploy it, and serve the page there:\n"
            f"    make up\n    make crm PORT={port + 1}"
        ) from None
    return listener


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        code = 0
    raise SystemExit(code)
