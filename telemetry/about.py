"""Who the server is: its models, its version, and whether it is rooftop's simulated one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from telemetry.web import SIMULATOR, Failed, Reply, Web, clean

SHOWN = 6
"""Model names listed before the rest is only counted."""


@dataclass(frozen=True)
class Model:
    """One entry of /v1/models; names are cleaned for display, ``id`` is what to send."""

    id: str
    root: str | None = None
    parent: str | None = None
    """Set on LoRA adapters."""
    max_model_len: int | None = None


@dataclass(frozen=True)
class About:
    """What a server said of itself."""

    models: list[Model] = field(default_factory=list)
    version: str | None = None
    simulated: bool = False
    tp: int | None = None

    def pick(self, name: str | None) -> Model | None:
        """Return the model of that name, or the first that is no adapter where none is asked for."""
        if name is not None:
            return next((m for m in self.models if m.id == name), None)
        return next((m for m in self.models if m.parent is None), self.models[0] if self.models else None)

    def names(self) -> str:
        """Return the models' names as one line."""
        shown = ", ".join(clean(m.id, 60) for m in self.models[:SHOWN])
        more = len(self.models) - SHOWN
        return f"{shown} and {more} more" if more > 0 else shown or "none"


def ask(web: Web) -> About:
    """Ask a server who it is; raise :class:`Failed` with a line for the user where it will not say."""
    reply = web.get("/v1/models")
    entries = _entries(reply, web.base)
    simulated = reply.simulated or any(entry.get("owned_by") == SIMULATOR for entry in entries)
    return About(
        models=list(_models(entries)),
        version=_version(web),
        simulated=simulated,
        tp=_tp(web) if simulated else None,
    )


def read_json(reply: Reply) -> Any:
    """Return the body as JSON, or ``None``."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def refused(status: int, path: str) -> str | None:
    """Return the line for a refused key."""
    if status in (401, 403):
        return f"{status} from {path}: set ROOFTOP_API_KEY to the server's key"
    return None


def _entries(reply: Reply, base: str) -> list[dict[str, Any]]:
    if (reason := refused(reply.status, "/v1/models")) is not None:
        raise Failed(reason)
    where = f"{base}/v1/models"
    if reply.status >= 500:
        raise Failed(f"{where} answers {reply.status}: the server is starting or broken; see its log")
    if reply.status != 200:
        raise Failed(f"{where} answers {reply.status}: this is no OpenAI-compatible server, or its API is elsewhere")
    data = read_json(reply)
    entries = data.get("data") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        what = "a web page" if reply.body.lstrip()[:1] == b"<" else "something else"
        raise Failed(f"{where} answers {what} than a list of models: this is no OpenAI-compatible server")
    return [entry for entry in entries if isinstance(entry, dict)]


def _models(entries: Iterable[dict[str, Any]]) -> Iterable[Model]:
    for entry in entries:
        name, length = entry.get("id"), entry.get("max_model_len")
        if isinstance(name, str) and name:
            whole = isinstance(length, int) and not isinstance(length, bool) and length > 0
            yield Model(name, _text(entry.get("root")), _text(entry.get("parent")), length if whole else None)


def _text(value: object) -> str | None:
    return clean(value) or None if isinstance(value, str) else None


def _version(web: Web) -> str | None:
    try:
        reply = web.get("/version")
    except Failed:
        return None
    data = read_json(reply) if reply.status == 200 else None
    return _text(data.get("version")) if isinstance(data, dict) else None


def _tp(web: Web) -> int | None:
    try:
        data = read_json(web.get("/sim/gpus"))
    except Failed:
        return None
    tp = data.get("tp") if isinstance(data, dict) else None
    return tp if isinstance(tp, int) and not isinstance(tp, bool) and 0 < tp <= 1024 else None
