"""A Pulumi provider for the voice side of a Twilio account.

Resources adopt what the account has; none buys or releases a phone number.
"""

from ._generated import *  # noqa: F403
from ._generated import __all__ as __all__
