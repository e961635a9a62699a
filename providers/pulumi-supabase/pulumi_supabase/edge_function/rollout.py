"""Bringing a revision live: candidate, checks, slug, checks, and back again where they fail.

Every single step is one request that Supabase takes whole or not at all, so that the slug serves one whole
revision wherever this is interrupted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError

from .checking import CheckPlan, run_checks
from .table import CANDIDATE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_provider_kit.resource import Operation

    from ..client import SupabaseClient
    from .api import Deploy, FunctionsApi, Live, Snapshot

__all__ = ["Rollout"]


@dataclass(frozen=True)
class Rollout:
    """One revision on its way.

    Attributes:
        operation: the operation it belongs to.
        api: the project's functions.
        slug: the function's slug.
        functions_url: what public function URLs start with.
        deploy: files and settings.
        revision: its revision.
        checks: what it must answer under its slug.
        candidate_checks: what the candidate must answer.
        timeout: seconds for right answers to come.
        consecutive: how many rounds in a row must be right.
    """

    operation: Operation[SupabaseClient]
    api: FunctionsApi
    slug: str
    functions_url: str
    deploy: Deploy
    revision: str
    checks: Sequence[dict[str, Any]]
    candidate_checks: Sequence[dict[str, Any]]
    timeout: int
    consecutive: int

    async def run(self, previous: Snapshot | None) -> Live:
        """Bring the revision live and return the function.

        Args:
            previous: what the slug serves now, None where there is nothing.

        Raises:
            ProviderError: a check failed; the slug serves what it served before, the candidate is gone.
            Cancelled: the user stopped the update; the same holds.
        """
        if self.candidate_checks:
            await self._try_candidate()
        self.operation.cancellation.check()
        live = await self.api.deploy(self.slug, self.deploy)
        try:
            await run_checks(self.operation, self._plan(self.slug, self.checks))
        except BaseException as error:
            # Also when the user interrupts: nothing unchecked stays behind the slug.
            await asyncio.shield(self._back(previous, error))
            raise
        # A deploy's answer lacks what a read has; the read is what later ones are compared with.
        return await self.api.read(self.slug) or live

    async def _try_candidate(self) -> None:
        candidate = self.slug + CANDIDATE_SUFFIX
        name = _candidate_name(self.slug)
        found = await self.api.read(candidate)
        if found is not None and found.get("name") != name:
            raise ProviderError(
                f"the project has a function {candidate} that is not this resource's candidate; rename or "
                "delete it, since candidates of new revisions are tried under that name"
            )
        try:
            await self.operation.status(f"deploying {candidate}")
            await self.api.deploy(candidate, replace(self.deploy, name=name))
            await run_checks(self.operation, self._plan(candidate, self.candidate_checks))
        finally:
            await asyncio.shield(self.api.delete(candidate))

    async def _back(self, previous: Snapshot | None, error: BaseException) -> None:
        if previous is None:
            await self.api.delete(self.slug)
            done = "it was removed again"
        else:
            await self.api.put_back(self.slug, previous)
            done = "the files that were there before are back"
        await self.operation.warn(f"{self.slug}: {done} ({type(error).__name__})")

    def _plan(self, slug: str, checks: Sequence[dict[str, Any]]) -> CheckPlan:
        return CheckPlan(
            f"{self.functions_url}/{slug}", checks, self.revision, self.timeout, self.consecutive
        )


def _candidate_name(slug: str) -> str:
    """Return the name by which a candidate left over from a killed run is known to be ours."""
    return f"candidate of {slug} (pulumi)"
