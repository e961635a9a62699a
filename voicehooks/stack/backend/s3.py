"""`s3://`: the options of the address, and the credentials in the Pulumi CLI's own order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from voicehooks.stack.backend import aws_profile
from voicehooks.stack.backend.address import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["store"]

_ACTED_ON = {
    "region",
    "endpoint",
    "hostname_immutable",
    "disableSSL",
    "disable_https",
    "s3ForcePathStyle",
    "use_path_style",
    "profile",
    "anonymous",
}
# These are about writing, about speed, or name the only SDK that there is by now.
_WITHOUT_EFFECT = {
    "awssdk",
    "accelerate",
    "ssetype",
    "kmskeyid",
    "rate_limiter_capacity",
    "request_checksum_calculation",
    "response_checksum_validation",
}


def store(address: Address, variables: Mapping[str, str]) -> Store:
    """Return how the bucket is opened.

    Args:
        address: the backend's address.
        variables: the environment.

    Raises:
        Unreadable: an option is not understood, or the profile has no credentials.
    """
    address.only(_ACTED_ON | _WITHOUT_EFFECT)
    config: dict[str, Any] = {}
    profile = _profile(address, variables)
    region = address.options.get("region") or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    if region := region or (aws_profile.region(profile, variables) if profile else ""):
        config["region"] = region
    config |= _endpoint(address)
    if address.flag("anonymous"):
        config["skip_signature"] = True
        profile = ""
    return Store(
        config,
        aws_profile.credentials(profile, variables) if profile else None,
        http=str(config.get("endpoint", "")).startswith("http://"),
        advice="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials that may list "
        "and read it",
    )


def _endpoint(address: Address) -> dict[str, Any]:
    """Where requests go if not to AWS, and whether the bucket stands in the host's name there."""
    endpoint = address.options.get("endpoint", "")
    if not endpoint:
        return {}
    if "://" not in endpoint:
        endpoint = f"{'http' if address.flag('disableSSL', 'disable_https') else 'https'}://{endpoint}"
    if address.flag("use_path_style", "s3ForcePathStyle") or address.flag("hostname_immutable"):
        return {"endpoint": endpoint.rstrip("/")}
    parts = urlsplit(endpoint)
    return {
        "endpoint": parts._replace(netloc=f"{address.bucket}.{parts.netloc}").geturl().rstrip("/"),
        "virtual_hosted_style_request": True,
    }


def _profile(address: Address, variables: Mapping[str, str]) -> str:
    """The profile that is in force; empty where it is the environment, or the machine itself, that signs in."""
    if named := address.options.get("profile"):
        return named
    if variables.get("AWS_ACCESS_KEY_ID") or variables.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return ""
    if named := variables.get("AWS_PROFILE"):
        return named
    return "default" if aws_profile.exists("default", variables) else ""
