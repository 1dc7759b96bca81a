"""The line at the top: what is watched, and what one must know to read it right."""

from __future__ import annotations

from session.view import Snapshot
from tui.draw.clean import clean
from tui.draw.fmt import clock, lasting
from tui.lines import Block, Line, ends, fit, join, say, width_of
from tui.panels.text import stale
from tui.scene import Scene

_NAME_CELLS = 24
"""Of a trace's file."""


def header(scene: Scene, width: int, height: int) -> Block:
    """Return the header; details go where it gets narrow, banners stay."""
    del height
    right = join([*_banners(scene, brief=False), _time(scene)], " ")
    if width_of(right) > width:
        right = join([*_banners(scene, brief=True), _time(scene)], " ")
    name = say("rooftop", "accent")
    for parts in _choices(scene):
        left = join([name, *parts])
        if width_of(left) + width_of(right) + 2 <= width:
            break
    return Block((ends(left, right, width),))


def _choices(scene: Scene) -> list[list[Line]]:
    """Return what to say beside the name, from most to least."""
    snap = scene.snapshot
    origin = f" by {clean(snap.header.origin)}" if snap.header.origin else ""
    target = (clean(snap.header.target) + origin).strip()
    short = target.partition("://")[2] or target
    model = clean(snap.model or "model unknown")
    version = [say(_version(scene), "dim")] if snap.server_version else []
    lengths = (*_trace(scene), *say(f"{snap.prompt_tokens}→{snap.output_len} tok", "text"))
    brief = say(model.rsplit("/", 1)[-1], "value")
    return [
        [say(target), say(model, "value"), *version, (*say("prompt→output ", "dim"), *lengths)],
        [say(target), say(model, "value"), *version, lengths],
        [say(short), brief, *version, lengths],
        [say(short), brief, lengths],
        [brief, lengths],
        [lengths],
        [],
    ]


def _trace(scene: Scene) -> Line:
    """Return the name of the trace that is replayed; the lengths after it are its means."""
    trace = scene.snapshot.trace
    if trace is None or scene.mode != "trace":
        return ()
    name = say(clean(trace.name), "value")
    return (*fit(name, min(_NAME_CELLS, width_of(name))), (" ", "text"))


def _version(scene: Scene) -> str:
    version = clean(scene.snapshot.server_version or "")
    return f"vLLM {version}" if version[:1].isdigit() else version


def _banners(scene: Scene, *, brief: bool) -> list[Line]:
    snap = scene.snapshot
    behind_s = scene.tape.behind_s if scene.tape is not None else None
    ago = f"{clock(behind_s or 0)} ago" + ("" if brief else f" · {scene.keys.first('present')} returns to live")
    marks = [
        ("SIMULATED", snap.simulated),
        ("REPLAY", scene.replay),
        (ago, behind_s is not None),
        ("FROZEN", scene.frozen),
        ("PAUSED", scene.paused),
        ("CLIENT-BOUND", snap.client.limited),
        (f"{snap.client.lost} LOAD WORKER{'S' * (snap.client.lost > 1)} LOST", snap.client.lost > 0),
        ("ENDED", snap.ended is not None and scene.tape is None),
        (_silent(snap), snap.ended is None),
    ]
    return [say(f" {text} ", "ink/banner") for text, on in marks if on and text]


def _silent(snap: Snapshot) -> str:
    """Say which figures are old, on every view alike; nothing where all are fresh."""
    server = snap.sources.get("server")
    if server is not None and server.ok is False:
        return "NO ANSWER" + ("" if server.age_s is None else f" for {lasting(server.age_s)}")
    gpus_s = max((view.age_s for view in snap.gpus if view.age_s is not None), default=None)
    old = [(what, age_s) for what, age_s in (("METRICS", snap.server.age_s), ("GPUS", gpus_s)) if age_s is not None]
    return next((f"{what} {lasting(age_s)} OLD" for what, age_s in old if stale(age_s)), "")


def _time(scene: Scene) -> Line:
    tape = scene.tape
    if tape is None:
        return say(clock(scene.snapshot.now_s), "value")
    sign = "▶" if tape.playing else "‖"
    speed = "" if tape.speed == 1 else f" ×{tape.speed:g}"
    return (
        (f"{sign} {clock(tape.position_s)}", "value"),
        (f" / {clock(tape.duration_s)}{speed}", "dim"),
    )
