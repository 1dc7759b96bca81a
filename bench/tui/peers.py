"""Other monitors: what they are called, how they are run, and the GPUs that they are made to see."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench.tui.measures import Program
from bench.tui.processes import environment

PEERS = {
    "nvitop": ("nvitop", ("--monitor", "full")),
    "gpu-scope": ("gpu-scope", ()),
    "nvhtop-tui": ("nvhtop-tui", ()),
}
"""Package: its command and words. nvitop draws with curses, the others with Textual."""


class Absent(Exception):
    """A peer cannot be run; the text says why, in one line."""


def peer(name: str, env: Path, home: Path, nvml: Path) -> Program:
    """Return a peer's program; install it into ``env`` where it is not there yet. Raises :class:`Absent`."""
    command, words = PEERS[name]
    binary = env / "bin" / command
    if not binary.exists():
        _install(env, name)
    if not binary.exists():
        raise Absent(f"its package has no command {command}")
    variables = environment(home) | {"LD_LIBRARY_PATH": str(nvml), "PYTHONPATH": ""}
    return Program(name, [str(binary), *words], variables, _filled, ready_s=5.0)


def _filled(text: str) -> bool:
    """Whether a screen has content from top to bottom, GPUs or their use among it."""
    lines = text.splitlines()
    written = sum(bool(line.strip()) for line in lines)
    return written >= len(lines) // 3 and ("H200" in text or "GPU" in text)


def _install(env: Path, package: str) -> None:
    try:
        if not (env / "bin" / "python").exists():
            subprocess.run(["python3", "-m", "venv", str(env)], check=True, capture_output=True, timeout=120)
        pip = [str(env / "bin" / "python"), "-m", "pip", "install", "-q", package]
        subprocess.run(pip, check=True, capture_output=True, text=True, timeout=600)
    except subprocess.CalledProcessError as failed:
        last = (failed.stderr or "").strip().splitlines()[-1:]
        raise Absent(f"pip cannot install it: {''.join(last)[:120]}") from None
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise Absent(f"it cannot be installed: {failed}") from None


def fake_nvml(folder: Path) -> Path:
    """Build a driver's library of eight made-up GPUs; return its folder. Raises :class:`Absent`."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise Absent("it needs NVML, and there is no C compiler to make a library that stands for it")
    target = folder / "libnvidia-ml.so.1"
    source = Path(__file__).parent / "fake_nvml.c"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", str(target), str(source), "-lm"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Absent(f"the library that stands for NVML does not compile: {done.stderr.strip().splitlines()[0]}")
    return folder
