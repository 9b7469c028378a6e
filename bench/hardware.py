"""What a run was made on, and how much memory it took."""

from __future__ import annotations

import os
import platform
import resource
import sys
from pathlib import Path
from typing import Any

_KIB = 1024 if sys.platform == "darwin" else 1  # ru_maxrss is in bytes there, in KiB elsewhere


def hardware() -> dict[str, Any]:
    """Machine, processor, cores that this process may use, memory in GiB, and the GPU that torch sees if it is loaded."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = {
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": cores,
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name()
    return found


def peak_memory_mib() -> float:
    """The most memory that this process has held so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB / 1024, 1)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor()
