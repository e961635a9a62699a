"""getWebhookRule: which webhook rule applies to a URL, and what signs the requests to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.resource import Function, Operation
from pulumi_provider_kit.table import FunctionTable, ListOf, Property, Scalar
from pulumi_provider_kit.values import text, wrap

from .account import IN_ACCOUNT, TwilioAccount
from .webhook_api import RULES, SETTINGS, list_all, rule_for
from .webhook_signing import BETA

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["GetWebhookRule"]


class GetWebhookRule(Function[TwilioAccount]):
    """Which rule applies to a URL."""

    table = FunctionTable(
        name="getWebhookRule",
        doc=(
            "Looks up the webhook rule that applies to a URL, and what signs the requests to it. All results "
            "are empty if no rule applies: then the account's auth token signs. " + BETA
        ),
        inputs=(
            Property("url", Scalar.STRING, "The URL, without a query and a fragment.", required=True),
            IN_ACCOUNT,
        ),
        outputs=(
            Property("ruleId", Scalar.STRING, "The rule's ID, webhooks_rule_...; empty if no rule applies."),
            Property("friendlyName", Scalar.STRING, "The rule's name."),
            Property(
                "signedBy",
                ListOf(Scalar.STRING),
                "Of each of the rule's settings, the ID of the shared key that signs; empty for the token.",
            ),
        ),
        example="""\
import pulumi
import pulumi_twilio as twilio

rule = twilio.get_webhook_rule(url="https://crm.example.com/twilio/voice")
pulumi.export("ruleId", rule.rule_id)
""",
        rights="Webhooks Rules, Settings: list",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return the rule."""
        api = operation.client.api
        rule = rule_for(text(arguments, "url") or "", await list_all(api, RULES))
        if rule is None:
            return {"ruleId": wrap(""), "friendlyName": wrap(""), "signedBy": wrap([])}
        keys = {
            item["id"]: (item.get("signature") or {}).get("sharedKeyId")
            for item in await list_all(api, SETTINGS)
        }
        return {
            "ruleId": wrap(rule["id"]),
            "friendlyName": wrap(rule.get("friendlyName") or ""),
            "signedBy": wrap([keys.get(share["settingId"]) or "" for share in rule["settings"]]),
        }
