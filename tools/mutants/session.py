"""A run over many slips: measures which tests reach what, tries the slips in parallel, keeps the results."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

from tools.mutants.checks import checks_for, first_refusal
from tools.mutants.model import MutantsError, Outcome, Result
from tools.mutants.reach import Reach, measure, outdated
from tools.mutants.trial import run_tests, try_slip
from tools.mutants.workspace import Workspace, private_copy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.mutants.checks import Command
    from tools.mutants.model import Slip

__all__ = ["Session"]


class Session:
    """A run over many slips.

    Args:
        root: the repository.
        folder: where the measurement and the results are kept.
        workers: how many slips are tried at the same time.
    """

    def __init__(self, root: Path, folder: Path, *, workers: int) -> None:
        self._root = root
        self._reach = folder / "reach.json"
        self._results = folder / "results.jsonl"
        self._workers = workers
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, slips: Sequence[Slip], *, retry: bool = False) -> list[Result]:
        """Try the slips that have no result yet, and return the results of all.

        Args:
            slips: what to try.
            retry: try those again that survived before.

        Raises:
            MutantsError: the tests do not run without any slip.
        """
        known = self._known()
        if retry:
            known = {key: result for key, result in known.items() if result.outcome.is_noticed}
        left = [slip for slip in slips if slip.key not in known]
        if left:
            # Resolved: tests compare paths, and macOS's temporary folder is a link.
            scratch = Path(tempfile.mkdtemp(prefix="mutants-")).resolve()
            with ExitStack() as copies:
                copies.callback(shutil.rmtree, scratch, ignore_errors=True)
                workspaces: Queue[Workspace] = Queue()
                for number in range(self._workers):
                    workspaces.put(copies.enter_context(private_copy(self._root, scratch / str(number))))
                reach = self._measured(workspaces, {slip.file for slip in left if not slip.tests})
                failing = self._failing(workspaces, {test for slip in left for test in slip.tests}, reach)
                left = [replace(slip, tests=tuple(t for t in slip.tests if t not in failing)) for slip in left]
                unsound = self._unsound(workspaces, {c for slip in left for c in checks_for(slip.file)})
                self._try(left, workspaces, reach, unsound, known)
        return [known[slip.key] for slip in slips]

    def _measured(self, workspaces: Queue[Workspace], modules: set[str]) -> Reach:
        reach = Reach.load(self._reach)
        for folder, files in outdated(self._root, reach, modules).items():
            _say(f"measuring what {folder} reaches: {len(files)} changed test files")
            workspace = workspaces.get()
            try:
                failed = measure(workspace, files, reach)
            finally:
                workspaces.put(workspace)
            for test in failed:
                _say(f"left out, because it fails without any slip: {test}")
            reach.save(self._reach)
        if modules and not reach.seconds:
            raise MutantsError("no test ran; see what make test says")
        return reach

    def _failing(self, workspaces: Queue[Workspace], files: set[str], reach: Reach) -> set[str]:
        """Return those of the written slips' test files that fail without any slip; each is run once."""
        digests = {file: hashlib.sha256((self._root / file).read_bytes()).hexdigest()[:16] for file in files}
        failing: set[str] = set()
        for file in sorted(file for file in files if reach.sound.get(file) != digests[file]):
            _say(f"running {file} without any slip")
            workspace = workspaces.get()
            try:
                outcome, _, _ = run_tests(workspace, [file])
            finally:
                workspaces.put(workspace)
            if outcome == Outcome.SURVIVED:
                reach.sound[file] = digests[file]
                reach.save(self._reach)
            else:
                failing.add(file)
                _say(f"left out, because it fails without any slip: {file}")
        return failing

    def _unsound(self, workspaces: Queue[Workspace], commands: set[Command]) -> set[Command]:
        """Return those commands of `make check` that fail without any slip."""
        workspace = workspaces.get()
        unsound = {command for command in sorted(commands) if first_refusal(workspace, [command])}
        workspaces.put(workspace)
        for command in sorted(unsound):
            _say(f"left out, because it fails without any slip: {' '.join(command)}")
        return unsound

    def _try(
        self,
        slips: Sequence[Slip],
        workspaces: Queue[Workspace],
        reach: Reach,
        unsound: set[Command],
        known: dict[str, Result],
    ) -> None:
        counts: Counter[Outcome] = Counter()

        def one(slip: Slip) -> None:
            workspace = workspaces.get()
            try:
                result = try_slip(workspace, slip, reach, unsound)
            finally:
                workspaces.put(workspace)
            with self._lock:
                known[slip.key] = result
                counts[result.outcome] += 1
                self._keep(result)
                _say(
                    f"{counts.total()} of {len(slips)}: {slip.file}:{slip.line} {slip.kind}: {result.outcome}, "
                    f"{result.seconds:.0f} s"
                )

        with ThreadPoolExecutor(self._workers) as pool:
            tasks = [pool.submit(one, slip) for slip in slips]
            try:
                for task in tasks:
                    task.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _known(self) -> dict[str, Result]:
        if not self._results.is_file():
            return {}
        lines = self._results.read_text(encoding="utf-8").splitlines()
        results = [Result(**json.loads(line)) for line in lines]
        return {
            result.key: Result(**{**asdict(result), "outcome": Outcome(result.outcome)})
            for result in results
            if result.outcome != Outcome.BROKEN
        }

    def _keep(self, result: Result) -> None:
        with self._results.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(result)) + "\n")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
