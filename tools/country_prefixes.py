"""Writes ``functions/_shared/country_prefixes.ts``, which maps phone number prefixes to countries.

Source: Google's libphonenumber, through the package ``phonenumbers``. A calling code that belongs to one
country is used as it is. If several countries share a code (+1, +44, +7 ...), the patterns of the smaller
ones are written out as prefixes. Every other number belongs to the main country of the code.
"""

from __future__ import annotations

import textwrap
from itertools import chain, product
from re import _constants as sre  # type: ignore[attr-defined] # no public name
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["country_prefixes", "module"]

_DIGITS = frozenset("0123456789")
_NON_GEOGRAPHIC = "001"
# Prefixes are merged if at least so many of ten siblings belong to one country and the rest are unassigned.
_MOST = 8
# Not "uan": Canada's 310-xxxx numbers only work within Canada, and +1 310 is Los Angeles.
_TYPES = (
    "fixed_line",
    "mobile",
    "pager",
    "personal_number",
    "premium_rate",
    "shared_cost",
    "toll_free",
    "voip",
)

_HEAD = """\
// Generated from libphonenumber {version} by tools/country_prefixes.py; run make generate.
//
// Country: prefixes without "+". The longest prefix of a number decides.

export const COUNTRY_PREFIXES = `
"""


def country_prefixes() -> dict[str, list[str]]:
    """Return the prefixes (calling code included, without plus sign) of each ISO 3166 country."""
    owners: dict[str, str] = {}
    for code, countries in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if countries[0] != _NON_GEOGRAPHIC:
            owners[str(code)] = countries[0]
        for country in countries[1:]:
            owners |= dict.fromkeys(_own_prefixes(code, country), country)
    prefixes: dict[str, list[str]] = {}
    for prefix, country in _shortest(owners).items():
        prefixes.setdefault(country, []).append(prefix)
    return {country: sorted(prefixes[country]) for country in sorted(prefixes)}


def module() -> str:
    """Return the TypeScript module."""
    entries = [" ".join([country, *prefixes]) for country, prefixes in country_prefixes().items()]
    lines = textwrap.wrap(" | ".join(entries), 112)
    return _HEAD.format(version=phonenumbers.__version__) + "\n".join(lines) + "`;\n"


def _own_prefixes(code: int, country: str) -> Iterator[str]:
    """Yield the prefixes that distinguish a country from the others with its calling code."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return
    if metadata.leading_digits:
        patterns = [metadata.leading_digits]
    else:
        kinds: Iterable[PhoneNumberDesc | None] = (getattr(metadata, kind) for kind in _TYPES)
        patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    for pattern in patterns:
        for sequence in _sequences(sre_parser.parse(pattern)):
            fixed = len(sequence)
            while fixed and sequence[fixed - 1] == _DIGITS:
                fixed -= 1
            rest = "".join("2" for _ in sequence[fixed:])
            for digits in product(*(sorted(place) for place in sequence[:fixed])):
                prefix = "".join(digits)
                if metadata.leading_digits or _belongs(code, prefix + rest, country):
                    yield f"{code}{prefix}"


def _belongs(code: int, national: str, country: str) -> bool:
    number = phonenumbers.PhoneNumber(country_code=code, national_number=int(national))
    return phonenumbers.region_code_for_number(number) == country


def _sequences(parsed: Any) -> list[list[frozenset[str]]]:
    """Return every path through a pattern, each as the possible digits of each position."""
    ways: list[list[frozenset[str]]] = [[]]
    for operation, argument in parsed:
        ways = [way + step for way, step in product(ways, _steps(operation, argument))]
    return ways


def _steps(operation: Any, argument: Any) -> Sequence[list[frozenset[str]]]:
    if operation is sre.LITERAL:
        return [[frozenset(chr(argument))]]
    if operation is sre.IN:
        return [[frozenset().union(*(_members(*member) for member in argument))]]
    if operation is sre.BRANCH:
        return [way for branch in argument[1] for way in _sequences(branch)]
    if operation is sre.SUBPATTERN:
        return _sequences(argument[-1])
    if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        least, most, repeated = argument
        once = _sequences(repeated)
        counts = range(least, most + 1)
        return [list(chain(*ways)) for n in counts for ways in product(once, repeat=n)]
    raise NotImplementedError(f"pattern with {operation}")


def _members(operation: Any, argument: Any) -> frozenset[str]:
    if operation is sre.LITERAL:
        return frozenset(chr(argument))
    if operation is sre.RANGE:
        return frozenset(chr(n) for n in range(argument[0], argument[1] + 1))
    if operation is sre.CATEGORY and argument is sre.CATEGORY_DIGIT:
        return _DIGITS
    raise NotImplementedError(f"class with {operation}")


def _shortest(owners: dict[str, str]) -> dict[str, str]:
    """Merge the siblings of one country, and drop prefixes that a shorter prefix already covers."""
    joined = dict(owners)
    for length in range(max(map(len, joined)), 2, -1):
        for parent in {prefix[:-1] for prefix in joined if len(prefix) == length} - joined.keys():
            siblings = [joined[parent + digit] for digit in sorted(_DIGITS) if parent + digit in joined]
            others = [parent + digit for digit in sorted(_DIGITS) if parent + digit not in joined]
            if len(set(siblings)) == 1 and len(siblings) >= _MOST and all(map(_unassigned, others)):
                joined[parent] = siblings[0]
    return {prefix: country for prefix, country in joined.items() if _says(joined, prefix[:-1]) != country}


def _unassigned(prefix: str) -> bool:
    """Whether no country has numbers with this prefix, such as exchanges in +1 that begin with 0."""
    numbers = (
        phonenumbers.parse(f"+{prefix}{'2' * n}") for n in range(max(0, 6 - len(prefix)), 13 - len(prefix))
    )
    return all(phonenumbers.region_code_for_number(number) is None for number in numbers)


def _says(owners: dict[str, str], prefix: str) -> str | None:
    while prefix and prefix not in owners:
        prefix = prefix[:-1]
    return owners.get(prefix)
