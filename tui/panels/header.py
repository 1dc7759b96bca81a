"""The line at the top: what is watched, and what one must know to read it right."""

from __future__ import annotations

from tui.draw.clean import clean
from tui.draw.fmt import clock
from tui.lines import Block, Line, ends, fit, join, say, width_of
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
    ]
    return [say(f" {text} ", "ink/banner") for text, on in marks if on]


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
