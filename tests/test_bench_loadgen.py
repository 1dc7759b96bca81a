"""What the load generators' bench makes of logs and results; running it is nobody's test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.loadgen.clients import account_of
from bench.loadgen.judging import Account, Told, chunks, chunks_per_s, judge, read_log, told_of
from bench.loadgen.peers import Absent, peer, read_aiperf, read_guidellm, read_vllm
from bench.loadgen.processes import settle_cores
from bench.loadgen.tables import medians, ratios, table
from session.events import Event, Request, Tick
from session.gaps import bucket_of

MS = 1_000_000
TRUTH = {
    "a": [0, 50 * MS, 70 * MS, 90 * MS],
    "b": [10 * MS, 60 * MS, 80 * MS, 100 * MS],
}


def test_a_log_is_read_as_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a 0 50 70\no-1 10 60\n")
    assert read_log(log) == {"a": [0, 50, 70], "o-1": [10, 60]}


def test_named_requests_are_held_to_their_own_line() -> None:
    told = {"a": [0, 51 * MS, 74 * MS, 90 * MS], "b": [10 * MS, 60 * MS, 80 * MS, 104 * MS]}
    verdict = judge(TRUTH, Account(told_of(told)))
    assert verdict.matched
    assert verdict.unlike == 0
    assert verdict.errors["ttft_p50_ms"] == pytest.approx(0.0)
    assert verdict.errors["itl_p99_ms"] == pytest.approx(4.0)
    assert verdict.errors["tpot_p99_ms"] == pytest.approx(0.5)


def test_swapped_requests_are_errors_when_named_and_none_when_not() -> None:
    truth = {"a": [0, 50 * MS], "b": [0, 90 * MS]}
    named = [Told("a", 90.0), Told("b", 50.0)]
    assert judge(truth, Account(named)).errors["ttft_p50_ms"] == pytest.approx(40.0)
    unnamed = judge(truth, Account([Told(None, one.ttft_ms) for one in named]))
    assert not unnamed.matched
    assert unnamed.errors["ttft_p50_ms"] == pytest.approx(0.0)


def test_a_request_with_other_chunks_is_counted_and_left_out_of_itl() -> None:
    verdict = judge(TRUTH, Account([Told("a", 50.0, [40.0], 20.0)]))
    assert verdict.unlike == 1
    assert verdict.errors["itl_p99_ms"] is None
    assert verdict.errors["tpot_p99_ms"] == pytest.approx(0.0)


def test_chunks_and_their_rate_come_from_the_log() -> None:
    assert chunks(TRUTH) == 6
    assert chunks_per_s(TRUTH) == pytest.approx(60.0)


def test_a_recording_tells_requests_without_names_and_gaps_by_bucket() -> None:
    events: list[Event] = [
        Tick(t_s=1.0, dt_s=0.25, itl={bucket_of(0.020): 4}),
        Request(t_s=1.0, start_s=0.0, ttft_s=0.050, last_s=0.090, output_tokens=3),
        Request(t_s=1.0, start_s=0.0, error="cut"),
    ]
    account = account_of(events)
    (told,) = account.requests
    assert told.name is None
    assert told.ttft_ms == pytest.approx(50.0)
    assert told.tpot_ms == pytest.approx(20.0)
    assert account.gaps_ms == pytest.approx([20.0] * 4, rel=0.01)
    assert judge(TRUTH, account).errors["itl_p99_ms"] == pytest.approx(0.0, abs=0.2)


def test_results_of_the_peers_are_read(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.write_text(json.dumps({"ttfts": [0.05, 0.0], "itls": [[0.02, 0.02], []], "errors": ["", "refused"]}))
    assert read_vllm(saved) == Account([Told("v-0", 50.0, [20.0, 20.0], 20.0)])
    metrics = {"time_to_first_token": {"value": 50.0}, "inter_chunk_latency": {"value": [20.0]}}
    record = {"metadata": {"x_request_id": "x"}, "metrics": metrics}
    saved.write_text(json.dumps(record) + "\n" + json.dumps({**record, "error": {"code": 500}}) + "\n")
    assert read_aiperf(saved) == Account([Told("x", 50.0, [20.0], None)])
    one = {"response_id": "o-1", "time_to_first_token_ms": 50.0, "inter_token_latency_ms": 20.0}
    saved.write_text(json.dumps({"benchmarks": [{"requests": {"successful": [one]}}]}))
    assert read_guidellm(saved) == Account([Told("o-1", 50.0, None, 20.0)])


def test_an_absent_peer_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(Absent, match="pip install aiperf"):
        peer("aiperf", tmp_path / "nothing", tmp_path / "tokenizer")


def test_the_table_shows_medians_ratios_and_what_is_missing() -> None:
    runs = [{"cpu_s_per_million": cpu, "chunks_per_s": 45_000.0, "itl_p99_ms": None} for cpu in (9.0, 10.0, 30.0)]
    rows = {"ours": medians(runs), "other": medians([{"cpu_s_per_million": 25.0, "itl_p99_ms": 28.0}])}
    lines = table(rows).splitlines()
    assert lines[2].startswith("| ours | 10 | 45,000 | –")
    assert lines[3].startswith("| other | 25 | – |")
    shown = ratios(rows, "ours").splitlines()
    assert shown[2].startswith("| other | 2.5× | – |")
    assert len(shown) == 3
    assert ratios({"other": rows["other"]}, "ours") == ""


def test_each_worker_and_server_gets_a_core_as_far_as_they_go() -> None:
    assert settle_cores(["0", "1"], 2) == (["0"], ["1"])
    assert settle_cores(["0", "1", "2", "3"], 2) == (["0", "1"], ["2", "3"])
    assert settle_cores(["0", "1", "2"], 2) == (["0", "1"], ["2"])
    with pytest.raises(ValueError, match="a core each"):
        settle_cores(["0"], 1)
