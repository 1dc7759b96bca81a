"""What the arithmetic foresees for other concurrencies, from the levels that a session has measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from regime.roofline import Rest, Serving, fit_rest, predict
from session.growth import tells
from session.view import LevelView

FIT_UP_TO = 64
"""Levels of more requests in flight are not fitted, but foreseen: beside them one sees what the model lacks."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One concurrency."""

    concurrency: float
    tpot_s: float
    tokens_s: float
    """Output tokens per second, all GPUs together."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Two fits: of steps that decode alone, which TPOT is made of, and of steps that bear their prompts too."""

    decoding: Serving
    decoding_rest: Rest
    loaded: Serving
    """With :attr:`regime.roofline.Serving.prompt_per_token`: what throughput has to pay."""
    loaded_rest: Rest
    fitted: int
    """Levels that both are fitted to."""

    def at(self, concurrency: float) -> Foreseen:
        """Foresee a closed loop (above 0), as if nothing kept a request from its place in the batch."""
        (alone,) = predict(self.decoding, [concurrency], self.decoding_rest)
        (loaded,) = predict(self.loaded, [concurrency], self.loaded_rest)
        return Foreseen(concurrency, alone.tpot_s, loaded.tokens_s)


def forecast(serving: Serving, levels: Sequence[LevelView]) -> Forecast | str:
    """Fit what steps take beyond their floor to closed levels of one pair of lengths; or say why that cannot be.

    TPOT is judged by pure decoding, since most of a request's steps carry no prompt; throughput by steps that carry
    the prompts of the requests they serve, since a token costs its share of a prompt whenever that is computed.
    """
    fitted = [level for level in levels if _fits(level)]
    if not fitted:
        return f"no steady closed-loop level of 1 to {FIT_UP_TO} has both a step time and a batch from /metrics"
    measured = [(level.server.batch or 0.0, level.server.step_s or 0.0) for level in fitted]
    loaded = replace(serving, prompt_per_token=fmean(map(_prompt_per_token, fitted)))
    return Forecast(serving, fit_rest(serving, measured), loaded, fit_rest(loaded, measured), len(fitted))


def _fits(level: LevelView) -> bool:
    return level.mode == "closed" and 0 < level.concurrency <= FIT_UP_TO and tells(level)


def _prompt_per_token(level: LevelView) -> float:
    """By the server's counters, which leave out cached prompts; else as if every prompt was computed."""
    if level.server.prefill_per_step is not None and level.server.batch:
        return level.server.prefill_per_step / level.server.batch
    return level.prompt_tokens / max(1, level.output_len)
