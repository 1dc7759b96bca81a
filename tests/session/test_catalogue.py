from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from session import catalogue, cursor
from session.catalogue import Catalogue, Entry
from session.checkpoints import dump
from session.codec import encode
from session.events import FORMAT, Event
from session.fold import State
from session.keeping import Refused, delete, is_written, rename, to_prune
from session.recording import Reader, Writer
from session.saving import EVERY_EVENTS
from tests.events import header, ramp

NOW = 1_800_000_000.0
DAY = 86_400.0


def record(path: Path, events: list[Event] | None = None, *, end: bool = True) -> Path:
    found = list(ramp((1, 8))) if events is None else events
    path.write_bytes(encode(header()) + b"".join(encode(event) for event in (found if end else found[:-1])))
    return path


def one(place: Path, cache: Path | None = None) -> Entry:
    (entry,) = Catalogue([place], cache).entries()
    return entry


def test_a_recording_is_listed_by_its_header_and_read_when_asked(tmp_path: Path) -> None:
    path = record(tmp_path / "a.rooftop")
    kept = Catalogue([tmp_path])
    (entry,) = kept.entries()
    assert (entry.path, entry.state, entry.summary, entry.problem) == (path, "…", None, None)
    assert entry.target == "http://localhost:8000"
    found = kept.summarise(entry)
    assert found.state == "ended"
    assert found.summary is not None
    assert (found.summary.model, found.summary.gpu, found.summary.tp) == ("meta-llama/Llama-3.1-8B", "NVIDIA H200", 1)
    assert found.summary.levels == 2
    assert found.summary.duration_s == pytest.approx(21.5)
    assert found.summary.peak_tok_s == pytest.approx(8 / 0.005, rel=0.05)
    assert kept.entries() == [found]


def test_one_without_an_end_was_cut(tmp_path: Path) -> None:
    record(tmp_path / "a.rooftop", end=False)
    kept = Catalogue([tmp_path])
    assert kept.summarise(kept.entries()[0]).state == "cut"


def test_what_was_read_is_kept_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(tmp_path / "a.rooftop", end=False)
    cache = tmp_path / "deep" / "cache.json"
    first = Catalogue([tmp_path], cache)
    summed = first.summarise(first.entries()[0])
    first.save()
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600
    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "Reader", lambda path: pytest.fail("a file that is known was opened"))
        assert one(tmp_path, cache) == summed
    with path.open("ab") as file:
        file.write(encode(list(ramp((1, 8)))[-1]))
    again = Catalogue([tmp_path], cache)
    assert again.entries()[0].state == "…"
    assert again.summarise(again.entries()[0]).state == "ended"


@pytest.mark.parametrize(
    "data", [b"", b"[2, {}]", b"{", b"\xff\xfe", b"[" * 100_000, json.dumps([1, {"/x": {"summary": 7}}]).encode()]
)
def test_a_damaged_cache_is_made_anew(tmp_path: Path, data: bytes) -> None:
    record(tmp_path / "a.rooftop")
    cache = tmp_path / "cache.json"
    cache.write_bytes(data)
    kept = Catalogue([tmp_path], cache)
    kept.summarise(kept.entries()[0])
    kept.save()
    assert one(tmp_path, cache).state == "ended"


def test_the_list_reads_no_more_than_the_first_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large a file is; it is sparse, and reading it would take minutes."""
    huge = record(tmp_path / "huge.rooftop")
    os.truncate(huge, 50 << 30)
    for name in ("batches", "lines"):
        monkeypatch.setattr(Reader, name, lambda self: pytest.fail("the list read events"))
    assert one(tmp_path).size_bytes == 50 << 30
    assert one(tmp_path).state == "…"


def test_a_huge_file_that_is_no_recording_is_told_by_its_beginning(tmp_path: Path) -> None:
    huge = tmp_path / "huge.rooftop"
    huge.touch()
    os.truncate(huge, 50 << 30)
    assert "not a rooftop recording" in (one(tmp_path).problem or "")


def test_what_cannot_be_opened_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.rooftop").touch()
    (tmp_path / "foreign.rooftop").write_bytes(b"PAR1\x00\xff\n")
    (tmp_path / "future.rooftop").write_bytes(
        b'{"type":"header","format":%d,"rooftop":"9.0\\u001b[31m"}\n' % (FORMAT + 97)
    )
    (tmp_path / "broken.rooftop").write_bytes(b'{"type":"header","format":1}\n')
    (tmp_path / "cut.rooftop").write_bytes(encode(header())[:40])
    (tmp_path / "gone.rooftop").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.rooftop").mkdir()
    os.mkfifo(tmp_path / "pipe.rooftop")  # opening it would wait for ever
    (tmp_path / "notes.txt").write_text("not looked at")
    found = {entry.path.stem: entry for entry in Catalogue([tmp_path]).entries()}
    reasons = {
        "empty": "empty", "foreign": "not a rooftop recording", "future": "upgrade rooftop", "broken": "damaged",
        "cut": "cut inside its first line", "gone": "No such file", "folder": "no file", "pipe": "no file",
    }  # fmt: skip
    assert set(found) == set(reasons)
    for name, reason in reasons.items():
        assert found[name].state == "bad"
        assert reason in (found[name].problem or "")


def test_hundreds_are_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(300):
        record(tmp_path / f"{n}.rooftop", [])
    kept = Catalogue([tmp_path])
    assert len(kept.entries()) == 300
    monkeypatch.setattr(catalogue, "Reader", lambda path: pytest.fail("opened again"))
    assert len(kept.entries()) == 300


def test_a_place_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    kept = Catalogue([tmp_path / "nowhere", tmp_path])
    assert kept.entries() == []
    assert kept.problems == [f"{tmp_path / 'nowhere'}: No such file or directory"]


def test_single_files_and_folders_are_listed_once(tmp_path: Path) -> None:
    path = record(tmp_path / "a.rooftop")
    assert [entry.path for entry in Catalogue([tmp_path, path]).entries()] == [path]


def test_reading_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    record(tmp_path / "a.rooftop")
    kept = Catalogue([tmp_path])
    entry = kept.entries()[0]
    assert kept.summarise(entry, lambda: True) == entry


def test_one_that_is_being_written_says_so_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    assert is_written(path)
    entry = one(tmp_path)
    assert entry.state == "live"
    assert Catalogue([tmp_path]).summarise(entry) is entry
    for act in (lambda: delete(path), lambda: rename(path, "b")):
        with pytest.raises(Refused, match="is being written"):
            act()
    writer.close()
    assert not is_written(path)
    delete(path)
    assert not path.exists()


def test_renaming_stays_in_the_folder_and_overwrites_nothing(tmp_path: Path) -> None:
    path, other = record(tmp_path / "a.rooftop"), record(tmp_path / "b.rooftop")
    with pytest.raises(Refused, match="is there already"):
        rename(path, "b")
    for name in ("", "../c", "/c", ".c", "-c", "c" * 300, ".rooftop"):
        with pytest.raises(Refused, match="a name has"):
            rename(path, name)
    assert rename(path, "a") == path
    assert rename(path, " c.rooftop ") == tmp_path / "c.rooftop"
    assert sorted(tmp_path.iterdir()) == [other, tmp_path / "c.rooftop"]


def aged(name: str, days: float, size: int = 10, **more: object) -> Entry:
    fields = {"path": Path(name), "size_bytes": size, "changed_s": NOW - days * DAY} | more
    return Entry(**fields)  # type: ignore[arg-type]


LIST = [aged("new", 1, 500), aged("mid", 10, 20), aged("old", 40, 30)]


@pytest.mark.parametrize(
    ("bounds", "doomed"),
    [
        ({"keep": 2}, ["old"]),
        ({"keep": 0}, ["old", "mid", "new"]),
        ({"keep": 9}, []),
        ({"older_s": 30 * DAY}, ["old"]),
        ({"larger_bytes": 100}, ["new"]),
        ({"total_bytes": 525}, ["old"]),
        ({"total_bytes": 100}, ["new"]),
        ({"total_bytes": 0}, ["old", "mid", "new"]),
        ({"keep": 2, "larger_bytes": 100}, ["old", "new"]),
    ],
)
def test_pruning_takes_what_a_bound_names(bounds: dict[str, float], doomed: list[str]) -> None:
    assert [str(entry.path) for entry in to_prune(LIST, NOW, **bounds)] == doomed  # type: ignore[arg-type]


def test_pruning_spares_what_is_written_and_what_is_not_ours() -> None:
    spared = [
        aged("live", 50, writing=True),
        aged("no-lock", 10 / DAY),
        aged("foreign", 90, problem="not a rooftop recording"),
    ]
    assert to_prune(spared, NOW, keep=0, older_s=0.0, larger_bytes=0, total_bytes=0) == []


def test_a_recording_that_is_renamed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path / "a.rooftop")
    cache = tmp_path / "cache.json"
    kept = Catalogue([tmp_path], cache)
    summed = kept.summarise(kept.entries()[0])
    kept.renamed(summed.path, rename(summed.path, "b"))
    kept.save()
    monkeypatch.setattr(catalogue, "Reader", lambda path: pytest.fail("a file that is known was opened"))
    for again in (kept, Catalogue([tmp_path], cache)):
        (entry,) = again.entries()
        assert entry.path.name == "b.rooftop"
        assert entry.summary == summed.summary


def test_summing_up_keeps_no_state_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state grows with its levels: one kept every few thousand events made long recordings quadratic."""
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    lines = [encode(event) for event in ramp(tuple(range(1, 60)), hold_s=10.0)]
    for at in range(0, len(lines), 200):
        writer.append(lines[at : at + 200])
    writer.close()
    assert len(lines) > 2 * EVERY_EVENTS
    kept: list[float] = []

    def counted(state: State) -> bytes:
        kept.append(state.t_s)
        return dump(state)

    monkeypatch.setattr(cursor, "dump", counted)
    catalogued = Catalogue([tmp_path])
    found = catalogued.summarise(catalogued.entries()[0])
    assert found.summary is not None
    assert found.summary.levels == 59
    assert kept == []
