"""The one look before a headless run: go, or a line that says why not."""

from __future__ import annotations

import socket

import pytest

from telemetry.preflight import preflight
from telemetry.web import Failed, base_of, clean, is_loopback
from tests.telemetry.http_server import Answer, models, running, vllm_site


def test_a_server_that_is_ready() -> None:
    with running(vllm_site()) as site:
        found = preflight(site.url, None, "Bearer k")
    assert (found.problem, found.model, found.models, found.version) == (None, "m", ["m"], "0.32.0")
    assert (found.root, found.max_model_len, found.simulated, found.tp) == ("/models/m", 2048, False, None)


def test_an_adapter_is_not_what_is_meant_by_default() -> None:
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("lora", parent="m").replace(b"]", b',{"id":"m","parent":null}]'))
    with running(site):
        assert preflight(site.url).model == "m"
        assert preflight(site.url, "lora").model == "lora"


def test_a_model_that_is_not_served() -> None:
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("a", "b"))
    with running(site):
        found = preflight(site.url, "x")
    assert found.problem == "the server has no model 'x'; it serves: a, b"
    assert found.model is None


def test_names_with_escape_codes_are_sent_as_they_are_and_shown_clean() -> None:
    site = vllm_site()
    site.answers["/v1/models"] = Answer(models("\x1b[2Jm", *"abcdefgh"))
    with running(site):
        assert preflight(site.url).model == "\x1b[2Jm"
        problem = preflight(site.url, "x\x07").problem
    assert problem is not None
    assert problem.isprintable()
    assert problem.endswith("and 3 more")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"", 401), "set ROOFTOP_API_KEY"),
        (Answer(b"", 404), "no OpenAI-compatible server"),
        (Answer(b"<html>"), "no OpenAI-compatible server"),
        (Answer(b'{"data":[]}'), "serves no model"),
        (Answer(b'{"data":[{"id":7},"x"]}'), "serves no model"),
    ],
)
def test_servers_that_cannot_be_loaded(answer: Answer, words: str) -> None:
    site = vllm_site()
    site.answers["/v1/models"] = answer
    with running(site):
        problem = preflight(site.url, None, "Bearer sk-secret").problem
    assert words in (problem or "")
    assert "secret" not in (problem or "")


def test_a_server_without_a_version_will_do() -> None:
    site = vllm_site()
    del site.answers["/version"]
    with running(site):
        found = preflight(site.url)
    assert (found.problem, found.version) == (None, None)


def test_plain_http_where_tls_is_asked_for() -> None:
    with running(vllm_site()) as site:
        problem = preflight(site.url.replace("http:", "https:")).problem
    assert "does not speak TLS; try http://" in (problem or "")


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        problem = preflight(f"http://127.0.0.1:{taken.getsockname()[1]}").problem
    assert "connection refused; is the server running there?" in (problem or "")


@pytest.mark.parametrize("url", ["", "host:8000", "ftp://h", "http://", "http://[::1", "http://a b", "\x1b[0m"])
def test_what_is_no_url(url: str) -> None:
    problem = preflight(url).problem
    assert problem is not None
    assert problem.isprintable()


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://h:8000/v1/", "http://h:8000"),
        ("http://u:p@h:8000", "http://h:8000"),
        ("https://h/prefix/v1?x=1#y", "https://h/prefix"),
        (" http://[::1]:8000 ", "http://[::1]:8000"),
    ],
)
def test_base_of(url: str, base: str) -> None:
    assert base_of(url) == base


def test_base_of_never_shows_a_password() -> None:
    with pytest.raises(Failed) as failed:
        base_of("ftp://user:pa55@host/")
    assert "pa55" not in failed.value.reason


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("a.localhost.", True),
        ("10.0.0.1", False),
        ("h", False),
    ],
)
def test_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_clean() -> None:
    assert clean("a\x1b[1m\nb\u202e\t c") == "a [1m b c"
    assert clean("x" * 500) == "x" * 159 + "…"
