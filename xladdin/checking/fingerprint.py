"""Marks of cells' contents, by which a workbook of ours knows what has been changed since."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from xladdin._version import __version__
from xladdin.cells import Cell
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import area_of


class Fingerprint(NamedTuple):
    """What a workbook came with, as far as its cells are concerned.

    Attributes:
        earlier: The release that made it, if that is another one; else empty.
        inputs: Defined names of its input cells.
        digests: By sheet: digests of its cells; those of tables' formulas are left out.
    """

    earlier: str
    inputs: frozenset[str]
    digests: Mapping[str, Mapping[Place, str]]


def read_fingerprint(cells: Mapping[Place, Cell]) -> Fingerprint:
    """Read the sheet of what a workbook came with; what cannot be read is left out.

    Args:
        cells: Its cells.

    Returns:
        What it lists.
    """
    singles: dict[str, str] = {}
    digests: dict[str, dict[Place, str]] = {}
    for (row, column), key in cells.items():
        if column != 1:
            continue
        name, text = (str(cells.get((row, at), "")) for at in (2, 3))
        if key == "cells":
            words = text.split()
            found = digests.setdefault(name, {})
            for cell, one in zip(words[::2], words[1::2], strict=False):
                with suppress(ValueError):
                    area = area_of(cell)
                    found[area.first_row, area.first_column] = one
        else:
            singles[str(key)] = text
    version = singles.get("version", "")
    # Release 0.1 did not write which inputs somebody had typed.
    earlier = "" if version == __version__ and "typed" in singles else version
    return Fingerprint(earlier, frozenset(singles.get("inputs", "").split()), digests)


def value_digest(value: Cell) -> str:
    """Return the digest of a value; of a number, that of its first 15 digits.

    Other programs that save a workbook write 15 or 16 digits of what it came with.
    """
    if isinstance(value, str):
        return digest('"' + value.replace("\r\n", "\n"))
    return digest(repr(float(f"{value:.15g}") if type(value) is float else value))


def digest(text: str) -> str:
    """Return the digest of a text that stands for what a cell holds."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')) & 0xFFFFFF:06x}"
