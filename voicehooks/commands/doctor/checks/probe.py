"""The public URL, asked as Twilio asks: signed, unsigned, and signed for something else."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

import httpx

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.stack.signing import signer_of

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS", "probe"]

# The function answers a voice request within this time whatever the database does.
_SLOW_SECONDS = 1.5


async def probe(context: Context) -> Result:
    """Ask the public URL with a signed, an unsigned and a tampered request."""
    settings, ref = await context.settings(), await context.project_ref()
    url = settings.webhook_url
    signer = signer_of(settings, context.environment.auth_token, await context.state())
    nonce = secrets.token_hex(8)
    form = {"VoicehooksCheck": nonce}
    logs = links.supabase(ref, f"functions/{settings.function_name}/logs")

    async def ask(signed: dict[str, str] | None) -> tuple[int, str, float]:
        headers = signer.headers(url, signed) if signed is not None else {}
        started = time.monotonic()
        answer = await context.http.post(url, data=form, headers=headers)
        return answer.status_code, answer.text[:300], time.monotonic() - started

    try:
        unsigned, tampered = await asyncio.gather(ask(None), ask({"VoicehooksCheck": "x"}))
        signed = await ask(form)
    except httpx.HTTPError as error:
        return problem(
            "the public URL cannot be reached",
            do="check voicehooks:publicUrl, and whether its name and certificate are valid",
            observed=type(error).__name__,
            wanted=f"an answer from {url}",
            link=logs,
        )
    findings = []
    for name, (status, _, _) in (("an unsigned request", unsigned), ("a tampered request", tampered)):
        if status != 403 and signed[0] == 200:
            findings.append(
                Finding(
                    f"{name} is not refused: anyone can write to the database",
                    f"{context.up} --refresh",
                    observed=f"HTTP {status}",
                    wanted="HTTP 403",
                    link=logs,
                    explains=(),
                )
            )
    status, body, seconds = signed
    if status == 503:
        findings.append(
            Finding(
                "the function runs but cannot write to the database",
                context.up,
                do=f"the function's logs say why: voicehooks logs --stack {context.name}",
                observed=f"HTTP 503 {body[:120]}",
                wanted="HTTP 200",
                link=logs,
            )
        )
    elif status != 200:
        meanings = {
            401: "the gateway requires a token before our code runs",
            403: "the function refuses a correct signature: it has another auth token or public URL",
            404: "the function does not exist",
        }
        findings.append(
            Finding(
                meanings.get(status, "a correctly signed request is refused"),
                f"{context.up} --refresh",
                observed=f"HTTP {status}",
                wanted="HTTP 200",
                link=logs,
            )
        )
    elif nonce not in body:
        findings.append(
            Finding(
                "something else answers at the public URL",
                f"{context.up} --refresh",
                observed=body[:80],
                wanted="our function's answer",
                link=logs,
            )
        )
    elif seconds > _SLOW_SECONDS:
        findings.append(
            Finding(
                f"it answers slowly: {seconds:.1f} s",
                f"voicehooks doctor --check probe --stack {context.name}",
                do="run it again, because it may have been a cold start; if it stays slow, see its logs",
                observed=f"{seconds * 1000:.0f} ms",
                wanted=f"below {_SLOW_SECONDS * 1000:.0f} ms",
                link=logs,
                severity="warning",
                explains=(),
            )
        )
    return Result(f"signed accepted in {seconds * 1000:.0f} ms, unsigned and tampered refused", findings)


async def _probe_once(context: Context) -> Result:
    return await context.once("probe", probe)


CHECKS = (
    Check(
        "probe",
        "The public URL accepts a signed request, refuses unsigned and tampered ones, and answers in time.",
        _probe_once,
        ("settings", "project", "function", "verify-jwt", "secrets", "schema", "api-keys"),
        explains=("connecting", "updates", "recording"),
    ),
)
