"""`gs://`: the options of the address, and the credentials in the Pulumi CLI's own order.

Pulumi's own variables come first; Google's application default credentials obstore finds itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.bucket import Store
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["store"]

# The last one signs links to objects, which nobody makes here.
_OPTIONS = {"anonymous", "access_id", "private_key_path"}
_ADVICE = (
    "sign in with gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS, as "
    "somebody who may list and read it"
)


def store(address: Address, variables: Mapping[str, str]) -> Store:
    """Return how the bucket is opened.

    Raises:
        Unreadable: an option is not understood, or the credentials in the environment are of another kind.
    """
    address.only(_OPTIONS)
    config: dict[str, Any] = {}
    if emulator := variables.get("STORAGE_EMULATOR_HOST"):
        base = emulator if "://" in emulator else f"http://{emulator}"
        config = {"base_url": base.rstrip("/"), "skip_signature": True}
    elif address.flag("anonymous") or address.options.get("access_id") == "-":
        config = {"skip_signature": True}
    elif text := variables.get("GOOGLE_CREDENTIALS"):
        config = {"service_account_key": _service_account(text)}
    elif token := variables.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        config = {"bearer_token": token}
    return Store(config, advice=_ADVICE)


def _service_account(text: str) -> str:
    try:
        kind = json.loads(text).get("type")
    except (ValueError, AttributeError):
        kind = None
    if kind != "service_account":
        raise Unreadable(
            "GOOGLE_CREDENTIALS is not the key of a service account",
            "write it into a file, and name that in GOOGLE_APPLICATION_CREDENTIALS",
        )
    return text
