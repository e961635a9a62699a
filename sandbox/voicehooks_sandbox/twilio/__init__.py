"""A twin of Twilio's voice API."""

from .app import create_app

__all__ = ["create_app"]
