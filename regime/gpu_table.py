"""The table of GPU peaks. The first pattern that matches wins, so the narrower names stand first.

Sources, named per row: AIC is the ``systems/*.yaml`` of ai-dynamo/aiconfigurator; MLE is
``compute/accelerator`` of stas00/ml-engineering (peaks, and MAMF: the best measured matrix multiplication);
WP and DS are NVIDIA's own white papers and data sheets. Where two disagree the first one named was taken.
All FLOP rates are dense: the figures of many product pages are twice these, for 2:4 sparsity. FP4 rates: AIC for
B200, GB200, B300 (MLE: 12.6 to 15 PFLOP/s), GB300 and RTX PRO 6000 Server; WP RTX Blackwell; AMD's MI355X page; for
GB10 half of the 1 PFLOP/s that its data sheet gives with sparsity.
"""

from __future__ import annotations

from regime.gpus import GpuPeaks


def _gpu(
    key: str,
    name: str,
    pattern: str,
    gib: float,
    gb_s: float,
    bf16: float,
    fp8: float | None,
    link: float,
    tdp: float,
    source: str,
    mamf: float | None = None,
    geforce: bool = False,
    fp4: float | None = None,
) -> GpuPeaks:
    """One row: GiB, GB/s, dense TFLOP/s, GB/s one way, W."""
    return GpuPeaks(
        key=key,
        name=name,
        pattern=pattern,
        memory_bytes=gib * 2**30,
        bw_bytes_s=gb_s * 1e9,
        bf16_flops=bf16 * 1e12,
        fp8_flops=None if fp8 is None else fp8 * 1e12,
        fp4_flops=None if fp4 is None else fp4 * 1e12,
        link_bytes_s=link * 1e9,
        tdp_w=tdp,
        mamf=mamf,
        geforce=geforce,
        source=source,
    )


GPUS: tuple[GpuPeaks, ...] = (
    # Hopper
    _gpu("gh200", "GH200", r"GH200", 96, 4000, 989, 1979, 450, 900, "MLE", 0.84),
    _gpu("h200", "H200 SXM", r"\bH200(?! NVL)", 141, 4800, 989, 1979, 450, 700, "AIC h200_sxm; MLE", 0.80),
    _gpu("h100-pcie", "H100 PCIe", r"H100 PCIe", 80, 2000, 756.5, 1513, 64, 350, "AIC h100_pcie"),
    _gpu("h100-nvl", "H100 NVL", r"H100 NVL", 94, 3900, 835.5, 1670.5, 300, 400, "DS H100; MLE"),
    _gpu("h100", "H100 SXM", r"H100", 80, 3350, 989, 1979, 450, 700, "AIC h100_sxm; MLE", 0.80),
    # Blackwell
    _gpu("gb200", "GB200", r"GB200", 186, 8000, 2500, 5000, 900, 1200, "AIC gb200; MLE", 0.73, fp4=10000),
    _gpu("gb300", "GB300", r"GB300", 288, 8000, 2500, 5000, 900, 1400, "AIC gb300; MLE", fp4=15000),
    _gpu("b200", "B200", r"\bB200", 180, 8000, 2250, 4500, 900, 1000, "MLE; AIC b200_sxm: 7.7 TB/s", 0.78, fp4=9000),
    _gpu("b300", "B300", r"\bB300", 288, 8000, 2250, 4500, 900, 1100, "MLE; AIC b300_sxm: 7.75 TB/s", 0.79, fp4=14000),
    _gpu("gb10", "GB10", r"\bGB10\b", 128, 273, 125, 250, 25, 140, "DS DGX Spark; BF16 from sparse FP4", 0.75, fp4=500),
    _gpu("rtx-pro-6000-server", "RTX PRO 6000 Server", r"RTX PRO 6000.*Server", 96, 1597, 467.8, 935.6, 64, 600,
         "DS 2025-12; AIC: 1792 GB/s", fp4=1871),
    _gpu("rtx-pro-6000", "RTX PRO 6000", r"RTX PRO 6000", 96, 1792, 503.8, 1007, 64, 600, "WP RTX PRO Blackwell",
         fp4=2015),
    _gpu("rtx-5090", "RTX 5090", r"RTX 5090(?! D| Laptop)", 32, 1792, 209.5, 419, 64, 575, "WP RTX Blackwell",
         geforce=True, fp4=1676),
    # Ada
    _gpu("l40s", "L40S", r"L40S", 48, 864, 362, 733, 32, 350, "AIC l40s; MLE"),
    _gpu("l4", "L4", r"\bL4\b", 24, 300, 121, 242, 32, 72, "AIC l4"),
    _gpu("rtx-6000-ada", "RTX 6000 Ada", r"RTX 6000 Ada", 48, 960, 364, 728, 32, 300, "WP RTX PRO Blackwell"),
    _gpu("rtx-4090", "RTX 4090", r"RTX 4090(?! D| Laptop)", 24, 1008, 165.2, 330.3, 32, 450, "WP Ada",
         geforce=True),
    # Ampere
    _gpu("a100-40g-pcie", "A100 PCIe 40 GB", r"A100-PCIE-40GB", 40, 1555, 312, None, 32, 250, "DS A100; MLE", 0.81),
    _gpu("a100-pcie", "A100 PCIe 80 GB", r"A100 80GB PCIe", 80, 1935, 312, None, 32, 300, "AIC a100_pcie; MLE",
         0.81),
    _gpu("a100-40g", "A100 SXM 40 GB", r"A100-SXM4-40GB", 40, 1555, 312, None, 300, 400, "DS A100; MLE", 0.87),
    _gpu("a100", "A100 SXM 80 GB", r"A100-SXM4-80GB", 80, 2039, 312, None, 300, 400, "AIC a100_sxm; MLE", 0.87),
    _gpu("a10", "A10", r"\bA10\b", 24, 600, 125, None, 32, 150, "DS A10"),
    _gpu("rtx-3090", "RTX 3090", r"RTX 3090(?! Ti)", 24, 936, 71.2, None, 32, 350, "WP RTX Blackwell, table 3",
         geforce=True),
    # Older; 16-bit means FP16 there
    _gpu("v100-pcie-32g", "V100 PCIe 32 GB", r"V100-PCIE-32GB", 32, 900, 112, None, 16, 250, "WP Volta"),
    _gpu("v100-32g", "V100 SXM2 32 GB", r"V100-SXM[23]-32GB", 32, 900, 125, None, 150, 300, "WP Volta"),
    _gpu("v100-pcie", "V100 PCIe", r"V100-PCIE", 16, 900, 112, None, 16, 250, "WP Volta"),
    _gpu("v100", "V100 SXM2", r"V100-SXM2", 16, 900, 125, None, 150, 300, "WP Volta"),
    _gpu("t4", "T4", r"\bT4\b", 16, 320, 65, None, 16, 70, "DS T4"),
    # AMD; a server sees the two dies of an MI250X as two devices, so the row is one die
    _gpu("mi250x", "MI250X (one of two dies)", r"MI250X", 64, 1638.5, 191.5, None, 175, 280, "DS MI250X; MLE"),
    _gpu("mi300x", "MI300X", r"MI300X", 192, 5300, 1307, 2615, 448, 750, "DS MI300X; MLE", 0.51),
    _gpu("mi325x", "MI325X", r"MI325X", 256, 6000, 1307, 2615, 448, 1000, "DS MI325X; MLE", 0.60),
    _gpu("mi355x", "MI355X", r"MI355X", 288, 8000, 2500, 5000, 535.5, 1400, "DS MI355X; MLE", 0.68, fp4=10100),
)  # fmt: skip
