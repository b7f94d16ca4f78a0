"""The worksheet functions: all that the modules of this folder declare, by name.

Wizards, wrappers, stubs, the Functions sheet, documents and the command line derive from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from xladdin.functions import (
    capacity,
    class_b,
    debentures,
    dilution,
    earnings,
    exercise,
    explain,
    fees,
    limits,
    prices,
    sessions,
    terms,
    valuation,
    version,
    warrants,
)
from xladdin.functions.function import Function

_SUBJECTS: Final = (
    fees,
    capacity,
    warrants,
    class_b,
    debentures,
    sessions,
    terms,
    limits,
    prices,
    dilution,
    exercise,
    earnings,
    valuation,
    explain,
    version,
)
"""The modules that declare functions, in the order of documents and sheets."""

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        item.name: item
        for subject in _SUBJECTS
        for item in vars(subject).values()
        if isinstance(item, Function)
    }
)
"""The worksheet functions, by name."""
