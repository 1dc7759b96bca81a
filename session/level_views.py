"""Levels as the screen and the report see them."""

from __future__ import annotations

from regime.verdict import judge
from session.efficiency import efficiency
from session.judging import Load, gather
from session.kept import Kept
from session.level_figures import figures_of
from session.levels import LevelFold
from session.present import max_num_seqs, missing
from session.setup import Setup
from session.told import with_told_counts, with_told_figures
from session.view import GpuView, LevelView

TRANSIENT_S = 3.0
"""A level shorter than this is mostly its own beginning."""
_JUST_CHANGED = "the load has just changed"


class LevelViews:
    """Remembers the views of levels that have ended, for all states of one recording."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, LevelView]] = {}
        self._basis: object = None

    def judge_by(self, kept: Kept, setup: Setup) -> None:
        """Judge levels that ended anew where something is known of server, model and GPUs that was not."""
        ceilings = kept.memory.ceilings
        basis = (
            setup, len(kept.gpus), missing(kept, "gpus"), max_num_seqs(kept),
            ceilings.max_num_seqs, ceilings.tokens_per_step,
        )  # fmt: skip
        if basis != self._basis:
            self._basis = basis
            self._seen.clear()

    def of(self, level: LevelFold, kept: Kept, setup: Setup, now_s: float) -> LevelView:
        """Return a level's view."""
        if level.end_s is None:
            return _view(level, kept, setup, now_s)
        changes, view = self._seen.get(level.number, (-1, None))
        if view is None or changes != level.changes:
            view = _view(level, kept, setup, now_s)
            self._seen[level.number] = level.changes, view
        return view


def _view(level: LevelFold, kept: Kept, setup: Setup, now_s: float) -> LevelView:
    figures, means = with_told_figures(figures_of(level), level.told), level.mean_gpus()
    load = Load(
        figures.in_flight, level.prompt_tokens, level.output_len, figures.latencies.itl.mean,
        level.limited_by_client, transient=_JUST_CHANGED if level.duration_s(now_s) < TRANSIENT_S else None,
        max_num_seqs=max_num_seqs(kept),
    )  # fmt: skip
    gpus = tuple(GpuView(kept.gpus[i], m) for i, m in means.items() if i in kept.gpus)
    why_none = missing(kept, "gpus")
    view = LevelView(
        number=level.number,
        concurrency=level.load.concurrency,
        started_s=level.start_s,
        duration_s=level.duration_s(now_s),
        open=level.end_s is None,
        prompt_tokens=level.prompt_tokens,
        output_len=level.output_len,
        requests=level.requests,
        errors=dict(level.errors),
        output_tokens=level.output_tokens,
        rates=figures.rates,
        latencies=figures.latencies,
        verdict=judge(gather(setup, load, level.server, means, kept.gpus, why_none, kept.memory.ceilings)),
        gpus=gpus,
        server=level.server.view(now_s, mean=True),
        mode=level.load.mode,
        rate_s=level.load.rate,
        goodput=figures.goodput if kept.header.slo else None,
        speed=level.load.speed,
        client_limited=level.limited_by_client,
        whole=figures.whole,
        trust=figures.trust,
        efficiency=efficiency(figures.rates.output_tok_s, gpus, level.gpu_span_s, setup.tp),
    )
    return with_told_counts(view, level.told)
