"""A Pulumi provider for Supabase: Edge Functions, their secrets, and the schema of the database."""

from ._generated import *  # noqa: F403
from ._generated import __all__ as __all__
