"""A profile of AWS's configuration files.

Keys that stand in them are read here; for anything else (single sign-on, roles, a program that gives
credentials) the AWS CLI is asked, which knows all of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["credentials", "exists", "region"]


def exists(profile: str, variables: Mapping[str, str]) -> bool:
    """Tell whether the files have anything of a profile."""
    return bool(_section(profile, variables))


def region(profile: str, variables: Mapping[str, str]) -> str:
    """Return the profile's region, or an empty string."""
    return _section(profile, variables).get("region", "")


def credentials(profile: str, variables: Mapping[str, str]) -> dict[str, str | None]:
    """Return the profile's keys by the names that obstore has for them.

    Args:
        profile: its name.
        variables: the environment, which may say where the files are.

    Raises:
        Unreadable: it has none, or the AWS CLI that knows them is missing or refuses.
    """
    found = _section(profile, variables)
    if "aws_access_key_id" in found and "role_arn" not in found:
        keys: dict[str, str | None] = {
            "access_key_id": found["aws_access_key_id"],
            "secret_access_key": found.get("aws_secret_access_key", ""),
            "token": found.get("aws_session_token"),
            "expires_at": None,
        }
    elif not found:
        raise Unreadable(f"there is no AWS profile {profile}", "list them: aws configure list-profiles")
    else:
        keys = _from_cli(profile, variables)
    return keys


def _from_cli(profile: str, variables: Mapping[str, str]) -> dict[str, str | None]:
    program = shutil.which("aws", path=variables.get("PATH"))
    if program is None:
        raise Unreadable(
            f"the AWS profile {profile} has no keys of its own, and the AWS CLI that could get them is missing",
            "install it, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    done = subprocess.run(
        [program, "configure", "export-credentials", "--profile", profile, "--format", "process"],
        env=dict(variables),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    try:
        answer = json.loads(done.stdout)
        return {
            "access_key_id": str(answer["AccessKeyId"]),
            "secret_access_key": str(answer["SecretAccessKey"]),
            "token": answer.get("SessionToken"),
            "expires_at": None,
        }
    except (ValueError, KeyError):
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise Unreadable(
            f"the AWS CLI gives no credentials of profile {profile}: {(said or ['it said nothing'])[-1]}",
            f"sign in again: aws sso login --profile {profile}",
        ) from None


def _section(profile: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What both files say of a profile; in the file of settings its section is `profile NAME`."""
    home = Path(variables.get("HOME") or Path.home()) / ".aws"
    settings = variables.get("AWS_CONFIG_FILE") or home / "config"
    keys = variables.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials"
    section = profile if profile == "default" else f"profile {profile}"
    return {**_read(Path(settings), section), **_read(Path(keys), profile)}


def _read(path: Path, section: str) -> dict[str, str]:
    # No section is everybody's default here, and a percent sign is one.
    parser = ConfigParser(default_section="", interpolation=None, strict=False)
    try:
        parser.read(path.expanduser(), encoding="utf-8")
    except (ConfigError, UnicodeDecodeError):
        raise Unreadable(f"{path} cannot be read as a file of AWS profiles", "correct it") from None
    return dict(parser[section]) if parser.has_section(section) else {}
