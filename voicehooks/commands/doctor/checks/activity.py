"""The last day: what Twilio complained of, and whether its calls and recordings reached the database."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.checks.probe import probe
from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.commands.reconcile.quarantine import quarantined_keys
from voicehooks.output.counting import count, times
from voicehooks.output.errors import CommandError
from voicehooks.vendors.database import open_database
from voicehooks.vendors.errors import reported
from voicehooks.vendors.statuses import CALL_OVER

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

# Twilio's own explanations, shortened (Twilio docs: error and warning dictionary).
_MEANINGS = {
    "11200": "the URL answered with an error or not at all",
    "11205": "the connection failed",
    "11210": "the host name is unknown",
    "11215": "too many redirects",
    "11217": "the URL answered 4xx or 5xx",
    "11220": "the TLS handshake failed",
    "11235": "the certificate is for another host",
    "11236": "the certificate has expired",
    "11237": "the certificate is not trusted",
    "12100": "the answer is not XML",
    "12200": "the answer has TwiML that Twilio does not know",
    "12300": "the answer has the wrong content type",
    "13227": "the country is not permitted",
    "15003": "a status callback was answered with 4xx or 5xx",
}
# Callbacks of a call that has just ended, and the recording's, may be on their way.
_SETTLING = timedelta(minutes=2)
_MOST_MEDIA = 5


def _since() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)


def _moment(text: str | None) -> datetime | None:
    """A time in RFC 2822, as the 2010 API returns it."""
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z") if text else None


async def _dialing(context: Context) -> Result:
    settings, client = await context.settings(), await context.twilio()
    findings, seen = [], []
    for code, wanted in settings.dialing_permissions.items():
        live = await client.get(f"/v1/DialingPermissions/Countries/{code}", host="voice")
        for name, value in wanted.model_dump(exclude_none=True).items():
            key = f"{name}_numbers_enabled"
            if bool(live.get(key)) != value:
                findings.append(
                    Finding(
                        f"calls to {name.replace('_', '-')} numbers are {'off' if value else 'on'}",
                        f"{context.up} --refresh",
                        subject=code,
                        observed="on" if live.get(key) else "off",
                        wanted="on" if value else "off",
                        link=links.TWILIO_GEO,
                    )
                )
        seen.append(code)
    if context.to:
        summary, finding = await _may_call(context)
        seen.append(summary)
        findings += [finding] if finding else []
    return Result(", ".join(seen) or "no countries in the settings; --to DEST checks one", findings)


async def _may_call(context: Context) -> tuple[str, Finding | None]:
    """Whether the country of ``--to`` may be called: the longest country code that its digits begin with."""
    client, digits = await context.twilio(), context.to[1:]
    page = await client.get("/v1/DialingPermissions/Countries", host="voice", PageSize=1000)
    countries = list(page["content"])
    while page["meta"].get("next_page_url"):
        page = await client.get(str(page["meta"]["next_page_url"]), host="voice")
        countries += page["content"]
    by_length: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for country in countries:
        codes = ["".join(c for c in str(code) if c.isdigit()) for code in country.get("country_codes") or []]
        length = max((len(code) for code in codes if code and digits.startswith(code)), default=0)
        if length:
            by_length[length].append(country)
    nearest = by_length[max(by_length)] if by_length else []
    names = ", ".join(str(country["iso_code"]) for country in nearest[:4]) + (
        ", ..." if len(nearest) > 4 else ""
    )
    if any(country.get("low_risk_numbers_enabled") for country in nearest):
        return f"{context.to} ({names}) may be called", None
    code = str(nearest[0]["iso_code"]) if nearest else "US"
    return "", Finding(
        f"calls to {context.to} are not permitted ({names or 'no country has this code'})",
        context.setting(f"voicehooks:dialingPermissions.{code}.lowRisk", "true"),
        subject=context.to,
        observed="off",
        wanted="low-risk numbers on",
        link=links.TWILIO_GEO,
    )


async def _alerts(context: Context) -> Result:
    settings, client = await context.settings(), await context.twilio()
    start = _since().strftime("%Y-%m-%dT%H:%M:%SZ")
    page = await client.get("/v1/Alerts", host="monitor", StartDate=start, PageSize=1000)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    history: list[dict[str, Any]] = []
    repaired = await _repaired(context) if page["alerts"] else {}
    for alert in page["alerts"]:
        url = str(alert.get("request_url") or "").partition("?")[0]
        if not url.startswith(settings.functions_url):
            continue
        good = repaired.get(url)
        if good is not None and datetime.fromisoformat(str(alert["date_created"])) <= good:
            history.append(alert)
        else:
            groups[(str(alert["error_code"]), url)].append(alert)
    findings = [
        Finding(
            f"Twilio {code} {times(len(alerts))} in the last day: {_MEANINGS.get(code, 'see its page')}",
            context.reconcile,
            do=f"the function's logs say why: voicehooks logs --stack {context.name}",
            subject=url.rpartition("/")[2],
            observed=f"last {max(str(alert['date_created']) for alert in alerts)}, call {alerts[0].get('resource_sid')}",  # noqa: E501 - one sentence
            wanted="no alerts",
            link=links.twilio_error(code),
        )
        for (code, url), alerts in sorted(groups.items())
    ]
    if history:
        last = max(str(alert["date_created"]) for alert in history)
        noun = count(len(history), "alert")
        return Result(
            f"{noun} in the last day, the last at {last}; our URLs have passed their checks since", findings
        )
    return Result("none about our URLs in the last day", findings)


async def _repaired(context: Context) -> dict[str, datetime]:
    """When each function's URL last passed a check: this run's probe, or the checks of its last deploy."""
    settings = await context.settings()
    found = {}
    try:
        for slug, function in (await context.functions()).items():
            if deployed := _deployed_at(function):
                found[f"{settings.functions_url}/{slug}"] = deployed
        if not (await context.once("probe", probe)).findings:
            found[settings.webhook_url] = datetime.now(UTC)
    except (CommandError, ProviderError):
        pass  # what cannot be seen is not known to be repaired
    return found


def _deployed_at(function: dict[str, Any]) -> datetime | None:
    """When a function was deployed last: milliseconds since the epoch (Supabase docs, Management API)."""
    try:
        return datetime.fromtimestamp(int(function["updated_at"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


async def _calls_of_the_day(context: Context) -> list[dict[str, Any]]:
    """The calls of our numbers that are over since a while, first legs only."""
    ours = set((await context.state()).numbers)
    calls = await context.twilio_list(
        "Calls.json", "calls", filters={"StartTime>": _since().strftime("%Y-%m-%d")}
    )
    latest = datetime.now(UTC) - _SETTLING
    return [
        call
        for call in calls
        if call["status"] in CALL_OVER
        and not call.get("parent_call_sid")
        and (call["to"] in ours if call["direction"] == "inbound" else call["from"] in ours)
        and (_moment(call.get("end_time")) or latest) <= latest
    ]


async def _callbacks(context: Context) -> Result:
    calls = [call for call in await _calls_of_the_day(context) if call["direction"] == "inbound"]
    async with open_database(context.environment) as database:
        rows = await database.rows_by_key(
            "twilio_calls", "call_sid", [c["sid"] for c in calls], select="call_sid,status"
        )
    absent = [c["sid"] for c in calls if c["sid"] not in rows]
    stale = [c["sid"] for c in calls if c["sid"] in rows and rows[c["sid"]]["status"] != c["status"]]
    fix = context.reconcile
    findings = []
    if absent:
        findings.append(
            Finding(
                f"{len(absent)} of {len(calls)} calls of the last day never reached the database",
                fix,
                observed=_some(absent),
                wanted="a row for each",
                explains=("connecting", "updates"),
            )
        )
    if stale:
        findings.append(
            Finding(
                f"{len(stale)} of {len(calls)} calls of the last day have an outdated status in the database",
                fix,
                observed=_some(stale),
                wanted="the status at Twilio",
            )
        )
    return Result(f"{len(calls)} calls of the last day, all in the database", findings)


async def _recordings(context: Context) -> Result:
    found = await context.twilio_list(
        "Recordings.json", "recordings", filters={"DateCreated>": _since().strftime("%Y-%m-%d")}
    )
    latest = datetime.now(UTC) - _SETTLING
    calls = {call["sid"] for call in await _calls_of_the_day(context)}
    live = {
        r["sid"]: r
        for r in found
        if r["call_sid"] in calls and (_moment(r.get("date_created")) or latest) <= latest
    }
    async with open_database(context.environment) as database:
        rows = await database.rows(
            "twilio_recordings",
            select="recording_sid,call_sid,status",
            created_at=f"gte.{_since().isoformat()}",
            limit=1000,
        )
    stored = {row["recording_sid"]: row for row in rows}
    fix = context.reconcile
    page = links.TWILIO_RECORDINGS
    lost = [
        sid
        for sid, one in live.items()
        if one["status"] == "completed" and stored.get(sid, {}).get("status") != "completed"
    ]
    absent = [row["recording_sid"] for row in rows if row["status"] in ("absent", "failed")]
    present = {r["sid"] for r in found}
    gone = [sid for sid, row in stored.items() if row["status"] == "completed" and sid not in present]
    findings = []
    if lost:
        findings.append(
            Finding(
                count(len(lost), "recording is", "recordings are")
                + " ready at Twilio, but the callback was lost",
                fix,
                observed=_some(lost),
                wanted="a row for each",
                link=page,
            )
        )
    if absent:
        findings.append(
            Finding(
                f"Twilio could not make {count(len(absent), 'recording')}",
                do="check in the console whether there was anything to record",
                observed=_some(absent),
                wanted="completed",
                link=page,
                severity="warning",
            )
        )
    if gone:
        findings.append(
            Finding(
                count(len(gone), "recording was", "recordings were") + " deleted at Twilio",
                fix,
                observed=_some(gone),
                wanted="kept, or marked as deleted",
                link=page,
                severity="warning",
            )
        )
    sample = [sid for sid, row in stored.items() if row["status"] == "completed" and sid in present][
        :_MOST_MEDIA
    ]
    states = await asyncio.gather(*(_plays(context, sid) for sid in sample))
    silent = [sid for sid, plays in zip(sample, states, strict=True) if not plays]
    if silent:
        findings.append(
            Finding(
                f"{len(silent)} of {len(sample)} checked recordings cannot be played",
                do="see the recording in the console",
                observed=_some(silent),
                wanted="audio",
                link=page,
            )
        )
    return Result(f"{len(stored)} in the last day, all stored; {len(sample)} of them played", findings)


async def _quarantine(context: Context) -> Result:
    async with open_database(context.environment) as database:
        keys = [key async for key in quarantined_keys(database)]
    if not keys:
        return Result("none")
    single = len(keys) == 1
    return problem(
        f"{len(keys)} callback{' is' if single else 's are'} in quarantine: stored, but not merged into "
        f"{'its call' if single else 'their calls'}",
        context.reconcile,
        subject="twilio_call_events",
        observed=_some(keys),
        wanted="no row with kind 'quarantined'",
    )


async def _plays(context: Context, sid: str) -> bool:
    """Whether Twilio gives the audio to the environment's credentials."""
    credentials = context.environment.twilio_credentials
    base = context.environment.twilio_api_url
    url = f"{base}/2010-04-01/Accounts/{credentials.account_sid}/Recordings/{sid}.mp3"
    with reported(f"the audio of {sid} cannot be read"):
        async with context.http.stream(
            "GET", url, auth=(credentials.user, credentials.password), follow_redirects=True
        ) as answer:
            return answer.is_success and answer.headers.get("content-type", "").startswith("audio/")


def _some(sids: list[str]) -> str:
    return ", ".join(sids[:3]) + (f" and {len(sids) - 3} more" if len(sids) > 3 else "")


_TWILIO = ("twilio-credentials", "account", "settings")
CHECKS = (
    Check(
        "dialing",
        "Countries are permitted as the settings say; with --to, that number may be called.",
        _dialing,
        _TWILIO,
        explains=("connecting",),
    ),
    Check(
        "alerts",
        "Twilio reported no error about our URLs in the last day.",
        _alerts,
        _TWILIO,
        severity="warning",
    ),
    Check(
        "callbacks",
        "The incoming calls of the last day are in the database with Twilio's status.",
        _callbacks,
        (*_TWILIO, "project", "api-keys", "schema"),
        explains=("updates",),
    ),
    Check(
        "recordings",
        "The recordings of the last day are stored, exist at Twilio and can be played.",
        _recordings,
        (*_TWILIO, "project", "api-keys", "schema"),
        explains=("recording",),
    ),
    Check(
        "quarantine",
        "Every stored callback was merged into its call.",
        _quarantine,
        ("settings", "project", "api-keys", "schema"),
        explains=("updates",),
    ),
)
