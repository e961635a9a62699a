"""Asking a deployed function from outside, as its callers will, until it answers rightly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
from pulumi_provider_kit.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_provider_kit.resource import Operation

__all__ = ["CheckPlan", "ChecksFailed", "run_checks"]


class ChecksFailed(ProviderError):
    """A function did not answer rightly in the time it had."""


@dataclass(frozen=True)
class CheckPlan:
    """What to ask and how long.

    Attributes:
        url: the function's public URL.
        checks: the requests with their expected answers, as the program gave them.
        revision: what ``{revision}`` stands for.
        timeout: seconds for right answers to come.
        consecutive: how many rounds in a row must be right.
    """

    url: str
    checks: Sequence[dict[str, Any]]
    revision: str
    timeout: int
    consecutive: int


async def run_checks(operation: Operation[Any], plan: CheckPlan) -> None:
    """Ask until all answers were right several times in a row.

    A deploy spreads slowly: for a while there may be no such function, or the one before. So a wrong answer is
    not final until the time is over.

    Raises:
        ChecksFailed: says which check, what was expected and what was seen last.
        Cancelled: the user stopped the update.
    """
    if not plan.checks:
        return
    started, right, wait = time.monotonic(), 0, 0.25
    slug = plan.url.rpartition("/")[2]
    async with httpx.AsyncClient(timeout=10.0, follow_redirects=False) as http:
        while True:
            wrong = await _first_wrong(http, plan)
            if wrong is None:
                right += 1
                if right >= plan.consecutive:
                    return
                await operation.cancellation.sleep(0.05)
                continue
            right = 0
            elapsed = time.monotonic() - started
            if elapsed >= plan.timeout:
                raise ChecksFailed(f"{slug} did not pass its checks in {plan.timeout} s: {wrong}")
            await operation.status(f"{slug}: {wrong}; waiting, {elapsed:.0f} of {plan.timeout} s")
            await operation.cancellation.sleep(min(wait, plan.timeout - elapsed))
            wait = min(wait * 1.6, 3.0)


async def _first_wrong(http: httpx.AsyncClient, plan: CheckPlan) -> str | None:
    for check in plan.checks:
        wrong = await _wrong(http, plan, check)
        if wrong is not None:
            return f"check {check['name']!r} expects {_expected(check['expect'], plan.revision)}, but {wrong}"
    return None


async def _wrong(http: httpx.AsyncClient, plan: CheckPlan, check: dict[str, Any]) -> str | None:
    headers = dict(check.get("headers") or {})
    content = check.get("body")
    if check.get("form") is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        content = urlencode(sorted(check["form"].items()))
    try:
        response = await http.request(
            check.get("method") or "POST",
            plan.url + (check.get("path") or ""),
            headers=headers,
            content=content,
        )
    except httpx.TransportError as error:
        return f"there was no answer ({type(error).__name__})"
    expect = check["expect"]
    seen = f"{response.status_code} {_short(response.text)}".strip()
    if response.status_code != expect["status"]:
        return f"the last answer was {seen}"
    if expect.get("contains") is not None and expect["contains"] not in response.text:
        return f"the last answer was {seen}"
    wanted = _filled(expect.get("json") or {}, plan.revision)
    if wanted:
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or any(str(body.get(k)) != v for k, v in wanted.items()):
            return f"the last answer was {seen}"
    return None


def _filled(wanted: dict[str, str], revision: str) -> dict[str, str]:
    return {k: str(v).replace("{revision}", revision) for k, v in wanted.items()}


def _expected(expect: dict[str, Any], revision: str) -> str:
    text = str(expect["status"])
    wanted = _filled(expect.get("json") or {}, revision)
    if wanted:
        text += " with " + ", ".join(f"{k} {v}" for k, v in wanted.items())
    if expect.get("contains"):
        text += f" containing {expect['contains']!r}"
    return text


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "..."
