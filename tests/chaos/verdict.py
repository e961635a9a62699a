"""Whether everything is right again: configuration, tables, and every call that came in meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.twilio_lists import differences

if TYPE_CHECKING:
    from tests.chaos.traffic import Traffic
    from tests.support.clone import Clone

__all__ = ["Verdict", "judge"]

_ALWAYS = {"twilio-webhook", "twilio-fallback"}
_FOR_BROWSERS = {"place-call", "control-call", "recording"}


@dataclass
class Verdict:
    """What was found.

    Attributes:
        findings: by check, a line each; a check without lines is fine.
        answered_by: how many calls each function answered.
    """

    findings: dict[str, list[str]] = field(default_factory=dict)
    answered_by: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not any(self.findings.values())


def judge(clone: Clone, traffic: Traffic) -> Verdict:
    """Check everything; changes nothing."""
    answers = _answers(clone, traffic)
    return Verdict(
        {
            "every call was answered": _unanswered(answers, traffic),
            "tables equal Twilio's lists": differences(clone),
            "a preview shows no change": _changes(clone),
            "no pending operation, no lock": _pending(clone),
            "the numbers are as the settings say": _numbers(clone),
            "the functions are those of the settings": _functions(clone),
        },
        dict(Counter(by for by, _ in answers.values() if by)),
    )


def _answers(clone: Clone, traffic: Traffic) -> dict[str, tuple[str, str]]:
    """Each call to the function that answered it with TwiML ("" for none), and what was asked."""
    found = {}
    for sid in traffic.placed:
        sent = clone.control("GET", "webhook-requests", params={"call_sid": sid})["webhook_requests"]
        asked: list[dict[str, Any]] = [request for request in sent if request["kind"] == "voice"]
        answers = [
            request for request in asked if request["status"] == 200 and "<Response" in (request["body"] or "")
        ]
        by = urlsplit(answers[0]["url"]).path.rpartition("/")[2] if answers else ""
        found[sid] = (
            by,
            ", ".join(f"{request['url']} -> {request['status'] or request['error']}" for request in asked),
        )
    return found


def _unanswered(answers: dict[str, tuple[str, str]], traffic: Traffic) -> list[str]:
    """Calls that nothing answered with TwiML: neither the handler nor the fallback."""
    refused = [f"no call could be placed: {why}" for why in traffic.refused]
    return refused + [f"{sid}: {asked or 'nobody was asked'}" for sid, (by, asked) in answers.items() if not by]


def _changes(clone: Clone) -> list[str]:
    done = clone.run(
        "pulumi", "preview", "--expect-no-changes", "--diff", "--stack", "local", "--non-interactive"
    )
    return [] if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()[-20:]


def _pending(clone: Clone) -> list[str]:
    state = json.loads(clone.run("pulumi", "stack", "export", "--stack", "local").stdout)
    pending = state["deployment"].get("pending_operations") or []
    found = [f"{item['type']} {item['resource']['urn']}" for item in pending]
    locks = list((clone.folder / ".voicehooks" / "state").rglob("locks/**/*.json"))
    return found + [f"locked: {lock.name}" for lock in locks]


def _numbers(clone: Clone) -> list[str]:
    settings = clone.settings()
    ours = f"{clone.values['supabase_url']}/functions/v1/twilio-webhook"
    retries = settings["voicehooks:defaults"]["delivery"]["retries"]
    found = []
    for e164 in settings["voicehooks:numbers"]:
        number = clone.number(e164)
        for name in ("voice_url", "status_callback"):
            url, _, overrides = str(number[name]).partition("#")
            if url != ours or f"rc={retries}" not in overrides.split("&"):
                found.append(f"{e164} {name}: {number[name]} (settings: {ours}, {retries} retries)")
    return found


def _functions(clone: Clone) -> list[str]:
    wanted = _ALWAYS | (_FOR_BROWSERS if clone.settings().get("voicehooks:allowedOrigins") else set())
    live = {function["slug"] for function in clone.supabase("GET", "functions")}
    return [f"{slug}: left over" for slug in sorted(live - wanted)] + [
        f"{slug}: not there" for slug in sorted(wanted - live)
    ]
