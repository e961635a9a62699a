"""The control plane under ``/_sandbox``: what only a sandbox has. No credentials, loopback only."""

from .routes import routes

__all__ = ["routes"]
