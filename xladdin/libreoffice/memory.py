"""How much memory this machine has, and a process takes, by the means of each system."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Any, Final

_UNKNOWN: Final = 4 << 30
"""Bytes assumed where a machine's memory cannot be found."""

_GROUP_LIMITS: Final = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)
"""Where Linux lists what a container may take."""


def machine_memory() -> int:
    """Return the bytes of memory of this machine, or of the container that this runs in."""
    if os.name == "nt":
        return _windows_memory()
    found = _UNKNOWN
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in _GROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # not there, or "max"
            found = min(found, int(Path(path).read_text("ascii")))
    return found


def address_space() -> int:
    """Return the bytes of this process's address space, on Linux."""
    return _pages("self", 0)


def resident(process: int) -> int:
    """Return the bytes of memory that a process takes; 0 where it is gone."""
    if os.name == "nt":
        return _windows_resident(process)
    if Path("/proc/self/statm").exists():
        with contextlib.suppress(OSError):
            return _pages(str(process), 1)
        return 0
    done = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process)], stdout=subprocess.PIPE, check=False
    )
    text = done.stdout.strip()
    return int(text) << 10 if text.isdigit() else 0


def _pages(process: str, column: int) -> int:
    pages = Path("/proc", process, "statm").read_text("ascii").split()[column]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _windows_memory() -> int:
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "c", "d", "e", "f", "g")),
        )

    status: Any = Status()
    status.length = ctypes.sizeof(status)
    kernel: Any = getattr(ctypes, "windll", None)
    found = kernel is not None and kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total) if found else _UNKNOWN


def _windows_resident(process: int) -> int:
    import ctypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = (
            ("size", ctypes.c_ulong),
            ("faults", ctypes.c_ulong),
            *((name, ctypes.c_size_t) for name in ("peak", "working", "a", "b", "c", "d")),
            ("committed", ctypes.c_size_t),
            ("peak_committed", ctypes.c_size_t),
        )

    counters: Any = Counters()
    counters.size = ctypes.sizeof(counters)
    windows: Any = getattr(ctypes, "windll", None)
    if windows is None:
        return 0
    open_process = windows.kernel32.OpenProcess
    open_process.restype = ctypes.c_void_p
    query_and_read: Final = 0x0400 | 0x0010
    handle = ctypes.c_void_p(open_process(query_and_read, False, process))
    if not handle:
        return 0
    try:
        found = windows.psapi.GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.size)
    finally:
        windows.kernel32.CloseHandle(handle)
    return int(counters.committed) if found else 0
