"""Media Streams: ``<Connect><Stream>``, ``<Start><Stream>`` and ``<Stop>``, against a real WebSocket server.

Source: Twilio docs, "Media Streams: WebSocket messages", "TwiML <Stream>", "<Connect>"; error dictionary 31902,
31920, 31922, 31924, 31950.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosedError

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import API, AUTH_TOKEN, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio


class Bot:
    """A WebSocket server that keeps what it receives, and acts on each message."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.signatures: list[str] = []
        self.url = ""
        self.act: Callable[[ServerConnection, dict[str, Any]], Awaitable[None]] | None = None
        self.over = asyncio.Event()

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.signatures.append(connection.request.headers["X-Twilio-Signature"])
        with contextlib.suppress(ConnectionClosedError):  # a sandbox that stops ends the connection at once
            async for text in connection:
                message = json.loads(text)
                self.messages.append(message)
                if self.act is not None:
                    await self.act(connection, message)
        self.over.set()

    def named(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]


@asynccontextmanager
async def running() -> AsyncIterator[Bot]:
    """A bot that listens on a free port of the loopback."""
    bot = Bot()
    async with serve(bot.handle, "127.0.0.1", 0) as server:
        bot.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot"
        yield bot


def twiml(url: str, after: str = "") -> str:
    """A document that connects the call with a bot."""
    stream = f"<Stream url='{url}' statusCallback='/streams'><Parameter name='customer' value='Kate'/></Stream>"
    return f"<Response><Connect>{stream}</Connect>{after}</Response>"


async def test_a_call_is_connected_with_a_server(sandbox: Sandbox, receiver: Receiver) -> None:
    """``connected``, ``start``, a frame every 20 ms, ``stop``; signed; the caller hangs up."""
    async with running() as bot:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(bot.url, "<Say>Never</Say>")))
        call = await sandbox.call_in(talkSeconds=2)
        await bot.over.wait()
    assert RequestValidator(AUTH_TOKEN).compute_signature(bot.url, {}) == bot.signatures[0]
    first, start, *media, stop = bot.messages
    assert first == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert (start["event"], start["sequenceNumber"]) == ("start", "1")
    assert start["start"] == {
        "accountSid": call["call"]["account_sid"],
        "callSid": call["sid"],
        "streamSid": start["streamSid"],
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"customer": "Kate"},
    }
    assert {message["event"] for message in media} == {"media"}
    assert [message["sequenceNumber"] for message in media] == [str(number + 2) for number in range(len(media))]
    assert [int(message["media"]["timestamp"]) for message in media[:3]] == [20, 40, 60]
    assert len(base64.b64decode(media[0]["media"]["payload"])) == 160
    assert stop["stop"] == {"accountSid": call["call"]["account_sid"], "callSid": call["sid"]}
    assert (call["status"], call["call"]["duration"]) == ("completed", "2")
    assert not any("Never" in step["text"] for step in call["steps"])
    events = [request.params for request in receiver.on("/streams")]
    assert [event["StreamEvent"] for event in events] == ["stream-started", "stream-stopped"]
    assert {event["StreamSid"] for event in events} == {start["streamSid"]}


async def test_a_server_that_closes_lets_the_call_go_on(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The next verb is executed, and nothing is sent to the server any more."""

    async def close(connection: ServerConnection, message: dict[str, Any]) -> None:
        if message["event"] == "start":
            await connection.close()

    async with running() as bot, make_sandbox(factor=20) as sandbox:
        bot.act = close
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(bot.url, "<Say>Goodbye</Say>")))
        call = await sandbox.call_in(talkSeconds=None)
    assert any(step["text"] == "<Say> Goodbye" for step in call["steps"])
    assert bot.named("stop") == []
    assert [request.params["StreamEvent"] for request in receiver.on("/streams")] == [
        "stream-started",
        "stream-stopped",
    ]


async def test_marks_come_back_after_the_audio_before_them(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """And at once after ``clear``, which drops what has not been played."""
    second = base64.b64encode(b"\xff" * 8000).decode()

    async def speak(connection: ServerConnection, message: dict[str, Any]) -> None:
        async def send(event: str, **body: Any) -> None:
            await connection.send(json.dumps({"event": event, "streamSid": message["streamSid"], **body}))

        if message["event"] == "start":
            await send("media", media={"payload": second})
            await send("mark", mark={"name": "said"})
            for _ in range(100):
                await send("media", media={"payload": second})
            await send("mark", mark={"name": "dropped"})
        elif message["event"] == "mark" and message["mark"]["name"] == "said":
            await send("clear")
        elif message["event"] == "mark":
            await connection.close()

    async with running() as bot, make_sandbox(factor=20) as sandbox:
        bot.act = speak
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(bot.url)))
        await sandbox.call_in(talkSeconds=None)
    assert [item["mark"]["name"] for item in bot.named("mark")] == ["said", "dropped"]
    said = bot.messages.index(bot.named("mark")[0])
    played = [item for item in bot.messages[:said] if item["event"] == "media"]
    assert int(played[-1]["media"]["timestamp"]) >= 1000 - 20


async def test_keys_reach_the_server(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """As ``dtmf`` messages; what the server may not send is an alert, once for each kind."""

    async def act(connection: ServerConnection, message: dict[str, Any]) -> None:
        if message["event"] == "start":
            for odd in ('{"event": "hello"}', "no JSON", b"\x00", b"\x01"):
                await connection.send(odd)
        elif message["event"] == "dtmf" and message["dtmf"]["digit"] == "#":
            await connection.close()

    async with running() as bot, make_sandbox(factor=20) as sandbox:
        bot.act = act
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(bot.url)))
        sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None}))["sid"]
        live = sandbox.emulator.switchboard.live(sid)
        await sandbox.until(lambda: live.listening is not None, sid)
        await sandbox.control("POST", f"/calls/{sid}/digits", {"digits": "1#"})
        await sandbox.ended(sid)
        alerts = sorted(alert["error_code"] for alert in await sandbox.alerts())
    assert [item["dtmf"] for item in bot.named("dtmf")] == [
        {"track": "inbound_track", "digit": "1"},
        {"track": "inbound_track", "digit": "#"},
    ]
    assert alerts == ["31924", "31950"]


async def test_a_stream_while_the_call_goes_on(sandbox: Sandbox, receiver: Receiver) -> None:
    """``<Start>`` goes on at once; both tracks until ``<Stop>`` names the stream."""
    async with running() as bot:
        start = f"<Start><Stream name='both' url='{bot.url}' track='both_tracks'/></Start>"
        rest = "<Pause length='1'/><Stop><Stream name='both'/></Stop><Pause length='3'/>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response>{start}{rest}</Response>"))
        call = await sandbox.call_in()
        await bot.over.wait()
    assert bot.named("start")[0]["start"]["tracks"] == ["inbound", "outbound"]
    tracks = [message["media"]["track"] for message in bot.named("media")]
    assert tracks.count("inbound") == tracks.count("outbound") > 0
    assert int(bot.named("media")[-1]["media"]["timestamp"]) <= 1000
    assert (len(bot.named("stop")), call["call"]["duration"]) == (1, "4")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://hooks.example/bot", "31922"),
        ("ws://hooks.example/bot", "31922"),
        ("ws://127.0.0.1:1/bot", "31902"),
        ("ws://127.0.0.1:{http}/", "31920"),
    ],
)
async def test_without_a_connection_the_next_verb_follows(
    sandbox: Sandbox, receiver: Receiver, url: str, code: str
) -> None:
    """An alert and the event ``stream-error``."""

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        url = url.format(http=server.sockets[0].getsockname()[1])
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(url, "<Say>Sorry</Say>")))
        call = await sandbox.call_in()
    assert [alert["error_code"] for alert in await sandbox.alerts()] == [code]
    (event,) = (request.params for request in receiver.on("/streams"))
    assert (event["StreamEvent"], bool(event["StreamError"])) == ("stream-error", True)
    assert any(step["text"] == "<Say> Sorry" for step in call["steps"])


@pytest.mark.parametrize("noun", ["ConversationRelay", "VirtualAgent", "Room"])
async def test_other_services_are_skipped_with_a_note(sandbox: Sandbox, receiver: Receiver, noun: str) -> None:
    """Nobody hears that an agent answered, nor that one failed."""
    document = f"<Response><Connect action='/after'><{noun}/></Connect><Say>Next</Say></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", document))
    call = await sandbox.call_in()
    skipped = [step["text"] for step in call["steps"] if step["kind"] == "not-emulated"]
    assert any(noun in text for text in skipped)
    assert any("action is not requested" in text for text in skipped)
    assert receiver.on("/after") == []


async def test_a_sandbox_that_stops_closes_its_streams(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The server is not left with an open connection."""
    async with running() as bot:
        async with make_sandbox(factor=20) as sandbox:
            await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml(bot.url)))
            sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None}))["sid"]
            await sandbox.until(lambda: bot.messages, sid)
        await asyncio.wait_for(bot.over.wait(), 30)


async def test_the_api_starts_and_stops_a_stream(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Of a call in progress; it is found by its name."""
    async with running() as bot, make_sandbox(factor=20) as sandbox:
        document = "<Response><Say>Hello</Say><Pause length='600'/></Response>"
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", document))
        sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567"}))["sid"]
        path = f"{API}/Calls/{sid}/Streams"
        live = sandbox.emulator.switchboard.live(sid)
        await sandbox.until(lambda: live.root.answered, sid)
        form = {"Url": bot.url, "Name": "agent", "Parameter1.Name": "customer", "Parameter1.Value": "Kate"}
        started = await sandbox.post(f"{path}.json", data=form)
        assert (started.status_code, started.json()["status"]) == (200, "in-progress")
        await sandbox.until(lambda: bot.named("media"), sid)
        for odd in ({"Url": bot.url, "Track": "left"}, {"Name": "x"}):
            assert (await sandbox.post(f"{path}.json", data=odd)).status_code == 400
        stopped = await sandbox.post(f"{path}/agent.json", Status="stopped")
        assert (stopped.json()["sid"], stopped.json()["status"]) == (started.json()["sid"], "stopped")
        assert (await sandbox.post(f"{path}/other.json", Status="stopped")).status_code == 404
        await sandbox.client.post(f"/_sandbox/calls/{sid}/hang-up")
        await sandbox.ended(sid)
        assert (await sandbox.post(f"{path}.json", Url=bot.url)).status_code == 400  # it is over
    assert bot.named("start")[0]["start"]["customParameters"] == {"customer": "Kate"}
    assert len(bot.named("stop")) == 1
