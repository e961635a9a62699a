"""HTTP/1.1 as the gateway and the function workers need it."""

from __future__ import annotations
