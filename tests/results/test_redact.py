"""A redacted copy: the same figures, and no name anywhere in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from results.redact import CHANGES, GONE, redact
from results.run import load
from rooftop.cli import main
from session.codec import encode
from session.events import (
    Event,
    Gpu,
    GpuReading,
    GpuSample,
    Log,
    Model,
    Note,
    Request,
    Server,
    Shape,
    Source,
    Trace,
)
from session.recording import Reader, Writer
from session.report import report
from tests.results.recordings import HEADER, real

SECRET = "s3cret-name"
NAMED: list[Event] = [
    Server(t_s=0.0, model="llama", root=f"/home/{SECRET}/llama"),
    Model(t_s=0.0, shape=Shape(name="llama", hidden=8, layers=1, vocab=9, heads=1, intermediate=9), source="root"),
    Model(t_s=0.0, reason=f"no config.json in /home/{SECRET}"),
    Gpu(t_s=0.0, index=0, name="NVIDIA H200", uuid=f"GPU-{SECRET}", host=SECRET),
    GpuSample(t_s=0.5, gpus=[GpuReading(index=0, missing=f"{SECRET} is gone", power_w=300.0)]),
    Request(t_s=1.0, start_s=0.5, error="http", status=500, detail=f"{SECRET} said no"),
    Note(t_s=1.0, text=SECRET),
    Log(t_s=1.0, severity="warning", text=f"http://{SECRET}: refused"),
    Source(t_s=1.0, source="server", ok=False, reason=f"{SECRET}: connection refused"),
]


def named(path: Path) -> Path:
    header = msgspec.structs.replace(
        HEADER, host=SECRET, target=f"http://{SECRET}:8000", trace=Trace(name=SECRET, requests=1, duration_s=1.0)
    )
    with closing(Writer(path, header)) as writer:
        writer.append([encode(event) for event in NAMED])
    return path


def everything(path: Path) -> bytes:
    with closing(Reader(path)) as reader:
        return b"".join(map(encode, [reader.header, *reader.poll()]))


def test_no_name_is_left(tmp_path: Path) -> None:
    source, out = named(tmp_path / "a.rooftop"), tmp_path / "b.rooftop"
    assert everything(source).count(SECRET.encode()) >= 11
    done = redact(source, out)
    assert SECRET.encode() not in everything(out)
    assert b"llama" in everything(out)
    assert (done.events, done.dropped) == (len(NAMED) - 2, 2)
    assert b'"power_w":300.0' in everything(out)


def test_the_model_goes_where_that_is_asked(tmp_path: Path) -> None:
    redact(named(tmp_path / "a.rooftop"), tmp_path / "b.rooftop", model=True)
    assert b"llama" not in everything(tmp_path / "b.rooftop")


def test_the_figures_stay(tmp_path: Path) -> None:
    source, out = real("h200-llama-3.1-8b-tp4", tmp_path), tmp_path / "b.rooftop"
    redact(source, out)
    mine, theirs = report(load(out).snapshot), report(load(source).snapshot)
    assert (mine["host"], mine["target"]) == (GONE, "http://redacted")
    for name in ("host", "target", "notes"):
        assert mine.pop(name) != theirs.pop(name) or name == "notes"
    assert mine == theirs


def test_every_text_of_an_event_is_thought_of() -> None:
    """A new field of text must be judged here: may it hold a name?"""
    harmless: dict[type[msgspec.Struct], set[str]] = {
        Server: {"model", "version"}, Model: {"source"}, Gpu: {"name", "source"}, Request: {"error"},
        Source: {"source"}, GpuReading: set(),
    }  # fmt: skip
    for struct, names in harmless.items():
        fields = msgspec.structs.fields(struct)
        texts = {field.name for field in fields if field.type in (str, str | None)}
        assert texts == names | set(CHANGES[struct]), struct.__name__


def test_the_command_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = named(tmp_path / "a.rooftop"), tmp_path / "b.rooftop"
    assert main(["redact", str(source), "-o", str(out)]) == 0
    assert "2 notes and log lines left out" in capsys.readouterr().out
    assert main(["redact", str(source), "-o", str(out)]) == 2
    assert main(["redact", str(tmp_path / "none"), "-o", str(tmp_path / "c.rooftop")]) == 1
