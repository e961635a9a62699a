"""Examples in other languages are written from the Python one; tests/packaging compiles and runs them."""

from __future__ import annotations

import pulumi_supabase.provider
import pulumi_twilio.provider
import pytest
import yaml
from pulumi_provider_kit.example_go import in_go
from pulumi_provider_kit.example_typescript import in_typescript
from pulumi_provider_kit.example_yaml import in_yaml
from pulumi_provider_kit.examples import parse

TWILIO = pulumi_twilio.provider.TABLE
TABLES = (TWILIO, pulumi_supabase.provider.TABLE)
EXAMPLES = [
    pytest.param(table, entry.example, id=f"{table.name}-{entry.name}")
    for table in TABLES
    for entry in (*table.resources, *table.functions)
]


@pytest.mark.parametrize(("table", "example"), EXAMPLES)
def test_yaml_has_every_resource_lookup_and_output(table: object, example: str) -> None:
    """The text is YAML whose types and functions are those of the provider."""
    assert isinstance(table, type(TWILIO))
    parts = yaml.safe_load(in_yaml(table, example))
    types = {entry["type"].split(":")[1] for entry in parts.get("resources", {}).values()}
    called = {entry["fn::invoke"]["function"].split(":")[1] for entry in parts.get("variables", {}).values()}
    assert types <= {resource.name for resource in table.resources}
    assert called <= {function.name for function in table.functions}
    assert types or called


def test_references_secrets_and_nested_names() -> None:
    """Each language has its own way to refer to a property, to a key of a map, and to hide a text."""
    example = """
import pulumi
import pulumi_twilio as twilio

number = "+15551234567"
my_originals = twilio.VoiceOriginals("originals", phone_numbers=[number])
line = twilio.VoiceConfiguration(
    "line",
    phone_number=number,
    voice_url=pulumi.Output.secret("https://a.example"),
    original=my_originals.configurations[number],
    delivery={"retry_on": ["connect"]},
)
pulumi.export("sid", line.phone_number_sid)
"""
    assert yaml.safe_load(in_yaml(TWILIO, example))["resources"]["line"]["properties"] == {
        "phoneNumber": "+15551234567",
        "voiceUrl": {"fn::secret": "https://a.example"},
        "original": '${my_originals.configurations["+15551234567"]}',
        "delivery": {"retryOn": ["connect"]},
    }
    typescript = in_typescript(TWILIO, example)
    assert 'original: myOriginals.configurations["+15551234567"],' in typescript
    assert 'voiceUrl: pulumi.secret("https://a.example"),' in typescript
    assert "export const sid = line.phoneNumberSid;" in typescript
    go = in_go(TWILIO, example)
    assert 'Original: myOriginals.Configurations.MapIndex(pulumi.String("+15551234567")),' in go
    assert 'Delivery: &twilio.DeliveryArgs{RetryOn: pulumi.StringArray{pulumi.String("connect")}},' in go
    assert 'ctx.Export("sid", line.PhoneNumberSid)' in go


@pytest.mark.parametrize("line", ["if x: pass", "x = 1 + 2", "pulumi.export('x', y.apply(str))"])
def test_what_is_not_understood_is_named(line: str) -> None:
    """An example with other code fails when the page is generated, and not for a reader."""
    with pytest.raises(ValueError, match="is not translated"):
        parse(TWILIO, f"import pulumi\n{line}\n")


def test_an_export_and_a_variable_of_one_name_are_refused() -> None:
    """TypeScript declares both, so the program would not compile."""
    example = 'key = twilio.ApiKey("crm", friendly_name="crm")\npulumi.export("key", key.api_key_sid)\n'
    with pytest.raises(ValueError, match="both named key"):
        parse(TWILIO, example)
