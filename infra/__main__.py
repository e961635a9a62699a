"""One environment: schema, secrets, functions, and only then the numbers that point at them."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

# If a resource fails, the engine interrupts this program. The resource has reported why.
signal.signal(signal.SIGINT, signal.SIG_DFL)
# A rollback runs this file from another commit's tree, and must import the modules of that commit.
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pulumi  # noqa: E402
import pulumi_supabase as supabase  # noqa: E402
import pulumi_twilio as twilio  # noqa: E402

from infra import configuration, functions, signing  # noqa: E402
from infra.account_numbers import numbers_of  # noqa: E402
from infra.account_settings import recording_defaults  # noqa: E402
from infra.callers import OPEN_TO_EVERYBODY  # noqa: E402
from infra.event_streams import event_streams  # noqa: E402
from infra.handler_settings import call_options  # noqa: E402
from infra.originals import AccountRecord, FunctionOriginals, NumberOriginals  # noqa: E402
from infra.sip_phones import SipPhones  # noqa: E402
from infra.voice_webhooks import VoiceWebhooks  # noqa: E402

config = configuration.read()
settings = config.settings
signing.require_rule(settings, config.environment)

# 0. Record the current configuration in the state before anything is written.
numbers = numbers_of(settings, config.environment)
originals = NumberOriginals(settings, numbers)
values = functions.secret_values(config)
function_originals = FunctionOriginals(settings, [*values, *signing.secret_names(settings)])

# 1. The schema. Each migration also serves the previous handler.
schema = supabase.Migrations(
    "schema",
    project_ref=settings.supabase_project,
    directory="../migrations",
)

# 2. The functions' secrets: only ours, whatever other secrets the project has.
secrets = supabase.EdgeFunctionSecrets(
    "secrets",
    project_ref=settings.supabase_project,
    values=values,
    existing=function_originals.existing_secrets,
    opts=pulumi.ResourceOptions(depends_on=[schema]),
)

key = signing.SigningKey.create(settings, config.environment, function_originals, after=[schema])

# 3. The functions, each deployed first as a candidate that must pass the checks.
deployed = functions.deploy(config, numbers, secrets, key, originals=function_originals, after=[schema])
if settings.everybody_may_call:
    pulumi.log.warn(OPEN_TO_EVERYBODY)

# 4. The webhook rule, if Twilio should sign with a key. It is deleted after what points at the functions.
ready: list[pulumi.Resource] = [
    *deployed,
    *signing.webhook_rule(
        settings,
        config.environment,
        key,
        with_fallback=functions.uses_fallback(settings, numbers),
        after=deployed,
    ),
]

# 5. The numbers, or the one TwiML App that they share; SIP domains and trunks.
webhooks = VoiceWebhooks("voice-webhooks", settings, numbers, config.environment, originals, after=ready)
if settings.sip_domains or settings.trunks:
    SipPhones("sip-phones", settings, after=ready)

# 6. The settings of the whole account: the countries that it may call, where its recordings and events report.
account = AccountRecord(settings)
if settings.dialing_permissions:
    twilio.DialingPermissions(
        "dialing-permissions",
        countries={code: may.permissions() for code, may in settings.dialing_permissions.items()},
        original=account.permissions,
        opts=pulumi.ResourceOptions(depends_on=deployed),
    )
recording_defaults(settings, account, after=ready)
event_streams(settings, config.environment, after=ready)

pulumi.export("webhookUrl", settings.webhook_url)
pulumi.export("numbers", webhooks.in_force)
pulumi.export("callOptions", call_options(settings))
