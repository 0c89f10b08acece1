"""How much memory there is for keys and values, asked of the system and given back to it."""

import ctypes
import sys
from pathlib import Path

import torch
from torch import Tensor

MADV_DONTNEED = 4
PAGE = 4096
SPARE_BYTES = 256 * 2**20
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def available(device: torch.device) -> int:
    """Bytes that can still be taken on a device: of the machine, or of this container's share."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    found = [_meminfo(), _cgroup()]
    return min((one for one in found if one is not None), default=2**32)


def usual_budget(wanted: int, free: int) -> int:
    """The budget if none is set: all slots and some spare for prefixes, at most half of `free`."""
    return min(wanted + SPARE_BYTES, free // 2)


def give_back(memory: Tensor) -> None:
    """Return the whole pages of contiguous CPU memory to the system; they read as zeros then."""
    if _LIBC is None or memory.device.type != "cpu" or not memory.is_contiguous():
        return
    start = -(-memory.data_ptr() // PAGE) * PAGE
    end = (memory.data_ptr() + memory.nbytes) // PAGE * PAGE
    if end > start:
        _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED)


def _meminfo() -> int | None:
    info = Path("/proc/meminfo")
    for line in info.read_text(encoding="ascii").splitlines() if info.exists() else ():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroup() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        most = int((folder / "memory.max").read_text(encoding="ascii"))
        used = int((folder / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):  # no container, or no limit
        return None
    return max(0, most - used)
