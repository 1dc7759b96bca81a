"""The server probe against a server that is up, wrong, dead, back, huge or hostile."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from session.codec import encode
from session.events import Event, Metrics, Server, Source
from telemetry.server import ServerProbe
from tests.telemetry.http_server import Answer, Events, Site, models, running, vllm_site

KEY = "sk-very-secret"
Said = Callable[[Event], bool]


@contextlib.contextmanager
def probing(url: str, interval_s: float = 0.02, model: str | None = None) -> Iterator[tuple[ServerProbe, Events]]:
    events = Events()
    probe = ServerProbe(
        url, events.emit, time.monotonic, authorization=f"Bearer {KEY}", model=model, interval_s=interval_s
    )
    probe.start()
    try:
        yield probe, events
    finally:
        probe.stop()
        assert not any(KEY.encode() in encode(event) for event in events.all)


def is_metrics(event: Event) -> bool:
    return isinstance(event, Metrics)


def said(source: str, ok: bool, words: str = "") -> Said:
    return lambda e: isinstance(e, Source) and (e.source, e.ok) == (source, ok) and words in (e.reason or "")


def test_a_server_that_is_up() -> None:
    with running(vllm_site()) as site, probing(site.url + "/v1/") as (_, events):
        metrics = events.wait(is_metrics)
        server = events.wait(lambda e: isinstance(e, Server))
    assert isinstance(metrics, Metrics)
    assert metrics.engines["0"].running == 2.0
    assert metrics.took_s is not None
    assert 0 < metrics.took_s < 5
    assert isinstance(server, Server)
    assert (server.model, server.version, server.root) == ("m", "0.32.0", "/models/m")
    assert (server.max_model_len, server.simulated, server.tp) == (2048, False, None)
    assert {key for _, key in site.asked} == {f"Bearer {KEY}"}


def test_states_are_said_once() -> None:
    with running(vllm_site()) as site, probing(site.url) as (_, events):
        for _ in range(3):
            events.wait(is_metrics, len(events.all))
    states = [(e.source, e.ok) for e in events.all if isinstance(e, Source)]
    assert states == [("server", True), ("metrics", True)]
    assert [path for path, _ in site.asked].count("/v1/models") == 1


def test_nobody_there() -> None:
    with running(vllm_site()) as site:
        pass
    with probing(site.url) as (_, events):
        event = events.wait(said("server", False, "connection refused; is the server running there?"))
        events.wait(said("metrics", False))
    assert isinstance(event, Source)
    assert site.url in (event.reason or "")


def test_it_dies_and_comes_back_as_another() -> None:
    site = vllm_site()
    with running(site):
        pass
    with probing(site.url) as (_, events):
        with running(site):
            events.wait(is_metrics)
            died = len(events.all)  # it may have been asked, and found away, before it was there
        events.wait(said("server", False), died)
        site.answers["/v1/models"] = Answer(models("other"))
        mark = len(events.all)
        with running(site):
            events.wait(said("server", True), mark)
            again = events.wait(lambda e: isinstance(e, Server), mark)
            events.wait(is_metrics, mark)
    assert isinstance(again, Server)
    assert again.model == "other"


def test_it_comes_back_as_the_same_and_is_not_introduced_again() -> None:
    site = vllm_site()
    with running(site):
        pass
    with probing(site.url) as (_, events):
        for _ in range(2):
            mark = len(events.all)
            with running(site):
                events.wait(is_metrics, mark)
            events.wait(said("server", False), mark)
    assert sum(isinstance(e, Server) for e in events.all) == 1


@pytest.mark.parametrize(
    ("path", "answer", "source", "words"),
    [
        ("/v1/models", Answer(b"{}", 401), "server", "401 from /v1/models: set ROOFTOP_API_KEY"),
        ("/v1/models", Answer(b"", 404), "server", "no OpenAI-compatible server"),
        ("/v1/models", Answer(b"<html>hi"), "server", "a web page"),
        ("/v1/models", Answer(b"[" * 100_000), "server", "no OpenAI-compatible server"),
        ("/v1/models", Answer(b"", 503), "server", "starting or broken"),
        ("/metrics", Answer(b"", 401), "metrics", "ROOFTOP_API_KEY"),
        ("/metrics", Answer(b"", 404), "metrics", "--disable-log-stats"),
        ("/metrics", Answer(b"", 500), "metrics", "500"),
        ("/metrics", Answer(b"<html>hi"), "metrics", "web page"),
        ("/metrics", Answer(b"sglang:x 1\n"), "metrics", "SGLang"),
        ("/metrics", Answer(b"x" * (9 << 20)), "metrics", "larger than 8 MiB"),
        ("/metrics", Answer(b"\xff\xfe\x00\n"), "metrics", "no metrics of a known server"),
    ],
)
def test_bad_answers(path: str, answer: Answer, source: str, words: str) -> None:
    site = vllm_site()
    site.answers[path] = answer
    with running(site), probing(site.url) as (_, events):
        event = events.wait(said(source, False, words))
        if source == "server":
            events.wait(is_metrics)
    assert isinstance(event, Source)
    assert event.reason is not None
    assert event.reason.isprintable()


def test_tensorrt_llm_has_its_metrics_elsewhere() -> None:
    site = vllm_site()
    site.answers["/metrics"] = Answer(b'[{"iter": 1}]')
    site.answers["/prometheus/metrics"] = Answer(b"trtllm_num_requests_running 3\n")
    with running(site), probing(site.url) as (_, events):
        first = events.wait(is_metrics)
        events.wait(is_metrics, len(events.all))
    assert isinstance(first, Metrics)
    assert (first.kind, first.engines["0"].running) == ("TensorRT-LLM", 3.0)
    assert [path for path, _ in site.asked].count("/metrics") == 1


def test_what_a_server_does_not_tell_is_said_beside_what_it_does() -> None:
    site = vllm_site()
    site.answers["/metrics"] = Answer(b"tgi_batch_current_size 3\ntgi_queue_size 0\n")
    with running(site), probing(site.url) as (_, events):
        event = events.wait(said("metrics", True, "TGI shows no KV cache usage"))
        metrics = events.wait(is_metrics)
    assert isinstance(metrics, Metrics)
    assert metrics.kind == "TGI"
    assert isinstance(event, Source)


def test_text_of_the_server_is_cleaned() -> None:
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("\x1b[31mm\n" + "x" * 500))
    site.answers["/version"] = Answer(b'{"version":"1\\u001b]0;t\\u0007"}')
    with running(site), probing(site.url) as (_, events):
        server = events.wait(lambda e: isinstance(e, Server))
    assert isinstance(server, Server)
    assert server.model is not None
    assert server.model.isprintable()
    assert len(server.model) <= 160
    assert server.version == "1 ]0;t"


@pytest.mark.parametrize("by_header", [True, False])
def test_a_simulated_server_says_so(by_header: bool) -> None:
    site = vllm_site()
    site.answers["/sim/gpus"] = Answer(b'{"simulated":true,"tp":4,"gpus":[]}')
    if by_header:
        site.server = "rooftop-sim"
    else:
        site.answers["/v1/models"] = Answer(models("m", owned_by="rooftop-sim"))
    with running(site), probing(site.url) as (_, events):
        server = events.wait(lambda e: isinstance(e, Server))
    assert isinstance(server, Server)
    assert (server.simulated, server.tp) == (True, 4)


def test_the_model_asked_for_is_the_one_described() -> None:
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("a", "b"))
    with running(site), probing(site.url, model="b") as (_, events):
        server = events.wait(lambda e: isinstance(e, Server))
    assert isinstance(server, Server)
    assert server.model == "b"


def test_a_nudge_brings_a_reading_long_before_the_next_one() -> None:
    with running(vllm_site()) as site, probing(site.url, interval_s=60.0) as (probe, events):
        events.wait(is_metrics)
        mark, start = len(events.all), time.monotonic()
        probe.nudge()
        events.wait(is_metrics, mark)
        assert 0.2 < time.monotonic() - start < 2.0


def test_stopping_is_quick_while_waiting_and_while_a_request_hangs() -> None:
    hang = threading.Event()
    site = vllm_site()
    with running(site), probing(site.url, interval_s=60.0) as (probe, events):
        events.wait(is_metrics)
        start = time.monotonic()
        probe.stop()
        assert time.monotonic() - start < 0.2
        assert not probe.is_alive()
    site.answers["/metrics"] = Answer(wait=hang)
    with running(site), probing(site.url) as (probe, events):
        events.wait(said("server", True))
        start = time.monotonic()
        probe.stop()
        assert time.monotonic() - start < 1.0
        mark = len(events.all)
        hang.set()
        assert events.all[mark:] == []


def test_a_key_that_no_header_can_carry_is_not_quoted() -> None:
    events = Events()
    probe = ServerProbe(
        "http://127.0.0.1:1", events.emit, time.monotonic, authorization="Bearer sk-s\u00e9cret\n1", interval_s=1.0
    )
    probe.start()
    event = events.wait(said("server", False, "ROOFTOP_API_KEY"))
    probe.stop()
    assert b"sk-" not in encode(event)


def test_a_url_with_a_password_does_not_show_it() -> None:
    with running(Site()) as site:
        url = f"http://user:pa55@127.0.0.1:{site.port}"
        with probing(url) as (_, events):
            events.wait(said("server", False, f"http://127.0.0.1:{site.port}/v1/models answers 404"))
        assert not any(b"pa55" in encode(event) for event in events.all)


def test_loopback_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with running(vllm_site()) as site, probing(site.url) as (_, events):
        events.wait(is_metrics)
