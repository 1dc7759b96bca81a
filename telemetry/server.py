"""The server's side of the story: who it is and what its /metrics say, once a second."""

from __future__ import annotations

from typing import Any

from session.events import Metrics, Server
from telemetry.about import About, ask, refused
from telemetry.kinds import Read, read_metrics, why_nothing, why_partly
from telemetry.preflight import Preflight, preflight
from telemetry.probe import Probe
from telemetry.sources import Clock, Emit
from telemetry.vllm import cache_dtype
from telemetry.web import Failed, Reply, Web, clean

__all__ = ["Preflight", "ServerProbe", "preflight"]

ASK_EVERY = 5
"""Ticks between two questions to a server that answers but will not say who it is."""
ELSEWHERE = "/prometheus/metrics"
"""Where TensorRT-LLM's server has its metrics; its /metrics is JSON."""


class ServerProbe(Probe):
    """Polls one server in a thread of its own and hands events to ``emit``, from that thread.

    Nothing here raises into the owner: what fails becomes a ``Source`` event with a line for the user.
    ``authorization`` is the value of that header and is in no event.
    """

    def __init__(
        self,
        base_url: str,
        emit: Emit,
        clock: Clock,
        *,
        authorization: str | None = None,
        model: str | None = None,
        interval_s: float = 1.0,
    ) -> None:
        super().__init__("server-probe", interval_s, emit, clock)
        self._url, self._authorization, self._model = base_url, authorization, model
        self._web: Web | None = None
        self._known = False
        self._ask_in = 0
        self._said: dict[str, Any] | None = None
        self._path, self._look = "/metrics", True

    def _tick(self) -> None:
        try:
            if self._web is None:
                self._web = Web(self._url, self._authorization)
            self._identify(self._web)
            self._read(self._web)
        except Failed as failure:
            self._known, self._ask_in = False, 0
            self._path, self._look = "/metrics", True
            self._sources.missing("server", failure.reason)
            self._sources.missing("metrics", "the server does not answer")
        except Exception as error:  # noqa: BLE001 - a dead thread would be a silent gap; say it and go on
            self._sources.missing("metrics", f"reading the server failed: {type(error).__name__} (a bug in rooftop)")

    def _identify(self, web: Web) -> None:
        """Ask who the server is, unless that is known; raises only where nobody answers."""
        if self._known:
            return
        if self._ask_in > 0:
            self._ask_in -= 1
            return
        try:
            about = ask(web)
        except Failed as failure:
            if failure.away:
                raise
            self._ask_in = ASK_EVERY
            self._sources.missing("server", failure.reason)
            return
        self._known = True
        self._sources.ok("server")
        self._introduce(about)

    def _introduce(self, about: About) -> None:
        """Emit what the server says of itself where that is news."""
        model = about.pick(self._model) or about.pick(None)
        said: dict[str, Any] = {
            "model": clean(model.id) if model else None,
            "version": about.version,
            "root": model.root if model else None,
            "max_model_len": model.max_model_len if model else None,
            "simulated": about.simulated,
            "tp": about.tp,
        }
        if said != self._said:
            self._said = said
            self._emit(Server(t_s=self._clock(), **said))

    def _read(self, web: Web) -> None:
        sent_s = self._clock()
        try:
            reply, read = self._scrape(web)
            done_s = self._clock()
        except Failed as failure:
            if failure.away:
                raise
            self._sources.missing("metrics", failure.reason)
            return
        if (reason := _bad_metrics(reply)) is not None:
            self._sources.missing("metrics", reason)
            return
        if read is None:
            self._sources.missing("metrics", why_nothing(reply.text))
            return
        self._sources.ok("metrics", why_partly(read))
        # The server reads its counters right before it begins to answer, not when it is asked.
        self._emit(
            Metrics(
                t_s=done_s - reply.read_s,
                engines=read.engines,
                took_s=done_s - sent_s,
                kv_cache_tokens=read.kv_cache_tokens,
                kind=read.kind.title,
                kv_cache_dtype=cache_dtype(reply.text),
            )
        )

    def _scrape(self, web: Web) -> tuple[Reply, Read | None]:
        """Read the page that served last; where it is none, look at the other for once."""
        reply = web.get(self._path)
        read = read_metrics(reply.text) if reply.status == 200 else None
        if read is None and self._look and _maybe_elsewhere(reply):
            self._look = False
            other = web.get(ELSEWHERE)
            if other.status == 200 and (found := read_metrics(other.text)) is not None:
                self._path = ELSEWHERE
                return other, found
        return reply, read

    def _close(self) -> None:
        if self._web is not None:
            self._web.close()


def _maybe_elsewhere(reply: Reply) -> bool:
    return reply.status == 404 or reply.body.lstrip()[:1] in (b"[", b"{")


def _bad_metrics(reply: Reply) -> str | None:
    if (reason := refused(reply.status, "/metrics")) is not None:
        return reason
    if reply.status == 404:
        return (
            "/metrics answers 404: this server shows no metrics (vLLM serves them unless started with "
            "--disable-log-stats, SGLang with --enable-metrics, llama.cpp with --metrics)"
        )
    if reply.status != 200:
        return f"/metrics answers {reply.status}: see the server's log"
    return None
