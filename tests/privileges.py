"""A time without root's privilege to read and write whatever the rights of files are."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from typing import Final

import pytest

_VERSION: Final = 0x20080522
_DAC_OVERRIDE: Final = 1 << 1
_DAC_READ_SEARCH: Final = 1 << 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextlib.contextmanager
def bound_by_rights() -> Iterator[None]:
    """Let the rights of files bind this thread, as they bind users who are not root."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has other rights")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root may read and write anywhere")
    header, sets = _Header(_VERSION, 0), (_Data * 2)()
    _call("capget", header, sets)
    before = sets[0].effective
    sets[0].effective &= ~(_DAC_OVERRIDE | _DAC_READ_SEARCH)
    _call("capset", header, sets)
    try:
        yield
    finally:
        sets[0].effective = before
        _call("capset", header, sets)


def _call(name: str, header: _Header, sets: ctypes.Array[_Data]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(ctypes.byref(header), sets):
        raise OSError(ctypes.get_errno(), name)
