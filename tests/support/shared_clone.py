"""Clones that many tests use one after the other, each test as if it were the first."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.clone import Clone

__all__ = ["PACE", "DeployedClone", "UndeployedClone"]

PACE = 50.0
"""How many times faster than life calls go by, unless a test sets another pace."""

_CHECKPOINT = Path(".voicehooks/state/.pulumi/stacks/voicehooks/local.json")
# What lies in the folder and is not the clone's own: the virtual environment and the sandbox's data.
_FOREIGN = ("sandbox", ".venv", "__pycache__")
_FIELDS = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
}
_DEPLOY = ("slug", "version", "ezbr_sha256", "verify_jwt")
_SCHEMA = """
select md5(string_agg(entry, ' ' order by entry)) as digest from (
  select format('%s.%s %s %s', relnamespace::regnamespace, relname, relkind, relacl) as entry
  from pg_class where relnamespace in ('public'::regnamespace, 'voicehooks'::regnamespace)
  union all
  select format('%s %s', attrelid::regclass, attname)
  from pg_attribute join pg_class on pg_class.oid = attrelid
  where attnum > 0 and relnamespace in ('public'::regnamespace, 'voicehooks'::regnamespace)
  union all
  select format('%s %s %s', pg_proc.oid::regprocedure, md5(prosrc), proacl)
  from pg_proc where pronamespace in ('public'::regnamespace, 'voicehooks'::regnamespace)
) as entries
"""
_NO_CALLS = "truncate public.twilio_calls, public.twilio_call_events, public.twilio_recordings"


class UndeployedClone:
    """A clone of which nothing is deployed; it and its sandbox are put back before each use.

    Args:
        clone: its accounts and its stack are empty.
    """

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._copy = clone.folder.with_name(f"{clone.folder.name}-as-made")
        _copy_files(clone.folder, self._copy)

    def restored(self) -> Clone:
        """Return the clone as it was made, with a sandbox as on its first day."""
        self._clone.reset()
        _pass_time_as_usual(self._clone)
        _copy_files(self._copy, self._clone.folder)
        return self._clone


class DeployedClone:
    """A deployed clone; it and its sandbox are put back before each use.

    What a test may change cheaply (numbers, calls, faults, files) is put back. Where it has changed what a
    deploy made (functions, secrets, schema, the stack's state), everything is deployed again.

    Args:
        clone: its accounts and its stack are empty.
    """

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._copy = clone.folder.with_name(f"{clone.folder.name}-as-deployed")
        _copy_files(clone.folder, self._copy)
        self._deploy()

    def restored(self) -> Clone:
        """Return the clone as it was when it had just been deployed, before any call."""
        self._heal()
        if self._deployed() != self._fingerprint:
            _copy_files(self._copy, self._clone.folder)
            self._clone.reset()
            self._clone.pulumi("stack", "init", "--no-select")
            self._deploy()
        _copy_files(self._copy, self._clone.folder)
        self._put_numbers_back()
        self._clone.query(_NO_CALLS)
        return self._clone

    def _deploy(self) -> None:
        self._clone.up()
        self._fingerprint = self._deployed()
        self._numbers = self._read_numbers()
        self._account = {k: v for k, v in self._clone.control("GET", "account").items() if k != "sid"}
        _copy_files(self._clone.folder, self._copy)

    def _heal(self) -> None:
        """End every fault, calls in progress among them, and let time go by as usual."""
        clone = self._clone
        clone.supabase_control("POST", "faults", json={"clear": True})
        clone.supabase_control("POST", "database/start")
        clone.control("DELETE", "faults")
        clone.control("PUT", "scenarios", json={})
        _pass_time_as_usual(clone)
        clone.control("POST", "account", json=self._account)
        clone.control("POST", "reset", json={"only": "calls"})

    def _deployed(self) -> Mapping[str, Any]:
        """What an update makes: it is the same as long as nothing has to be deployed again."""
        clone = self._clone
        functions = clone.supabase("GET", "functions")
        secrets = clone.supabase("GET", "secrets")
        state = clone.folder / _CHECKPOINT
        content = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
        checkpoint = content.get("checkpoint", {}).get("latest") or {}
        return {
            "functions": sorted([f[key] for key in _DEPLOY] for f in functions),
            "secrets": sorted((secret["name"], secret["value"]) for secret in secrets),
            "schema": clone.query(_SCHEMA),
            "applications": [a["sid"] for a in clone.twilio("GET", "Applications.json")["applications"]],
            "resources": [
                {key: value for key, value in resource.items() if key not in {"created", "modified"}}
                for resource in checkpoint.get("resources", [])
            ],
            "pending": checkpoint.get("pending_operations"),
        }

    def _read_numbers(self) -> dict[str, dict[str, Any]]:
        listed = self._clone.twilio("GET", "IncomingPhoneNumbers.json")["incoming_phone_numbers"]
        return {n["phone_number"]: {name: n[field] or "" for name, field in _FIELDS.items()} for n in listed}

    def _put_numbers_back(self) -> None:
        for e164, fields in self._read_numbers().items():
            if e164 not in self._numbers:
                self._clone.twilio("DELETE", f"IncomingPhoneNumbers/{self._clone.number(e164)['sid']}.json")
            elif fields != self._numbers[e164]:
                self._clone.click(e164, **self._numbers[e164])


def _pass_time_as_usual(clone: Clone) -> None:
    ahead = clone.control("GET", "clock")["now"] - time.time()
    clone.control("POST", "clock", json={"factor": PACE, "advanceSeconds": -ahead})


def _copy_files(source: Path, target: Path) -> None:
    """Make a folder's files those of another one, except for what is not the clone's own."""
    target.mkdir(exist_ok=True)
    for path in target.iterdir():
        if path.name == ".voicehooks":
            for inner in path.iterdir():
                _remove(inner)
        else:
            _remove(path)
    ignore = shutil.ignore_patterns(*_FOREIGN)
    shutil.copytree(source, target, symlinks=True, ignore=ignore, dirs_exist_ok=True)


def _remove(path: Path) -> None:
    if path.name in _FOREIGN:
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
