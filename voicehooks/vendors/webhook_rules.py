"""Which of an account's webhook rules applies to a URL.

Twilio docs, "Webhook rules": exact matches come first, then prefixes, the longest one of each, then the default
rule of the account. An account has at most one rule per match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["rule_for"]


def rule_for(url: str, rules: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the rule that Twilio applies to a URL, or None.

    Args:
        url: without a query and without connection overrides.
        rules: as the webhooks API lists them.
    """
    fitting = [(rank, rule) for rule in rules if (rank := _rank(url, rule)) is not None]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _rank(url: str, rule: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return how closely a rule matches; None if it does not."""
    kind, value, prefix = rule.get("matchType"), str(rule.get("value") or ""), str(rule.get("prefix") or "")
    if kind == "EXACT_MATCH" and url == value:
        return 2, len(value)
    if kind == "PREFIX_MATCH" and prefix and url.startswith(prefix):
        return 1, len(prefix)
    return (0, 0) if kind == "DEFAULT" else None
