"""WebhookRule: which URLs Twilio signs and delivers with which setting.

An account has at most one rule per match. One that this program did not create is adopted only if the program
says so, and goes back to what it was at the end (Twilio docs, "Webhook rules", public beta).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.adoption import Adoption, adoption_of, keep_attempted, outputs_of
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, ObjectType, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import flag, is_given, is_known, outputs_unknown, plain, strings, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound
from .webhook_api import HOST, RULES, create, delete, list_all, patch, try_out, wait_for
from .webhook_signing import BETA, text_property

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["WebhookRule"]

_SOURCE = "Twilio docs: Webhook rules"
_MATCHES = {"EXACT_MATCH": "value", "PREFIX_MATCH": "prefix", "DEFAULT": ""}
_LONGEST = 2048
_SHARE = ObjectType(
    "WebhookRuleSetting",
    "A setting, and its share of the requests.",
    (
        Property("settingId", Scalar.STRING, "The setting's ID, webhooks_setting_...", required=True),
        Property("percentage", Scalar.INTEGER, "Its share of the requests, 1 to 100.", required=True),
    ),
)

TABLE = ResourceTable(
    name="WebhookRule",
    doc=(
        "The setting with which Twilio signs and delivers the requests to some URLs. The rule with the longest "
        "exact match counts, then the one with the longest prefix, then the account's default rule.\n\n"
        "Before the rule names a setting, Twilio sends a signed request through that setting to each of "
        "``testUrls``. If one of them does not accept it, the rule stays as it is. An update ends when the "
        "rule is in effect in all of Twilio's locations, which takes 30 to 60 seconds.\n\n"
        "An account has one rule per match. A rule that this program did not create is not changed unless "
        "``replaceExisting`` is true. Deleting the resource then restores it. A rule that was changed "
        "outside this stack since the last update stays as it is. " + BETA
    ),
    properties=(
        text_property("friendlyName", 255, "The name in the console, at most 255 characters."),
        text_property("description", 1024, "What the rule is for, at most 1024 characters."),
        Property(
            "matchType",
            Scalar.STRING,
            "``EXACT_MATCH``, ``PREFIX_MATCH`` or ``DEFAULT``, which matches every URL without another rule.",
            required=True,
            replaces=True,
            allowed=tuple(_MATCHES),
            source=_SOURCE,
        ),
        Property(
            "url",
            Scalar.STRING,
            "The URL that must match, without a slash at its end; with ``PREFIX_MATCH`` its beginning, with a "
            "slash at the end. Absent with ``DEFAULT``.",
            replaces=True,
            source=_SOURCE,
        ),
        Property(
            "settings",
            ListOf(_SHARE),
            "One or two settings, whose shares sum to 100.",
            required=True,
            source=_SOURCE,
        ),
        Property(
            "testUrls",
            ListOf(Scalar.STRING),
            "URLs that must accept Twilio's test request, a GET, before the rule names a setting.",
            input_only=True,
        ),
        Property(
            "replaceExisting",
            Scalar.BOOLEAN,
            "Whether a rule for the same match that this program did not create may be changed.",
        ),
        *HOME,
        Property("ruleId", Scalar.STRING, "The rule's ID, webhooks_rule_...", output=True),
        Property(
            "original",
            MapOf(Scalar.STRING),
            "The rule when it was adopted; empty if this program created it.",
            output=True,
        ),
        Property("lastWritten", MapOf(Scalar.STRING), "The rule as it was last written.", output=True),
    ),
    example="""\
import pulumi_twilio as twilio

key = twilio.WebhookSharedKey("signing-1", friendly_name="crm 1")
signed = twilio.WebhookSetting(
    "signed",
    friendly_name="crm",
    shared_key_id=key.key_id,
    delivery={"retries": 3, "retry_on": ["connect", "5xx"]},
)
twilio.WebhookRule(
    "crm",
    friendly_name="crm",
    match_type="PREFIX_MATCH",
    url="https://crm.example.com/twilio/",
    settings=[{"setting_id": signed.setting_id, "percentage": 100}],
)
""",
    import_id="the rule's ID, webhooks_rule_...",
    rights="Webhooks Rules: list, read, create, update, delete; Operations: read; with testUrls Tests: create",
)


class WebhookRule(Resource[TwilioAccount]):
    """A webhook rule."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the match, of which an account has one rule."""
        if not operation.connected or not is_known(values.get("url")):
            return []
        kind, url = text(values, "matchType") or "", text(values, "url") or ""
        account = operation.client.api.account_sid
        return [
            Singleton(
                f"twilio:{account}:webhook-rule:{kind}:{url}", f"the webhook rule for {url or kind}", "url"
            )
        ]

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Check the URL by the kind of the match, and the sum of the shares."""
        inputs, failures = request.inputs, []
        if is_known(inputs.get("url")) and (reason := _url_problem(inputs)):
            failures.append(CheckFailure("url", reason))
        if reason := _settings_problem(inputs.get("settings")):
            failures.append(CheckFailure("settings", reason))
        return inputs, failures

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare; the test's URLs and the permission to adopt change nothing at Twilio."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        return Difference(
            {path: change for path, change in changes.items() if path not in ("testUrls", "replaceExisting")}
        )

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Refuse to change a rule of somebody else."""
        existing = await self._existing(operation, request.inputs)
        if existing is not None and not self._is_ours(operation, request.inputs, existing):
            _refuse_foreign(request.inputs, existing)
            await operation.info(
                f"the webhook rule {existing['id']} exists and is changed; a delete restores it"
            )
        return outputs_unknown(self.table, request.inputs)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Try the settings, then create the rule or change the one that exists."""
        inputs, wanted = request.inputs, _wanted(request.inputs)
        existing = await self._existing(operation, inputs)
        past = adoption_of(operation.past(self.singletons(operation, inputs)[0]))
        original = past.original
        if existing is not None and not self._is_ours(operation, inputs, existing):
            _refuse_foreign(inputs, existing)
            original = _fields_of(existing)
        await _try(operation, inputs, wanted)
        api, adoption = operation.client.api, Adoption(original, wanted)
        if existing is None:
            accepted = await create(api, RULES, {**_body(wanted), **_match(inputs)})
        else:
            with keep_attempted(existing["id"], _state(inputs, existing["id"], adoption)):
                accepted = await patch(api, f"{RULES}/{existing['id']}", _body(wanted))
        state = _state(inputs, accepted["rule"]["id"], adoption)
        await _settle(operation, accepted, state)
        return accepted["rule"]["id"], state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the rule; None where it is gone."""
        try:
            live = await operation.client.api.get(f"{RULES}/{request.id}", host=HOST)
        except NotFound:
            return None
        fields = _fields_of(live)
        found: dict[str, PropertyValue] = {
            name: value
            for name, value in {
                "friendlyName": wrap(fields["friendlyName"]),
                "description": wrap(fields["description"]),
                "matchType": wrap(live["matchType"]),
                "url": wrap(_url_of(live) or None),
                "settings": wrap(json.loads(fields["settings"])),
            }.items()
            if value.value not in (None, "") or is_given(request.inputs, name)
        }
        given = {n: request.inputs[n] for n in ("testUrls", "replaceExisting") if n in request.inputs}
        if request.inputs:
            found = {name: value for name, value in found.items() if name in request.inputs}
        adoption = adoption_of(request.state) if request.state else Adoption(fields, {})
        if request.state and adoption.differs_from(fields):
            adoption = adoption.arrived(_known(await operation.attempted()), fields)
        inputs = {**found, **given}
        return ReadResult(request.id, _state(inputs, request.id, adoption), inputs)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Try the settings, then change the rule."""
        inputs, wanted = request.inputs, _wanted(request.inputs)
        await _try(operation, inputs, wanted)
        adoption = Adoption(adoption_of(request.state).original, wanted)
        state = _state(inputs, request.id, adoption)
        with keep_attempted(request.id, state):
            accepted = await patch(operation.client.api, f"{RULES}/{request.id}", _body(wanted))
        await _settle(operation, accepted, state)
        return state

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the rule, or restore one that was adopted; leave one that somebody else changed."""
        api, path = operation.client.api, f"{RULES}/{request.id}"
        try:
            live = _fields_of(await api.get(path, host=HOST))
        except NotFound:
            return
        adoption = adoption_of(request.state, otherwise=_known(request.old_inputs))
        if adoption.original and live == adoption.original:
            return
        if live["settings"] != adoption.written.get("settings"):
            await operation.warn(
                f"the webhook rule {request.id} was changed outside this stack since the last update; it stays "
                "as it is"
            )
        elif adoption.original:
            await wait_for(operation, await patch(api, path, _body(dict(adoption.original))))
        else:
            await delete(operation, RULES, request.id)

    async def _existing(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap
    ) -> dict[str, Any] | None:
        """Return the account's rule for the same match."""
        if not is_known(inputs.get("url")):
            return None
        match = text(inputs, "matchType"), text(inputs, "url") or ""
        rules = await list_all(operation.client.api, RULES)
        return next((rule for rule in rules if (rule["matchType"], _url_of(rule)) == match), None)

    def _is_ours(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, existing: dict[str, Any]
    ) -> bool:
        """Whether a rule is that of a renamed resource, or of an update whose answer was lost."""
        if operation.past(self.singletons(operation, inputs)[0]):
            return True
        return is_known(inputs.get("settings")) and _fields_of(existing) == _wanted(inputs)


def _url_problem(inputs: PropertyMap) -> str | None:
    kind, url = text(inputs, "matchType"), text(inputs, "url") or ""
    if kind not in _MATCHES:  # reported by the table
        return None
    if kind == "DEFAULT":
        return "must be absent with DEFAULT, which matches every URL" if url else None
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        return f"{url!r} must begin with https://"
    if len(url) > _LONGEST:
        return f"has {len(url)} characters; Twilio takes {_LONGEST} at most"
    if url.endswith("/") != (kind == "PREFIX_MATCH"):
        return f"must {'' if kind == 'PREFIX_MATCH' else 'not '}end with a slash with {kind}"
    return None


def _settings_problem(settings: PropertyValue | None) -> str | None:
    if settings is None or not isinstance(settings.value, Sequence):
        return None
    if not 1 <= len(settings.value) <= 2:
        return f"has {len(settings.value)} settings; Twilio takes one or two"
    # A setting's ID may not be known yet, its share is.
    shares = [wrap(share).value for share in settings.value]
    given = [share.get("percentage") for share in shares if isinstance(share, Mapping)]
    if all(share is not None and is_known(share) for share in given) and sum(map(plain, given)) != 100:
        return "has shares that do not sum to 100"
    return None


def _wanted(inputs: PropertyMap) -> dict[str, str]:
    """Return the rule of the program, as :func:`_fields_of` writes one."""
    return {
        "friendlyName": text(inputs, "friendlyName") or "",
        "description": text(inputs, "description") or "",
        "settings": _shares(plain(inputs["settings"])),
    }


def _known(inputs: PropertyMap) -> dict[str, str]:
    """Return the same, or nothing where it is not known."""
    return _wanted(inputs) if "settings" in inputs and is_known(inputs["settings"]) else {}


def _fields_of(rule: dict[str, Any]) -> dict[str, str]:
    """Return what of a rule can be changed and restored; the settings as text, so that rules compare."""
    texts = {name: str(rule.get(name) or "") for name in ("friendlyName", "description")}
    return {**texts, "settings": _shares(rule["settings"])}


def _shares(settings: list[dict[str, Any]]) -> str:
    shares = [
        {"settingId": setting["settingId"], "percentage": int(setting["percentage"])} for setting in settings
    ]
    return json.dumps(shares, sort_keys=True)


def _body(fields: dict[str, str]) -> dict[str, Any]:
    return {**fields, "settings": json.loads(fields["settings"])}


def _match(inputs: PropertyMap) -> dict[str, Any]:
    kind = text(inputs, "matchType") or ""
    return {"matchType": kind, **({_MATCHES[kind]: text(inputs, "url")} if _MATCHES[kind] else {})}


def _url_of(rule: dict[str, Any]) -> str:
    return str(rule.get(_MATCHES.get(rule["matchType"], "")) or "")


def _refuse_foreign(inputs: PropertyMap, existing: dict[str, Any]) -> None:
    if flag(inputs, "replaceExisting"):
        return
    name = f"{existing['friendlyName']} ({existing['id']})" if existing.get("friendlyName") else existing["id"]
    raise PropertyError(
        "url",
        f"the account has the webhook rule {name} for this match, which this program did not create; delete it "
        "in Twilio, or set replaceExisting to true to change it (a delete restores it)",
    )


async def _try(operation: Operation[TwilioAccount], inputs: PropertyMap, wanted: dict[str, str]) -> None:
    """Let each setting prove itself at each of the test's URLs."""
    for share in json.loads(wanted["settings"]):
        for url in strings(inputs, "testUrls"):
            await try_out(operation, share["settingId"], url)


async def _settle(operation: Operation[TwilioAccount], accepted: dict[str, Any], state: PropertyMap) -> None:
    """Wait until the rule is in effect; whatever happens then, it was written."""
    rule_id = str(accepted["rule"]["id"])
    try:
        await wait_for(operation, accepted)
    except ProviderError as error:
        raise InitializationFailed(rule_id, state, [str(error)]) from None


def _state(inputs: PropertyMap, rule_id: str, adoption: Adoption[str, str]) -> dict[str, PropertyValue]:
    return {**inputs, "ruleId": wrap(rule_id), **outputs_of(adoption)}
