"""A form and a library that remember what was asked of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual.app import App

from results.compare.rows import Cell, Row
from session.catalogue import Entry, Summary
from tui.desk.ports import Compared, Comparing, Field, ServerSays, Texts, Trouble, Watch, Wish

FIELDS = (
    Field("url", "Server", "URL: where it is", "http://localhost:8000"),
    Field("model", "Server", "--model: which one"),
    Field("endpoint", "Requests", "--endpoint: which kind", "completions", ("completions", "chat")),
    Field("prompt-tokens", "Requests", "--prompt-tokens: how long", "128"),
    Field("dataset", "Requests", "--dataset: a file", slow=True),
    Field("gpu", "GPUs", "--gpu: its name", offers=("h100", "h200")),
)


class FakeForm:
    """Takes whole numbers for prompt tokens, 'good' for a data set, and URLs that begin with http."""

    def __init__(self, *models: str) -> None:
        self.fields = FIELDS
        self.models = models
        self.saved: dict[str, Texts] = {}
        self.asked: list[str] = []
        self.gate: threading.Event | None = None

    def check(self, name: str, text: str) -> str | None:
        if name == "dataset" and self.gate is not None:
            self.gate.wait(10)
        wrong = {
            "url": not text.startswith("http"),
            "prompt-tokens": not text.isdigit(),
            "dataset": text != "good",
        }
        return f"{text!r} will not do" if wrong.get(name) else None

    def check_all(self, texts: Mapping[str, str]) -> Trouble | None:
        for name, text in texts.items():
            if why := self.check(name, text):
                return Trouble(why, name)
        if texts.get("prompt-tokens") == "1" and texts.get("endpoint") == "chat":
            return Trouble("--prompt-tokens 1 is too short for chat", "prompt-tokens")
        return None

    def ask_server(self, texts: Mapping[str, str]) -> ServerSays:
        self.asked.append(texts.get("url", ""))
        if not self.models:
            return ServerSays("nobody answers \x1b[31mthere", ok=False)
        return ServerSays(f"vLLM 1.0: {len(self.models)} models", ok=True, models=self.models)

    def profiles(self) -> list[str]:
        return sorted(self.saved)

    def check_name(self, name: str) -> str | None:
        return None if name.isalnum() else "letters and digits"

    def load(self, name: str) -> Texts:
        if name not in self.saved:
            raise ValueError(f"no profile is called {name}")
        return dict(self.saved[name])

    def save(self, name: str, texts: Mapping[str, str]) -> str:
        self.saved[name] = dict(texts)
        return f"saved: rooftop --profile {name}"

    def delete(self, name: str) -> str:
        del self.saved[name]
        return f"deleted the profile {name}"


class FakeLibrary:
    """Entries in memory; what was deleted and renamed."""

    def __init__(self, *entries: Entry) -> None:
        self.kept = {entry.path: entry for entry in entries}
        self.deleted: list[str] = []
        self.renamed: list[tuple[str, str]] = []
        self.read: list[str] = []
        self.refuses: str | None = None

    def entries(self) -> list[Entry]:
        return list(self.kept.values())

    def summarise(self, entry: Entry, stop: Callable[[], bool]) -> Entry:
        self.read.append(entry.path.name)
        found = recorded(entry.path.stem, size_bytes=entry.size_bytes)
        self.kept[entry.path] = found
        return found

    def rename(self, entry: Entry, name: str) -> str | None:
        if self.refuses is None:
            self.renamed.append((entry.path.name, name))
        return self.refuses

    def delete(self, entry: Entry) -> str | None:
        if self.refuses is None:
            self.deleted.append(entry.path.name)
            del self.kept[entry.path]
        return self.refuses


class FakeComparing:
    """Two or more that differ in everything; remembers which tables were asked for."""

    def __init__(self, names: Sequence[str], levels: int) -> None:
        self.names, self.levels = tuple(names), levels
        self.asked: list[tuple[int, bool]] = []

    def table(self, base: int, *, everything: bool, watch: Watch) -> Compared:
        watch("comparing …")
        self.asked.append((base, everything))
        names = (self.names[base], *self.names[:base], *self.names[base + 1 :])
        return compared(*names, levels=self.levels, everything=everything)


class FakeWorks:
    """Makes nothing; remembers what was to be made. Waits at its gate."""

    formats: Mapping[str, str] = {"csv": "requests and samples", "parquet": "the same as Parquet"}

    def __init__(self, levels: int = 3) -> None:
        self.made: list[tuple[str, ...]] = []
        self.read_paths: list[Path] = []
        self.fails: str | None = None
        self.gate: threading.Event | None = None
        self.levels = levels
        self.comparing: FakeComparing | None = None
        self.left: BaseException | None = None

    def read(self, paths: Sequence[Path], watch: Watch) -> Comparing:
        self.read_paths = [*paths]
        try:
            watch("reading 1 of 2: a\x1b[31m … 0:10")
            if self.gate is not None:
                self.gate.wait(10)
            watch("reading 2 of 2")
        except BaseException as error:
            self.left = error
            raise
        if self.fails is not None:
            raise ValueError(self.fails)
        self.comparing = FakeComparing([path.stem for path in paths], self.levels)
        return self.comparing

    def suggested(self, kind: str, path: Path) -> str:
        return f"{path.stem}-{kind}"

    def refused(self, path: Path, name: str) -> str | None:
        return "taken is there already" if name == "taken" else None

    def make(self, kind: str, paths: Sequence[Path], name: str) -> str:
        if self.gate is not None:
            self.gate.wait(10)
        if self.fails is not None:
            raise ValueError(self.fails)
        self.made.append((kind, "".join(path.stem for path in paths), name))
        return f"wrote {name}"


def compared(*names: str, levels: int = 3, everything: bool = False) -> Compared:
    """A comparison in which figures got worse, better, stayed, or cannot be told apart, in turn."""
    more = ("E2E p50 ms", "good %", "power W") if everything else ()
    headings = ("tok/s", "TTFT p50 ms", "TTFT p99 ms", "TPOT p50 ms", "TPOT p99 ms", *more)
    moods = (("", ""), ("-12.3±0.4 %", "worse"), ("+25.0±1.2 %", "better"), ("~+0.1±0.6 %", ""), ("+4.0 % ?", ""))
    rows = tuple(
        Row(f"conc {2**n}" if not at else "", name,
            tuple(Cell(f"{1000 * 2**n + at:,}", *(moods[(at + c) % 5] if at else ())) for c in range(len(headings))),
            ("memory", "compute", "–")[at % 3])
        for n in range(levels)
        for at, name in enumerate(names)
    )  # fmt: skip
    return Compared(
        names, headings, rows,
        crossings=(f"{names[-1]} beats {names[0]} in tok/s above about 24 in flight (measured at 16 and 32)",),
        alone=(f"{names[-1]}, conc 512, 128 + 256 tokens",),
        facts=tuple((name, "meta-llama/Llama-3.1-8B, server 0.25.1, 1× NVIDIA H200, TP 1") for name in names),
    )  # fmt: skip


def recorded(name: str, **changes: object) -> Entry:
    """A recording that was read."""
    summary = {"model": "meta-llama/Llama-3.1-8B", "gpu": "NVIDIA H200", "gpus": 1, "tp": 1, "levels": 6,
               "peak_tok_s": 20715.9, "duration_s": 76.2, "requests": 2625, "ended": "done"}  # fmt: skip
    fields: dict[str, object] = {
        "path": Path("/recordings") / f"{name}.rooftop",
        "size_bytes": 537_505,
        "changed_s": 1_795_240_000.0,
        "started_at": "2026-11-21T05:54:24.223+00:00",
        "target": "http://127.0.0.1:8000",
    }
    given = {key: changes.pop(key) for key in list(changes) if key in summary}
    fields["summary"] = Summary(**(summary | given))  # type: ignore[arg-type]
    return Entry(**(fields | changes))  # type: ignore[arg-type]


def dialog(app: App[Wish]) -> str:
    """The kind of the screen in front."""
    return type(app.screen).__name__
