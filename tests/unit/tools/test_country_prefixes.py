"""The functions' table of countries says what libphonenumber says."""

from __future__ import annotations

import random
import re
from pathlib import Path

import phonenumbers
import pytest

from tools.country_prefixes import country_prefixes

ROOT = Path(__file__).parents[3]
SHARED_CODES = {
    code: regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) > 1
}


def country_by_prefix(number: str, table: dict[str, str]) -> str | None:
    """Look a number up as the functions do: its longest prefix decides."""
    digits = number.removeprefix("+")
    return next((table[digits[:n]] for n in range(len(digits), 0, -1) if digits[:n] in table), None)


@pytest.fixture(scope="module")
def table() -> dict[str, str]:
    """Return each prefix's country, read from the module that the functions use."""
    text = (ROOT / "functions/_shared/country_prefixes.ts").read_text(encoding="utf-8")
    (content,) = re.findall("`([^`]+)`", text)
    entries = [entry.split() for entry in content.split("|")]
    return {prefix: country for country, *prefixes in entries for prefix in prefixes}


def test_every_kind_of_number_of_every_country_is_recognized(table: dict[str, str]) -> None:
    """Ordinary, mobile, premium and other numbers belong to the country that libphonenumber names."""
    kinds = range(phonenumbers.PhoneNumberType.VOICEMAIL + 1)
    examples = [
        example
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in kinds
        # Canada's 310-xxxx are not E.164 numbers: they cannot be dialed from abroad.
        if kind != phonenumbers.PhoneNumberType.UAN
        and (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    wrong = {}
    for example in examples:
        number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        wanted = phonenumbers.region_code_for_number(example)
        if wanted is not None and country_by_prefix(number, table) != wanted:
            wrong[number] = wanted
    assert len(examples) > 1000
    assert wrong == {}


@pytest.mark.parametrize("code", sorted(SHARED_CODES))
def test_countries_of_one_calling_code_are_distinguished(code: int, table: dict[str, str]) -> None:
    """Random numbers of a shared calling code belong to the country that libphonenumber names."""
    numbers = random.Random(code)
    wrong, known = {}, 0
    for _ in range(4000):
        national = str(numbers.randint(1, 9)) + "".join(
            str(numbers.randint(0, 9)) for _ in range(numbers.randint(6, 9))
        )
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
        wanted = phonenumbers.region_code_for_number(number)
        known += wanted is not None
        if (
            wanted is not None
            and not national.startswith("310")
            and country_by_prefix(f"{code}{national}", table) != wanted
        ):
            wrong[f"+{code}{national}"] = wanted
    assert known > 0
    assert wrong == {}


def test_prefixes_are_as_short_as_possible() -> None:
    """No prefix repeats what a shorter one says."""
    table = {prefix: country for country, prefixes in country_prefixes().items() for prefix in prefixes}
    assert [p for p, country in table.items() if country_by_prefix(p[:-1], table) == country] == []
