"""Checks: requests that a deployed function must answer correctly, several times in a row.

A deploy spreads slowly: for a while the old version answers, or 404. So a check is repeated until enough
consecutive rounds were correct, or the time is over. The error then reports the expected answer and the last
actual one.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
from pulumi_provider_kit.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_provider_kit.resource import Operation

    from ..client import ManagementApi

__all__ = ["Check", "CheckFailed", "Patience", "parse_checks", "run_checks"]

_REVISION = "{revision}"
_REQUEST_SECONDS = 15.0
_BETWEEN_RIGHT = 0.1
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 3.0
_SHOWN = 200
_PAUSED = 540


class CheckFailed(ProviderError):
    """A function did not answer correctly in time."""


@dataclass(frozen=True)
class Check:
    """One request and its expected answer."""

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str] | None
    body: str | None
    status: int
    json: Mapping[str, str]
    contains: str | None


@dataclass(frozen=True)
class Patience:
    """The time-out in seconds, and the number of consecutive correct rounds that is enough."""

    seconds: float = 120.0
    consecutive: int = 3


def parse_checks(values: Sequence[Mapping[str, Any]] | None) -> tuple[Check, ...]:
    """Return the checks of a property's plain value."""
    checks = []
    for value in values or ():
        expect = value.get("expect") or {}
        checks.append(
            Check(
                name=value["name"],
                method=value.get("method") or "POST",
                path=value.get("path") or "",
                headers=value.get("headers") or {},
                form=value.get("form"),
                body=value.get("body"),
                status=int(expect.get("status") or 200),
                json=expect.get("json") or {},
                contains=expect.get("contains"),
            )
        )
    return tuple(checks)


async def run_checks(
    operation: Operation[ManagementApi],
    url: str,
    checks: Sequence[Check],
    *,
    revision: str,
    patience: Patience,
) -> None:
    """Return once all checks were correct so many times in a row.

    Args:
        operation: its log shows the progress; cancelling it ends the wait.
        url: the function's public URL; it ends in the slug.
        checks: the requests.
        revision: the value of ``{revision}``.
        patience: the time-out and the number of rounds.

    Raises:
        CheckFailed: the time is over.
        Cancelled: the user stopped the update.
    """
    slug = url.rpartition("/")[2]
    clock = asyncio.get_running_loop().time
    started, right, wait = clock(), 0, _FIRST_WAIT
    while right < patience.consecutive:
        left = started + patience.seconds - clock()
        problem = await _round(operation, url, checks, revision, max(left, 1.0))
        if problem is None:
            right, wait = right + 1, _FIRST_WAIT
            await operation.cancellation.sleep(_BETWEEN_RIGHT if right < patience.consecutive else 0)
            continue
        right = 0
        await operation.status(f"{slug}: {problem}")
        if clock() + wait > started + patience.seconds:
            raise CheckFailed(f"{slug}: {problem}; given up after {patience.seconds:g} s")
        await operation.cancellation.sleep(wait)
        wait = min(wait * 1.5, _LONGEST_WAIT)


async def _round(
    operation: Operation[ManagementApi], url: str, checks: Sequence[Check], revision: str, seconds: float
) -> str | None:
    for check in checks:
        operation.cancellation.check()
        seen = await _ask(operation, url, check, min(seconds, _REQUEST_SECONDS))
        if isinstance(seen, httpx.Response) and seen.status_code == _PAUSED:
            raise CheckFailed(f"the Supabase project behind {url} is paused; restore it in the dashboard")
        wrong = seen if isinstance(seen, str) else _wrong(check, seen, revision)
        if wrong is not None:
            wanted = _wanted(check, revision)
            return f"check {check.name!r} expected {wanted}, last seen: {_masked(check, wrong)}"
    return None


async def _ask(
    operation: Operation[ManagementApi], url: str, check: Check, seconds: float
) -> httpx.Response | str:
    headers = dict(check.headers)
    content = check.body
    if check.form is not None:
        content = urlencode(sorted(check.form.items()))
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    try:
        return await operation.client.public.request(
            check.method, url + check.path, headers=headers, content=content, timeout=seconds
        )
    except httpx.TimeoutException:
        return f"no answer within {seconds:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({type(error).__name__})"


def _wrong(check: Check, response: httpx.Response, revision: str) -> str | None:
    """Return the actual answer if it is not the expected one, or None."""
    seen = f"status {response.status_code}, {_excerpt(response.text)}"
    if response.status_code != check.status:
        return seen
    if check.contains is not None and check.contains not in response.text:
        return seen
    if not check.json:
        return None
    try:
        answer = response.json()
    except ValueError:
        return seen
    if not isinstance(answer, dict):
        return seen
    expected = _expected_json(check, revision)
    return None if all(_text(answer.get(k)) == v for k, v in expected.items()) else seen


def _expected_json(check: Check, revision: str) -> dict[str, str]:
    return {key: value.replace(_REVISION, revision) for key, value in check.json.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _wanted(check: Check, revision: str) -> str:
    parts = [f"status {check.status}"]
    if check.json:
        parts.append(json.dumps(_expected_json(check, revision), sort_keys=True))
    if check.contains is not None:
        parts.append(f"{check.contains!r} in the text")
    return " with ".join(parts)


def _excerpt(text: str) -> str:
    short = " ".join(text.split())
    return f"{short[:_SHOWN]}..." if len(short) > _SHOWN else short or "nothing in the body"


def _masked(check: Check, text: str) -> str:
    """Mask the values of the request's headers and form, which a function may have echoed."""
    for value in sorted({*check.headers.values(), *(check.form or {}).values()}, key=len, reverse=True):
        if len(value) >= 8:
            text = text.replace(value, "***")
    return text
