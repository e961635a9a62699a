"""`voicehooks init NAME --sandbox`: a sandbox of its own for a stack, and its answers to what init asks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.stack import project, sandbox

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sandbox_answers"]

_ANSWERS = {
    "twilio:accountSid": "twilio_account_sid",
    "twilio:authToken": "twilio_auth_token",
    "twilio:baseUrl": "twilio_base_url",
    "supabase:accessToken": "supabase_access_token",
    "supabase:apiUrl": "supabase_api_url",
    "voicehooks:supabaseProject": "supabase_project_ref",
}


def sandbox_answers(folder: Path, stack: str) -> dict[str, str]:
    """Start the sandbox of a stack, if it is not running; return its credentials and addresses by settings key.

    Raises:
        CommandError: it did not start.
    """
    state = str(sandbox.state_folder(stack))
    command = [str(project.program(sandbox.EXECUTABLE)), "--state", state, "up"]
    done = subprocess.run(command, cwd=folder, stdout=sys.stderr, check=False)
    values = sandbox.addresses(folder, stack) if done.returncode == 0 else {}
    if not values:
        raise CommandError(
            f"{stack} was not created", "its sandbox did not start", sandbox.command(stack, "logs sandbox")
        )
    return {key: values[name] for key, name in _ANSWERS.items()}
