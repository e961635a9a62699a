"""Try slips in the core and list those that no test notices: `make mutants`.

python -m tools.mutants [--module PATH | --changed REVISION] [--sample N] [--seed S] [--retry]

Results are kept in `.voicehooks/mutants/results.jsonl`, so the same command resumes a run that was interrupted.
The exit code is 0 also if slips survive: they are a list to work on.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mutants import choice, report
from tools.mutants.model import MutantsError
from tools.mutants.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
_SAMPLE_OF_ALL = 300
_SAMPLE_OF_A_MODULE = 60


def main(arguments: Sequence[str]) -> int:
    """Try the chosen slips; exit code 2 if that is not possible, else 0."""
    options = _parser().parse_args(arguments)
    sample, seed = options.sample, options.seed
    if sample is None:
        sample = _SAMPLE_OF_A_MODULE if options.module or options.changed else _SAMPLE_OF_ALL
    if seed is None:
        seed = random.SystemRandom().randrange(1_000_000)
    try:
        slips = choice.chosen_slips(
            ROOT, module=options.module, changed=options.changed, sample=sample, seed=seed
        )
        heading = report.heading(len(slips), sample, seed)
        print(heading, flush=True)
        session = Session(ROOT, ROOT / ".voicehooks" / "mutants", workers=options.workers)
        results = session.run(slips, retry=options.retry)
    except MutantsError as error:
        print(f"make mutants: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"make mutants: interrupted; SEED={seed} resumes it", file=sys.stderr)
        return 130
    text = report.page(results, heading)
    if options.output:
        Path(options.output).write_text(text, encoding="utf-8")
    print(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--module", metavar="PATH", help="only this file or folder")
    which.add_argument("--changed", metavar="REVISION", help="only lines that differ from this revision")
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help=f"how many to draw, 0 for all; {_SAMPLE_OF_ALL}, or {_SAMPLE_OF_A_MODULE} of a module or a change",
    )
    parser.add_argument("--seed", type=int, metavar="S", help="the number that the sample is drawn by")
    parser.add_argument("--workers", type=int, default=2, metavar="W", help="how many slips to try at once")
    parser.add_argument("--retry", action="store_true", help="try earlier survivors again")
    parser.add_argument("--output", metavar="FILE", help="also write the list to a file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
