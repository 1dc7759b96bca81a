from __future__ import annotations

import asyncio
from functools import partial

from loadgen.turnover import AT_ONCE, Turnover


async def test_calls_come_in_order_and_leave_room_between() -> None:
    called: list[int] = []
    turnover, between = Turnover(), 0
    turns = [turnover.soon(partial(called.append, n)) for n in range(5 * AT_ONCE)]
    turns[3].cancel()
    while len(called) < len(turns) - 1:
        before = len(called)
        await asyncio.sleep(0)
        between += 1
        assert len(called) - before <= AT_ONCE
    assert called == [n for n in range(len(turns)) if n != 3]
    assert between >= 5


async def test_a_call_may_ask_for_another() -> None:
    turnover, done = Turnover(), asyncio.Event()

    def ask() -> None:
        turnover.soon(done.set)

    turnover.soon(ask)
    await asyncio.wait_for(done.wait(), 5)


async def test_a_call_that_fails_keeps_nobody_waiting() -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))
    turnover, done = Turnover(), asyncio.Event()

    def fail() -> None:
        raise ValueError

    turnover.soon(fail)
    turnover.soon(done.set)
    await asyncio.wait_for(done.wait(), 5)
    assert [type(failure) for failure in failures] == [ValueError]
    await asyncio.wait_for(turnover.turn(), 5)
