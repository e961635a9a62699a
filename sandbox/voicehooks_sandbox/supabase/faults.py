"""The faults that a test has set, for both of the project's addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.functions.runner import SlowSpread

OPEN_SIGN_UP = {"disable_signup": False, "external_anonymous_users_enabled": True}
"""What the fault `open_sign_up` changes in Auth's settings."""


@dataclass
class ApiFault:
    """An answer that the Management API gives in place of its own.

    `method` and `path` (the end of the request's path) narrow it down; `after` lets so many matching
    requests pass first; `times` is how often it answers (None: until the faults are cleared).
    """

    status: int
    message: str | None = None
    method: str | None = None
    path: str | None = None
    after: int = 0
    times: int | None = 1
    apply: bool = False
    """Carry out the request and only then answer wrongly (an answer lost on the way)."""


@dataclass
class FunctionFault:
    """An answer that the gateway gives in place of a function's."""

    function: str
    status: int
    times: int | None = 1


@dataclass
class Faults:
    """All faults in force; a new instance has none."""

    paused: bool = False
    spread: SlowSpread | None = None
    token_permissions: frozenset[str] | None = None
    deleted_api_keys: frozenset[str] = frozenset()
    """Types of API keys that somebody deleted; `legacy` ones are disabled."""
    open_sign_up: bool = False
    """Somebody has opened the project to sign-ups, anonymous ones included."""
    api: list[ApiFault] = field(default_factory=list)
    functions: list[FunctionFault] = field(default_factory=list)
    function_timeout_seconds: float = 150.0

    def take_api_fault(self, method: str, path: str) -> ApiFault | None:
        """The fault that answers this request, counting it."""
        for fault in self.api:
            if fault.method is not None and fault.method != method:
                continue
            if fault.path is not None and not path.endswith(fault.path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.api.remove(fault)
            return fault
        return None

    def take_function_fault(self, slug: str) -> int | None:
        """The status that answers this request to a function, counting it."""
        for fault in self.functions:
            if fault.function == slug:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.functions.remove(fault)
                return fault.status
        return None
