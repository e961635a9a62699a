"""What is assumed of Twilio's account-wide APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import TwilioError
from pulumi_twilio.webhook_api import TESTS

from voicehooks.commands.doctor.assumptions.model import Answer, Assumption, confirmed, different, unseen
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["ASSUMPTIONS"]

_TOKEN_SIGNATURE = "ACCOUNT_AUTH_TOKEN"  # noqa: S105 - Twilio's word for it, not a token


async def _ask(context: Context, host: str, path: str, **query: str | int) -> dict[str, Any] | Answer:
    """Read an API that may not be available; then the answer says so."""
    client = await context.twilio()
    try:
        return await client.get(path, host=host, **query)
    except TwilioError as error:
        if error.status in (401, 403, 404):
            return unseen(f"HTTP {error.status}, Twilio error {error.code}")
        raise


async def _rules(context: Context) -> Answer:
    page = await _ask(context, "webhooks", "/v1/Webhooks/Rules", pageSize=1)
    if isinstance(page, Answer):
        return page
    key = str(page["meta"]["key"])
    found = page.get(key)
    if not isinstance(found, list):
        return different(f"meta.key is {key}, and the page has {', '.join(sorted(page))}")
    fields = ", ".join(sorted(found[0])) if found else "no rule to look at"
    return confirmed(f"meta.key {key}; {fields}")


async def _signatures(context: Context) -> Answer:
    page = await _ask(context, "webhooks", "/v1/Webhooks/Settings", pageSize=100)
    if isinstance(page, Answer):
        return page
    settings = page.get(str(page["meta"]["key"])) or []
    words = {
        f"{signature.get('type')} {signature.get('algorithm')}"
        + (" with sharedKeyId" if signature.get("sharedKeyId") else "")
        for setting in settings
        if (signature := setting.get("signature"))
    }
    if not words:
        return unseen("no setting with a signature")
    keyless = {word for word in words if not word.endswith("sharedKeyId")}
    seen = "; ".join(sorted(words))
    return confirmed(seen) if all(_TOKEN_SIGNATURE in word for word in keyless) else different(seen)


async def _schemes(context: Context) -> Answer:
    page = await _ask(context, "webhooks", "/v1/Webhooks/Settings", pageSize=100)
    if isinstance(page, Answer):
        return page
    schemes = {
        f"{auth.get('source')} {(auth.get('value') or {}).get('scheme') or ''}".strip()
        for item in page.get(str(page["meta"]["key"])) or []
        if (auth := item.get("auth"))
    }
    return confirmed("; ".join(sorted(schemes))) if schemes else unseen("no setting")


async def _trial(context: Context) -> Answer:
    setting = (await context.state()).one("twilio:index:WebhookSetting")
    if setting is None:
        return unseen("the settings do not have account.webhookRules")
    settings, client = await context.settings(), await context.twilio()
    url = f"{settings.webhook_url}?VoicehooksCheck=assumptions"
    try:
        trial = await client.write_json(
            "POST", TESTS, {"url": url, "settingId": setting.id, "method": "GET"}, host="webhooks"
        )
    except TwilioError as error:
        if error.status in (401, 403, 404):
            return unseen(f"HTTP {error.status}, Twilio error {error.code}")
        return different(f"HTTP {error.status}, Twilio error {error.code}")
    result = trial["result"]
    status = (result.get("response") or {}).get("statusCode")
    seen = f"outcome {result.get('outcome')}, {f'status {status}' if status else 'no status'}"
    return confirmed(seen) if status == 200 else different(seen)


async def _default(context: Context) -> Answer:
    default = await _ask(context, "voice", "/v2/AccountDefaultConfiguration/Recording")
    if isinstance(default, Answer):
        return default
    return confirmed(
        f"{', '.join(sorted(default))}; configuration: {', '.join(sorted(default['configuration']))}"
    )


async def _route(context: Context) -> Answer:
    settings = await context.settings()
    numbers = [context.to] if context.to else list(settings.named_numbers)
    if not numbers:
        return unseen("the settings name no number")
    route = await _ask(context, "routes", f"/v2/PhoneNumbers/{numbers[0]}")
    if isinstance(route, Answer):
        return route
    region = route["voice_region"]
    return confirmed(f"voice_region {region}") if region else different("voice_region is empty")


async def _types(context: Context) -> Answer:
    page = await _ask(context, "events", "/v1/Types", PageSize=1000)
    if isinstance(page, Answer):
        return page
    names = sorted(str(item.get("type")) for item in page.get("types") or [])
    voice = [name for name in names if name.startswith("com.twilio.voice.insights.call-")]
    if not voice:
        return different(f"{count(len(names), 'type')}, none of com.twilio.voice.insights.call-*")
    return confirmed(", ".join(voice))


async def _account(context: Context) -> Answer:
    account = await context.account()
    shown = str(account.get("auth_token") or "")
    if not shown:
        return different("the account's answer has no auth_token")
    same = shown == context.environment.auth_token
    return confirmed("auth_token is the configured token") if same else unseen("auth_token is another token")


ASSUMPTIONS = (
    Assumption(
        "webhook-rules-list",
        "The webhooks API lists rules in pages that name their key in `meta.key`.",
        "`doctor` (`webhook-rules`) cannot see a rule that makes the functions refuse every request",
        "reads the first page of `/v1/Webhooks/Rules`",
        _rules,
    ),
    Assumption(
        "webhook-signature-words",
        "A setting without a shared key has the signature type `ACCOUNT_AUTH_TOKEN`.",
        "`doctor` (`webhook-rules`) judges a rule wrongly; Twilio refuses the setting of `webhookRules`",
        "reads the words of all settings",
        _signatures,
    ),
    Assumption(
        "webhook-auth-words",
        "The scheme of a setting that sends no credentials is `NONE`.",
        "Twilio refuses the setting of `webhookRules`, and `pulumi up` stops before it makes the rule",
        "reads the schemes of all settings, no credentials",
        _schemes,
    ),
    Assumption(
        "webhook-test",
        "Twilio's own test request is a GET to the URL with its query, signed with the setting's key.",
        "`pulumi up` with `webhookRules` stops before it makes the rule",
        "lets Twilio send one to the handler, with the environment's own setting",
        _trial,
    ),
    Assumption(
        "recording-default",
        "The account's default recording configuration has the documented fields.",
        "`doctor` (`account-recording-default`) does not see where recordings report",
        "reads the names of its fields",
        _default,
    ),
    Assumption(
        "region",
        "A number whose Region nobody changed has a route with its Region.",
        "`doctor` (`region`) does not see a number that another Region processes",
        "reads the route of the number that `--to` names, or of the first one of the settings",
        _route,
    ),
    Assumption(
        "event-types",
        "Event Streams has events of calls that no callback reports.",
        "`voicehooks:account: {eventStreams: true}` cannot be deployed, or reports no calls",
        "reads the names of the event types",
        _types,
    ),
    Assumption(
        "primary-token",
        "The account's answer has its primary auth token, never the secondary one.",
        "`doctor` (`signing-token`) does not notice that Twilio signs with another token",
        "compares it with the configured token; the report has neither",
        _account,
    ),
    Assumption(
        "recording-default-starts",
        "The default recording configuration starts no recording; it only says how and where one is reported.",
        "calls are recorded that nobody asked to record",
        "set it, then make a call that requests no recording",
    ),
    Assumption(
        "recording-default-precedence",
        "A recording that names a callback of its own reports there and not to the account's default.",
        "a recording is reported twice, which the handler counts once, or not at all",
        "set it, make a recorded call, and look at the functions' logs",
    ),
    Assumption(
        "recording-default-tag",
        "Twilio answers with an `ETag`, and refuses a replacement that names an older one with 412.",
        "two programs that write at the same time overwrite each other's part",
        "read it with curl -i, and replace it twice with the same `If-Match`",
    ),
    Assumption(
        "second-secondary-token",
        "A secondary auth token that the account has already is replaced by a new one, or the creation is "
        "refused with 400 or 409.",
        "`voicehooks rotate` stops at its first step",
        "on a test account, create one twice (`POST /v1/AuthTokens/Secondary` of the accounts API)",
    ),
    Assumption(
        "stream-signature",
        "Event Streams signs the sink's URL with `bodySHA256`, by the account's auth token.",
        "`twilio-events` refuses every event with 403, and Twilio discards it",
        "set `voicehooks:account: {eventStreams: true}` on a test account, make a call, and look at the logs "
        "of `twilio-events`",
    ),
    Assumption(
        "stream-summaries",
        "Summaries of calls arrive without Advanced Features of Voice Insights, with the numbers in "
        "`from.caller` and `to.callee`, by version 1 of their schema.",
        "`doctor` (`unreported-calls`) says that Event Streams reports no calls, or does not know whose they "
        "are",
        "the same, then `select * from twilio_call_summaries`; without rows, turn on Advanced Features",
    ),
    Assumption(
        "stream-active",
        "A webhook sink is active as soon as it is created.",
        "the subscription is refused, and `pulumi up` says so",
        "the same: `pulumi up` creates both",
    ),
    Assumption(
        "rule-precedence",
        "A rule's retries replace those that the URL asks for.",
        "`doctor` warns about a rule that changes nothing",
        "with a rule for a URL that answers 500, count the requests",
    ),
    Assumption(
        "rule-prefix",
        "A rule's prefix matches a URL whatever its query and its connection overrides are.",
        "with `signature: key-only` the requests of created calls are refused",
        "with `webhookRules` and without `signature`, place a call and look at the headers "
        "of its requests in Twilio's console",
    ),
    Assumption(
        "key-header",
        "Every request of a rule with a shared key has `X-Twilio-Webhooks-Signature-Settings`, callbacks of "
        "recordings and requests to fallback URLs included.",
        "with `signature: key-only` those requests are refused",
        "with `webhookRules` and without `signature`, record a call and read the functions' logs",
    ),
    Assumption(
        "rule-in-effect",
        "Once the operation of a rule's change is completed, no more requests are signed as before.",
        "a key that was rotated out signs a last request, which is refused",
        "rotate `signingKey` on a test account while calls come in",
    ),
    Assumption(
        "regional-token",
        "Twilio signs with the auth token of the Region that processes the call.",
        "in IE1 or AU1 the functions refuse every request",
        "call a number that is processed there, with that Region's token in the settings",
    ),
)
