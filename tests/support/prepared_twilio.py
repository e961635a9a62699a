"""The provider's client of Twilio over answers that a test prepares, such as a sandbox never gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_twilio.client import Credentials, TwilioClient

__all__ = ["prepared_twilio"]


def prepared_twilio(
    answer: Callable[[httpx.Request], httpx.Response],
    account: str,
    *,
    user: str | None = None,
    region: str = "",
    edge: str = "",
    **options: Any,
) -> TwilioClient:
    """Return a client that no request leaves.

    Args:
        answer: answers each request.
        account: the account's SID.
        user: an API key; None: the client signs in with the account's auth token.
        region: see TwilioClient.
        edge: the same.
        options: its other arguments.
    """
    return TwilioClient(
        Credentials(account, user or account, "secret"),
        Cancellation(),
        region=region,
        edge=edge,
        base_url="",
        transport=httpx.MockTransport(answer),
        **options,
    )
