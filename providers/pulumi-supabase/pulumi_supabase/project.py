"""The property of every resource that names its project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.table import Property, Scalar
from pulumi_provider_kit.values import text

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["PROJECT_REF", "project_of"]

_REF = re.compile(r"[a-z]{20}")


def _ref(value: str) -> str | None:
    if _REF.fullmatch(value):
        return None
    return f"{value!r} is not a project reference, which has 20 lower-case letters, as in https://<reference>.supabase.co"


PROJECT_REF = Property(
    "projectRef",
    Scalar.STRING,
    "The project's reference: the 20 letters in ``https://<reference>.supabase.co``.",
    required=True,
    replaces=True,
    check=_ref,
    source="Supabase Management API",
)


def project_of(inputs: PropertyMap) -> str:
    """Return the project's reference; empty while it is not known."""
    return text(inputs, "projectRef") or ""
