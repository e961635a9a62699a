"""The rollout of a function: a candidate first, then the slug, and back if that fails.

An interruption at any step leaves one complete revision under the slug, because a deploy is one request,
which the platform carries out or not. A candidate that a killed run left behind is recognized by its display
name, and the next deploy replaces it. A function with the candidate's slug and another name is not managed by
this program.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError

from . import live
from .checks import Check, Patience, run_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_provider_kit.resource import Operation

    from ..client import ManagementApi
    from .live import LiveFunction
    from .revision import Deployment

__all__ = ["CANDIDATE_SUFFIX", "NotRolledOut", "Rollout"]

CANDIDATE_SUFFIX = "-candidate"
_MARK = "candidate to be checked, deployed by pulumi-supabase"


class NotRolledOut(ProviderError):
    """The slug does not serve the new revision, or it is not certain that it does.

    Attributes:
        serving: the function that the slug serves now; None if there is none, or if it is not known.
        settled: whether the slug serves its previous function.
    """

    def __init__(self, message: str, serving: LiveFunction | None, *, settled: bool) -> None:
        super().__init__(message)
        self.serving = serving
        self.settled = settled


@dataclass(frozen=True)
class Rollout:
    """The deploy of one function.

    Attributes:
        operation: the API, the log and the cancellation.
        ref: the project.
        slug: the function's.
        functions_url: the public URL that slugs are appended to.
        checks: the requests that the slug must answer correctly.
        candidate_checks: the same for the candidate's slug; none means no candidate.
        patience: the time-out and the number of rounds.
    """

    operation: Operation[ManagementApi]
    ref: str
    slug: str
    functions_url: str
    checks: Sequence[Check]
    candidate_checks: Sequence[Check]
    patience: Patience

    @property
    def candidate(self) -> str:
        """The candidate's slug."""
        return self.slug + CANDIDATE_SUFFIX

    async def deploy(
        self, deployment: Deployment, previous: LiveFunction | None, before: Deployment | None
    ) -> LiveFunction:
        """Deploy under the slug.

        Args:
            deployment: the new files and settings.
            previous: the function that the slug serves, or None.
            before: its files and settings, to restore them; None if they are not available.

        Raises:
            NotRolledOut: it failed under the slug itself; the error says whether the previous files are
                restored.
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
        try:  # later reads are compared with this read
            return await live.find(api, self.ref, self.slug) or deployed
        except ProviderError:
            return deployed

    async def check(self, revision: str) -> None:
        """Check the function that the slug serves."""
        if self.checks:
            url = f"{self.functions_url}/{self.slug}"
            await run_checks(self.operation, url, self.checks, revision=revision, patience=self.patience)

    async def refuse_foreign_candidate(self) -> LiveFunction | None:
        """Return a candidate that was left behind, or None; refuse any other function with that slug."""
        found = await live.find(self.operation.client, self.ref, self.candidate)
        if found is not None and found.name != _MARK:
            raise ProviderError(
                f"project {self.ref} has a function {self.candidate} that this stack did not deploy; "
                f"{self.slug} is tried out under that slug first, so delete or rename the other, or give "
                "candidateChecks as an empty list to skip that"
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
        """Restore the function that the slug served, and report it.

        Raises:
            NotRolledOut: always, unless the task itself was cancelled.
        """
        why = str(error) or "interrupted"
        try:
            serving, message = await self._restore(before, previous)
        except ProviderError as failure:
            message = (
                f"{why}; and what {self.slug} served before could not be brought back ({failure}): it may "
                "serve the new files; run pulumi up again"
            )
            raise NotRolledOut(message, None, settled=False) from None
        if isinstance(error, ProviderError):
            raise NotRolledOut(f"{why}; {message}", serving, settled=True) from None
        await self.operation.warn(message)

    async def _restore(
        self, before: Deployment | None, previous: LiveFunction | None
    ) -> tuple[LiveFunction | None, str]:
        """Return the function that the slug serves then, with a sentence about it."""
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
