"""No check of either provider repeats a secret value."""

from __future__ import annotations

import pulumi_supabase.provider
import pulumi_twilio.provider
import pytest
from pulumi_provider_kit.check import check_inputs
from pulumi_provider_kit.table import Property, Scalar
from pulumi_provider_kit.values import wrap

_TABLES = (pulumi_twilio.provider.TABLE, pulumi_supabase.provider.TABLE)
_PROPERTIES = [
    pytest.param(prop, id=f"{resource.name}.{prop.name}")
    for table in _TABLES
    for resource in table.resources
    for prop in resource.properties
    if prop.type is Scalar.STRING and (prop.check or prop.allowed) and not prop.output
]
_WRONG = (
    "hunter2",
    "../hunter2",
    "hunter2/",
    "http://hunter2.example.com",
    "https://user:hunter2@example.com/x",
    "https://example.com:hunter2/x",
    "https://hunter2_x.example.com/x",
    "https://example.com/hunter2/",
    "https://example.com/x#hunter2",
    "https://example.com/ hunter2",
    "hunter2" * 200,
    "",
)


@pytest.mark.parametrize("prop", _PROPERTIES)
def test_a_refused_secret_is_not_in_the_sentence(prop: Property) -> None:
    """Whatever is wrong with it: neither the value nor a part of it."""
    reasons = [
        failure.reason
        for value in _WRONG
        for failure in check_inputs([prop], {prop.name: wrap(value, is_secret=True)})[1]
    ]
    assert reasons
    assert not [reason for reason in reasons if "hunter2" in reason]
