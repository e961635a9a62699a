"""The variables that lead a shell's programs through the proxy.

Sources: the documentation of curl (ENVIRONMENT), requests ("SSL Cert Verification"), Node.js
(NODE_EXTRA_CA_CERTS, NODE_USE_ENV_PROXY), Deno (DENO_CERT), OpenSSL (SSL_CERT_FILE), twilio-node
(TWILIO_CA_BUNDLE, HTTP_PROXY).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
_DIRECT = ("NO_PROXY", "no_proxy")
_BUNDLES = (
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "TWILIO_CA_BUNDLE",
    "DENO_CERT",
)
_LOOPBACK = "127.0.0.1,localhost"


def proxy_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables for a sandbox.

    Args:
        environment: The sandbox's connection values.
    """
    return {
        **dict.fromkeys(_PROXIES, environment["proxy_url"]),
        **dict.fromkeys(_DIRECT, _LOOPBACK),
        **dict.fromkeys(_BUNDLES, environment["proxy_ca_file"]),
        "NODE_USE_ENV_PROXY": "1",
        "TWILIO_ACCOUNT_SID": environment["twilio_account_sid"],
        "TWILIO_AUTH_TOKEN": environment["twilio_auth_token"],
    }


def set_lines(environment: Mapping[str, str]) -> list[str]:
    """The lines for a shell that set the variables."""
    return [f"export {name}={_quoted(value)}" for name, value in proxy_variables(environment).items()]


def unset_lines() -> list[str]:
    """The lines for a shell that undo `set_lines`."""
    names = (*_PROXIES, *_DIRECT, *_BUNDLES, "NODE_USE_ENV_PROXY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
    return [f"unset {name}" for name in names]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
