"""One sandbox for all tests of the Supabase half, as on its first day before each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.sandbox.supabase.schema import Document
from tests.support.waiting import PATIENCE

Deploy = Callable[..., httpx.Response]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A running sandbox on free ports."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as environment:
        yield environment


@pytest.fixture(scope="session")
def project_path(sandbox: dict[str, str]) -> str:
    """The path of its project in the Management API."""
    return f"/v1/projects/{sandbox['supabase_project_ref']}"


@pytest.fixture(autouse=True)
def first_day(control: httpx.Client) -> None:
    """The project as on its first day."""
    control.post("/reset").raise_for_status()


@pytest.fixture(scope="session")
def control(sandbox: dict[str, str]) -> Iterator[httpx.Client]:
    """A client of the control plane."""
    with httpx.Client(base_url=f"{sandbox['supabase_api_url']}/_sandbox", timeout=PATIENCE) as client:
        yield client


@pytest.fixture(scope="session")
def document() -> Document:
    """The vendor's OpenAPI document, reduced to what the sandbox emulates."""
    file = Path(__file__).parents[2] / "fixtures" / "supabase_specs" / "management_v1.json"
    return Document(json.loads(file.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def api(sandbox: dict[str, str], document: Document) -> Iterator[httpx.Client]:
    """A client of the Management API that holds every answer against the vendor's document."""

    def check(response: httpx.Response) -> None:
        response.read()
        is_json = response.headers.get("content-type", "").startswith("application/json")
        body = response.json() if is_json and response.content else None
        request = response.request
        assert document.answer_problems(request.method, request.url.path, response.status_code, body) == []

    with httpx.Client(
        base_url=sandbox["supabase_api_url"],
        headers={"Authorization": f"Bearer {sandbox['supabase_access_token']}"},
        timeout=PATIENCE,
        event_hooks={"response": [check]},
    ) as client:
        yield client


@pytest.fixture(scope="session")
def gateway(sandbox: dict[str, str]) -> Iterator[httpx.Client]:
    """A client of the project URL."""
    with httpx.Client(base_url=sandbox["supabase_url"], timeout=PATIENCE) as client:
        yield client


@pytest.fixture
def deploy(api: httpx.Client, project_path: str) -> Deploy:
    """Deploys a function from one source text or from files by path."""

    def deploy_function(
        slug: str,
        source: str | dict[str, str],
        *,
        bundle_only: bool = False,
        expect: int = 201,
        **metadata: Any,
    ) -> httpx.Response:
        files = {"index.ts": source} if isinstance(source, str) else source
        metadata = {"entrypoint_path": "index.ts", "verify_jwt": False, **metadata}
        parts = [("file", (path, content)) for path, content in files.items()]
        answer = api.post(
            f"{project_path}/functions/deploy",
            params={"slug": slug, **({"bundleOnly": "true"} if bundle_only else {})},
            files=[*parts, ("metadata", (None, json.dumps(metadata)))],
        )
        assert answer.status_code == expect, answer.text
        return answer

    return deploy_function


@pytest.fixture
def query(api: httpx.Client, project_path: str) -> Callable[[str], Any]:
    """Runs SQL and returns its rows."""

    def run(sql: str) -> Any:
        answer = api.post(f"{project_path}/database/query", json={"query": sql})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return run
