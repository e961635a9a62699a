"""The part of GitHub's REST API that the workflows need (GitHub docs: REST API, version 2022-11-28)."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["GitHub", "GitHubError", "run_as_script"]


class GitHubError(Exception):
    """A request to GitHub failed or was refused; the text is one sentence."""


class GitHub:
    """One repository.

    Args:
        environment: variables: GITHUB_REPOSITORY, GITHUB_TOKEN or GH_TOKEN, and GITHUB_API_URL if it is not the
            public one.

    Raises:
        GitHubError: a variable is missing.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._in_a_job = environment.get("GITHUB_ACTIONS") == "true"
        self.repository = environment.get("GITHUB_REPOSITORY", "")
        token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
        if not self.repository or not token:
            raise GitHubError("GITHUB_REPOSITORY (owner/name) and GITHUB_TOKEN must be set")
        self._api = environment.get("GITHUB_API_URL") or "https://api.github.com"
        self._client = httpx.Client(
            base_url=f"{self._api}/repos/{self.repository}/",
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=30,
            follow_redirects=True,  # an artifact's content is on another host, where httpx sends no token
        )

    @functools.cached_property
    def login(self) -> str:
        """The login with which this token writes.

        A job's token belongs to the app github-actions and may not read its own user; nobody can register a
        name with brackets. For a person's token this is its owner.
        """
        if self._in_a_job:
            return "github-actions[bot]"
        return str(self._ask("GET", f"{self._api}/user").json()["login"])

    def get(self, path: str, **parameters: str) -> Any:
        """Read one document."""
        return self._ask("GET", path, params=parameters).json()

    def download(self, path: str) -> bytes:
        """Read a file."""
        return self._ask("GET", path).content

    def every(self, path: str, key: str = "", **parameters: str) -> Iterator[dict[str, Any]]:
        """Yield a list's items, page by page.

        Args:
            path: the list's path.
            key: the list's key, if it is inside an object (runs, artifacts).
            parameters: the query's parameters.
        """
        page = 1
        while True:
            query = {**parameters, "per_page": "100", "page": str(page)}
            answer = self._ask("GET", path, params=query).json()
            rows: list[dict[str, Any]] = answer[key] if key else answer
            yield from rows
            if len(rows) < 100:
                return
            page += 1

    def create(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Create an item in a list; return it."""
        made: dict[str, Any] = self._ask("POST", path, json=content).json()
        return made

    def change(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Change an item; return it."""
        changed: dict[str, Any] = self._ask("PATCH", path, json=content).json()
        return changed

    def replace(self, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """Replace what is at a path; return GitHub's answer."""
        answer: dict[str, Any] = self._ask("PUT", path, json=content).json()
        return answer

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **request)
        except httpx.HTTPError as error:
            raise GitHubError(f"GitHub could not be reached: {error}") from None
        if answer.is_success:
            return answer
        try:
            said = answer.json().get("message", "")
        except ValueError:
            said = answer.text[:200]
        hint = " (does the job have the permission?)" if answer.status_code in {401, 403, 404} else ""
        raise GitHubError(f"GitHub refused {method} {path}: {answer.status_code} {said}{hint}")


def run_as_script(main: Callable[[GitHub], int]) -> int:
    """Run a script of this package with the process's variables; exit code 2 if a request to GitHub fails."""
    try:
        return main(GitHub(os.environ))
    except GitHubError as error:
        print(error, file=sys.stderr)
        return 2
