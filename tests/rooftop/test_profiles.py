from __future__ import annotations

import stat
from pathlib import Path

import platformdirs
import pytest

from rooftop import profiles
from rooftop.cli import main
from rooftop.commands.run import run_parser
from rooftop.commands.watch import arguments, watch_parser
from rooftop.errors import Failure, Usage
from rooftop.flags import over, texts_of, words_of
from rooftop.profiles import with_profile


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("ROOFTOP_API_KEY", raising=False)
    return tmp_path


WORDS = [
    "--prompt-tokens=normal:128,32", "--stop-at-eos", "--dcgm=http://a:9400/metrics", "--dcgm=b:9400", "--gpu=h200",
    "--slo=ttft=500ms,tpot=50ms", "--rate=32", "--", "http://gpu1:8000",
]  # fmt: skip


def said(words: list[str]) -> dict[str, str]:
    return texts_of(watch_parser(), words)


def test_words_become_texts_and_the_same_words_again() -> None:
    texts = said(WORDS)
    assert texts["dcgm"] == "http://a:9400/metrics b:9400"
    assert texts["stop-at-eos"] == "yes"
    again = words_of(watch_parser(), texts)
    assert sorted(again[:-2]) == sorted(WORDS[:-2])
    assert again[-2:] == WORDS[-2:]
    assert vars(arguments(watch_parser(), again)) == vars(arguments(watch_parser(), WORDS))


def test_what_is_not_said_is_not_there() -> None:
    assert said([]) == {}


def test_a_profile_comes_back_as_it_was() -> None:
    texts = {**said(WORDS), "dataset": '/tmp/a "b" \\ ü.txt'}
    assert profiles.save("h200", texts) == []
    assert profiles.load("h200") == texts
    assert profiles.names() == ["h200"]
    profiles.delete("h200")
    assert profiles.names() == []


def test_only_the_user_reads_it() -> None:
    profiles.save("a", {"seed": "1"})
    profiles.remember({"seed": "2"})
    for path in (
        profiles.profiles_folder() / "a.toml",
        platformdirs.user_state_path("rooftop") / "setup.toml",
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert profiles.last() == {"seed": "2"}


def test_no_secret_is_saved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-in-the-environment")
    texts = {
        "url": "https://user:hunter2@llm.example.com/v1?key=hunter3#hunter4",
        "dcgm": "http://me:hunter5@gpu1:9400/metrics gpu2:9400",
        "api-key-env": "hunter6",
    }
    left = profiles.save("a", texts)
    profiles.remember(texts)
    assert profiles.load("a") == {"url": "https://llm.example.com/v1", "dcgm": "http://gpu1:9400/metrics gpu2:9400"}
    assert len(left) == 3
    profiles.save("b", {"api-key-env": "MY_KEY"})
    assert profiles.load("b") == {"api-key-env": "MY_KEY"}
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"hunter" not in kept
    assert b"sk-in" not in kept


def test_flags_go_before_the_profile() -> None:
    profiles.save("a", said(["--seed=1", "--concurrency=8", "--dcgm=a:9400", "http://gpu1:8000"]))
    args = arguments(watch_parser(), with_profile(watch_parser(), ["--profile", "a"]))
    assert (args.seed, args.concurrency, args.url, args.dcgm) == (1, 8, "http://gpu1:8000", ["http://a:9400"])
    words = ["http://gpu2:8000", "--profile=a", "--seed", "2", "--rate", "4", "--dcgm", "b:9400", "-o", "x.rooftop"]
    args = arguments(watch_parser(), with_profile(watch_parser(), words))
    assert (args.seed, args.concurrency, args.rate, args.url) == (2, 0, 4.0, "http://gpu2:8000")
    assert args.dcgm == ["http://b:9400"]
    assert args.output == Path("x.rooftop")


def test_one_way_to_load_takes_the_place_of_another() -> None:
    below = {"trace": "a", "trace-speed": "2", "seed": "1"}
    assert over(below, {"rate": "4"}) == {"rate": "4", "seed": "1"}
    assert over(below, {"seed": "3"}) == {**below, "seed": "3"}


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "x" * 65, "a b", "-x", "a\n"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(Failure, match="a name has letters"):
        profiles.save(name, {})
    with pytest.raises(Usage):
        profiles.load(name)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"seed = [1]", "is no text"),
        (b"seed", "cannot read"),
        (b"\xff", "cannot read"),
        (b'model = "\\u001b[31m"', "characters that no flag has"),
        (b"#" * 70_000, "too long"),
        (b'output = "/etc/passwd"', "no flag here: output"),
        (b'exec = "rm"', "no flag here: exec"),
    ],
)
def test_a_strange_file_is_one_line(data: bytes, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    profiles.save("a", {})
    (profiles.profiles_folder() / "a.toml").write_bytes(data)
    assert main(["--profile", "a"]) == 2
    err = capsys.readouterr().err
    assert why in err
    assert err.count("\n") == 1


def test_a_wrong_value_is_told_as_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    profiles.save("a", {"prompt-tokens": "many"})
    with pytest.raises(SystemExit):
        main(["--profile", "a"])
    assert "--prompt-tokens: 'many' is no length" in capsys.readouterr().err


def test_a_profile_that_is_not_there_names_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", "h200"]) == 2
    assert "'rooftop setup' saves one" in capsys.readouterr().err
    profiles.save("b200", {})
    assert main(["--profile", "h200"]) == 2
    assert "there are: b200" in capsys.readouterr().err


def test_where_nothing_can_be_written_remembering_is_no_trouble(home: Path) -> None:
    (home / "state").write_text("a file in its place")
    profiles.remember({"seed": "1"})
    assert profiles.last() == {}


def test_a_key_in_place_of_its_variable_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--api-key-env", "sk-1234-5678"])
    err = capsys.readouterr().err
    assert "not a key" in err
    assert "1234" not in err


def test_without_a_terminal_setup_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["setup"]) == 2
    assert "needs a terminal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--hold", "5s"], ["--concurrency=4", "--hold=5s", "--prompt-tokens=64", "--", "http://gpu1:8000"]),
        (["--rate", "5,6"], ["--rate=5,6", "--prompt-tokens=64", "--", "http://gpu1:8000"]),
        (["http://gpu2:8000"], ["--concurrency=4", "--prompt-tokens=64", "--", "http://gpu2:8000"]),
        (["--demo"], ["--demo", "--concurrency=4", "--prompt-tokens=64"]),
    ],
)
def test_a_run_without_a_screen_takes_profiles_too(words: list[str], line: list[str]) -> None:
    profiles.save("p", {"url": "http://gpu1:8000", "concurrency": "4", "prompt-tokens": "64"})
    assert with_profile(run_parser(), ["--profile", "p", *words]) == line


def test_a_run_still_wants_load(capsys: pytest.CaptureFixture[str]) -> None:
    profiles.save("p", {"url": "http://gpu1:8000"})
    with pytest.raises(SystemExit):
        main(["run", "--profile", "p"])
    assert "one of the arguments --concurrency --rate --trace is required" in capsys.readouterr().err
    assert main(["run", "--profile", "none"]) == 2
    assert "no profile is called 'none'; there are: p" in capsys.readouterr().err
