"""getStudioFlow: the URL with which a number is pointed at a Studio flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.resource import Function, Operation
from pulumi_provider_kit.table import FunctionTable, Property, Scalar
from pulumi_provider_kit.values import text, wrap

from .account import IN_ACCOUNT, TwilioAccount
from .client import NotFound
from .sip.parts import listed

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["GetStudioFlow"]


class GetStudioFlow(Function[TwilioAccount]):
    """One Studio flow."""

    table = FunctionTable(
        name="getStudioFlow",
        doc=(
            "Looks up a Studio flow by its name or SID. Its ``webhookUrl`` is what a number's ``voiceUrl`` is "
            "set to, so that the flow takes the number's calls."
        ),
        inputs=(
            Property("flow", Scalar.STRING, "The name or the SID (FW...).", required=True),
            IN_ACCOUNT,
        ),
        outputs=(
            Property("flowSid", Scalar.STRING, "The flow's SID, FW..."),
            Property("friendlyName", Scalar.STRING, "The flow's name."),
            Property("status", Scalar.STRING, "``published``, or ``draft``: a draft takes no calls."),
            Property("webhookUrl", Scalar.STRING, "The URL that runs the flow."),
        ),
        example="""\
import pulumi
import pulumi_twilio as twilio

flow = twilio.get_studio_flow(flow="support")
pulumi.export("webhookUrl", flow.webhook_url)
""",
        rights="Flows: read",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return the flow."""
        key, api = text(arguments, "flow") or "", operation.client.api
        if key.startswith("FW") and len(key) == 34:
            try:
                found = [await api.get(f"/v2/Flows/{key}", host="studio")]
            except NotFound:
                found = []
        else:
            found = [f for f in await listed(api, "/v2/Flows", host="studio") if f["friendly_name"] == key]
        if len(found) != 1:
            what = "no Studio flow is" if not found else f"{len(found)} Studio flows are"
            raise ProviderError(f"{what} named {key} in account {api.account_sid}; give the SID of one")
        flow = found[0]
        return {
            "flowSid": wrap(flow["sid"]),
            "friendlyName": wrap(flow["friendly_name"]),
            "status": wrap(flow["status"]),
            "webhookUrl": wrap(flow["webhook_url"]),
        }
