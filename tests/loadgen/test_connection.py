"""Packets of an answer, however the network cuts them: HTTP chunks and events need not end where a packet does."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.connection import Connection
from loadgen.failures import Failure
from loadgen.sse import TokenStream
from tests.loadgen.test_sse import CHAT, TEXTS, WHOLE, completion, usage

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"


class Wire(asyncio.Transport):
    """A transport that leads nowhere."""

    closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def read(*packets: bytes) -> tuple[TokenStream, list[Failure | None]]:
    """Receive packets as a socket's reader does, one a millisecond."""
    ends: list[Failure | None] = []
    gaps: list[int] = []
    stream = TokenStream(gaps.append, gaps.append)
    connection = Connection(ends.append)
    connection.connection_made(Wire())
    connection.send(b"POST", stream)
    buffer = bytearray(b"\xff" * 65536)  # what an earlier read left
    for number, packet in enumerate(packets):
        buffer[: len(packet)] = packet
        now_ns = (number + 1) * 1_000_000
        if not connection.whole_token(buffer, len(packet), now_ns):
            connection.receive(bytes(packet), now_ns)
    assert len(gaps) == stream.chunks
    assert sum(gaps) == stream.last_ns
    return stream, ends


def events(whole: bytes) -> list[bytes]:
    return [part + b"\n\n" for part in whole.split(b"\n\n")[:-1]]


@pytest.mark.parametrize(("whole", "tokens"), [(WHOLE, 10), (CHAT, 4)])
def test_an_event_a_chunk_a_packet(whole: bytes, tokens: int) -> None:
    packets = [HEAD, *map(chunk, events(whole)), b"0\r\n\r\n"]
    stream, ends = read(*packets)
    assert (stream.chunks, stream.tokens, ends) == (tokens, tokens, [None])
    assert stream.last_ns == (len(packets) - 3) * 1_000_000


@pytest.mark.parametrize("count", [2, 3, 7])
def test_chunks_that_come_together_are_all_counted(count: int) -> None:
    body = [chunk(completion("word")) for _ in range(21)]
    packets = [HEAD, *(b"".join(body[i : i + count]) for i in range(0, 21, count))]
    stream, ends = read(*packets, chunk(usage(21) + DONE) + b"0\r\n\r\n")
    assert (stream.chunks, ends) == (21, [None])


def test_events_that_share_a_chunk_are_all_counted() -> None:
    body = [chunk(completion("word") * 3) for _ in range(5)]
    stream, ends = read(HEAD, *body, chunk(usage(15) + DONE), b"0\r\n\r\n")
    assert (stream.chunks, ends) == (15, [None])


def test_a_usage_between_two_like_events_is_seen() -> None:
    parts = [completion("a"), completion("b"), completion("c", usage={"completion_tokens": 9}), completion("d")]
    stream, _ = read(HEAD, *map(chunk, parts), chunk(DONE), b"0\r\n\r\n")
    assert (stream.chunks, stream.tokens) == (4, 9)


def test_a_chunk_that_says_another_size_than_it_has_is_no_token() -> None:
    body = completion("word")
    stream, ends = read(HEAD, chunk(body), chunk(body), b"1\r\n" + body + b"\r\n")
    assert stream.chunks == 2
    assert [failure.kind for failure in ends if failure] == ["garbage"]


@given(
    st.lists(st.integers(1, 200), max_size=20),
    st.lists(st.integers(1, 90), min_size=1, max_size=30),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=12),
)
def test_any_chunks_in_any_packets_give_the_same_counts(sizes: list[int], cuts: list[int], texts: list[str]) -> None:
    body = b"".join(map(completion, ["first", *texts])) + usage(len(texts) + 1) + DONE
    edges = [edge for edge in itertools.accumulate(sizes, initial=0) if edge < len(body)]
    chunks = [chunk(body[a:b]) for a, b in itertools.pairwise([*edges, len(body)])]
    answer = HEAD + b"".join(chunks) + b"0\r\n\r\n"
    packets, at = [], 0
    for size in itertools.cycle(cuts):
        packets.append(answer[at : at + size])
        at += size
        if at >= len(answer):
            break
    stream, ends = read(*packets)
    assert (stream.chunks, stream.tokens, ends) == (len(texts) + 1, len(texts) + 1, [None])
