"""The vendors' pages that findings point at."""

from __future__ import annotations

__all__ = [
    "TWILIO_ALERTS",
    "TWILIO_APPS",
    "TWILIO_BILLING",
    "TWILIO_CONSOLE",
    "TWILIO_EVENTS",
    "TWILIO_GEO",
    "TWILIO_KEYS",
    "TWILIO_NUMBERS",
    "TWILIO_OVERRIDES",
    "TWILIO_RECORDINGS",
    "TWILIO_RECORDING_DEFAULT",
    "TWILIO_REGIONS",
    "TWILIO_RULES",
    "TWILIO_SIP_DOMAINS",
    "TWILIO_TRUNKS",
    "supabase",
    "twilio_error",
    "twilio_number",
]

TWILIO_CONSOLE = "https://console.twilio.com"
TWILIO_KEYS = f"{TWILIO_CONSOLE}/us1/account/keys-credentials/api-keys"
TWILIO_BILLING = f"{TWILIO_CONSOLE}/us1/billing/manage-billing/billing-overview"
TWILIO_NUMBERS = f"{TWILIO_CONSOLE}/us1/develop/phone-numbers/manage/active"
TWILIO_APPS = f"{TWILIO_CONSOLE}/us1/develop/phone-numbers/manage/twiml-apps"
TWILIO_GEO = f"{TWILIO_CONSOLE}/us1/develop/voice/settings/geo-permissions"
TWILIO_ALERTS = f"{TWILIO_CONSOLE}/us1/monitor/logs/debugger"
TWILIO_RECORDINGS = f"{TWILIO_CONSOLE}/us1/monitor/logs/call-recordings"
TWILIO_OVERRIDES = "https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides"
TWILIO_RULES = "https://www.twilio.com/docs/usage/webhooks/webhook-rules"
TWILIO_RECORDING_DEFAULT = (
    "https://www.twilio.com/docs/configurations/recording-account-default-configuration-resource"
)
TWILIO_REGIONS = "https://www.twilio.com/docs/global-infrastructure/inbound-call-processing"
TWILIO_SIP_DOMAINS = f"{TWILIO_CONSOLE}/us1/develop/voice/manage/sip-domains"
TWILIO_TRUNKS = f"{TWILIO_CONSOLE}/us1/develop/sip-trunking/manage/trunks"
TWILIO_EVENTS = "https://www.twilio.com/docs/events"


def twilio_number(sid: str) -> str:
    """The console's page of one number."""
    return f"{TWILIO_NUMBERS}/{sid}/configure"


def twilio_error(code: str) -> str:
    """Twilio's page about an error."""
    return f"https://www.twilio.com/docs/errors/{code}"


def supabase(project_ref: str, page: str = "") -> str:
    """A page of the project's dashboard: ``functions``, ``settings/api-keys``, ``logs/edge-functions``."""
    return f"https://supabase.com/dashboard/project/{project_ref}" + (f"/{page}" if page else "")
