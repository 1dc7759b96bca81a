"""One look at a server before a run that nobody watches: go, or one line that says why not."""

from __future__ import annotations

from dataclasses import dataclass, field

from telemetry.about import About, ask
from telemetry.web import Failed, Web, clean


@dataclass(frozen=True)
class Preflight:
    """What the server answered; with a ``problem``, the run cannot start and the rest may be empty."""

    model: str | None = None
    """The id to send in requests, as the server spells it."""
    models: list[str] = field(default_factory=list)
    version: str | None = None
    simulated: bool = False
    max_model_len: int | None = None
    """Tokens."""
    root: str | None = None
    tp: int | None = None
    """Tensor parallelism; only a simulated server tells."""
    problem: str | None = None
    """One line for the user, with the way out."""


def preflight(base_url: str, model: str | None = None, authorization: str | None = None) -> Preflight:
    """Ask a server who it is and whether it serves ``model`` (``None``: its first one). Never raises.

    Takes as long as three requests do, each at most a few seconds. ``authorization`` is in no part of the answer.
    """
    try:
        web = Web(base_url, authorization)
    except Failed as failure:
        return Preflight(problem=failure.reason)
    try:
        about = ask(web)
    except Failed as failure:
        return Preflight(problem=failure.reason)
    finally:
        web.close()
    return _judge(about, model, web.base)


def _judge(about: About, wanted: str | None, base: str) -> Preflight:
    picked = about.pick(wanted)
    problem = None
    if not about.models:
        problem = f"{base} serves no model: /v1/models is an empty list"
    elif picked is None:
        problem = f"the server has no model '{clean(wanted or '', 60)}'; it serves: {about.names()}"
    return Preflight(
        model=picked.id if picked else None,
        models=[model.id for model in about.models],
        version=about.version,
        simulated=about.simulated,
        max_model_len=picked.max_model_len if picked else None,
        root=picked.root if picked else None,
        tp=about.tp,
        problem=problem,
    )
