"""One sandbox for this folder's tests, as on its first day before each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pulumi_supabase.provider
import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.providers.servicer_client import Secret, ServicerClient
from tests.support.waiting import PATIENCE

REF = "sandboxsandboxsandbo"
TOKEN = "sbp_" + "5a4db0c5" * 5
T = TypeVar("T")

ANSWER = """\
import {{ text }} from "../_shared/text.ts";
import revision from "./revision.json" with {{ type: "json" }};

Deno.serve((request) => Response.json({{
  text: text("{word}"),
  revision: revision.revision,
  slug: new URL(request.url).pathname.split("/")[1],
}}));
"""
SHARED = "export const text = (word: string): string => `says ${word}`;\n"
RIGHT = {"name": "revision", "method": "GET", "expect": {"status": 200, "json": {"revision": "{revision}"}}}


@dataclass
class Project:
    """The sandbox's project: the ways to it, and a folder with a function and migrations."""

    api_url: str
    url: str
    api: httpx.Client
    gateway: httpx.Client
    control: httpx.Client
    folder: Path
    plugins: list[ServicerClient]

    def plugin(self, **config: Any) -> ServicerClient:
        """Return a new plugin process."""
        base = {"accessToken": Secret(TOKEN), "apiUrl": self.api_url}
        self.plugins.append(ServicerClient(pulumi_supabase.provider, {**base, **config}))
        return self.plugins[-1]

    def write(self, path: str, content: str) -> Path:
        """Write a file of the folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return file

    def write_function(self, word: str = "hello") -> None:
        """Write the function ``answer``, which says a word and its revision."""
        self.write("functions/answer/index.ts", ANSWER.format(word=word))
        self.write("functions/answer/revision.json", '{"revision": "development"}\n')
        self.write("functions/_shared/text.ts", SHARED)

    def ask(self, slug: str = "answer") -> httpx.Response:
        """Ask a function."""
        return self.gateway.get(f"/functions/v1/{slug}")

    def said(self, slug: str = "answer") -> str:
        """Return what a function says."""
        answer = self.ask(slug)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["text"])

    def functions(self) -> dict[str, dict[str, Any]]:
        """Return the deployed functions by slug."""
        return {f["slug"]: f for f in self.get("/functions")}

    def secrets(self) -> dict[str, str]:
        """Return the digests of the secrets that are not the platform's."""
        return {s["name"]: s["value"] for s in self.get("/secrets") if not s["name"].startswith("SUPABASE_")}

    def deploy_elsewhere(self, slug: str = "answer", word: str = "foreign", **metadata: Any) -> dict[str, Any]:
        """Deploy a function as somebody else would."""
        source = f'Deno.serve(() => Response.json({{ text: "{word}" }}));\n'
        described = {"entrypoint_path": "index.ts", "verify_jwt": False, "name": slug, **metadata}
        answer = self.api.post(
            "/functions/deploy",
            params={"slug": slug},
            files=[
                ("file", ("index.ts", source)),
                ("metadata", (None, httpx.Request("POST", "x:", json=described).content)),
            ],
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Run SQL."""
        answer = self.api.post("/database/query", json={"query": query})
        assert answer.status_code == 201, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def get(self, path: str) -> Any:
        """Read from the Management API."""
        answer = self.api.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def fault(self, **faults: Any) -> None:
        """Make the sandbox do something wrong."""
        self.control.post("/faults", json=faults).raise_for_status()

    def requests(self) -> list[str]:
        """Return the Management API's requests so far, ``METHOD path``, the path below the project's."""
        found = self.control.get("/api-requests").json()["requests"]
        return [
            f"{r['method']} {r['path'].removeprefix(f'/v1/projects/{REF}')}"
            for r in found
            if r["user_agent"].startswith("pulumi-supabase")
        ]


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as environment:
        yield environment


_RUNNERS: list[asyncio.Runner] = []


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; all of a test's run on one loop, as all of a plugin's do."""
    return _RUNNERS[-1].run(coroutine)


@pytest.fixture
def project(_sandbox: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Return the project, as new as on the first day; its folder is the current one, as a program's is."""
    monkeypatch.chdir(tmp_path)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    api_url, url = _sandbox["supabase_api_url"], _sandbox["supabase_url"]
    with (
        httpx.Client(base_url=f"{api_url}/v1/projects/{REF}", headers=headers, timeout=PATIENCE) as api,
        httpx.Client(base_url=url, timeout=PATIENCE) as gateway,
        httpx.Client(base_url=f"{api_url}/_sandbox", timeout=PATIENCE) as control,
        asyncio.Runner() as runner,
    ):
        control.post("/reset").raise_for_status()
        _RUNNERS.append(runner)
        project = Project(api_url, url, api, gateway, control, tmp_path, [])
        project.write_function()
        yield project
        for plugin in project.plugins:
            runner.run(plugin.close())
        _RUNNERS.pop()
