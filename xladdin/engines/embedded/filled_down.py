"""Formulas that are filled down a column, recognised without being taken apart again.

The formula of a row is kept with a mark for each row number in it. The next row's formula is the
same one if it is what the marks give there, which is a fraction of the work of reading it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from xladdin.engines.embedded.verdicts import Verdict
from xladdin.formulas.tokens import ANY_CELL

_MARK: Final = "\0"
"""Stands for the number of the formula's own row; no part of a file has this character."""

_CORNER: Final = re.compile(r"(\$?[A-Za-z]{1,2})(\$?)([1-9][0-9]{0,6})")

_MIXED: Final = re.compile(
    rf"{_MARK}:(?!\$?[A-Za-z]{{1,2}}{_MARK})|[0-9]:\$?[A-Za-z]{{1,2}}{_MARK}"
)
"""A range of which one end moves down alone: in another row it may be one cell, or upside down."""


class _Model(NamedTuple):
    """A formula with marks for its own row's number, and what is known of it."""

    text: str
    judged: Verdict


class FilledDown:
    """The last formula of each column that refers to cells of its own row alone."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, int], _Model] = {}

    def find(self, sheet: str, row: int, column: int, text: str) -> Verdict | None:
        """Return what is known of a formula; None if it is not the one above, filled down.

        Args:
            sheet: Sheet of its cell.
            row: Row of its cell.
            column: Column of its cell.
            text: The formula, without an equals sign.
        """
        model = self._models.get((sheet, column))
        if model is None or model.text.replace(_MARK, str(row)) != text:
            return None
        return model.judged

    def learn(self, sheet: str, row: int, column: int, text: str, judged: Verdict) -> None:
        """Keep a formula, which the engine is given as it is written, for the rows below.

        Args:
            sheet: Sheet of its cell.
            row: Row of its cell.
            column: Column of its cell.
            text: The formula, without an equals sign.
            judged: What is known of it.
        """
        own = str(row)

        def marked(match: re.Match[str]) -> str:
            return _CORNER.sub(corner, match[0])

        def corner(match: re.Match[str]) -> str:
            letters, fixed, digits = match.groups()
            return f"{letters}{_MARK}" if not fixed and digits == own else match[0]

        model = ANY_CELL.sub(marked, text)
        if model != text and _MIXED.search(model) is None:
            self._models[sheet, column] = _Model(model, judged)
