"""The keys, as many as fit."""

from __future__ import annotations

from tui.keys import keys_for
from tui.lines import Block, Line, join, width_of
from tui.scene import Scene

_FIRST = ("help", "quit")
_GAP = 2
_TRACE = {"more": "+0.1", "less": "-0.1"}
"""What load keys do to a trace's speed, where it is something else."""


def footer(scene: Scene, width: int, height: int) -> Block:
    """Return the keys of the declaration in order, but for the mode that is on; help and quit are always there."""
    del height
    items = dict(footer_items(scene))
    last = [items.pop(name) for name in _FIRST]
    room = width - sum(width_of(item) + _GAP for item in last)
    shown: list[Line] = []
    for item in items.values():
        room -= width_of(item) + _GAP
        if room < 0:
            break
        shown.append(item)
    return Block((join([*shown, *last], " " * _GAP),))


def footer_items(scene: Scene) -> list[tuple[str, Line]]:
    """Return the ids that may stand in the footer, as they are written; those of a list first where there is one."""
    keys = [key for key in keys_for(replay=scene.tape is not None) if key.label and key.id != scene.mode]
    listed = [key for key in keys if key.when == "list" and scene.listed]
    usual = [key for key in keys if key.when == ""]
    return [(key.id, _item(scene.keys.first(key.id), _label(key.id, key.label, scene))) for key in (*listed, *usual)]


def _item(show: str, label: str) -> Line:
    return ((show, "key"), (f" {label}", "dim"))


def _label(name: str, label: str, scene: Scene) -> str:
    if name == "pause" and scene.paused:
        return "resume"
    if scene.mode == "trace" and name in _TRACE:
        return _TRACE[name]
    if name == "play" and scene.tape is not None and scene.tape.playing:
        return "pause"
    return "thaw" if name == "freeze" and scene.frozen else label
