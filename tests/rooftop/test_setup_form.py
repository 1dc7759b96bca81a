from __future__ import annotations

from pathlib import Path

import pytest

from rooftop import setup_form
from rooftop.commands.watch import watch_parser
from rooftop.flags import flags_of
from rooftop.profiles import NEVER
from rooftop.setup_form import FlagForm
from tests.processes import sim
from tui.desk.ports import Trouble


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("ROOFTOP_API_KEY", raising=False)


def test_every_flag_of_a_session_is_a_field_and_every_field_a_flag() -> None:
    assert {field.id for field in FlagForm().fields} == set(flags_of(watch_parser())) - NEVER


@pytest.mark.parametrize(
    ("name", "good", "bad", "why"),
    [
        ("url", "gpu1:8000", "ftp://gpu1", "no http or https URL"),
        ("prompt-tokens", "normal:128,32", "many", "is no length"),
        ("concurrency", "0", "-1", "no whole number from 0"),
        ("rate", "0.5", "fast", "is no rate"),
        ("slo", "ttft=500ms,tpot=50ms", "ttft=5", "no set of bounds"),
        ("gpu", "H200", "h2000", "did you mean"),
        ("model-shape", "llama-3.1-8b", "llama-9", "built-in table has no"),
        ("dcgm", "gpu1:9400 http://gpu2:9400/metrics", "gpu1:9400 ftp://x", "http"),
        ("gpu-hour", "2.50", "cheap", "is no price"),
        ("endpoint", "chat", "chats", "one of completions, chat"),
        ("stop-at-eos", "yes", "maybe", "yes, or nothing"),
        ("api-key-env", "MY_KEY", "sk-123", "not a key"),
        ("trace-limit", "10m", "x", "no duration"),
        ("seed", "7", "7.5", "no whole number"),
    ],
)
def test_a_field_takes_what_its_flag_takes(name: str, good: str, bad: str, why: str) -> None:
    form = FlagForm()
    assert form.check(name, good) is None
    assert why in (form.check(name, bad) or "")
    assert form.check(name, "") is None


@pytest.mark.parametrize(
    ("texts", "field", "why"),
    [
        ({"prefix-tokens": "128"}, "prefix-tokens", "must be less than"),
        ({"rate": "8", "concurrency": "4"}, "rate", "say one"),
        ({"burstiness": "2", "arrivals": "constant"}, "burstiness", "gamma"),
        ({"trace-speed": "2"}, "trace-speed", "say --trace FILE too"),
        ({"max-in-flight": "1", "workers": "4"}, "max-in-flight", "each needs one"),
        ({"trace": "/nowhere"}, "trace", "no such file"),
        ({"seed": "x"}, "seed", "no whole number"),
        ({"model": "a\x1b[2J"}, "model", "cannot be shown"),
    ],
)
def test_contradictions_are_those_of_the_command_line(texts: dict[str, str], field: str, why: str) -> None:
    found = FlagForm().check_all(texts)
    assert isinstance(found, Trouble)
    assert found.field == field
    assert why in found.reason


def test_the_usual_values_will_do() -> None:
    assert FlagForm().check_all({}) is None
    assert FlagForm().check_all({"url": "https://gpu1", "stop-at-eos": "yes", "dcgm": "a:9400 b:9400"}) is None


def test_a_file_is_read_once_while_it_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prompts.txt"
    path.write_text("one prompt\nanother prompt\n")
    form = FlagForm()
    assert form.check("dataset", str(path)) is None
    monkeypatch.setattr("rooftop.options.check", lambda path: pytest.fail("it was read again"))
    assert form.check("dataset", str(path)) is None
    assert form.check_all({"dataset": str(path)}) is None


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    form = FlagForm()
    assert form.check("dataset", str(path)) is not None
    path.write_text('{"prompt": "one"}\n')
    assert form.check("dataset", str(path)) is None


def test_the_defaults_that_are_shown_are_those_that_count() -> None:
    for field in FlagForm().fields:
        if field.default and field.id != "arrivals" and not field.choices:
            assert FlagForm().check(field.id, field.default) is None
    parser = watch_parser()
    for name, text in setup_form.DEFAULTS.items():
        action = flags_of(parser)[name]
        if callable(action.type):
            assert action.type(text) == action.default


def test_a_server_says_who_it_is() -> None:
    form = FlagForm()
    with sim() as url:
        says = form.ask_server({"url": url})
    assert says.ok
    assert says.models == ("llama-3.1-8b",)
    assert "SIMULATED" in says.words
    gone = form.ask_server({"url": url})
    assert not gone.ok
    assert not gone.models


def test_a_profile_is_kept_and_told(tmp_path: Path) -> None:
    form = FlagForm()
    assert form.save("a", {"url": "http://me:pw@gpu1", "seed": "3"}) == (
        "saved: rooftop --profile a; the address is kept without its user, password and query"
    )
    assert form.load("a") == {"url": "http://gpu1", "seed": "3"}
    assert form.profiles() == ["a"]
    assert form.delete("a") == "deleted the profile a"
    with pytest.raises(ValueError, match="no profile is called"):
        form.load("a")
    assert "cannot delete" in form.delete("a")
