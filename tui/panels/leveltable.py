"""The table of all levels: what was reached, how sure that is, and at what cost."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from session.view import LevelView
from tui.levelorder import COLUMNS, LOAD, Column, load_text, ordered, verdict_text
from tui.lines import Block, Line, join, lpad, pad, say
from tui.listing import chosen, position, window
from tui.panels.text import limit_mark, trust_legend
from tui.scene import Scene

_VERDICT = 17
"""Cells of the verdict at the right, at least."""
_MARK = 2


def level_table(scene: Scene, width: int, height: int) -> Block:
    """Return the rows about the chosen one, which is marked; columns go where it is narrow."""
    levels = ordered(scene.snapshot.levels, scene.look)
    title = (("Levels", "title"), ("  sorted by ", "dim"), (_order(scene), "text"))
    if not levels:
        return Block((say("every level of load that runs a few seconds is kept here", "dim"),)[:height], title)
    columns = _kept(width, scene)
    at = chosen(scene.look, len(levels), from_end=True)
    heads = _heads(columns, scene) if height > 2 else _heads(columns, scene)[1:] if height > 1 else []
    shown = window(at, len(levels), height - len(heads))
    mixed = len({(level.prompt_tokens, level.output_len) for level in levels}) > 1
    rows = [_row(levels[i], columns, chosen=i == at, mixed=mixed) for i in shown]
    corner = join([say(trust_legend(levels), "dim"), say(position(shown, len(levels)), "text")])
    return Block((*heads, *rows)[: max(0, height)], title, corner)


def _order(scene: Scene) -> str:
    return f"{scene.look.sort or 'time of start'}{' ↓' if scene.look.descending else ' ↑'}"


def _kept(width: int, scene: Scene) -> list[Column]:
    """Return the columns that fit beside load and verdict; that of goodput only where the user set bounds."""
    good = bool(scene.snapshot.header.slo)
    columns = [column for column in COLUMNS if good or column.name != "goodput"]
    fixed = _MARK + LOAD.width + 2 + _VERDICT
    while columns and fixed + sum(column.width + 1 for column in columns) > width:
        columns.remove(max(columns, key=lambda column: column.rank))
    return columns


def _heads(columns: list[Column], scene: Scene) -> list[Line]:
    """Return two lines: the groups, and the names, the sorted one marked."""
    found = ((name, list(inside)) for name, inside in groupby(columns, lambda column: column.group))
    groups = "".join(_group(name, inside) for name, inside in found)
    spans: list[tuple[str, str]] = [(" " * _MARK, "text")]
    names = Counter(column.group for column in columns)
    for column in (LOAD, *columns):
        sorted_by = column.name == scene.look.sort
        unit = " ms" if names[column.group] == 1 and _too_long(column) else ""
        spans.append((lpad(column.head + unit, column.width + (column is not LOAD)), "accent" if sorted_by else "dim"))
    return [say(" " * (_MARK + LOAD.width) + groups, "dim"), (*spans, ("  limited by", "dim"))]


def _group(name: str, inside: list[Column]) -> str:
    """Return a group's name over its columns; over one that is too narrow for it without the unit."""
    room = sum(column.width + 1 for column in inside)
    if len(inside) > 1:
        return " " + pad(name, room - 1)
    return lpad(name.removesuffix(" ms") if _too_long(inside[0]) else name, room)


def _too_long(column: Column) -> bool:
    """Whether the name of a column's group would touch the next one's; its unit then stands in the line below."""
    return column.group.endswith(" ms") and len(column.group) > column.width


def _row(level: LevelView, columns: list[Column], *, chosen: bool, mixed: bool) -> Line:
    letter, role = limit_mark(level.verdict.step)
    spans: list[tuple[str, str]] = [("› " if chosen else "  ", "accent")]
    spans.append((lpad(load_text(level), LOAD.width), "accent" if level.open or chosen else "value"))
    for column in columns:
        tint = "bad" if column.name == "errors" and level.errors else column.role
        spans.append((lpad(column.text(column.value(level)), column.width + 1), tint))
    spans.append((f"  {letter} ", role))
    spans.append((verdict_text(level), "text" if level.verdict.step else "dim"))
    if mixed:
        spans.append((f"  {level.prompt_tokens}→{level.output_len}", "dim"))
    return tuple(spans)
