"""The keys, as many as fit."""

from __future__ import annotations

from tui.keys import TIME, Key, keys_for
from tui.lines import Block, Line, join, width_of
from tui.scene import Scene

_LAST = ("help", "quit")
_GAP = 2
_TRACE = {"more": "+0.1", "less": "-0.1"}
"""What load keys do to a trace's speed, where it is something else."""


def footer(scene: Scene, width: int, height: int) -> Block:
    """Return the keys of the declaration in order, but for the mode that is on; help and quit are always there."""
    del height
    return Block((join([item for _, item in _shown(scene, width)], " " * _GAP),))


def footer_at(scene: Scene, width: int, x: int) -> str | None:
    """Return the id of the key that is written at column ``x``."""
    start = 0
    for name, item in _shown(scene, width):
        if start <= x < start + width_of(item):
            return name
        start += width_of(item) + _GAP
    return None


def _shown(scene: Scene, width: int) -> list[tuple[str, Line]]:
    """Return as many keys as fit."""
    items = dict(footer_items(scene))
    last = [(name, items.pop(name)) for name in _LAST]
    room = width - sum(width_of(item) + _GAP for _, item in last)
    shown: list[tuple[str, Line]] = []
    for name, item in items.items():
        room -= width_of(item) + _GAP
        if room < 0:
            break
        shown.append((name, item))
    return [*shown, *last]


def footer_items(scene: Scene) -> list[tuple[str, Line]]:
    """Return the ids that may stand in the footer, as they are written; those of the list first."""
    keys = [key for key in _listed(scene) if key.label and key.id != scene.mode]
    near = [key for key in keys if key.when in scene.states]
    usual = [key for key in keys if key.when == ""]
    first, then = (near, usual) if "list" in scene.states else (usual, near)
    shown = [*first, *then]
    if scene.tape is not None and not scene.replay:
        shown.sort(key=lambda key: (key.when != "past", key.group != TIME))  # the way back to the present comes first
    return [(key.id, _item(scene.keys.first(key.id), _label(key.id, key.label, scene))) for key in shown]


def _listed(scene: Scene) -> list[Key]:
    """Return the keys; of those of time, at the present, only the one that goes back."""
    keys = keys_for(replay=scene.replay)
    return [key for key in keys if scene.tape is not None or key.group != TIME or key.id == "back"]


def _item(show: str, label: str) -> Line:
    return ((show, "key"), (f" {label}", "dim"))


def _label(name: str, label: str, scene: Scene) -> str:
    if name == "pause" and scene.paused:
        return "resume"
    if scene.mode == "trace" and name in _TRACE:
        return _TRACE[name]
    if name == "play" and scene.tape is not None and scene.tape.playing:
        return "pause"
    if name == "back" and scene.tape is None:
        return "back in time"
    return "thaw" if name == "freeze" and scene.frozen else label
