"""`voicehooks rotate`: which step comes next, from what Twilio, the settings and the functions have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from voicehooks.commands.rotate.progress import STEPS, Facts, step_after
from voicehooks.output.errors import CommandError

# Before anything: one token, which signs and which the functions accept.
START = Facts(
    has_secondary=False,
    same=False,
    secondary_valid=False,
    primary_signs=True,
    secondary_signs=False,
    functions_accept_primary=True,
    functions_accept_secondary=False,
    functions_have_secondary=False,
)
CREATED = replace(START, has_secondary=True, secondary_valid=True)
DEPLOYED = replace(CREATED, functions_accept_secondary=True, functions_have_secondary=True)
PROMOTED = replace(DEPLOYED, primary_signs=False, secondary_signs=True)
# The settings' primary token is the new one; the secondary one is not removed yet.
STORED = replace(PROMOTED, same=True, primary_signs=True)
SWITCHED = replace(START, functions_have_secondary=True)


def test_steps_in_order() -> None:
    """Each state of a rotation leads to the next step, and the last one to a new rotation."""
    states = [START, CREATED, DEPLOYED, PROMOTED, SWITCHED]
    assert [step_after(state, "dev") for state in states] == list(STEPS)
    assert step_after(START, "dev") == "create"


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (STORED, "switch"),
        (replace(CREATED, secondary_valid=False), "create"),  # deleted at Twilio
        (replace(DEPLOYED, secondary_valid=False), "create"),
        (replace(START, functions_accept_primary=False), "deploy-new"),  # stored, and not deployed yet
    ],
)
def test_odd_states(facts: Facts, step: str) -> None:
    """What an interruption or somebody's click leaves."""
    assert step_after(facts, "dev") == step


@pytest.mark.parametrize("facts", [START, CREATED, DEPLOYED])
def test_token_of_the_settings_is_not_the_primary_one(facts: Facts) -> None:
    """Nothing is done with a token that Twilio does not sign with."""
    with pytest.raises(CommandError) as refused:
        step_after(replace(facts, primary_signs=False), "dev")
    assert "twilio:authToken" in refused.value.do
