"""A server that answers by script: whatever bytes, cuts and silences a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Answer:
    """One request that the server got, and the means to answer it."""

    head: bytes
    body: bytes
    writer: asyncio.StreamWriter

    @property
    def json(self) -> dict[str, object]:
        """The request's body."""
        decoded = json.loads(self.body)
        assert isinstance(decoded, dict)
        return decoded

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def part(self, data: bytes) -> None:
        """Send one HTTP chunk."""
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    def token(self, text: str = "x", *, last: bool = False) -> None:
        """Send one token of /v1/completions."""
        self.part(event({"choices": [{"index": 0, "text": text, "finish_reason": "length" if last else None}]}))

    def usage(self, prompt: int, completion: int) -> None:
        """Send usage and the end of the stream."""
        self.part(event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}))
        self.part(b"data: [DONE]\n\n")
        self.raw(b"0\r\n\r\n")

    def stream(self, tokens: int) -> None:
        """Send a whole good answer."""
        self.raw(OK)
        for number in range(tokens):
            self.token(last=number == tokens - 1)
        self.usage(5, tokens)

    def error(self, status: int, body: bytes) -> None:
        """Send a refusal."""
        self.raw(
            b"HTTP/1.1 %d No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        )
        self.raw(body)

    def reset(self) -> None:
        """Drop the connection."""
        self.writer.transport.abort()


def event(fields: dict[str, object]) -> bytes:
    """Return one server-sent event, encoded as vLLM does."""
    return b"data: " + json.dumps(fields, separators=(",", ":")).encode() + b"\n\n"


Handler = Callable[[Answer], Awaitable[None]]


@dataclass
class Scripted:
    """A running server."""

    url: str
    requests: list[Answer] = field(default_factory=list)
    open: int = 0
    """Requests that are being answered."""
    most: int = 0
    """The most that were being answered at once."""


@contextlib.asynccontextmanager
async def scripted(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """Serve ``handler`` on a free port of 127.0.0.1."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) if b"ontent-" in head else 0
                answer = Answer(head, await reader.readexactly(length), writer)
                server.requests.append(answer)
                server.open += 1
                server.most = max(server.most, server.open)
                try:
                    await handler(answer)
                    await writer.drain()
                finally:
                    server.open -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = listener.sockets[0].getsockname()[1]
    server = Scripted(f"http{'s' if tls else ''}://127.0.0.1:{port}")
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
