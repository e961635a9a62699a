"""What is assumed of numbers, of the requests about calls, and of what is read about them later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from pulumi_twilio import delivery
from typing_extensions import TypedDict

from voicehooks.commands.doctor.assumptions.model import Answer, Assumption, confirmed, different, unseen
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["ASSUMPTIONS"]

_FIELDS = ("voice_url", "voice_fallback_url", "status_callback", "voice_application_sid", "trunk_sid")

_LATEST_CALLS = 10


class _Kind(TypedDict):
    kind: str
    rows: int
    with_names: int


async def _unset_fields(context: Context) -> Answer:
    numbers = (await context.live_numbers()).values()
    words = {
        f"{field} {number.get(field)!r}" for number in numbers for field in _FIELDS if not number.get(field)
    }
    if not words:
        return unseen("every field of every number is set")
    seen = ", ".join(sorted(words)).replace("None", "null").replace("''", '""')
    return confirmed(seen)


async def _fragment(context: Context) -> Answer:
    numbers = (await context.live_numbers()).values()
    urls = [str(number.get("voice_url") or "") for number in numbers]
    urls += [str(app.get("voice_url") or "") for app in (await context.live_applications()).values()]
    wanted = (await context.settings()).webhook_url
    ours = [url for url in urls if delivery.split(url)[0] == wanted]
    if not ours:
        return unseen("no number has the handler's URL")
    kept = [url for url in ours if delivery.split(url)[1]]
    if (await context.settings()).defaults.delivery is None:
        return unseen("the settings have no delivery")
    seen = f"{len(kept)} of {len(ours)} URLs have their connection overrides"
    return confirmed(seen) if kept else different(seen)


async def _partial_update(context: Context) -> Answer:
    """Write the number's own name again: nothing else may change."""
    found = (await context.live_numbers()).get(context.to)
    if found is None:
        raise CommandError(
            f"{context.to} cannot be used for the probes that write",
            "the account does not own it",
            "name one of the account's own numbers with --to",
        )
    client = await context.twilio()
    path = client.account(f"IncomingPhoneNumbers/{found['sid']}.json")
    answer = await client.post(path, {"FriendlyName": str(found["friendly_name"])})
    changed = sorted(key for key in found if answer.get(key) != found[key] and key != "date_updated")
    return different(f"changed: {', '.join(changed)}") if changed else confirmed("no other field changed")


async def _events(context: Context, kind: str, names: tuple[str, ...], of: str = "true") -> Answer:
    """Look which of these parameters the stored requests of a kind have."""
    # The names are constants of this module.
    condition = " and ".join(f"params ? '{name}'" for name in names)
    rows = await context.query(
        "select kind, count(*)::int as rows, "  # noqa: S608
        f"(count(*) filter (where {condition}))::int as with_names from public.twilio_call_events "
        f"where kind = '{kind}' and {of} and received_at > now() - interval '30 days' group by kind",
        _Kind,
    )
    if not rows:
        return unseen("no such request in the last 30 days")
    seen = f"{rows[0]['with_names']} of {count(int(rows[0]['rows']), 'request')} have {', '.join(names)}"
    return confirmed(seen) if rows[0]["with_names"] == rows[0]["rows"] else different(seen)


async def _status_fields(context: Context) -> Answer:
    names = ("CallbackSource", "SequenceNumber", "Timestamp")
    return await _events(context, "status", names, "params ->> 'Direction' = 'inbound'")


async def _fallback_fields(context: Context) -> Answer:
    return await _events(context, "fallback", ("ErrorCode", "ErrorUrl"))


async def _recording_fields(context: Context) -> Answer:
    names = ("RecordingSid", "RecordingStatus", "RecordingUrl", "AccountSid")
    return await _events(context, "recording", names)


async def _call_events(context: Context) -> Answer:
    client = await context.twilio()
    calls = (await client.get(client.account("Calls.json"), PageSize=_LATEST_CALLS))["calls"]
    found: list[dict[str, Any]] = []
    for call in calls:
        path = client.account(f"Calls/{call['sid']}/Events.json")
        if found := (await client.get(path, PageSize=1))["events"]:
            break
    if not found:
        return unseen(f"Twilio made no request about the latest {count(len(calls), 'call')}")
    parts = {
        f"{name}: {', '.join(sorted(part))}"
        for name in ("request", "response")
        if isinstance(part := found[0].get(name), dict)
    }
    return confirmed("; ".join(sorted(parts))) if len(parts) == 2 else different("; ".join(sorted(found[0])))


async def _alerts(context: Context) -> Answer:
    client = await context.twilio()
    found: list[dict[str, Any]] = (await client.get("/v1/Alerts", host="monitor", PageSize=1))["alerts"]
    if not found:
        return unseen("the account has no alerts")
    names = ", ".join(sorted(parse_qs(str(found[0].get("alert_text") or ""))))
    return (
        confirmed(f"alert_text has {names}")
        if "ErrorCode" in names
        else different("alert_text has another form")
    )


ASSUMPTIONS = (
    Assumption(
        "unset-fields",
        "An unset field of a number is null or an empty text, which mean the same.",
        "the preview shows changes that are none",
        "reads the unset fields of all numbers",
        _unset_fields,
    ),
    Assumption(
        "url-fragment",
        "Twilio keeps connection overrides in a URL as they were written.",
        "every preview wants to write the URLs again",
        "reads the numbers and TwiML Apps that have the handler's URL",
        _fragment,
    ),
    Assumption(
        "partial-update",
        "An update of a number changes only the fields that it sends.",
        "`pulumi up` changes what it does not manage",
        "writes the number's own name again, compares all its fields; only with `--to`, and asks first",
        _partial_update,
        writes=True,
    ),
    Assumption(
        "incoming-status",
        "The last callback of an incoming call has `CallbackSource`, `SequenceNumber` and `Timestamp`.",
        "the end of the call has the time of its arrival",
        "counts stored callbacks of the last 30 days",
        _status_fields,
    ),
    Assumption(
        "fallback-request",
        "A request to a fallback URL has `ErrorCode` and `ErrorUrl`.",
        "the fallback's answer takes no account of the error",
        "counts stored requests of the last 30 days",
        _fallback_fields,
    ),
    Assumption(
        "recording-callback",
        "Each recording callback has the recording's SID, status, URL and account.",
        "a recording is stored without its status",
        "counts stored callbacks of the last 30 days",
        _recording_fields,
    ),
    Assumption(
        "call-events",
        "Twilio lists its own requests about a call, each with request and response.",
        "`voicehooks call` cannot name the cause of a missing step",
        "reads the fields of a request about one of the latest calls",
        _call_events,
    ),
    Assumption(
        "alert-text",
        "The text of an alert is form-encoded and has `ErrorCode`.",
        "`doctor` (`alerts`) shows less",
        "reads the names in the newest alert's text",
        _alerts,
    ),
    Assumption(
        "clearing-a-sid",
        "An empty `VoiceApplicationSid` or `TrunkSid` clears the field.",
        "`divert` and `destroy` leave a number with its app or trunk",
        "clear it on a spare number in the console's API explorer",
    ),
    Assumption(
        "promoted-token",
        "Twilio signs with a promoted token from one request to the next, and refuses the old one at once.",
        "requests are refused for a moment during a rotation, although both tokens are accepted",
        "rotate on a test account while calls come in",
    ),
)
