"""Values of parts of formulas, each computed by itself on the values around it.

All of them are computed in one workbook of the engine, in one cell of a sheet of its own. The cells
that they refer to are copied into it when a part first refers to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.result import Computed
from xladdin.formulas.structured_references import quoted
from xladdin.formulas.tokens import (
    CALL,
    OTHER,
    SHEET,
    SPACE,
    WORD,
    function_name,
    is_reference,
    tokens,
)
from xladdin.xlsx.sheet_part import Place

_OF_THEIR_PLACE: Final = frozenset({"ROW", "COLUMN"})
"""Functions whose value may depend on the cell that they stand in."""


class PartCalculator:
    """Computes parts of the formulas of one workbook."""

    def __init__(self, dependencies: Dependencies, result: Computed) -> None:
        """Take a workbook's formulas and its values."""
        self._result = result
        self._explainer = Explainer(dependencies, result)
        self._recorder = bridge.Recorder()
        self._workbook: formualizer.Workbook | None = None
        self._own_sheet = "Parts"
        while self._own_sheet.casefold() in {name.casefold() for name in result.values}:
            self._own_sheet += "_"
        self._copied: set[tuple[str, int, int]] = set()
        self._known: dict[tuple[str, str], Cell] = {}

    def value(self, text: str, sheet: str, place: Place) -> Cell:
        """Compute a part.

        Args:
            text: The part, without names.
            sheet: Sheet of the cell that holds the formula.
            place: That cell.

        Returns:
            Its value, the first one of an array; None where it could not be computed.
        """
        if any(
            (token.kind == CALL and function_name(token.text) in _OF_THEIR_PLACE)
            or (token.kind == OTHER and token.text == "@")
            for token in tokens(text)
        ):
            return self._explainer.evaluate(text, sheet, place).value
        key = sheet, text
        if key not in self._known:
            self._known[key] = self._computed(text, sheet)
        return self._known[key]

    def may_compute(self, text: str) -> bool:
        """Whether a part calls only functions that are computed here."""
        return self._explainer.may_compute(text)

    def _computed(self, text: str, sheet: str) -> Cell:
        if not self._explainer.may_compute(text):
            return None
        workbook = self._workbook
        if workbook is None:
            workbook = self._workbook = self._made()
        try:
            for cell in self._explainer.referred(text, sheet):
                if cell not in self._copied:
                    self._copied.add(cell)
                    value = bridge.encoded(self._result.value(*cell))
                    if value is not None:
                        workbook.set_value(*cell, value)
            workbook.set_formula(self._own_sheet, 1, 1, f"={''.join(on_sheet(sheet, text))}")
            found = bridge.cell_of(workbook.evaluate_cell(self._own_sheet, 1, 1))
        except (RuntimeError, ValueError, formualizer.ExcelEvaluationError):
            return None
        if self._recorder.interruption is not None:
            raise self._recorder.interruption
        return found

    def _made(self) -> formualizer.Workbook:
        workbook = formualizer.Workbook(config=bridge.settings())
        for name in (*self._result.values, self._own_sheet):
            workbook.add_sheet(name)
        workbook.set_temporal_egress("serial")
        self._recorder = bridge.register(workbook)
        return workbook


def on_sheet(sheet: str, text: str) -> Iterator[str]:
    """Go through the pieces of a formula with the sheet before references that have none."""
    parts = [token for token in tokens(text) if token.kind != SPACE]
    before = ""
    for at, (kind, piece) in enumerate(parts):
        first_corner = at + 1 < len(parts) and parts[at + 1].text == ":"
        if (
            kind == WORD
            and before not in (SHEET, ":")
            and (first_corner or is_reference(parts[at]))
        ):
            yield f"{quoted(sheet)}!"
        yield piece
        before = ":" if piece == ":" else kind
