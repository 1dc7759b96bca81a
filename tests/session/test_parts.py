"""A recording that is rolled at a limit is one recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from session.codec import encode
from session.events import Event, Note
from session.index import Index
from session.parts_of import next_part, part_path
from session.playback import fold_file
from session.recording import Reader, Writer
from session.report import report
from tests.events import header, ramp

EVENTS = sorted(ramp((1, 8), hold_s=60.0), key=lambda event: event.t_s)


def rolled(path: Path, events: list[Event], limit_bytes: int = 4000) -> Iterator[int]:
    """Write events ten at a time; give how many are written."""
    writer = Writer(path, header(session="s"), limit_bytes)
    for at in range(0, len(events), 10):
        writer.append([encode(event) for event in events[at : at + 10]])
        yield at + 10
    writer.close()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    for _ in rolled(tmp_path / "a.rooftop", EVENTS):
        pass
    return tmp_path / "a.rooftop"


def test_parts_are_small_and_named_after_the_first(first: Path) -> None:
    parts = sorted(path.name for path in first.parent.iterdir())
    assert parts[:3] == ["a.2.rooftop", "a.3.rooftop", "a.4.rooftop"]
    assert all(path.stat().st_size < 6000 for path in first.parent.iterdir())


def test_the_first_part_opens_with_all_that_follow(first: Path) -> None:
    reader = Reader(first)
    assert reader.poll() == EVENTS
    assert reader.lost == []
    reader.close()
    index = Index.open(first)
    assert list(index.events()) == EVENTS
    assert [chunk.number for chunk in index.chunks] == list(range(len(index.chunks)))
    assert {chunk.part for chunk in index.chunks} == set(range(len(list(first.parent.iterdir()))))
    index.close()


def test_a_report_is_that_of_one_file(first: Path, tmp_path: Path) -> None:
    whole = Writer(tmp_path / "whole.rooftop", header(session="s"))
    whole.append([encode(event) for event in EVENTS])
    whole.close()
    assert report(fold_file(first).snapshot()) == report(fold_file(tmp_path / "whole.rooftop").snapshot())


def test_a_follower_goes_on_from_part_to_part(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writing = rolled(path, EVENTS)
    count = next(writing)
    reader = Reader(path)
    seen = reader.poll()
    for count in writing:
        seen += reader.poll()
        assert seen == EVENTS[:count]
    assert len(list(tmp_path.iterdir())) > 3
    reader.close()


def test_a_part_opens_by_itself_with_those_after_it(first: Path) -> None:
    reader = Reader(first.with_name("a.3.rooftop"))
    events = reader.poll()
    assert reader.header.part == 3
    assert events == EVENTS[-len(events) :]
    assert len(events) < len(EVENTS)
    reader.close()


def test_a_part_that_is_gone_is_named(first: Path) -> None:
    first.with_name("a.3.rooftop").unlink()
    reader = Reader(first)
    assert 0 < len(reader.poll()) < len(EVENTS)
    assert [one.reason for one in reader.lost] == ["the next part, a.3.rooftop, is missing"]
    reader.close()
    index = Index.open(first)
    assert [one.reason for one in index.lost] == ["the next part, a.3.rooftop, is missing"]
    index.close()


def test_another_sessions_file_is_no_part(tmp_path: Path) -> None:
    Writer(tmp_path / "a.rooftop", header(session="s")).close()
    other = Writer(tmp_path / "a.2.rooftop", header(session="t", part=2))
    other.append([encode(Note(t_s=1.0, text="not mine"))])
    other.close()
    reader = Reader(tmp_path / "a.rooftop")
    assert reader.poll() == []
    reader.close()


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.2.rooftop").write_text("precious")
    for _ in rolled(tmp_path / "a.rooftop", EVENTS):
        pass
    assert (tmp_path / "a.2.rooftop").read_text() == "precious"
    reader = Reader(tmp_path / "a.rooftop")
    assert reader.poll() == EVENTS
    assert reader.lost == []
    reader.close()


@pytest.mark.parametrize(
    ("name", "second", "eleventh"),
    [
        ("a.rooftop", "a.2.rooftop", "a.11.rooftop"),
        ("a.b.rooftop", "a.b.2.rooftop", "a.b.11.rooftop"),
        ("a", "a.2", "a.11"),
        (".a", ".a.2", ".a.11"),
        ("a.rooftop.gz", "a.2.rooftop.gz", "a.11.rooftop.gz"),
        ("a.2.rooftop", "a.2.2.rooftop", "a.2.11.rooftop"),
    ],
)
def test_names_of_parts(name: str, second: str, eleventh: str) -> None:
    assert part_path(Path(name), 2) == next_part(Path(name), 1) == Path(second)
    assert part_path(Path(name), 11) == next_part(part_path(Path(name), 10), 10) == Path(eleventh)
