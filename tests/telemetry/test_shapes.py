"""Where a model's shape comes from: the first of several places that knows it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from regime.model_table import MODELS
from session.events import Metrics, Model, Server
from session.shapes import from_record, to_record
from telemetry.model_files import Unreadable, cached_config, read_config
from telemetry.server import ServerProbe
from telemetry.shapes import find_model, shape_of_file
from telemetry.vllm import cache_dtype
from tests.regime import configs
from tests.telemetry.http_server import METRICS, Answer, Events, running, vllm_site

DATA = Path(__file__).parents[1] / "data" / "metrics"
REVISION = "0123456789abcdef0123456789abcdef01234567"


def put(folder: Path, config: object = configs.LLAMA_8B) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return path


def snapshot(hub: Path, name: str, revision: str = REVISION) -> Path:
    return hub / ("models--" + name.replace("/", "--")) / "snapshots" / revision


def layers(model: Model) -> int | None:
    return model.shape.layers if model.shape else None


def found(tmp_path: Path, model: str | None, root: str | None = None, **more: object) -> Model:
    server = Server(t_s=1.5, model=model, root=root, simulated=bool(more.pop("simulated", False)))
    return find_model(server, {"HF_HUB_CACHE": str(tmp_path / "hub")}, **more)  # type: ignore[arg-type]


def test_the_first_place_that_knows_wins(tmp_path: Path) -> None:
    name, root = "org/Llama-3.1-8B", tmp_path / "Llama-3.1-8B"
    table = found(tmp_path, name, str(root))
    assert (table.source, layers(table), table.t_s) == ("table", 32, 1.5)
    put(snapshot(tmp_path / "hub", name), {**configs.LLAMA_8B, "num_hidden_layers": 33})
    cache = found(tmp_path, name, str(root))
    assert (cache.source, layers(cache)) == ("cache", 33)
    put(root, {**configs.LLAMA_8B, "num_hidden_layers": 34})
    at_root = found(tmp_path, name, str(root))
    assert (at_root.source, layers(at_root)) == ("root", 34)
    by_name = found(tmp_path, name, str(root), table_name="qwen3-8b")
    assert (by_name.source, layers(by_name)) == ("model-shape", 36)
    given = found(tmp_path, name, str(root), given=to_record(MODELS["qwen3-14b"]))
    assert (given.source, layers(given)) == ("model-config", 40)


def test_nothing_of_a_path_is_told(tmp_path: Path) -> None:
    root = put(tmp_path / "secret").parent
    model = found(tmp_path, "m", str(root))
    assert model.shape is not None
    assert "secret" not in repr(model)


def test_the_root_names_the_model_where_the_served_name_is_an_alias(tmp_path: Path) -> None:
    put(snapshot(tmp_path / "hub", "Qwen/Qwen3-30B-A3B"), configs.QWEN3_30B)
    model = found(tmp_path, "chat", "Qwen/Qwen3-30B-A3B")
    assert model.source == "cache"
    assert model.shape is not None
    shape = from_record(model.shape)
    assert shape is not None
    assert shape.total_params == pytest.approx(30.5e9, rel=0.01)


def test_a_file_that_is_not_understood_ends_the_search(tmp_path: Path) -> None:
    root = put(tmp_path / "Llama-3.1-8B", {**configs.LLAMA_8B, "hidden_size": 0}).parent
    model = found(tmp_path, "Llama-3.1-8B", str(root))
    assert (model.shape, model.source) == (None, "root")
    assert model.reason == (
        "its config.json: hidden_size is 0, not a whole number from 16 to 1000000; --model-shape names another"
    )


@pytest.mark.parametrize(("model", "root"), [("own", None), (None, None), ("\x1b[31mx", "/no/\x00where")])
def test_none_with_a_reason(tmp_path: Path, model: str | None, root: str | None) -> None:
    said = found(tmp_path, model, root)
    assert said.shape is None
    assert said.reason is not None
    assert said.reason.isprintable()


def test_a_simulated_server_is_in_the_table(tmp_path: Path) -> None:
    put(snapshot(tmp_path / "hub", "llama-3.1-8b"), configs.QWEN3_30B)
    assert found(tmp_path, "llama-3.1-8b", simulated=True).source == "table"


def test_the_cache_is_where_its_library_has_it(tmp_path: Path) -> None:
    for number, (variable, below) in enumerate(
        (("HF_HUB_CACHE", ""), ("HF_HOME", "hub"), ("XDG_CACHE_HOME", "huggingface/hub"))
    ):
        home = tmp_path / str(number)
        path = put(snapshot(home / below, "a/b"))
        assert cached_config("a/b", {variable: str(home)}) == path
        assert cached_config("a/c", {variable: str(home)}) is None


def test_the_revision_of_main_comes_first_and_then_the_newest(tmp_path: Path) -> None:
    old, new = (put(snapshot(tmp_path, "a/b", digit * 40)) for digit in "12")
    os.utime(old.parent, (1_000, 1_000))
    environ = {"HF_HUB_CACHE": str(tmp_path)}
    assert cached_config("a/b", environ) == new
    main = tmp_path / "models--a--b" / "refs" / "main"
    main.parent.mkdir()
    main.write_text("1" * 40)
    assert cached_config("a/b", environ) == old
    main.write_text("../../../../etc")
    assert cached_config("a/b", environ) == new


@pytest.mark.parametrize("name", ["../b", "a/../b", "a/b/c", "/etc", "a\x00b", "", "a b", "x" * 300])
def test_a_name_never_leaves_the_cache(tmp_path: Path, name: str) -> None:
    assert cached_config(name, {"HF_HUB_CACHE": str(tmp_path)}) is None


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "text").write_text("no json")
    (tmp_path / "list").write_text("[1]")
    (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "big").write_bytes(b" " * (5 << 20))
    for name in ("pipe", "text", "list", "deep", "big", "absent"):
        with pytest.raises(Unreadable):
            read_config(tmp_path / name)


def test_a_file_or_a_folder_of_the_user(tmp_path: Path) -> None:
    path = put(tmp_path / "my-model")
    assert shape_of_file(path) == shape_of_file(path.parent)
    assert shape_of_file(path).name == "my-model"
    assert shape_of_file(put(snapshot(tmp_path, "org/m"))).name == "org/m"
    with pytest.raises(Unreadable, match="No such file"):
        shape_of_file(tmp_path / "absent")
    with pytest.raises(Unreadable, match="hidden_size is missing"):
        shape_of_file(put(tmp_path / "bad", {"model_type": "llama"}))


def test_modelopt_tells_its_quantisation_in_a_second_file(tmp_path: Path) -> None:
    path = put(tmp_path)
    (tmp_path / "hf_quant_config.json").write_text(
        json.dumps(
            {"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]}}
        )
    )
    shape = shape_of_file(path)
    assert (shape.bytes_per_weight, shape.precision.kv, shape.precision.compute) == (1.0, 1.0, "fp8")


def test_the_probe_records_the_type_of_keys_and_values() -> None:
    site = vllm_site()
    text = METRICS + 'vllm:cache_config_info{cache_dtype="fp8",engine="0"} 1.0\n'
    site.answers["/metrics"] = Answer(text.encode())
    events = Events()
    with running(site):
        probe = ServerProbe(site.url, events.emit, time.monotonic, interval_s=0.02)
        probe.start()
        metrics = events.wait(lambda event: isinstance(event, Metrics))
        probe.stop()
    assert isinstance(metrics, Metrics)
    assert metrics.kv_cache_dtype == "fp8"


def test_type_of_keys_and_values() -> None:
    text = (DATA / "vllm-0.25.1.txt").read_text()
    assert cache_dtype(text) == "auto"
    assert cache_dtype(text.replace('cache_dtype="auto"', 'cache_dtype="fp8_e4m3"', 1)) == "fp8_e4m3"
    assert cache_dtype(text.replace('cache_dtype="auto"', 'cache_dtype="\x1b[31m"', 1)) is None
    assert cache_dtype("vllm:num_requests_running 1\n") is None
