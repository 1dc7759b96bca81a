"""Whether colours stay apart for people who lack a kind of cone.

The simulation is that of Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15(6), 2009, table 1 at severity 1.0, on linear RGB; the distance is CIE 1976 (L*a*b*),
where about 2.3 can just be seen (Mahy et al. 1994).
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from tui.theming import load_palettes

Triple = tuple[float, float, float]
KINDS: dict[str, tuple[Triple, Triple, Triple]] = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)
APART = 30.0
GROUPS = (
    ("memory", "compute", "communication", "latency", "overhead"),
    ("good", "warn", "bad"),
    ("tok_s", "tpot"),
)


def linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (red, green, blue))  # type: ignore[return-value]


def times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)  # type: ignore[return-value]


def lab(rgb: Triple) -> Triple:
    scaled = [value / white for value, white in zip(times(XYZ, rgb), WHITE, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(a: str, b: str, kind: str) -> float:
    def look(colour: str) -> Triple:
        red, green, blue = (min(1.0, max(0.0, part)) for part in times(KINDS[kind], linear(colour)))
        return lab((red, green, blue))

    return float(sum((p - q) ** 2 for p, q in zip(look(a), look(b), strict=True)) ** 0.5)


def test_the_simulation_makes_red_and_green_alike() -> None:
    assert difference("#e03030", "#808000", "none") > 60
    assert difference("#b06000", "#808000", "deuteranopia") < 20


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_the_roles_of_the_safe_theme_stay_apart(kind: str, group: tuple[str, ...]) -> None:
    palette = load_palettes(Path("/nonexistent"))[0]["rooftop-okabe-ito"]
    near = {pair: difference(palette.colour(pair[0]), palette.colour(pair[1]), kind) for pair in combinations(group, 2)}
    assert {pair: round(value) for pair, value in near.items() if value < APART} == {}
