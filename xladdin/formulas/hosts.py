"""Names of our functions in the formulas of a file: they differ with the add-in that computes.

The add-in of Windows and a macro workbook have ``CEO_FEE``. Excel saves a custom function of an
Office add-in with the add-in's prefix: ``_xldudf_XLADDIN_CEO_FEE``, shown as ``XLADDIN.CEO_FEE``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from xladdin.formulas.tokens import CALL, LITE_NAMESPACE, NAMESPACE, SHEET, name_of_ours, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.package import Package

EXCEL: Final = "excel"
OFFICE_ADDIN: Final = "office-addin"
LITE: Final = "xlwings-lite"

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {EXCEL: "", OFFICE_ADDIN: f"_xldudf_{NAMESPACE}_", LITE: f"_xldudf_{LITE_NAMESPACE}_"}
)
"""What stands before a function's name in a file, by the add-in."""

_PARTS: Final = re.compile(r"xl/(?:workbook\.xml|worksheets/[^/]+\.xml|tables/[^/]+\.xml)")
_FORMULA: Final = re.compile(
    rb"(<((?:[A-Za-z_][\w.-]*:)?(?:f|calculatedColumnFormula|totalsRowFormula|definedName))"
    rb"(?:\s[^<>]*)?(?<!/)>)([^<]*)(</\2\s*>)"
)


@lru_cache(maxsize=4096)
def renamed(formula: str, host: str) -> str:
    """Write a formula's calls of our functions with the names that they have for an add-in.

    Args:
        formula: The formula, with or without an equals sign.
        host: One of `PREFIXES`.

    Returns:
        The formula. A call of another file's function is left as it is, and so is all else.
    """
    prefix = PREFIXES[host]
    parts = tokens(formula)
    written = []
    for at, (kind, text) in enumerate(parts):
        name = name_of_ours(text, FUNCTIONS) if kind == CALL else ""
        elsewhere = at > 0 and parts[at - 1].kind == SHEET
        written.append(f"{prefix}{name}(" if name and not elsewhere else text)
    return "".join(written)


def host_of(package: Package) -> str:
    """Find the add-in that a workbook's formulas are for, by the first call of ours with a prefix.

    Args:
        package: The workbook.

    Returns:
        One of `PREFIXES`; `EXCEL` if no call has a prefix.
    """
    for data in _read(package).values():
        for match in _FORMULA.finditer(data):
            for host, prefix in PREFIXES.items():
                if prefix and prefix.upper().encode() in match[3].upper():
                    return host
    return EXCEL


def converted(package: Package, host: str) -> dict[str, bytes]:
    """Rename our functions in all formulas of a workbook, in cells, tables and defined names.

    Args:
        package: The workbook.
        host: The add-in that is to compute it, one of `PREFIXES`.

    Returns:
        New content by the part's name, of the parts that change.
    """
    changed = {}
    for name, data in _read(package).items():
        new = _FORMULA.sub(_renaming(host), data)
        if new != data:
            changed[name] = new
    return changed


def _renaming(host: str) -> Callable[[re.Match[bytes]], bytes]:
    def rename(match: re.Match[bytes]) -> bytes:
        text = xml_bytes.unescaped(xml_bytes.characters(match[3]))
        new = renamed(text, host)
        if new == text:
            return match[0]
        return match[1] + xml_bytes.escaped(new).encode() + match[4]

    return rename


def _read(package: Package) -> dict[str, bytes]:
    return {name: package.read(name) for name in package.names if _PARTS.fullmatch(name)}
