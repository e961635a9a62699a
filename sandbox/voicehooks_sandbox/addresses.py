"""How to reach the sandbox of a state folder, as shell variables: `python -m voicehooks_sandbox.addresses DIR`.

For scripts that ask often: without the command line's libraries it takes less than a tenth of a second. It
prints nothing if no sandbox runs on the folder. A record that a sandbox left behind does not count: the process
that wrote it must still be running, so that another process that has its ports by now is never taken for it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks_sandbox.state import StateFolder

if TYPE_CHECKING:
    from collections.abc import Mapping


def print_variables(environment: Mapping[str, str]) -> None:
    """Print connection values as assignments that a POSIX shell reads."""
    for name, value in environment.items():
        print(f"{name.upper()}='{value}'")


if __name__ == "__main__":
    running = StateFolder(Path(sys.argv[1])).read_running()
    if running is not None:
        print_variables(running.environment)
