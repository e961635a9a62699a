"""The key with which Twilio signs the requests to the functions, and the webhook rule that lets it do so.

The order follows from the dependencies: the key, then the function's secret, then the functions, which Twilio
tries with a request of its own, then the rule. In the other direction a key that the settings no longer name
is deleted last, after its setting and its secret, so that no request is refused in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_supabase as supabase
import pulumi_twilio as twilio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .number_settings import Delivery
    from .originals import FunctionOriginals
    from .settings import Settings

__all__ = ["RULE", "SigningKey", "require_rule", "rule_name", "secret_names", "webhook_rule"]

RULE = "functions"
"""The logical name of the rule."""

_TWILIOS_DELIVERY = {
    "retries": 1,
    "retryOn": ["connect"],
    "connectTimeout": 5000,
    "readTimeout": 15_000,
    "totalTimeout": 15_000,
}


@dataclass(frozen=True)
class SigningKey:
    """A key, and the functions' secret that holds it.

    Attributes:
        key: at Twilio.
        secret: at Supabase; the functions read it.
    """

    key: twilio.WebhookSharedKey
    secret: supabase.EdgeFunctionSecrets

    @staticmethod
    def create(
        settings: Settings, environment: str, originals: FunctionOriginals, *, after: Sequence[pulumi.Resource]
    ) -> SigningKey | None:
        """Create the key that the settings name; None if the auth token signs.

        Another name is another pair of resources. The engine deletes the previous pair at the end, when the
        rule no longer uses that key.
        """
        account = settings.account
        if not account.webhook_rules:
            return None
        name = f"signing-key-{account.signing_key}"
        key = twilio.WebhookSharedKey(name, friendly_name=f"{rule_name(environment)} {account.signing_key}")
        value = pulumi.Output.all(key.key_id, key.secret).apply(lambda found: f"{found[0]} {found[1]}")
        secret = supabase.EdgeFunctionSecrets(
            name,
            project_ref=settings.supabase_project,
            values={secret_names(settings)[0]: pulumi.Output.secret(value)},
            existing=originals.existing_secrets,
            opts=pulumi.ResourceOptions(depends_on=list(after)),
        )
        return SigningKey(key, secret)


def secret_names(settings: Settings) -> list[str]:
    """Return the name of the functions' secret for the key; `functions/_shared/signing_secrets.ts` reads it."""
    account = settings.account
    return (
        [f"VOICEHOOKS_SIGNING_KEY_{account.signing_key.replace('-', '_').upper()}"]
        if account.webhook_rules
        else []
    )


def rule_name(environment: str) -> str:
    """Return the name of an environment's rule at Twilio."""
    return f"voicehooks {environment}"


def require_rule(settings: Settings, environment: str) -> None:
    """Make sure that a rule is in effect before the functions refuse the auth token.

    Raises:
        pulumi.RunError: Twilio still signs with the token, so that every request would be refused.
    """
    if settings.account.signature is None:
        return
    found = twilio.get_webhook_rule(url=settings.webhook_url)
    if found.signed_by and all(found.signed_by) and found.friendly_name == rule_name(environment):
        return
    raise pulumi.RunError(
        "voicehooks:account: signature: key-only would refuse every request, because Twilio does not sign "
        f"all requests to {settings.webhook_url} with a key of this environment yet. Remove signature, run "
        f"pulumi up --stack {environment}, then add it again"
    )


def webhook_rule(
    settings: Settings,
    environment: str,
    signing: SigningKey | None,
    *,
    with_fallback: bool,
    after: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """Let Twilio sign with the key, once the functions accept it; return what the numbers have to wait for.

    Args:
        settings: the environment's settings.
        environment: the environment's name.
        signing: the key.
        with_fallback: whether Twilio also requests the function twilio-fallback.
        after: the functions that Twilio calls.
    """
    if signing is None:
        return []
    how = twilio.WebhookSetting(
        # Named like its key: the engine would delete the key of a replaced setting before that setting.
        f"signing-key-{settings.account.signing_key}",
        friendly_name=f"{rule_name(environment)} {settings.account.signing_key}",
        shared_key_id=signing.key.key_id,
        delivery=_delivery(settings.defaults.delivery),
    )
    urls = [settings.webhook_url]
    if with_fallback:
        urls.append(settings.fallback_function_url)
    share: twilio.WebhookRuleSettingArgs = {"setting_id": how.setting_id, "percentage": 100}  # type: ignore[typeddict-item]
    rule = twilio.WebhookRule(
        RULE,
        friendly_name=rule_name(environment),
        match_type="PREFIX_MATCH",
        url=f"{settings.functions_url}/",
        settings=[share],
        test_urls=[f"{url}?VoicehooksCheck=rule" for url in urls],
        replace_existing=settings.account.replace_existing or None,
        # The secret must be deleted after the rule, and the functions need not depend on it any more by then.
        opts=pulumi.ResourceOptions(depends_on=[*after, signing.secret]),
    )
    return [rule]


def _delivery(given: Delivery | None) -> twilio.DeliveryArgs:
    """Return the delivery of the settings, with Twilio's defaults for a URL: those of a rule are others."""
    delivery: twilio.DeliveryArgs = {**_TWILIOS_DELIVERY, **(given.overrides() if given else {})}  # type: ignore[typeddict-item]
    return delivery
