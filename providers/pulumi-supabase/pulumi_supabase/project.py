"""What every resource of this provider has in common: the project, and whether it is awake."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.table import Property, Scalar
from pulumi_provider_kit.values import text

from .client import NotFound, SupabaseClient, SupabaseError

if TYPE_CHECKING:
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["PROJECT_REF", "project_of", "require_active"]

# While a project is in one of these, its functions and its database do not answer.
_ASLEEP = {"INACTIVE", "PAUSING", "PAUSE_FAILED", "GOING_DOWN", "REMOVED", "RESTORING", "INIT_FAILED"}


def _ref(value: str) -> str | None:
    if re.fullmatch("[a-z]{20}", value):
        return None
    return f"{value!r} is not a project's reference: 20 lower-case letters, as in https://<ref>.supabase.co"


PROJECT_REF = Property(
    "projectRef",
    Scalar.STRING,
    "The project's reference: the 20 letters in https://<reference>.supabase.co.",
    required=True,
    replaces=True,
    check=_ref,
    source="Supabase Management API",
)


def project_of(inputs: PropertyMap) -> str:
    """Return the project's reference; empty while it is not known."""
    return text(inputs, "projectRef") or ""


async def require_active(operation: Operation[SupabaseClient], project_ref: str) -> None:
    """Make sure that the project exists and is not paused.

    Raises:
        PropertyError: it is neither there nor awake, or belongs to somebody else.
    """
    try:
        project = await operation.client.get(f"/v1/projects/{project_ref}")
    except NotFound:
        raise PropertyError(
            "projectRef", f"there is no project {project_ref} that this access token can see; correct it"
        ) from None
    except SupabaseError as error:
        if error.status == 403:  # a scoped token may deploy and yet not read the project itself
            return
        raise
    if project.get("status") in _ASLEEP:
        raise PropertyError(
            "projectRef",
            f"the project {project_ref} is {str(project['status']).lower().replace('_', ' ')}; restore it in "
            "the Supabase dashboard, wait until it is healthy, then run the command again",
        )
