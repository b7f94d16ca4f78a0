"""Cells that LibreOffice may match with a criterion otherwise than Excel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.dependencies import Index, Where
from xladdin.engines.libreoffice.written_numbers import is_number
from xladdin.xlsx.workbook_part import Area

_WILDCARD: Final = re.compile(r"[*?~]")
_DATE: Final = re.compile(r"\d{1,4}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})(?:[-/. ]\d{1,4})?")


class CriteriaIndex:
    """What a workbook's cells hold that matters to criteria, so that no range is read twice.

    Excel takes a text of digits for the number, and wildcards for texts only; LibreOffice takes
    the text as it is, and matches wildcards with numbers, too.
    """

    def __init__(self, cells: Iterable[tuple[Where, Cell]], numbers: Index) -> None:
        """Take the cells of a workbook, and those among them that hold numbers."""
        self._numbers = numbers
        self._digits, self._dates, self._wildcards = (Index() for _ in range(3))
        for where, value in cells:
            if isinstance(value, str):
                for index, holds in (
                    (self._digits, is_number(value)),
                    (self._dates, _DATE.fullmatch(value.strip()) is not None),
                    (self._wildcards, _WILDCARD.search(value) is not None),
                ):
                    if holds:
                        index.add(where)

    def mistaken(self, areas: Iterable[tuple[str, Area]], criteria: Iterable[Cell]) -> bool:
        """Whether cells may match criteria otherwise.

        Args:
            areas: Ranges that a function is given, those with criteria among them.
            criteria: Criteria that are no ranges.
        """
        ranges = list(areas)
        given = list(criteria)
        texts = [value for value in given if isinstance(value, str)]
        if self._any(self._digits, ranges) or any(map(is_number, texts)):
            return True
        if self._any(self._dates, ranges) and (
            len(texts) < len(given)
            or any(text[:1] in ("<", ">", "=") for text in texts)
            or self._any(self._numbers, ranges)
        ):
            return True
        wildcards = any(map(_WILDCARD.search, texts)) or self._any(self._wildcards, ranges)
        numbers = any(type(value) is float for value in given) or self._any(self._numbers, ranges)
        return wildcards and numbers

    def _any(self, index: Index, ranges: Iterable[tuple[str, Area]]) -> bool:
        return any(index.within(*one) for one in ranges)
