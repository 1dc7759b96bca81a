from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui import samples
from tests.tui.fakes import FakeControls, FakePast, FakeSession, FakeTape
from tests.tui.helpers import app_of, replay_of, shown
from tui.actions import handlers
from tui.config import Config, read_config, user_config
from tui.keynames import parse_key, written
from tui.keys import BY_ID, KEYS, Keymap, keys_for, rebind


@pytest.mark.parametrize(
    ("text", "name", "sign"),
    [
        ("]", "right_square_bracket", "]"),
        ("right_square_bracket", "right_square_bracket", "]"),
        ("+", "plus", "+"),
        ("-", "minus", "-"),
        ("ctrl+up", "ctrl+up", "^↑"),
        ("Ctrl+Up", "ctrl+up", "^↑"),
        ("shift+ctrl+left", "ctrl+shift+left", "^⇧←"),
        ("shift+g", "G", "G"),
        ("g", "g", "g"),
        ("F5", "f5", "F5"),
        ("space", "space", "space"),
        ("pagedown", "pagedown", "PgDn"),
        ("ctrl+s", "ctrl+s", "^s"),
        (" tab ", "tab", "Tab"),
        ("=", "equals_sign", "="),
        ("alt++", "alt+plus", "M-+"),
    ],
)
def test_keys_are_read_as_people_write_them(text: str, name: str, sign: str) -> None:
    assert parse_key(text) == name
    assert written(name) == sign


@pytest.mark.parametrize("text", ["", "nokey", "ctrl+", "hyper+x", "upp", "ctrl up", "\x1b", "<any>"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no key is called"):
        parse_key(text)


def test_every_declared_key_has_a_name_that_is_read_back() -> None:
    for key in KEYS:
        assert tuple(map(parse_key, key.keys)) == key.keys


def test_no_two_declared_keys_meet() -> None:
    for key in KEYS:
        if key.id != "digit":
            _, wrong = rebind({key.id: list(key.keys)})
            assert not wrong


def test_keys_are_bound_anew_and_swapped() -> None:
    keymap, wrong = rebind({"double": "ctrl+up", "more": ["+", "a"], "next_view": "]"})
    assert not wrong
    assert keymap.written("double") == "^↑"
    assert keymap.keys_of("more") == ("plus", "a")
    found = keymap.find("right_square_bracket", frozenset(), replay=False)
    assert found is not None
    assert found.id == "next_view"
    swapped, wrong = rebind({"double": "[", "halve": "]"})
    assert not wrong
    assert (swapped.first("double"), swapped.first("halve")) == ("[", "]")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"dubble": "a"}, "[keys] dubble: there is no such name"),
        ({"double": "nokey"}, "[keys] double: no key is called 'nokey'; the usual key stays"),
        ({"double": 7}, "[keys] double: a key or a list of keys is needed"),
        ({"double": []}, "[keys] double: a key or a list of keys is needed"),
        ({"double": "q"}, "[keys] double: q is quit's; the usual key stays"),
        ({"double": "j"}, "[keys] double: j is less's"),
        ({"double": "ctrl+c"}, "[keys] double: ^c cannot be bound"),
        ({"levels": "L"}, "[keys] levels: L is far_ahead's"),
        ({"digit": "a"}, "[keys] digit: there is no such name"),
        ({"double": "a", "halve": "a"}, "[keys] halve: a is double's"),
    ],
)
def test_what_cannot_be_bound_is_one_line_and_the_usual_key_stays(table: dict[str, object], line: str) -> None:
    keymap, wrong = rebind(table)
    assert len(wrong) == 1
    assert wrong[0].startswith(line)
    last = list(table)[-1]
    if last in BY_ID:
        assert keymap.keys_of(last) == BY_ID[last].keys


def test_keys_of_a_replay_and_of_live_load_may_be_the_same() -> None:
    keymap, wrong = rebind({"play": "e", "pause": "e"})
    assert not wrong
    for replay, name in ((True, "play"), (False, "pause")):
        found = keymap.find("e", frozenset({"overview"}), replay=replay)
        assert found is not None
        assert found.id == name


def test_texts_name_keys_as_they_are_bound() -> None:
    keymap, _ = rebind({"double": "ctrl+up"})
    assert keymap.fill("{double} starts load, {nothing} {} stays") == "^↑ starts load, {nothing} {} stays"
    assert Keymap().fill("{double}") == "]"


async def test_a_rebound_key_acts_and_is_shown_everywhere() -> None:
    controls = FakeControls()
    app = app_of(controls=controls, config=Config(keys={"double": "ctrl+up", "help": "F1", "levels": "E"}))
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("right_square_bracket")
        assert not controls.sets
        await pilot.press("ctrl+up")
        assert controls.sets == [(512, "key")]
        assert "^↑ double" in shown(app, "footer")
        assert "F1 help" in shown(app, "footer")
        assert "E Levels" in shown(app, "tabs")
        commands = {command.title: command.help for command in app.get_system_commands(app.screen)}
        assert commands["Double the load; from 0 to 1"] == "Load · ^↑"
        await pilot.press("E")
        assert app.viewing.look.view == "levels"
        await pilot.press("f1")
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("^↑" in row and "double the load; from 0 to 1" in row for row in rows)
        await pilot.press("f1")
        await pilot.pause()
        assert app.screen is app.board


async def test_the_palette_shows_keys_that_would_be_markup() -> None:
    app = app_of()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"halve")
        await pilot.pause(0.3)
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("Load · [" in row for row in rows)


async def test_the_palettes_key_can_be_another() -> None:
    app = app_of(config=Config(keys={"palette": "colon"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert app.screen is app.board
        await pilot.press("colon")
        await pilot.pause()
        assert type(app.screen).__name__ == "CommandPalette"


async def test_first_lines_name_the_keys_as_bound() -> None:
    app = app_of(FakeSession(samples.empty()), config=Config(keys={"double": "ctrl+up"}))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "^↑ starts load at 1 and doubles it" in shown(app, "verdict")
        assert "1–6 Tab change the view" in shown(app, "verdict")
        assert "? lists all keys" in shown(app, "verdict")
        await pilot.press("ctrl+up")
        await pilot.pause()
        assert "starts load at 1" not in shown(app, "verdict")


async def test_what_is_wrong_is_said_at_the_start() -> None:
    app = app_of(config=Config(keys={"double": "q"}, warnings=("config.toml: no table is called [kees]",)))
    async with app.run_test(size=(160, 45)):
        assert "config.toml: no table is called [kees]; [keys] double: q is quit's" in shown(app, "message")


CONFIG = """
[keys]
double = "ctrl+up"
more = ["+", "a"]
[screen]
theme = "rooftop-light"
view = "levels"
mouse = false
"""


async def test_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    config = read_config(tmp_path / "config.toml")
    assert not config.warnings
    assert not config.mouse
    app = app_of(config=config)
    async with app.run_test(size=(160, 45)):
        assert app.theme == "rooftop-light"
        assert "level_table" in app.board.places
        assert "^↑ double" in shown(app, "footer")
    other = app_of(config=config, theme="rooftop-high-contrast")
    async with other.run_test(size=(80, 24)):
        assert other.theme == "rooftop-high-contrast", "the flag goes before the file"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[keys", "is not read"),
        ("[kees]\n", "no table is called [kees]"),
        ("keys = 3\n", "keys is a table, [keys]"),
        ("[screen]\ncolour = 1\n", "[screen] has no colour"),
        ("[screen]\ntheme = 1\n", "theme is the name of a theme"),
        ('[screen]\nview = "x"\n', "view is one of overview, requests"),
        ("[screen]\nmouse = 1\n", "mouse is true or false"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    config = read_config(path)
    assert len(config.warnings) == 1
    assert line in config.warnings[0]
    assert "\n" not in config.warnings[0]
    assert (config.theme, config.view, config.mouse) == (None, None, True)


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert read_config(tmp_path / "config.toml") == Config()
    assert user_config().parts[-2:] == ("rooftop", "config.toml")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    assert "is not read" in read_config(tmp_path / "config.toml").warnings[0]
    assert "is not read" in read_config(tmp_path).warnings[0]


def test_the_documentation_lists_every_key_as_declared() -> None:
    text = (Path(__file__).parents[2] / "docs" / "screen.md").read_text()
    keymap = Keymap()
    for key in KEYS:
        if key.id != "digit":
            signs = " ".join(f"`{sign}`" for sign in keymap.written(key.id).split(" "))
            assert f"| `{key.id}` | {signs} |" in text


def test_the_documented_file_is_read_whole(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "screen.md").read_text()
    example = text.split("```toml\n")[1].split("```")[0]
    (tmp_path / "config.toml").write_text(example)
    config = read_config(tmp_path / "config.toml")
    assert not config.warnings
    keymap, wrong = rebind(config.keys)
    assert not wrong
    assert keymap.written("more") == "+ K"
    assert config.view == "levels"


def test_the_documentation_says_what_every_key_does() -> None:
    text = (Path(__file__).parents[2] / "docs" / "screen.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    told = {row[0].strip("| `"): row[-1].rstrip(" |") for row in rows if len(row) == 4}
    assert {name: told[name] for name in told if name in BY_ID} == {
        key.id: key.help or told[key.id] for key in KEYS if key.id != "digit"
    }


@pytest.mark.parametrize("replay", [False, True])
def test_every_key_has_a_handler(replay: bool) -> None:
    app = replay_of(FakeTape() if replay else FakePast())
    assert {key.id for key in keys_for(replay=replay)} <= set(handlers(app))


@pytest.mark.parametrize("pressed", ["left", "l", "H", "comma", "home"])
async def test_keys_of_a_replay_mean_nothing_live(pressed: str) -> None:
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(pressed)
        assert "off" not in shown(app, "message")
        assert app.is_running


def test_the_configuration_says_ascii_and_has_tables_of_keys_for_the_desk(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[screen]\nascii = true\n[keys]\nmore = 'K'\nset_up = 'ctrl+e'\n[keys.sessions]\nmark = 'm'\n"
        "[keys.setup]\nsave = 'f2'\n"
    )
    config = read_config(path)
    assert config.warnings == ()
    assert config.ascii
    assert config.desk_keys == {"sessions": {"mark": "m"}, "setup": {"save": "f2"}}
    keymap, wrong = rebind(config.keys)
    assert wrong == []
    assert keymap.keys_of("setup") == ("ctrl+e",)
    path.write_text("[screen]\nascii = 'no'\nmouse = 1\n[keys]\nsetup = 'ctrl+e'\n")
    config = read_config(path)
    assert not config.ascii
    assert config.mouse
    assert [line.split("] ")[1] for line in config.warnings] == ["mouse is true or false", "ascii is true or false"]
    assert rebind(config.keys)[0].keys_of("setup") == ("ctrl+e",)
