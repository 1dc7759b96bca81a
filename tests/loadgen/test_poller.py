"""Many sockets are read together, and none is forgotten."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("epoll is Linux's", allow_module_level=True)

from loadgen.poller import CROWD, Poller


class Reader:
    """Reads one end of a pair."""

    def __init__(self, poller: Poller) -> None:
        self.far, self.near = socket.socketpair()
        self.near.setblocking(False)
        self.data = b""
        self.came = asyncio.Event()
        poller.add(self.near.fileno(), self._read)

    def _read(self) -> None:
        self.data += self.near.recv(100)
        self.came.set()

    def close(self) -> None:
        self.far.close()
        self.near.close()


@pytest.mark.parametrize("count", [1, CROWD - 1, CROWD, 3 * CROWD])
async def test_every_socket_is_read_again_and_again(count: int) -> None:
    poller = Poller()
    readers = [Reader(poller) for _ in range(count)]
    for number in range(20):
        for reader in readers:
            reader.came.clear()
            reader.far.send(b"%d" % (number % 10))
        await asyncio.wait_for(asyncio.gather(*(reader.came.wait() for reader in readers)), 5)
    assert {reader.data for reader in readers} == {b"0123456789" * 2}
    for reader in readers:
        poller.remove(reader.near.fileno())
        reader.close()


async def test_a_socket_that_was_removed_is_read_no_more_and_the_others_are() -> None:
    poller = Poller()
    readers = [Reader(poller) for _ in range(CROWD + 1)]
    gone, *rest = readers
    poller.remove(gone.near.fileno())
    for reader in readers:
        reader.far.send(b"x")
    await asyncio.wait_for(asyncio.gather(*(reader.came.wait() for reader in rest)), 5)
    assert not gone.came.is_set()
    for reader in rest[1:]:  # the crowd goes, one stays
        poller.remove(reader.near.fileno())
    rest[0].came.clear()
    rest[0].far.send(b"y")
    await asyncio.wait_for(rest[0].came.wait(), 5)
    assert rest[0].data == b"xy"
    poller.remove(rest[0].near.fileno())
    for reader in readers:
        reader.close()


async def test_one_callback_may_remove_another() -> None:
    poller = Poller()
    called: list[int] = []
    pairs = [socket.socketpair() for _ in range(2)]
    fds = [near.fileno() for _, near in pairs]
    done = asyncio.Event()

    def close_the_other(mine: int) -> None:
        called.append(mine)
        poller.remove(fds[1 - mine])
        poller.remove(fds[mine])
        done.set()

    poller.add(fds[0], lambda: close_the_other(0))
    poller.add(fds[1], lambda: close_the_other(1))
    for far, _ in pairs:
        far.send(b"x")
    await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0)
    assert len(called) == 1
    for pair in pairs:
        for end in pair:
            end.close()


async def test_a_callback_that_fails_leaves_no_socket_unread() -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
    poller = Poller()
    readers = [Reader(poller) for _ in range(CROWD + 1)]
    bad, good = socket.socketpair()

    def fail() -> None:
        bad.recv(1)
        raise ValueError

    poller.add(bad.fileno(), fail)
    for number in range(3):
        for reader in readers:
            reader.came.clear()
            reader.far.send(b"%d" % number)
        good.send(b"x")
        await asyncio.wait_for(asyncio.gather(*(reader.came.wait() for reader in readers)), 5)
    assert {reader.data for reader in readers} == {b"012"}
    assert ValueError in map(type, failures)
    for fd in [bad.fileno(), *(reader.near.fileno() for reader in readers)]:
        poller.remove(fd)
    for reader in readers:
        reader.close()
    bad.close()
    good.close()
