"""Credentials at Twilio, the token that signs, the account itself."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from pulumi_twilio.client import TwilioError

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.output.counting import count
from voicehooks.output.identifiers import shorten

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

# Reading them is what the other checks, `up` and `reconcile` need.
_READS = ("IncomingPhoneNumbers", "Applications", "Calls", "Recordings")
_LOW_BALANCE = 5.0


async def _credentials(context: Context) -> Result:
    client = await context.twilio()
    credentials = context.environment.twilio_credentials
    with_key = credentials.user != credentials.account_sid
    kind = f"API key {shorten(credentials.user)}" if with_key else "auth token"
    lacking = []
    for resource in _READS:
        try:
            await client.get(client.account(f"{resource}.json"), PageSize=1)
        except TwilioError as error:
            if error.status == 401:
                return Result("", [_refused(context, with_key, kind)])
            if error.code == 20005:  # the account is not active: the next check's finding
                break
            if error.status != 403:
                raise
            lacking.append(f"{resource}: list")
    if lacking:
        return problem(
            f"the {kind} lacks {count(len(lacking), 'permission')}",
            do="grant it in the console, or set twilio:apiKeySid and twilio:apiKeySecret to a key that has it",
            observed="without " + ", ".join(lacking),
            wanted="reading numbers, applications, calls and recordings",
            link=links.TWILIO_KEYS,
        )
    return Result(f"{kind} valid for {shorten(credentials.account_sid)}")


def _refused(context: Context, with_key: bool, kind: str) -> Finding:
    key = "twilio:apiKeySecret" if with_key else "twilio:authToken"
    return Finding(
        f"Twilio refuses the {kind} (401)",
        f"pulumi config set --stack {context.name} --secret {key} && {context.up}",
        observed="mistyped, rotated, revoked, or of another account or region",
        wanted=f"what the console shows for {shorten(context.environment.account_sid)}",
        link=links.TWILIO_KEYS if with_key else links.TWILIO_CONSOLE,
    )


async def _signing_token(context: Context) -> Result:
    """Twilio signs with the primary auth token alone (Twilio docs: errors/57012), and signs in with both."""
    config = await context.config()
    token = context.environment.auth_token
    fix = f"pulumi config set --stack {context.name} --secret twilio:authToken && {context.up}"
    try:
        account = await context.account()
    except TwilioError as error:
        if error.status != 401:
            raise
        return problem(
            "the configured auth token is not one of the account's: every real webhook is refused, "
            "while checks signed with it pass",
            fix,
            observed=f"{shorten(token, head=0)}, refused by Twilio",
            wanted="the account's primary auth token",
            link=links.TWILIO_CONSOLE,
        )
    live = str(account.get("auth_token") or "")
    if not live:
        return Result("the auth token signs in; Twilio does not say whether it is the primary one")
    if hmac.compare_digest(live.encode(), token.encode()):
        return Result("the configured auth token is the one that Twilio signs with")
    secondary = str(config.get("voicehooks:secondaryAuthToken") or "")
    if secondary and hmac.compare_digest(live.encode(), secondary.encode()):
        return problem(
            "the rotation is half done: Twilio already signs with voicehooks:secondaryAuthToken",
            f"voicehooks rotate --stack {context.name}",
            do="continue the rotation",
            observed=f"primary at Twilio {shorten(live, head=0)}",
            wanted=f"twilio:authToken {shorten(live, head=0)}, not {shorten(token, head=0)}",
            link=links.TWILIO_CONSOLE,
            severity="warning",
            explains=(),
        )
    return problem(
        "the configured auth token is the secondary one: Twilio signs with the primary, so every real webhook "
        "is refused",
        fix,
        observed=f"{shorten(token, head=0)}",
        wanted=f"{shorten(live, head=0)}",
        link=links.TWILIO_CONSOLE,
    )


async def _account(context: Context) -> Result:
    account = await context.account()
    status, kind = str(account.get("status", "")), str(account.get("type", ""))
    if status != "active":
        return problem(
            f"the account is {status}: it makes and takes no calls",
            do="contact Twilio's support or billing",
            observed=status,
            wanted="active",
            link=links.TWILIO_BILLING,
        )
    if kind == "Trial":
        return problem(
            "it is a trial account: it calls verified numbers only, callers hear a notice first, and calls end "
            "after ten minutes",
            do="upgrade it in the console, or verify the numbers that you call",
            observed="Trial",
            wanted="Full",
            link=links.TWILIO_BILLING,
            severity="warning",
            explains=("connecting",),
        )
    return Result(f"active, {kind or 'type unknown'}")


async def _balance(context: Context) -> Result:
    client = await context.twilio()
    try:
        answer = await client.get(client.account("Balance.json"))
    except TwilioError as error:
        if error.status not in (403, 404):  # postpaid and sub-accounts have none
            raise
        return Result("Twilio shows no balance for this account")
    amount, currency = float(answer["balance"]), str(answer.get("currency") or "")
    shown = f"{amount:.2f} {currency}".strip()
    if amount > _LOW_BALANCE:
        return Result(shown)
    empty = amount <= 0
    return problem(
        f"the balance is {shown}: " + ("calls fail" if empty else "calls will soon fail"),
        do="add funds, or turn on auto-recharge",
        observed=shown,
        wanted=f"more than {_LOW_BALANCE:.2f} {currency}".strip(),
        link=links.TWILIO_BILLING,
        severity="problem" if empty else "warning",
        explains=("connecting",) if empty else (),
    )


CHECKS = (
    Check(
        "twilio-credentials",
        "Twilio accepts the API key or auth token, which may read numbers, apps, calls and recordings.",
        _credentials,
    ),
    Check(
        "account",
        "The account is active and not a trial account.",
        _account,
        depends_on=("twilio-credentials",),
        explains=("connecting",),
    ),
    Check(
        "signing-token",
        "The configured auth token is the account's primary one, with which Twilio signs webhooks.",
        _signing_token,
        depends_on=("twilio-credentials",),
        explains=("connecting", "updates", "recording"),
    ),
    Check(
        "balance",
        "The prepaid balance is above 5.",
        _balance,
        depends_on=("twilio-credentials", "account"),
    ),
)
