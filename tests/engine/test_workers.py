"""Several load workers share one load and one recording."""

from __future__ import annotations

from pathlib import Path

from session.events import Tick
from session.playback import fold_file
from session.recording import Reader
from tests.processes import rooftop, sim


def test_two_workers_split_the_load_exactly_and_merge_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "a.rooftop"
    with sim() as url:
        done = rooftop(
            tmp_path, "run", url, "--concurrency", "5,8", "--hold", "2s", "--output-tokens", "64", "--workers", "2",
            "-o", str(path),
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reader = Reader(path)
    events = reader.poll()
    reader.close()
    times = [event.t_s for event in events]
    assert times == sorted(times)
    snapshot = fold_file(path).snapshot()
    assert {getattr(event, "worker", 0) for event in events} == {0, 1}
    assert [level.concurrency for level in snapshot.levels] == [5, 8]
    for level, shares in zip(snapshot.levels, ({0: 3, 1: 2}, {0: 4, 1: 4}), strict=True):
        inside = [e for e in events if isinstance(e, Tick) and 0.5 < e.t_s - level.started_s < level.duration_s]
        assert {n: max(e.in_flight for e in inside if e.worker == n) for n in (0, 1)} == shares
    assert snapshot.output_tokens == snapshot.server.generation_tokens_total == 64 * snapshot.requests
