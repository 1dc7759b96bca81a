"""The routes of the simulated server. Tokens are written straight to the transport, from the engine's task."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator

from aiohttp import web

from sim.config import SimConfig
from sim.engine import Engine
from sim.exposition import render
from sim.frames import Frames, Head, whole
from sim.requests import Ask, RequestError, bad_json, understand
from sim.scheduler import Sequence

VERSION = "0.25.1+rooftop.sim"
_MAX_BODY = 64 * 2**20


class SimServer:
    """One engine behind vLLM's HTTP routes."""

    def __init__(self, config: SimConfig) -> None:
        self.config = config
        self._engine: Engine | None = None
        self._numbers = itertools.count(1)
        self._started = int(time.time())

    @property
    def engine(self) -> Engine:
        """The engine; there is one only while the application runs."""
        if self._engine is None:
            raise RuntimeError("the application has not started")
        return self._engine

    def app(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/completions", self._completions)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/health", self._health)
        app.router.add_get("/version", self._version)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/sim/gpus", self._gpus)
        app.on_response_prepare.append(_sign)
        app.cleanup_ctx.append(self._running)
        return app

    async def _running(self, _app: web.Application) -> AsyncIterator[None]:
        self._engine = Engine(self.config)
        task = asyncio.create_task(self._engine.run(), name="engine")
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _models(self, _request: web.Request) -> web.Response:
        model = {
            "id": self.config.model,
            "object": "model",
            "created": self._started,
            "owned_by": "rooftop-sim",
            "root": self.config.model,
            "parent": None,
            "max_model_len": self.config.model_len,
        }
        return web.json_response({"object": "list", "data": [model]})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=False)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, chat=True)

    async def _answer(self, request: web.Request, *, chat: bool) -> web.StreamResponse:
        try:
            ask = understand(await _json(request), self.config, chat=chat)
        except RequestError as error:
            return web.json_response(error.body, status=error.status)
        identity = f"{'chatcmpl' if chat else 'cmpl'}-{self.config.seed:08x}{next(self._numbers):024x}"
        head = Head(identity, int(time.time()), self.config.model)
        if ask.stream:
            return await self._stream(request, ask, head)
        await self._finish(ask, _sequence(ask))
        return web.json_response(whole(ask, head))

    async def _stream(self, request: web.Request, ask: Ask, head: Head) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        sequence = _sequence(ask)
        frames, transport = Frames(ask, head), request.transport

        def emit(produced: int) -> None:
            if transport is None or transport.is_closing():
                return
            frame = frames.closing(produced) if produced >= ask.max_tokens else frames.token(produced)
            transport.write(frames.opening() + frame if produced == 1 else frame)

        sequence.emit = emit
        await self._finish(ask, sequence)
        await response.write_eof()
        return response

    async def _finish(self, ask: Ask, sequence: Sequence) -> None:
        """Run a sequence to its end; aiohttp cancels the handler when the client leaves, which aborts it."""
        done = asyncio.get_running_loop().create_future()
        sequence.finished = lambda: None if done.done() else done.set_result(None)
        self.engine.submit(sequence, ask.prompt)
        try:
            await done
        finally:
            if not done.done() or done.cancelled():
                self.engine.abort(sequence)

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": VERSION})

    async def _metrics(self, _request: web.Request) -> web.Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return web.Response(body=render(self.engine).encode(), headers={"Content-Type": kind})

    async def _gpus(self, _request: web.Request) -> web.Response:
        engine = self.engine
        gpus = engine.activity.gpus(engine.now(), engine.scheduler.kv_used)
        return web.json_response({"simulated": True, "tp": self.config.tp, "gpus": gpus})


async def start(config: SimConfig, port: int) -> tuple[web.AppRunner, int]:
    """Listen on 127.0.0.1; returns what to ``cleanup()`` and the port. Raises OSError if it is taken."""
    runner = web.AppRunner(SimServer(config).app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, backlog=4096)
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner, int(runner.addresses[0][1])


async def serve(config: SimConfig, port: int) -> None:
    """Serve until cancelled, saying on stdout where."""
    runner, chosen = await start(config, port)
    try:
        print(f"rooftop sim: http://127.0.0.1:{chosen}", flush=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _json(request: web.Request) -> object:
    try:
        return json.loads(await request.read())
    except ValueError:
        raise bad_json() from None


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "rooftop-sim"


def _sequence(ask: Ask) -> Sequence:
    return Sequence(ask.prompt_tokens, ask.max_tokens, ending=ask.ending)
