"""the Twilio emulator in a thread of this process, on a free port."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import uvicorn
from voicehooks_sandbox.twilio import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ACCOUNT", "TOKEN", "running_emulator"]

ACCOUNT = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4


@contextmanager
def running_emulator(folder: Path, numbers: list[str]) -> Iterator[httpx.Client]:
    """Run an emulator whose account owns these numbers; yields a client that is signed in."""
    app = create_app(state_dir=folder, account_sid=ACCOUNT, auth_token=TOKEN, phone_numbers=numbers)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(ACCOUNT, TOKEN), timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
