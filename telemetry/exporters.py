"""GPU figures from Prometheus exporters: NVIDIA's dcgm-exporter and AMD's device-metrics-exporter.

Names: DCGM's ``dcgm_fields.h``, whose profiling fields were renamed in 2026 (NVIDIA/DCGM 72fa3fe; both are read);
AMD's ``docs/configuration/metricslist.md`` of ROCm/device-metrics-exporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from telemetry.exposition import Sample, samples
from telemetry.web import clean

MIB = 2.0**20
MOST = 1024
"""GPUs read from one exporter."""
_BLANK_64 = float(1 << 47)
"""DCGM's blank doubles begin here (2^47); its blank 64-bit integers (9223372036854775792 to …795) lie above."""
_BLANK_32 = range(2147483632, 2147483636)


class Rule(NamedTuple):
    """Where a metric goes."""

    field: str
    factor: float = 1.0
    label: str | None = None
    wanted: str | None = None
    """Value of ``label`` that the sample must have."""


@dataclass(frozen=True)
class Exporter:
    """One kind of exporter."""

    source: str
    """As in :class:`session.events.Gpu`."""
    title: str
    rules: Mapping[str, Rule]
    counters: Mapping[str, str]
    """Fields of a reading that the verdict needs to the name that brings them."""
    hint: str
    """How to get what is missing."""


def _prof(*names: str) -> tuple[str, ...]:
    return tuple(f"DCGM_FI_PROF_{name}" for name in names)


def _dcgm_rules() -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for name, old_new in {
        "graphics_pct": _prof("GR_ENGINE_ACTIVE", "GR_ENGINE_UTIL_RATIO"),
        "sm_pct": _prof("SM_ACTIVE", "SM_UTIL_RATIO"),
        "sm_occupancy_pct": _prof("SM_OCCUPANCY", "SM_OCCUPANCY_RATIO"),
        "tensor_pct": _prof("PIPE_TENSOR_ACTIVE", "TENSOR_UTIL_RATIO"),
        "dram_pct": _prof("DRAM_ACTIVE", "DRAM_UTIL_RATIO"),
    }.items():
        rules |= {metric: Rule(name, 100.0) for metric in old_new}
    rules |= {
        f"DCGM_FI_PROF_{link}_{way.upper()}_BYTES": Rule(f"{link.lower()}_{way}_bytes_s")
        for link in ("PCIE", "NVLINK")
        for way in ("tx", "rx")
    }
    return rules | {
        "DCGM_FI_DEV_GPU_UTIL": Rule("util_pct"),
        "DCGM_FI_DEV_MEM_COPY_UTIL": Rule("mem_util_pct"),
        "DCGM_FI_DEV_FB_USED": Rule("memory_used_bytes", MIB),
        "DCGM_FI_DEV_FB_FREE": Rule("memory_free_bytes", MIB),
        "DCGM_FI_DEV_FB_TOTAL": Rule("memory_total_bytes", MIB),
        "DCGM_FI_DEV_POWER_USAGE": Rule("power_w"),
        "DCGM_FI_DEV_BOARD_POWER_WATTS": Rule("power_w"),
        "DCGM_FI_DEV_POWER_MGMT_LIMIT": Rule("power_limit_w"),
        "DCGM_FI_DEV_ENFORCED_POWER_LIMIT": Rule("power_limit_w"),
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": Rule("energy_j", 1e-3),
        "DCGM_FI_DEV_GPU_ENERGY_JOULES_TOTAL": Rule("energy_j"),
        "DCGM_FI_DEV_SM_CLOCK": Rule("sm_clock_mhz"),
        "DCGM_FI_DEV_MEM_CLOCK": Rule("mem_clock_mhz"),
        "DCGM_FI_DEV_GPU_TEMP": Rule("temp_c"),
        "DCGM_FI_DEV_GPU_TEMP_CELSIUS": Rule("temp_c"),
        "DCGM_FI_DEV_MEMORY_TEMP": Rule("hbm_temp_c"),
        "DCGM_FI_DEV_CLOCKS_EVENT_REASONS": Rule("throttle"),
        "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS": Rule("throttle"),
        "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL": Rule("ecc_uncorrected"),
    }


DCGM = Exporter(
    "dcgm",
    "the DCGM exporter",
    _dcgm_rules(),
    {
        "graphics_pct": "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
        "dram_pct": "DCGM_FI_PROF_DRAM_ACTIVE",
        "tensor_pct": "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
    },
    "collect them (-f FILE) and give it SYS_ADMIN",
)

_AMD_RULES = {
    "gpu_gfx_activity": Rule("util_pct"),
    "gpu_umc_activity": Rule("mem_util_pct"),
    "gpu_package_power": Rule("power_w"),
    "gpu_average_package_power": Rule("power_w"),
    "gpu_power_usage": Rule("power_w"),
    "gpu_energy_consumed": Rule("energy_j", 1e-6),
    "gpu_used_vram": Rule("memory_used_bytes", MIB),
    "gpu_total_vram": Rule("memory_total_bytes", MIB),
    "gpu_junction_temperature": Rule("temp_c"),
    "gpu_memory_temperature": Rule("hbm_temp_c"),
    "gpu_clock": Rule("sm_clock_mhz", 1.0, "clock_type", "GPU_CLOCK_TYPE_SYSTEM"),
    "gpu_prof_tensor_active_percent": Rule("tensor_pct"),
    "gpu_prof_occupancy_percent": Rule("sm_occupancy_pct"),
    "gpu_prof_sm_active": Rule("sm_pct"),
}

AMD = Exporter(
    "amd",
    "AMD's exporter",
    # Some set-ups put a prefix before the names.
    {prefix + name: rule for name, rule in _AMD_RULES.items() for prefix in ("", "amd_")},
    # The memory controller's busy time (umc) is no bandwidth, and nothing tells when a kernel was resident.
    {"dram_pct": "DRAM bandwidth", "graphics_pct": "kernel activity"},
    "the verdict is by arithmetic",
)

KINDS = (DCGM, AMD)
WHOLE = ("memory_used_bytes", "sm_clock_mhz", "mem_clock_mhz", "throttle", "ecc_uncorrected")
"""Fields of a reading that are whole numbers."""
_WANTED = frozenset(name for kind in KINDS for name in kind.rules)


@dataclass
class Seen:
    """One GPU, or one MIG instance, in one scrape."""

    labels: dict[str, str]
    values: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model's name."""
        return clean(_first(self.labels, "modelName", "model_name", "card_series", "card_model") or "GPU", 96)

    @property
    def uuid(self) -> str | None:
        """What tells this GPU from all others."""
        found = _first(self.labels, "UUID", "gpu_uuid", "serial_number")
        return clean(found, 96) if found else None

    @property
    def host(self) -> str | None:
        """The machine that it is in."""
        found = _first(self.labels, "Hostname", "hostname")
        return clean(found, 60) if found else None

    @property
    def instance(self) -> int | None:
        """Number of the GPU instance."""
        text = self.labels.get("GPU_I_ID", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


Key = tuple[str, ...]


def read_exporter(text: str) -> tuple[Exporter | None, dict[Key, Seen]]:
    """Return which exporter wrote a text, and its GPUs by a key that stays theirs; ``None`` where it is no exporter."""
    found: dict[str, dict[Key, Seen]] = {}
    for sample in samples(text, _WANTED):
        kind = DCGM if sample.name in DCGM.rules else AMD
        rule = kind.rules[sample.name]
        if not _blank(sample.value) and (rule.label is None or sample.labels.get(rule.label) == rule.wanted):
            gpus = found.setdefault(kind.source, {})
            key = _key(sample)
            if key in gpus or len(gpus) < MOST:
                gpus.setdefault(key, Seen(sample.labels)).values[rule.field] = sample.value * rule.factor
    for kind in KINDS:
        if kind.source in found:
            return kind, found[kind.source]
    return None, {}


def missing_counters(kind: Exporter, values: Mapping[str, float]) -> str | None:
    """Say which counters of the verdict a GPU lacks, and how to get them."""
    absent = [name for found, name in kind.counters.items() if found not in values]
    return f"{kind.title} shows no {', no '.join(absent)}: {kind.hint}" if absent else None


def _key(sample: Sample) -> Key:
    names = ("Hostname", "hostname", "UUID", "gpu_uuid", "serial_number", "gpu", "gpu_id", "gpu_partition_id")
    return tuple(sample.labels.get(name, "") for name in (*names, "GPU_I_ID"))


def _first(labels: Mapping[str, str], *names: str) -> str | None:
    return next((labels[name] for name in names if labels.get(name)), None)


def _blank(value: float) -> bool:
    return value >= _BLANK_64 or value in _BLANK_32 or value < 0
