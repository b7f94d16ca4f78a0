"""What an engine makes of a workbook, whichever engine it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from xladdin.cells import Cell
from xladdin.errors import FileError, InputError
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx.sheet_part import Layout, Place

CIRCULAR: Final = "it refers to itself"
DATA_TABLE: Final = "it is a what-if data table"
"""Reasons for which every engine refuses a formula."""

MOST_NAMED: Final = 10
"""Refusals that a message names."""


class Refusal(NamedTuple):
    """A formula for which there is no trustworthy value.

    Attributes:
        sheet: Its sheet.
        cell: Its cell, such as ``B2``.
        reason: Why, in words.
        formula: The formula, without an equals sign; empty where it was not looked up.
    """

    sheet: str
    cell: str
    reason: str
    formula: str = ""


class UnfitError(FileError):
    """An engine cannot compute a workbook as a whole, and another one may be able to."""


class RefusedError(FileError):
    """A workbook has formulas for which there are no trustworthy values.

    Attributes:
        refusals: All of them.
    """

    def __init__(
        self, path: Path | str, reason: str, remedy: str = "", refusals: tuple[Refusal, ...] = ()
    ) -> None:
        super().__init__(path, reason, remedy)
        self.refusals = refusals

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (*super().__reduce__()[1], self.refusals))


@dataclass(frozen=True)
class Computed:
    """A workbook's values.

    Attributes:
        engine: What computed them.
        values: By sheet: values of the cells that hold formulas or are filled by array formulas.
        formulas: Number of formulas.
        refusals: Formulas without a trustworthy value.
        layouts: By part: where the sheet's cells stand in it.
        parts: By sheet: its part.
        value: Reads any cell's value, by sheet, row and column from 1; None for an empty cell.
        remedy: What to do about refusals.
        reasons: What was wrong with arguments of our functions; None where that is not known.
    """

    engine: str
    values: Mapping[str, Mapping[Place, Cell]]
    formulas: int
    refusals: tuple[Refusal, ...]
    layouts: Mapping[str, Layout] = field(repr=False)
    parts: Mapping[str, str] = field(repr=False)
    value: Callable[[str, int, int], Cell] = field(repr=False)
    remedy: str
    reasons: tuple[InputError, ...] | None = None

    def require(self, path: Path | str, entries: str = "") -> None:
        """Raise `RefusedError` if there is a refusal, naming ten of them and counting the rest.

        Args:
            path: What the message is to call the workbook.
            entries: Its wrong entries, in words; they are named first.
        """
        if self.refusals:
            named = self.refusals[:MOST_NAMED]
            by_reason: dict[str, list[str]] = {}
            for item in named:
                cells = by_reason.setdefault(item.reason, [])
                cells.append(f"{quoted(item.sheet)}!{item.cell}")
            what = "; ".join(
                f"{', '.join(cells)} cannot be computed here: {reason}"
                for reason, cells in by_reason.items()
            )
            more = len(self.refusals) - len(named)
            tail = f" (and {more} more)" if more else ""
            remedy = f"{self.remedy}; nothing was changed"
            first = f"{entries}; " if entries else ""
            raise RefusedError(path, f"{first}{what}{tail}", remedy, self.refusals)
