"""Twilio's own client for Python, as the judge of what the provider did."""

from __future__ import annotations

from twilio.rest import Client

__all__ = ["signed_in"]


def signed_in(url: str, sid: str, token: str) -> Client:
    """Return the client of an account, pointed at the emulator."""
    client = Client(sid, token)
    for product in (client.api, client.voice, client.insights):
        product.base_url = url
    return client
