"""What the screen makes of recordings: comparisons, exports, pages, copies to hand on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from results.compare.comparison import compare, one_each
from results.compare.match import Side
from results.compare.rows import headings, rows
from results.export.formats import FORMATS
from results.redact import redact
from results.run import Run, load, short_name
from results.unsuited import Unsuited
from session.codec import NotARecording
from session.paths import SUFFIX
from tui.desk.ports import Compared, Watch

YIELD_S = 0.001
"""Pause between two parts of what is read: it is done beside a screen."""
_DEGREES = 60.0


class Workshop:
    """A :class:`tui.desk.ports.Works` over ``results``."""

    formats: Mapping[str, str] = {name: form.what for name, form in FORMATS.items()}

    def read(self, paths: Sequence[Path], watch: Watch) -> Beside:
        """Read recordings to compare them."""
        return Beside(one_each([_load(path, f"{n} of {len(paths)}", watch) for n, path in enumerate(paths, 1)]))

    def suggested(self, kind: str, path: Path) -> str:
        """Return a name for what is made."""
        name = short_name(path)
        if kind == "redact":
            return f"{name}-redacted{SUFFIX}"
        if kind == "page":
            return f"{name}.html"
        return name + FORMATS[kind].suffix if FORMATS[kind].suffix else f"{name}-{kind}"

    def refused(self, path: Path, name: str) -> str | None:
        """Return why what is made of a recording cannot have a name."""
        if not name or not name.isprintable():
            return "a name is needed"
        out = _place(path, name)
        try:
            if out.exists() or out.is_symlink():
                return f"{out.name} is there already: say another"
            return None if out.parent.is_dir() else f"there is no folder {out.parent}"
        except OSError as error:
            return f"{error.strerror}"

    def make(self, kind: str, paths: Sequence[Path], name: str) -> str:
        """Write a page, a copy or an export; return a line about it, or raise ``ValueError``."""
        if (why := self.refused(paths[0], name)) is not None:
            raise ValueError(why)
        out = _place(paths[0], name)
        try:
            return _MAKERS.get(kind, _export(kind))(paths, out)
        except (OSError, NotARecording) as error:
            raise ValueError(_why(error, paths[0])) from None
        except Unsuited as error:
            raise ValueError(str(error)) from None


class Beside:
    """A :class:`tui.desk.ports.Comparing`: recordings that were read."""

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = tuple(sides)

    def table(self, base: int, *, everything: bool, watch: Watch) -> Compared:
        """Hold them against one of them."""
        sides = (self._sides[base], *self._sides[:base], *self._sides[base + 1 :])
        watch("comparing …")
        found = compare(sides)
        made = []
        levels = len(found.matched)
        for row in rows(found, everything=everything):
            made.append(row)
            watch(f"comparing … level {sum(bool(one.level) for one in made)} of {levels}")
            time.sleep(YIELD_S)
        return Compared(
            names=tuple(side.name for side in sides),
            headings=headings(found, everything=everything),
            rows=tuple(made),
            crossings=tuple(one.words for one in found.crossings),
            alone=tuple(f"{side.name}, {key.whole}" for side, key in found.alone),
            facts=tuple((side.name, _facts(side)) for side in sides),
        )


def _load(path: Path, turn: str, watch: Watch) -> Run:
    name = short_name(path)
    watch(f"reading {turn}: {name} …")

    def passing(t_s: float) -> None:
        watch(f"reading {turn}: {name} … {int(t_s // _DEGREES)}:{int(t_s % _DEGREES):02}")
        time.sleep(YIELD_S)

    try:
        return load(path, passing=passing)
    except (OSError, NotARecording) as error:
        raise ValueError(_why(error, path)) from None


def _facts(side: Side) -> str:
    """Return what was run: server, model, GPUs, when, and by whom where that was another tool."""
    run = side.runs[0]
    snapshot, header = run.snapshot, run.header
    gpus = [view.info for view in snapshot.gpus if view.info.parent is None]
    said = (
        "SIMULATED" if snapshot.simulated else None,
        snapshot.model,
        f"server {snapshot.server_version}" if snapshot.server_version else None,
        f"{len(gpus)}× {gpus[0].name}" if gpus else header.gpu,
        f"TP {run.tp}" if run.tp else None,
        f"{snapshot.requests:,} requests",
        f"measured by {side.origin}" if side.origin else f"rooftop {header.rooftop}",
        _when(header.started_at),
        "without its end" if snapshot.ended is None else None,
    )
    return ", ".join(text for text in said if text)


def _when(started_at: str) -> str | None:
    """Return a time of day in local time."""
    try:
        return f"{datetime.fromisoformat(started_at).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return None


def _place(path: Path, name: str) -> Path:
    """Return where a name is: beside the recording, or where it says."""
    return path.absolute().parent / Path(name).expanduser()


def _redact(paths: Sequence[Path], out: Path) -> str:
    done = redact(paths[0], out)
    return f"wrote {out.name}: {done.events:,} events, {done.dropped} notes and log lines left out; in {out.parent}"


def _page(paths: Sequence[Path], out: Path) -> str:
    from results.page.page import write

    write(paths, out)
    return f"wrote {out.name}; in {out.parent}"


def _export(kind: str) -> Callable[[Sequence[Path], Path], str]:
    def export(paths: Sequence[Path], out: Path) -> str:
        written = FORMATS[kind].load()(paths[0], out)
        return f"wrote {out.name}{f': {len(written)} files' if len(written) > 1 else ''}; in {out.parent}"

    return export


_MAKERS: Mapping[str, Callable[[Sequence[Path], Path], str]] = {"redact": _redact, "page": _page}


def _why(error: OSError | NotARecording, path: Path) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or path}: {error.strerror or error}"
    return f"{path}: {error}"
