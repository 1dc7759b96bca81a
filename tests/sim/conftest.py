from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from sim.config import SimConfig
from sim.server import start


class Api:
    """A client of one simulated server."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def metrics(self) -> dict[str, float]:
        """Samples by name and labels, less ``engine`` and ``model_name``; every line must be well formed."""
        async with self.session.get(f"{self.url}/metrics") as response:
            text = await response.text()
        samples: dict[str, float] = {}
        for line in text.splitlines():
            if line.startswith(("# HELP ", "# TYPE ")):
                continue
            match = re.fullmatch(r'vllm:([a-z0-9_]+)\{((?:[a-z_]+="[^"\\]*",?)+)\} ([0-9.e+-]+)', line)
            assert match, line
            labels = [pair for pair in match[2].split(",") if not pair.startswith(("engine=", "model_name="))]
            samples[match[1] + ("{" + ",".join(labels) + "}" if labels else "")] = float(match[3])
        return samples

    async def until(self, true: Callable[[dict[str, float]], bool]) -> dict[str, float]:
        """Ask for metrics until they satisfy ``true``."""
        async with asyncio.timeout(10):
            while not true(samples := await self.metrics()):
                await asyncio.sleep(0)
        return samples


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    runner, port = await start(SimConfig(), 0)
    async with aiohttp.ClientSession() as session:
        yield Api(session, f"http://127.0.0.1:{port}")
    await runner.cleanup()
