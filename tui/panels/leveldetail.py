"""The chosen level in words: its verdict, how far it can be trusted, what server and GPUs did in it."""

from __future__ import annotations

from session.view import LevelView
from tui.draw.clean import clean
from tui.draw.fmt import kilo, ms_unit, sig3, whole
from tui.levelorder import load_text, ordered
from tui.lines import Block, Line, say
from tui.listing import chosen
from tui.panels.text import errors_text, limit_mark, wrap
from tui.scene import Scene

_NAME = 9


def level_detail(scene: Scene, width: int, height: int) -> Block:
    """Return what is known of the level that is chosen in the table."""
    levels = ordered(scene.snapshot.levels, scene.look)
    if not levels:
        why = say("every level of load is told of here, once it ran a few seconds", "dim")
        return Block((why,)[: max(0, height)], say("Level", "title"))
    level = levels[chosen(scene.look, len(levels), from_end=True)]
    letter, role = limit_mark(level.verdict.step)
    first, *more = wrap(clean(level.verdict.line), max(1, width - 4), 2) or [""]
    lines: list[Line] = [((f" {letter} ", f"ink/{role}"), (" " + first, "value")), *(say("    " + one) for one in more)]
    for name, text in _facts(level):
        start, *rest = wrap(text, max(1, width - _NAME), 3) or [""]
        lines.append(((name.ljust(_NAME), "dim"), (start, "text")))
        lines.extend(say(" " * _NAME + one) for one in rest)
    title = (
        ("Level ", "title"),
        (load_text(level), "value"),
        (f"  {level.prompt_tokens}→{level.output_len} tok", "dim"),
    )
    return Block(tuple(lines[: max(0, height)]), title)


def _facts(level: LevelView) -> list[tuple[str, str]]:
    """Return name and text of what there is to say, the most telling first."""
    found = [
        ("trust", _trust(level)),
        ("do", clean(level.verdict.advice or "")),
        *(("evidence" if at == 0 else "", clean(text)) for at, text in enumerate(level.verdict.evidence)),
        ("requests", _finished(level)),
        ("errors", errors_text(level.errors)),
        ("server", _server(level)),
        ("energy", _energy(level)),
    ]
    return [(name, text) for name, text in found if text]


def _finished(level: LevelView) -> str:
    """Say what has ended; tokens are counted when their request ends, so that none are named before."""
    tokens = f", {level.output_tokens:,} output tokens" if level.requests else " yet"
    return f"{level.requests:,} finished{tokens}"


def _trust(level: LevelView) -> str:
    trust = level.trust
    if trust is None:
        return "nothing is known of how steady it was"
    interval = trust.output_ci
    sure = f"; 95 %: {kilo(interval[0])} to {kilo(interval[1])} tok/s" if interval else ""
    late = "; the load generator was late: its figures tell of the client" if level.client_limited else ""
    warm = "" if trust.short else f"; {sig3(trust.warmup_s)} s of warm-up left out"
    return clean(f"{trust.reason}{sure}{warm}{late}")


def _server(level: LevelView) -> str:
    server = level.server
    facts = (
        ("batch", None if server.batch is None else sig3(server.batch)),
        ("step", None if server.step_s is None else ms_unit(server.step_s)),
        ("waiting", None if server.waiting is None else whole(server.waiting)),
        ("KV cache", None if server.kv_usage is None else f"{server.kv_usage * 100:.0f} %"),
        ("queue", None if server.queue_s is None else ms_unit(server.queue_s)),
    )
    return ", ".join(f"{name} {text}" for name, text in facts if text is not None)


def _energy(level: LevelView) -> str:
    spent = level.efficiency
    if spent is None:
        return ""
    power = "" if spent.power_w is None else f", {whole(spent.power_w)} W"
    joule = "" if spent.tokens_per_joule is None else f", {sig3(spent.tokens_per_joule)} tok/J"
    plural = "" if spent.gpus == 1 else "s"
    return f"{spent.gpus} GPU{plural}{power}{joule}, {kilo(spent.output_tok_s_per_gpu)} tok/s per GPU"
