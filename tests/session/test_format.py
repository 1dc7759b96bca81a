"""Format 2 through damage: what is whole is read, what is not is named, and nothing is made up."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from session.codec import NotARecording, encode
from session.events import Event, Note
from session.frames import HEAD_BYTES, MARK
from session.index import Index
from session.lost import Lost
from session.recording import Reader, Writer
from tests.events import header, ramp

EVENTS = sorted(ramp((1, 8, 2), hold_s=50.0), key=lambda event: event.t_s)
BATCH = 25


def written(path: Path, *, checkpoints: bool = True, close: bool = True) -> bytes:
    writer = Writer(path, header(session="s"))
    for at in range(0, len(EVENTS), BATCH):
        writer.append([encode(event) for event in EVENTS[at : at + BATCH]])
        if checkpoints and at == 8 * BATCH:
            writer.checkpoint(EVENTS[at + BATCH - 1].t_s, "test/1", b"all so far")
    if close:
        writer.close()
    return Whole(path.read_bytes())


class Whole(bytes):
    """A sound file, which a failing test does not print."""

    def __repr__(self) -> str:
        return "<whole>"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("whole") / "a.rooftop")


@pytest.fixture(scope="module")
def spot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spot") / "b.rooftop"


def frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give kind, begin and end of every frame of a sound file."""
    at = data.index(MARK)
    while at < len(data):
        end = at + HEAD_BYTES + int.from_bytes(data[at + 8 : at + 12], "little")
        yield data[at + 4], at, end
        at = end


def read(path: Path) -> tuple[list[Event], list[Lost]]:
    reader = Reader(path)
    events = reader.poll()
    assert reader.unread == 0
    reader.close()
    return events, reader.lost


def indexed(path: Path) -> tuple[list[Event], list[Lost]]:
    index = Index.open(path)
    events = list(index.events())
    index.checkpoint_before(1e9)
    index.close()
    return events, index.lost


def honest(events: list[Event], lost: list[Lost]) -> None:
    """Assert that events are written ones, in their order, and that what is missing lies in what is named."""
    rest = iter(EVENTS)
    missing = []
    for event in events:
        for one in rest:
            if one == event:
                break
            missing.append(one)
        else:
            pytest.fail(f"never written, or out of order: {event}")
    missing += rest
    for one in missing:
        assert any(a.from_s <= one.t_s and (a.to_s is None or one.t_s <= a.to_s) for a in lost), (one, lost)


def test_the_file_has_all_that_the_tests_below_damage(whole: bytes) -> None:
    kinds = [chr(kind) for kind, _, _ in frames(whole)]
    assert kinds[:3] == ["H", "H", "C"]
    assert (kinds.count("C"), kinds.count("L"), kinds.count("K")) == (3, 3, 1)
    assert kinds.count("E") > 20


def test_cut_at_every_byte_all_whole_frames_are_read(whole: bytes, spot: Path) -> None:
    """Every byte of the first frames, then around every frame's ends."""
    ends = [(end, kind in b"CE") for kind, _, end in frames(whole)]
    header_end = ends[0][0]
    cuts = {*range(1400), *(end + by for end, _ in ends for by in (-1, 0, HEAD_BYTES))}
    for cut in sorted(cut for cut in cuts if cut <= len(whole)):
        spot.write_bytes(whole[:cut])
        if cut < header_end:
            with pytest.raises(NotARecording):
                Reader(spot)
            continue
        due = EVENTS[: BATCH * sum(end <= cut for end, holds in ends if holds)]
        events, lost = read(spot)
        assert events == due
        assert lost == []
        assert indexed(spot) == (due, [])


@given(st.integers(0, 1 << 30), st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_a_flipped_bit_costs_a_chunk_at_most_and_is_named(whole: bytes, spot: Path, at: int, bit: int) -> None:
    data = bytearray(whole)
    data[at % len(data)] ^= 1 << bit
    spot.write_bytes(data)
    events, lost = read(spot)
    honest(events, lost)
    assert len(events) >= len(EVENTS) - max(map(len, chunks(whole)))
    honest(*indexed(spot))


def chunks(whole: bytes) -> list[list[int]]:
    found: list[list[int]] = []
    for kind, at, _ in frames(whole):
        if kind == ord("C"):
            found.append([])
        if kind in b"CE":
            found[-1] += [at] * BATCH
    return found


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_befalls_the_bytes_nothing_is_made_up(whole: bytes, spot: Path, data: st.DataObject) -> None:
    """Stretches overwritten, taken out, doubled or swapped, several at once."""
    changed = whole
    for _ in range(data.draw(st.integers(1, 4))):
        low = data.draw(st.integers(0, len(changed)))
        high = data.draw(st.integers(low, min(len(changed), low + 3000)))
        stretch = data.draw(st.sampled_from([b"", b"\0" * (high - low), changed[low:high] * 2, changed[high:low:-1]]))
        changed = changed[:low] + stretch + changed[high:]
    spot.write_bytes(changed)
    try:
        events, lost = read(spot)
        seen, _ = indexed(spot)
    except NotARecording:
        return
    for found in (events, seen):
        assert all(event in EVENTS for event in found)
    if len(events) < len(EVENTS) and len(changed) >= len(whole):
        assert lost or changed[: len(whole) - 2000] == whole[: len(whole) - 2000]


@given(st.binary(max_size=400))
@example(MARK * 100)
def test_garbage_between_frames_is_stepped_over(whole: bytes, spot: Path, junk: bytes) -> None:
    at = [begin for kind, begin, _ in frames(whole) if kind == ord("C")][1]
    spot.write_bytes(whole[:at] + junk + whole[at:])
    events, lost = read(spot)
    assert (events, lost) == (EVENTS, [])
    assert indexed(spot) == (EVENTS, [])


def test_a_damaged_header_is_made_up_for_by_its_copies(whole: bytes, spot: Path) -> None:
    data = bytearray(whole)
    data[data.index(MARK) + HEAD_BYTES + 5] ^= 1
    spot.write_bytes(data)
    reader = Reader(spot)
    assert reader.header == header(session="s")
    assert reader.poll() == EVENTS
    reader.close()


def test_a_damaged_first_line_is_no_obstacle(whole: bytes, spot: Path) -> None:
    spot.write_bytes(b"\0" * 40 + whole[40:])
    assert read(spot)[0] == EVENTS


def test_links_that_are_damaged_cost_nothing(whole: bytes, spot: Path) -> None:
    for broken in ([0], [1], [2], [1, 2], [0, 1, 2]):
        data = bytearray(whole)
        links = [at for kind, at, _ in frames(whole) if kind == ord("L")]
        for number in broken:
            data[links[number] + HEAD_BYTES + 3] ^= 16
        spot.write_bytes(data)
        index = Index.open(spot)
        assert list(index.events()) == EVENTS
        assert len(index.chunks) == 3
        found = index.checkpoint_before(1e9)
        assert found is not None
        assert found[1:3] == ("test/1", b"all so far")
        index.close()


def test_a_packed_recording_opens_as_it_is(whole: bytes, spot: Path) -> None:
    plain = encode(header()) + b"".join(encode(event) for event in EVENTS)
    for data in (whole, plain):
        spot.write_bytes(gzip.compress(data[:5000]) + gzip.compress(data[5000:]))
        assert read(spot) == (EVENTS, [])
        assert indexed(spot) == (EVENTS, [])


def test_a_packed_recording_that_is_cut_or_damaged_says_so(spot: Path) -> None:
    data = gzip.compress(encode(header()) + b"".join(encode(event) for event in EVENTS))
    spot.write_bytes(data[: len(data) // 2])
    events, lost = read(spot)
    assert 0 < len(events) < len(EVENTS)
    assert lost == []
    middle = len(data) // 2
    spot.write_bytes(data[:middle] + b"\xff" * 40 + data[middle + 40 :])
    reader = Reader(spot)
    reader.poll()
    assert [one.reason for one in reader.lost] == ["its gzip data are damaged"]
    reader.close()


def test_a_bomb_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.opening.FREE_BYTES", 1 << 20)
    (tmp_path / "bomb").write_bytes(gzip.compress(encode(header()) + b"\n" * (16 << 20)))
    reader = Reader(tmp_path / "bomb")
    assert reader.poll() == []
    assert [one.reason for one in reader.lost] == ["it expands further than any recording does"]
    reader.close()


def test_a_frame_that_says_less_than_it_expands_to_is_not_expanded(whole: bytes, spot: Path) -> None:
    import zlib

    from session.frames import BEGIN, EVENTS, frame

    at = next(begin for kind, begin, _ in frames(whole) if kind == ord("C"))
    for kind, says in ((BEGIN, 10), (BEGIN, 16 << 20), (BEGIN, 1 << 31), (EVENTS, 10)):
        bomb = frame(kind, 2, zlib.compress(b"\n" * (32 << 20)), says, 0.0, 1.0)
        spot.write_bytes(whole[:at] + bomb)
        events, lost = read(spot)
        assert events == []
        assert len(lost) == 1


def test_a_line_that_is_too_long_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    writer = Writer(path, header())
    note = Note(t_s=1.0, text="kept")
    writer.append([encode(Note(t_s=0.5, text="x" * (2 << 20))), encode(note)])
    assert writer.dropped == 1
    writer.close()
    assert read(path) == ([note], [])


def test_much_at_once_makes_several_frames(tmp_path: Path) -> None:
    notes = [Note(t_s=float(n), text="y" * 400_000) for n in range(9)]
    writer = Writer(tmp_path / "a.rooftop", header())
    writer.append([encode(note) for note in notes])
    writer.close()
    assert read(tmp_path / "a.rooftop") == (notes, [])


def test_a_clock_that_steps_back_does_no_harm(tmp_path: Path) -> None:
    notes = [Note(t_s=t_s, text="n") for t_s in (500.0, 1.0, -20.0, 600.0, 599.0, 2.0)]
    writer = Writer(tmp_path / "a.rooftop", header())
    for note in notes:
        writer.append([encode(note)])
    writer.close()
    assert read(tmp_path / "a.rooftop") == (notes, [])
    index = Index.open(tmp_path / "a.rooftop")
    assert list(index.events()) == notes
    assert index.duration_s == 600.0
    index.close()


def test_the_program_in_the_docs_reads_a_recording(whole: bytes, spot: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    spot.write_bytes(whole)
    done = subprocess.run([sys.executable, "-c", program, str(spot)], capture_output=True, check=True)
    assert done.stdout == b"".join(encode(event) for event in EVENTS)
    spot.write_bytes(whole[:-1])
    assert subprocess.run([sys.executable, "-c", program, str(spot)], capture_output=True, check=False).returncode == 1


def test_a_follower_reads_a_frame_as_soon_as_it_is_whole(whole: bytes, spot: Path) -> None:
    ends = [end for kind, _, end in frames(whole) if kind in b"CE"][:4]
    begin = next(frames(whole))[2]
    spot.write_bytes(whole[:begin])
    reader = Reader(spot)
    seen: list[Event] = []
    with spot.open("ab", buffering=0) as file:
        for at in range(begin, ends[-1]):
            file.write(whole[at : at + 1])
            seen += reader.poll()
            assert len(seen) == BATCH * sum(end <= at + 1 for end in ends)
    assert seen == EVENTS[: len(seen)]
    assert reader.lost == []
    reader.close()


def test_a_checkpoint_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.rooftop", header())
    writer.append([encode(Note(t_s=1.0, text="before"))])
    writer.checkpoint(1.0, "test/1", bytes((16 << 20) + 1))
    writer.checkpoint(1.0, "test/1", bytes(16 << 20))
    writer.close()
    assert read(tmp_path / "a.rooftop") == ([Note(t_s=1.0, text="before")], [])
    index = Index.open(tmp_path / "a.rooftop")
    assert index.checkpoint_before(1.0) == (1.0, "test/1", bytes(16 << 20), 1)
    assert index.checkpoint_before(0.9) is None
    index.close()
