"""The rollout of a function: a candidate first, then the slug, and back where that fails.

What is interrupted at any step leaves one whole revision under the slug: a deploy is one request, which the
platform carries out or not. A candidate that a killed run left behind is known by its display name and is
replaced by the next deploy; a function of the candidate's slug with another name belongs to somebody else.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError

from . import live
from .checks import Check, Patience, run_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_provider_kit.resource import Operation

    from pulumi_supabase.client import ManagementApi

    from .live import LiveFunction
    from .revision import Deployment

__all__ = ["CANDIDATE_SUFFIX", "NotRolledOut", "Rollout"]

CANDIDATE_SUFFIX = "-candidate"
_MARK = "candidate to be checked, deployed by pulumi-supabase"


class NotRolledOut(ProviderError):
    """The slug does not serve the new revision, or not for certain.

    Attributes:
        serving: what the slug serves now; None where there is no function, or where nobody knows.
        settled: whether the slug serves what it did before.
    """

    def __init__(self, message: str, serving: LiveFunction | None, *, settled: bool) -> None:
        super().__init__(message)
        self.serving = serving
        self.settled = settled


@dataclass(frozen=True)
class Rollout:
    """How one function is deployed.

    Attributes:
        operation: the API, the log and the wish to stop.
        ref: the project.
        slug: the function's.
        functions_url: the public URL that slugs are appended to.
        checks: what must be answered rightly under the slug.
        candidate_checks: what must be answered rightly under the candidate's slug; none means no candidate.
        patience: for how long it is tried.
    """

    operation: Operation[ManagementApi]
    ref: str
    slug: str
    functions_url: str
    checks: Sequence[Check] = ()
    candidate_checks: Sequence[Check] = ()
    patience: Patience = field(default_factory=Patience)

    @property
    def candidate(self) -> str:
        """The candidate's slug."""
        return self.slug + CANDIDATE_SUFFIX

    async def deploy(
        self, deployment: Deployment, previous: LiveFunction | None, before: Deployment | None
    ) -> LiveFunction:
        """Bring a deployment under the slug.

        Args:
            deployment: what is to be served.
            previous: what the slug serves, or None.
            before: its files and settings, to put them back; None where they are not to be had.

        Raises:
            NotRolledOut: it failed under the slug itself; whether the earlier files are back is told.
            ProviderError: it failed before; the slug was not touched.
        """
        api = self.operation.client
        if self.candidate_checks:
            await self._try_candidate(deployment)
        self.operation.cancellation.check()
        await self.operation.status(f"deploying {self.slug}")
        try:
            deployed = await live.deploy(api, self.ref, self.slug, deployment)
            await self.check(deployment.revision)
        except (ProviderError, asyncio.CancelledError) as error:
            await self._take_back(before, previous, error)
            raise
        await self.operation.status(f"{self.slug} serves version {deployed.version}")
        try:  # what a read says is what later reads are compared with
            return await live.find(api, self.ref, self.slug) or deployed
        except ProviderError:
            return deployed

    async def check(self, revision: str) -> None:
        """Check what the slug serves."""
        if self.checks:
            url = f"{self.functions_url}/{self.slug}"
            await run_checks(self.operation, url, self.checks, revision=revision, patience=self.patience)

    async def refuse_foreign_candidate(self) -> LiveFunction | None:
        """Return a candidate left behind, or None; refuse a function of that slug that is none."""
        found = await live.find(self.operation.client, self.ref, self.candidate)
        if found is not None and found.name != _MARK:
            raise ProviderError(
                f"project {self.ref} has a function {self.candidate} that this stack did not deploy; "
                f"{self.slug} is tried out under that slug first, so delete or rename the other, or give "
                "candidateChecks as an empty list to go without"
            )
        return found

    async def remove_candidate(self) -> None:
        """Remove a candidate that an interrupted run left behind."""
        found = await live.find(self.operation.client, self.ref, self.candidate)
        if found is not None and found.name == _MARK:
            await live.remove(self.operation.client, self.ref, self.candidate)

    async def _try_candidate(self, deployment: Deployment) -> None:
        await self.refuse_foreign_candidate()
        self.operation.cancellation.check()
        await self.operation.status(f"deploying {self.candidate} to check it")
        url = f"{self.functions_url}/{self.candidate}"
        try:
            await live.deploy(self.operation.client, self.ref, self.candidate, deployment.named(_MARK))
            await run_checks(
                self.operation,
                url,
                self.candidate_checks,
                revision=deployment.revision,
                patience=self.patience,
            )
        except ProviderError as error:
            raise ProviderError(f"{error}; {self.slug} itself was not touched") from None
        finally:
            await self._drop_candidate()

    async def _drop_candidate(self) -> None:
        try:
            await live.remove(self.operation.client.steadfast, self.ref, self.candidate)
        except ProviderError as error:
            await self.operation.warn(
                f"{self.candidate} could not be removed ({error}); the next deploy of {self.slug} removes it"
            )

    async def _take_back(
        self, before: Deployment | None, previous: LiveFunction | None, error: BaseException
    ) -> None:
        """Bring back what the slug served, and say so.

        Raises:
            NotRolledOut: always, but where the task itself was cancelled.
        """
        why = str(error) or "interrupted"
        try:
            serving, told = await self._restore(before, previous)
        except ProviderError as failure:
            message = (
                f"{why}; and what {self.slug} served before could not be brought back ({failure}): it may "
                "serve the new files; run pulumi up again"
            )
            raise NotRolledOut(message, None, settled=False) from None
        if isinstance(error, ProviderError):
            raise NotRolledOut(f"{why}; {told}", serving, settled=True) from None
        await self.operation.warn(told)

    async def _restore(
        self, before: Deployment | None, previous: LiveFunction | None
    ) -> tuple[LiveFunction | None, str]:
        """Return what the slug serves then, and say it in words."""
        api = self.operation.client.steadfast
        now = await live.find(api, self.ref, self.slug)
        if now == previous:
            return now, f"{self.slug} itself was not changed"
        if previous is None:
            await live.remove(api, self.ref, self.slug)
            return None, f"{self.slug} was removed again"
        if before is None:
            raise ProviderError("its files could not be downloaded before")
        deployed = await live.deploy(api, self.ref, self.slug, before)
        serving = await live.find(api, self.ref, self.slug) or deployed
        return serving, f"the previous files of {self.slug} are back, as version {serving.version}"
