"""Those who are asked what a formula gives, each about a whole workbook at a time."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from proofs.books import Constant, made

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError
from xladdin.engines import choice
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.result import Computed

ABSENT: Final = CellError("absent")
"""What a witness says of a formula that it does not know how to compute."""


def engine(data: bytes) -> tuple[list[Cell], dict[str, str]]:
    """Ask the embedded engine; return its values and, by cell, why one is refused."""
    found = embedded.compute(data)
    return _column(found), {one.cell: one.reason for one in found.refusals if one.sheet == "F"}


def together(data: bytes) -> tuple[list[Cell], dict[str, str]]:
    """Ask the embedded engine, with LibreOffice for the calls that it is proved for."""
    found = choice.compute("auto", data)
    return _column(found), {one.cell: one.reason for one in found.refusals if one.sheet == "F"}


def office(data: bytes) -> list[Cell]:
    """Ask LibreOffice."""
    found = libreoffice.compute(data)
    values = _column(found)
    for one in found.refusals:
        if one.sheet != "F":
            continue
        if one.reason.startswith("LibreOffice does not know"):
            values[int(one.cell[1:]) - 1] = ABSENT
    return values


def second(constants: Mapping[tuple[int, int], Constant], formulas: Sequence[str]) -> list[Cell]:
    """Ask the second witness; one formula on which it breaks down costs it no other."""
    found: list[Cell] = []
    for start in range(0, len(formulas), _CHUNK):
        found += _second(constants, formulas[start : start + _CHUNK])
    return found


_CHUNK: Final = 400


def _second(constants: Mapping[tuple[int, int], Constant], formulas: Sequence[str]) -> list[Cell]:
    import ironcalc

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "proofs.xlsx")
        path.write_bytes(made(constants, formulas))
        try:
            model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
            model.evaluate()
            return [
                _cell_value(model.get_cell_value(1, row, 1)) for row in range(1, len(formulas) + 1)
            ]
        except Exception:
            raise
        except BaseException:  # a panic of its language, which is no Exception
            if len(formulas) == 1:
                return [ABSENT]
    middle = len(formulas) // 2
    return _second(constants, formulas[:middle]) + _second(constants, formulas[middle:])


def _cell_value(value: object) -> Cell:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    if text in ("#N/IMPL!", "#ERROR!", "#CIRC!"):
        return ABSENT
    return CellError(text) if text in CLASSIC_ERRORS else text


def _column(found: Computed) -> list[Cell]:
    cells = found.values["F"]
    return [cells[row, 1] for row in range(1, len(cells) + 1)]


def same(one: Cell, other: Cell, tolerance: float = 1e-12) -> bool:
    """Whether two values are the same; nothing is 0, as a cell shows it."""
    one, other = (0.0 if value is None else value for value in (one, other))
    if type(one) is float and type(other) is float:
        return one == other or math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-13)
    if isinstance(one, CellError) and isinstance(other, CellError):
        # An error of LibreOffice's own is one for which Excel has another.
        return one is other or other.code.startswith("Err:")
    return type(one) is type(other) and one == other
