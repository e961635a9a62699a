"""A provider's configuration: from the stack, from the environment, and what is said of the rest."""

from __future__ import annotations

import pytest
from pulumi_provider_kit.config import missing, parse_config, with_environment
from pulumi_provider_kit.table import Default, Property, ProviderTable, Scalar
from pulumi_provider_kit.values import PropertyMap, plain, wrap

TABLE = ProviderTable(
    name="shelf",
    version="1.0.0",
    display_name="Shelf",
    doc="Books.",
    resources=(),
    config=(
        Property("apiToken", Scalar.STRING, "T.", secret=True, default=Default(("SHELF_A", "SHELF_B"))),
        Property("region", Scalar.STRING, "R.", default=Default(("SHELF_REGION",), "us1")),
        Property("strict", Scalar.BOOLEAN, "S.", default=Default((), value=False)),
        Property("limit", Scalar.INTEGER, "L."),
    ),
)


def bare(values: PropertyMap) -> dict[str, object]:
    """Return the values, and for a secret one a tuple with it."""
    return {name: (plain(v),) if v.is_secret else plain(v) for name, v in values.items()}


def test_settings_arrive_as_text() -> None:
    """Each gets its type; what is not of the type stays, for the check to name; secrets stay secret."""
    given = {"apiToken": "1", "strict": "true", "limit": "x", "other": "2"}
    values = {name: wrap(value) for name, value in given.items()}
    assert bare(parse_config(TABLE, values)) == {"apiToken": ("1",), "strict": True, "limit": "x", "other": "2"}
    assert bare(parse_config(TABLE, {"limit": wrap("3", is_secret=True)})) == {"limit": (3,)}


def test_the_environment_fills_what_the_stack_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first variable that is set; an empty setting or variable is none; a secret is one from there too."""
    for name, value in {"SHELF_A": "", "SHELF_B": "b", "SHELF_REGION": "ie1"}.items():
        monkeypatch.setenv(name, value)
    assert bare(with_environment(TABLE, {})) == {"apiToken": ("b",), "region": "ie1", "strict": False}
    monkeypatch.setenv("SHELF_A", "a")
    monkeypatch.delenv("SHELF_REGION")
    config = {"apiToken": wrap(""), "limit": wrap(3), "strict": wrap(None)}
    assert bare(with_environment(TABLE, config)) == {
        "apiToken": ("a",),
        "region": "us1",
        "strict": False,
        "limit": 3,
    }
    config = {"apiToken": wrap("own"), "region": wrap("au1"), "strict": wrap(True)}
    assert bare(with_environment(TABLE, config)) == {"apiToken": "own", "region": "au1", "strict": True}


def test_what_is_missing_is_named_with_its_command() -> None:
    """And with the first variable, if there is one."""
    assert missing(TABLE, {"region": "x"}, "region", "apiToken", "limit") == [
        "api_token (pulumi config set --secret shelf:apiToken, or SHELF_A)",
        "limit (pulumi config set shelf:limit)",
    ]
