"""Where a rotation is, from what Twilio, the settings and the functions have. Nothing else remembers it.

Twilio signs webhooks with the primary token only, and signs in with both. A promoted token is primary from then
on, and the former one is not valid any more (Twilio docs, "Auth token": promotion).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voicehooks.output.errors import CommandError

__all__ = ["STEPS", "Facts", "Step", "step_after"]

Step = Literal["create", "deploy-both", "promote", "switch", "deploy-new"]

STEPS: dict[Step, str] = {
    "create": "create a secondary auth token at Twilio and store it, encrypted, in the settings",
    "deploy-both": "deploy the functions with both tokens, and check that they accept each",
    "promote": "promote the new token: from here on, Twilio signs with it and refuses the old one",
    "switch": "make the new token the one of the settings, and remove the old one from them",
    "deploy-new": "deploy the functions with the new token only",
}
"""What each step does, in order."""


@dataclass(frozen=True)
class Facts:
    """What is known without secrets.

    Attributes:
        has_secondary: the settings have a secondary token.
        same: both tokens of the settings are equal.
        secondary_valid: Twilio accepts the settings' secondary token.
        secondary_signs: the settings' secondary token is Twilio's primary one.
        primary_signs: the settings' primary token is Twilio's primary one.
        functions_accept_primary: each function accepts a request that the primary token signed.
        functions_accept_secondary: each function accepts a request that the secondary token signed.
        functions_have_secondary: the project has the secret of a secondary token.
    """

    has_secondary: bool
    same: bool
    secondary_valid: bool
    primary_signs: bool
    secondary_signs: bool
    functions_accept_primary: bool
    functions_accept_secondary: bool
    functions_have_secondary: bool


def step_after(facts: Facts, stack: str) -> Step:
    """Return the step that comes next; `create` is the first one of a new rotation.

    Raises:
        CommandError: neither token of the settings is the account's primary one.
    """
    if facts.has_secondary and facts.same:
        return "switch"
    if facts.secondary_signs:
        return "switch"
    if not facts.primary_signs:
        raise CommandError(
            "the auth token was not rotated",
            "the settings' auth token is not the account's primary one",
            f"pulumi config set --stack {stack} --secret twilio:authToken",
        )
    if not facts.has_secondary:
        unfinished = facts.functions_have_secondary or not facts.functions_accept_primary
        return "deploy-new" if unfinished else "create"
    if not facts.secondary_valid:
        return "create"  # somebody deleted it at Twilio
    return "promote" if facts.functions_accept_secondary else "deploy-both"
