"""A small HTTP server whose answers a test sets, and a list of events that a test can wait on."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from session.events import Event

WAIT_S = 5.0
METRICS = 'vllm:num_requests_running{engine="0",model_name="m"} 2.0\n'


def models(*names: str, **more: Any) -> bytes:
    entries = [
        {"id": name, "owned_by": "vllm", "root": "/models/" + name, "max_model_len": 2048, **more} for name in names
    ]
    return json.dumps({"object": "list", "data": entries}).encode()


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    wait: threading.Event | None = None
    """Answers only once this is set."""


@dataclass
class Site:
    """What the server answers by path; change it while the server runs."""

    answers: dict[str, Answer] = field(default_factory=dict)
    server: str = "uvicorn"
    port: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Authorization of every request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def vllm_site() -> Site:
    return Site(
        {
            "/v1/models": Answer(models("m")),
            "/version": Answer(b'{"version":"0.32.0"}'),
            "/metrics": Answer(METRICS.encode()),
        }
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def running(site: Site) -> Iterator[Site]:
    """Serve ``site``, on the port it had before if any."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append((self.path, self.headers.get("Authorization")))
            answer = site.answers.get(self.path, Answer(b'{"detail":"Not Found"}', 404))
            if answer.wait is not None:
                answer.wait.wait(WAIT_S)
            with contextlib.suppress(OSError):
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            self.close_connection = True

        def version_string(self) -> str:
            return site.server

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = _Server(("127.0.0.1", site.port), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Events:
    """Collects events and wakes whoever waits for one."""

    def __init__(self) -> None:
        self.all: list[Event] = []
        self._came = threading.Condition()

    def emit(self, event: Event) -> None:
        with self._came:
            self.all.append(event)
            self._came.notify_all()

    def wait(self, wanted: Callable[[Event], bool], after: int = 0) -> Event:
        """Return the first event from position ``after`` on that is ``wanted``."""
        end = time.monotonic() + WAIT_S
        with self._came:
            while True:
                for event in self.all[after:]:
                    if wanted(event):
                        return event
                left = end - time.monotonic()
                assert left > 0, f"did not come; came: {self.all}"
                self._came.wait(left)
