"""The help: the keys as declared, and how to read the screen."""

from __future__ import annotations

from itertools import zip_longest

from tui.keys import Key, Keymap, keys_for
from tui.lines import EMPTY, Line, Lines, fit, pad, say
from tui.panels.text import wrap

_NOTES = (
    ("lists", "text", "{row_up} {row_down} and the pages move the rows; {more} {less} still change the load"),
    ("large", "text", "{maximise} shows panels too that a small screen leaves out; a click on a title does it"),
    ("other keys", "text", "config.toml binds them: docs/screen.md"),
    ("M memory", "memory", "the step waits for weights and KV cache to come from DRAM"),
    ("C compute", "compute", "the tensor cores are the limit"),
    ("X communication", "communication", "the GPUs wait for each other's data"),
    ("L latency", "latency", "kernels too small to fill the GPU: launches, ramps, synchronisation"),
    ("O overhead", "overhead", "the GPU waits for the host: scheduling, sampling, tokens out"),
    ("W K R", "memory", "in the bars: weights, KV cache; the model's rest, which is L and O in one"),
    ("B balanced", "accent", "at the ridge: memory and compute weigh the same"),
    ("? cannot tell", "dim", "what was measured does not decide it; the line says what is missing"),
    ("busy%", "text", "a kernel was resident. NOT work: it reads 99 at one request in flight"),
    ("SM%", "text", "multiprocessors with at least one warp"),
    ("DRAM%", "memory", "memory bandwidth in use"),
    ("tensor%", "compute", "tensor cores at work"),
    ("TTFT", "text", "time to first token"),
    ("TPOT", "text", "time per output token of a request, after the first"),
    ("ITL", "text", "gap between two tokens"),
    ("E2E", "text", "a whole request"),
    ("~  ?  !", "text", "a level that was not steady; too short to tell; so short that its warm-up is in it"),
    ("±%", "text", "95 % confidence interval of a level's tok/s"),
    ("batch", "text", "sequences that a decode step serves"),
    ("roofline", "text", "a GPU at work (letters: levels; [ ]: now) under its peak; ┊ ridge: memory left of it"),
    ("dotted line", "dim", "tok/s that the model predicts from the levels up to 64"),
    ("trace ×2", "accent", "a trace at twice its speed; load keys set it, {closed} or {open} leaves it"),
    ("–", "dim", "not known; never zero"),
    ("CLIENT-BOUND", "warn", "rooftop itself is the limit: latencies are its own"),
)


def help_lines(width: int, keymap: Keymap, *, replay: bool) -> Lines:
    """Return the help for a width, in two columns of keys where they fit."""
    keys = keys_for(replay=replay)
    groups = [_group(name, keys, keymap) for name in dict.fromkeys(key.group for key in keys)]
    columns = _columns(groups, 2 if width >= 72 else 1)
    room = width // len(columns)
    rows = [sum((fit(line, room) for line in row), EMPTY) for row in zip_longest(*columns, fillvalue=EMPTY)]
    return (*rows, EMPTY, say("How to read it", "title"), *_notes(width, keymap))


def _columns(groups: list[list[Line]], count: int) -> list[list[Line]]:
    """Share the groups out in order, each to the shortest column, with a blank line between two."""
    columns: list[list[Line]] = [[] for _ in range(count)]
    for group in groups:
        column = min(columns, key=len)
        column.extend([EMPTY, *group] if column else group)
    return columns


def _group(name: str, keys: tuple[Key, ...], keymap: Keymap) -> list[Line]:
    return [say(name, "title"), *(_key(key, keymap) for key in keys if key.group == name and key.help)]


def _key(key: Key, keymap: Keymap) -> Line:
    return ((pad(keymap.written(key.id), 8), "key"), (key.help, "text"))


def _notes(width: int, keymap: Keymap) -> list[Line]:
    lines: list[Line] = []
    for name, role, text in _NOTES:
        first, *more = wrap(keymap.fill(text), width - 17, 4)
        lines.append(((pad(name, 17), role), (first, "text")))
        lines.extend(((" " * 17, "text"), (line, "text")) for line in more)
    return lines
