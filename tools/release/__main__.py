"""Build the files of a release of the providers.

python -m tools.release --tag v0.1.0 --repository OWNER/NAME [--output dist]

The release workflow runs it for a tag. It needs what `make install` installs, and no network.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.release import archives, wheels
from tools.release.errors import ReleaseError

_SUMMARY = "Build the files of a release of the providers."
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Build the files, print their names, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.release", description="Build the files of a release."
    )
    parser.add_argument("--tag", required=True, help="the tag of the release, v and the providers' version")
    parser.add_argument("--repository", required=True, help="the repository on GitHub, OWNER/NAME")
    parser.add_argument("--output", type=Path, default=Path("dist"), help="an empty or new folder")
    options = parser.parse_args(arguments)
    try:
        wheels.build(ROOT, options.output, tag=options.tag, repository=options.repository)
        for name in wheels.PROVIDERS:
            archives.build(ROOT, options.output, name, version=options.tag.removeprefix("v"))
        archives.checksums(options.output)
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    for path in sorted(options.output.iterdir()):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
