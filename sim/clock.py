"""An event loop that wakes on time: steps last 2 to 5 ms, and epoll rounds every wait up to a whole one."""

from __future__ import annotations

import asyncio
import select
import selectors
import sys

if sys.platform == "linux":

    class _Selector(selectors.EpollSelector):
        """Waits in select(2), which takes microseconds, on the epoll descriptor; then asks epoll without waiting."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0:
                select.select([self], [], [], timeout)
                timeout = 0
            return super().select(timeout)

else:
    _Selector = selectors.DefaultSelector


def precise_loop() -> asyncio.AbstractEventLoop:
    """A selector loop whose timers are accurate to some 0.1 ms on Linux."""
    return asyncio.SelectorEventLoop(_Selector())
