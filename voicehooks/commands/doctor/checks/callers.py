"""Calls that are placed: who can place them at the project's expense, and whether they are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import httpx
from pulumi_twilio.delivery import split

from infra.number_settings import StatusEvent
from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Result, problem
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

_COULD_NOT_TELL = "cannot tell whether anyone can sign up for the project"


async def _sign_up(context: Context) -> Result:
    settings, state = await context.settings(), await context.state()
    if "place-call" not in state.functions:
        return Result("place-call is not deployed")
    if settings.callers is not None and settings.callers.claim is not None:
        return Result(f"only users with {settings.callers.claim} in app_metadata may place calls")
    auth = await _auth_settings(context, f"{settings.project_url}/auth/v1/settings")
    if auth["disable_signup"]:
        return Result("sign-up is closed, and only signed-in users may place calls")
    anonymous = bool(auth["external"].get("anonymous_users"))
    return problem(
        "anyone can sign up for the project, and every signed-in user may place calls at your expense",
        context.setting("voicehooks:callers.claim", "may_call"),
        do="set that claim in app_metadata of the users who may call; or close sign-up in the dashboard",
        subject="place-call",
        observed="sign-up open" + (", anonymous sign-in on" if anonymous else ""),
        wanted="sign-up closed, or a claim",
        link=links.supabase(await context.project_ref(), "auth/providers"),
    )


async def _auth_settings(context: Context, url: str) -> dict[str, Any]:
    """Ask the project's Auth how users get in (GET /auth/v1/settings, which needs a public key)."""
    keys = await context.api_keys()
    public = [k for k in keys if k.get("type") == "publishable" or k.get("name") == "anon"]
    if not public:
        raise CommandError(_COULD_NOT_TELL, "the project has no publishable key", "create one in the dashboard")
    try:
        answer = await context.http.get(url, headers={"apikey": str(public[0]["api_key"])})
        content = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CommandError(_COULD_NOT_TELL, f"{url} did not answer: {type(error).__name__}") from None
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("disable_signup"), bool)
        or not isinstance(content.get("external"), dict)
    ):
        raise CommandError(_COULD_NOT_TELL, f"{url} answered {answer.status_code}, without Auth's settings")
    return content


async def _created_calls(context: Context) -> Result:
    settings, state = await context.settings(), await context.state()
    options = state.stack_outputs.get("callOptions") or {}
    callback = split(str(options.get("StatusCallback") or ""))[0]
    if callback != settings.webhook_url:
        return problem(
            "calls created with callOptions would be in no table: their status callback is not the handler",
            context.up,
            subject="callOptions",
            observed=callback or "no StatusCallback",
            wanted=settings.webhook_url,
        )
    lacking = [
        event for event in get_args(StatusEvent) if event not in (options.get("StatusCallbackEvent") or [])
    ]
    if not lacking:
        return Result("created calls report initiated, ringing, answered and completed")
    return problem(
        f"created calls do not report {' and '.join(lacking)}",
        context.up,
        do=f"remove statusEvents from voicehooks:defaults in {context.file}, or name all four there",
        subject="callOptions",
        observed=", ".join(options.get("StatusCallbackEvent") or []) or "no events",
        wanted=", ".join(get_args(StatusEvent)),
        severity="warning",
    )


CHECKS = (
    Check(
        "created-calls",
        "Calls that place-call or your own code creates report every step to the handler.",
        _created_calls,
        ("settings", "deployed"),
        explains=("connecting", "updates"),
    ),
    Check(
        "sign-up",
        "If anyone can sign up, a claim decides who may place calls.",
        _sign_up,
        ("settings", "supabase-token", "project", "deployed", "api-keys"),
        severity="warning",
    ),
)
