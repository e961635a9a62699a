"""How users may get in: the part of the project's Auth configuration that the sandbox follows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Auth's names of the ways to sign in, in the order of its answer to GET /settings.
_PROVIDERS = (
    *("anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "snapchat", "figma", "fly"),
    *("github", "gitlab", "google", "keycloak", "kakao", "linkedin", "linkedin_oidc", "notion", "spotify"),
    *("slack", "slack_oidc", "workos", "twitch", "twitter", "email", "phone", "zoom"),
)


@dataclass(frozen=True)
class AuthSettings:
    """Auth's configuration, under the Management API's names (GET and PATCH .../config/auth).

    Attributes:
        disable_signup: Nobody can sign up; administrators still create users. On in a new sandbox.
        external_anonymous_users_enabled: Users may sign in anonymously.
        external_email_enabled: Users may sign in with an email address.
        mailer_autoconfirm: An email address counts as confirmed at sign-up.
        mailer_secure_email_change_enabled: A change must be confirmed at both addresses.
        mailer_otp_exp: Seconds until a one-time code or a link expires.
        smtp_max_frequency: Seconds between two mails to one user.
        password_min_length: The fewest characters of a password.
        refresh_token_rotation_enabled: A session ends when a used refresh token comes again.
        security_refresh_token_reuse_interval: Seconds in which that is allowed.
        jwt_exp: Seconds until an access token expires.
        site_url: Where links in mails lead to by default.
        uri_allow_list: Further addresses, separated by commas; those on this machine are always allowed.
    """

    disable_signup: bool = True
    external_anonymous_users_enabled: bool = False
    external_email_enabled: bool = True
    mailer_autoconfirm: bool = False
    mailer_secure_email_change_enabled: bool = True
    mailer_otp_exp: int = 3600
    smtp_max_frequency: int = 60
    password_min_length: int = 6
    refresh_token_rotation_enabled: bool = True
    security_refresh_token_reuse_interval: int = 10
    jwt_exp: int = 3600
    site_url: str = "http://localhost:3000"
    uri_allow_list: str = ""

    def public(self) -> dict[str, Any]:
        """The answer to GET /auth/v1/settings."""
        on = {
            "email": self.external_email_enabled,
            "anonymous_users": self.external_anonymous_users_enabled,
        }
        return {
            "external": {provider: on.get(provider, False) for provider in _PROVIDERS},
            "disable_signup": self.disable_signup,
            "mailer_autoconfirm": self.mailer_autoconfirm,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
            "passkeys_enabled": False,
        }

    def changed(self, changes: Mapping[str, Any]) -> AuthSettings:
        """The settings with some values changed.

        Raises:
            ValueError: A name is unknown, or a value is of the wrong type; the message is for the client.
        """
        for name, value in changes.items():
            if name not in _TYPES:
                msg = f"{name}: is not emulated; the sandbox knows {', '.join(_TYPES)}"
                raise ValueError(msg)
            if type(value) is not _TYPES[name]:
                msg = f"{name}: must be of type {_TYPES[name].__name__}"
                raise ValueError(msg)
        return dataclasses.replace(self, **changes)


_TYPES = {field.name: type(field.default) for field in dataclasses.fields(AuthSettings)}
