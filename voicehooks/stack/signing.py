"""How a command signs requests to the functions, as Twilio does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from infra.settings import Settings
    from voicehooks.stack.deployed_state import State

__all__ = ["Signer", "signer_of"]


class Signer:
    """Signs requests with the account's auth token, or with a key where the functions refuse the token.

    Args:
        secret: the token, or the key's secret.
        key_id: the key's ID; empty for the token.
    """

    def __init__(self, secret: str, key_id: str = "") -> None:
        self._secret = secret
        self._key_id = key_id

    def headers(self, url: str, form: Mapping[str, Any]) -> dict[str, str]:
        """Return the headers of a request with these parameters."""
        # Slow to import.
        from twilio.request_validator import (  # noqa: PLC0415
            HMAC_SHA1,
            HMAC_SHA256,
            SIGNATURE_HEADER,
            SIGNATURE_SETTINGS_HEADER,
            RequestValidator,
        )

        algorithm = HMAC_SHA256 if self._key_id else HMAC_SHA1
        headers = {SIGNATURE_HEADER: RequestValidator(self._secret).compute_signature(url, form, algorithm)}
        if self._key_id:
            headers[SIGNATURE_SETTINGS_HEADER] = f"key={self._key_id},algorithm={algorithm}"
        return headers


def signer_of(settings: Settings, auth_token: str, state: State) -> Signer:
    """Return the signer whose requests the functions accept.

    Args:
        settings: the environment's settings.
        auth_token: the account's auth token.
        state: what the last update left, with its secrets opened.

    Raises:
        CommandError: the functions accept a key only, and the state has none.
    """
    if settings.account.signature is None:
        return Signer(auth_token)
    for key_id, secret in state.signing_keys.items():
        if secret:
            return Signer(secret, key_id)
    raise CommandError(
        "no request can be signed",
        "the functions accept a signing key only (account.signature), and the stack's state has no key",
        "pulumi up",
    )
