"""The sandbox's credentials: fixed and published, so that a configuration for it can be written down.

They open nothing but a sandbox on the loopback interface, and have the shapes of the vendors' own.
"""

from __future__ import annotations

TWILIO_ACCOUNT_SID = "AC" + "5a4db0c5" * 4
TWILIO_AUTH_TOKEN = "a0704e4e" * 4
TWILIO_PHONE_NUMBERS = ("+15551234567", "+15551234568", "+15551234569")

SUPABASE_PROJECT_REF = "sandboxsandboxsandbo"
SUPABASE_ACCESS_TOKEN = "sbp_" + "5a4db0c5" * 5
SUPABASE_PUBLISHABLE_KEY = "sb_publishable_sandbox0000000000000000"
SUPABASE_SECRET_KEY = "sb_secret_sandbox000000000000000000000"  # noqa: S105 - published
SUPABASE_JWT_SECRET = "sandbox-jwt-secret-of-at-least-32-characters"  # noqa: S105 - published
POSTGRES_PASSWORD = "postgres"  # noqa: S105 - published
