"""The page that shows calls, webhook requests and rows: its files, and how a server serves them.

The requests that the page makes of its server are listed in this distribution's README.md.
"""

from voicehooks_page.guard import LoopbackOnly
from voicehooks_page.serving import page_route

__all__ = ["LoopbackOnly", "page_route"]
