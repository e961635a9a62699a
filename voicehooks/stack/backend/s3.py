"""`s3://`: the options of the address, and the credentials in the Pulumi CLI's own order.

A profile is resolved by botocore, which knows all that AWS's configuration files can say: keys, roles, single
sign-on, programs. Everything else (the environment, a web identity, the machine's role) obstore finds itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from voicehooks.stack.backend.bucket import Store, library
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["store"]

_ACTED_ON = {"region", "endpoint", "hostname_immutable", "disableSSL", "disable_https"}
_ACTED_ON |= {"s3ForcePathStyle", "use_path_style", "profile", "anonymous"}
# These are about writing, about speed, or name the only SDK that there is by now.
_WITHOUT_EFFECT = {"awssdk", "accelerate", "ssetype", "kmskeyid", "rate_limiter_capacity"}
_WITHOUT_EFFECT |= {"request_checksum_calculation", "response_checksum_validation"}
_REGION = "us-east-1"  # obstore's own default; a role is assumed there where no other one is named
_ADVICE = (
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials that may list and read it"
)


def store(address: Address, variables: Mapping[str, str]) -> Store:
    """Return how the bucket is opened.

    Raises:
        Unreadable: an option is not understood, or the profile has no credentials.
    """
    address.only(_ACTED_ON | _WITHOUT_EFFECT)
    anonymous = address.flag("anonymous")
    region = address.options.get("region") or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    region, credentials = _profile(address, variables, region, with_keys=not anonymous)
    config: dict[str, Any] = {"region": region, "skip_signature": anonymous}
    return Store({k: v for k, v in config.items() if v} | _endpoint(address), credentials, _ADVICE)


def _profile(
    address: Address, variables: Mapping[str, str], region: str | None, *, with_keys: bool
) -> tuple[str | None, dict[str, Any] | None]:
    """The region, by default that of the profile that is in force, and this profile's credentials, if any."""
    named = address.options.get("profile")
    if not named and (variables.get("AWS_ACCESS_KEY_ID") or variables.get("AWS_WEB_IDENTITY_TOKEN_FILE")):
        return region, None
    errors = library("botocore.exceptions")
    session = library("botocore.session").Session(profile=named)
    profile = named or variables.get("AWS_PROFILE") or "default"
    try:
        if not named and profile == "default" and profile not in session.available_profiles:
            return region, None
        region = region or session.get_config_variable("region")
        session.set_config_variable("region", region or _REGION)
        keys = session.get_credentials() if with_keys else None
        frozen = keys and keys.get_frozen_credentials()
    except errors.ProfileNotFound:
        raise Unreadable(
            f"there is no AWS profile {profile}", "list them: aws configure list-profiles"
        ) from None
    # EOFError: it asks for the code of a second factor, and nobody is there to give it.
    except (errors.BotoCoreError, errors.ClientError, EOFError) as error:
        raise Unreadable(
            f"the AWS profile {profile} gives no credentials: {str(error) or 'it asks for a code'}".rstrip("."),
            f"sign in again: aws sso login --profile {profile}",
        ) from None
    if not frozen:
        return region, None
    return region, {
        "access_key_id": frozen.access_key,
        "secret_access_key": frozen.secret_key,
        "token": frozen.token,
        "expires_at": None,
    }


def _endpoint(address: Address) -> dict[str, Any]:
    """Where requests go if not to AWS, and whether the bucket is in the host's name there."""
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
