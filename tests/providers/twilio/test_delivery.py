"""Connection overrides: written as Twilio reads them, and read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_twilio.delivery import DELIVERY, EDGES, RETRY_ON, encode, parse, split

milliseconds = st.integers(100, 10_000)
deliveries = st.fixed_dictionaries(
    {},
    optional={
        "retries": st.integers(0, 5),
        "retryOn": st.lists(st.sampled_from(sorted(RETRY_ON)), min_size=1, unique=True),
        "connectTimeout": milliseconds,
        "readTimeout": milliseconds,
        "totalTimeout": milliseconds,
        "edges": st.lists(st.sampled_from(EDGES), min_size=1, unique=True),
    },
)


@given(deliveries)
def test_what_is_written_is_read_back(delivery: dict[str, Any]) -> None:
    """Any delivery survives the way into a URL and out of it."""
    assert parse(encode(delivery)) == delivery


def test_the_form_is_twilios() -> None:
    """Keys and values are those of Twilio's page on connection overrides."""
    delivery = {"retries": 3, "retryOn": ["connect", "read-timeout", "5xx"], "totalTimeout": 9000}
    assert encode(delivery) == "rc=3&rp=ct,rt,5xx&tt=9000"
    edges = {"retries": 0, "retryOn": ["4xx", "all"], "edges": ["dublin", "ashburn-ix"], "readTimeout": 100}
    assert encode({**edges, "connectTimeout": 10_000}) == "rc=0&rp=4xx,all&ct=10000&rt=100&e=dublin,ashburn-ix"
    assert encode({"retryOn": [], "edges": [], "retries": None}) == ""


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("retries", 0, 5),
        ("connectTimeout", 100, 10_000),
        ("readTimeout", 100, 15_000),
        ("totalTimeout", 100, 15_000),
    ],
)
def test_the_ranges_are_twilios(name: str, low: int, high: int) -> None:
    """Both ends are valid, and nothing beyond (Twilio docs: connection overrides)."""
    check = next(p.check for p in DELIVERY.properties if p.name == name)
    assert check is not None
    assert [check(value) is None for value in (low - 1, low, high, high + 1)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("retryOn", ["connect", "read-timeout", "4xx", "5xx", "all"], None),
        ("retryOn", ["5xx", "3xx", "2xx"], "'3xx'"),
        ("edges", [*EDGES, "dublin-ix"], None),
        ("edges", ["dublin", "paris-ix", "rome"], "'paris-ix'"),
    ],
)
def test_the_first_wrong_word_is_named(name: str, values: list[str], wrong: str | None) -> None:
    """Failures to retry and edges have Twilio's names."""
    check = next(p.check for p in DELIVERY.properties if p.name == name)
    assert check is not None
    said = check(values)
    assert (said or "").partition(" ")[0] == (wrong or "")


def test_order_does_not_matter() -> None:
    """Overrides written by hand mean the same in any order."""
    assert parse("rp=5xx&rc=2") == parse("rc=2&rp=5xx") == {"retries": 2, "retryOn": ["5xx"]}


@pytest.mark.parametrize("fragment", ["section", "rc=9", "rc=x", "rp=6xx", "zz=1", "rc=", "rc=1&&"])
def test_what_is_no_override_is_not_understood(fragment: str) -> None:
    """A fragment that Twilio would not take is left as it is."""
    assert parse(fragment) is None


def test_an_empty_fragment_is_an_empty_delivery() -> None:
    """No fragment means Twilio's defaults."""
    assert parse("") == {}
    assert split("https://a.example/b") == ("https://a.example/b", "")
    assert split("https://a.example/b#rc=1#x") == ("https://a.example/b", "rc=1#x")
