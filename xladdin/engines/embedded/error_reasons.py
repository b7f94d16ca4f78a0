"""Why a formula gives an error: it is computed once more by itself, on the values around it.

An engine computes a workbook as a whole and does not say which cell a function was called for.
Here one formula at a time is put into an empty workbook, with the cells that it refers to, and
what our functions say of their arguments is known to be about this cell. It is the same for all
engines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import formualizer

from xladdin.cells import Cell, CellError
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.result import Computed
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE, InputError, MissingDealError
from xladdin.formulas.tokens import CALL, CLOSE, COMMA, OPEN, STRING, function_name, tokens
from xladdin.functions.arguments import TERMS
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import Place, places

_MOST_CELLS: Final = 20_000
"""Most cells that are copied for one formula; one that refers to more is not explained."""

_NATIVE: Final = {
    NULL: "it intersects ranges that have no cell in common",
    DIV0: "it divides by zero, or by an empty cell",
    VALUE: "a value in it is of the wrong type",
    REF: "it refers to cells that are not there",
    NAME: "a name or function in it is not known",
    NUM: "a number in it is outside of what its function takes",
    NA: "a value that it needs is missing",
}
"""What the errors of native functions mean."""


_BEYOND: Final = "its array formula has fewer values than its range has cells, and this is beyond"

_NATIVES: Final = """
    ABS AND AVERAGE CHOOSE COUNT COUNTA COUNTBLANK DATE DATEDIF DATEVALUE DAY DAYS EDATE EOMONTH
    EXACT EXP FIND FV HLOOKUP IF LN PMT POWER PRODUCT PV YEARFRAC
    IFERROR IFNA INDEX INT ISBLANK ISERR ISERROR ISLOGICAL ISNA ISNUMBER ISTEXT LARGE LEFT LEN
    LOOKUP LOWER MATCH MAX MEDIAN MID MIN MOD MONTH N NA NETWORKDAYS NOT OR ROUND ROUNDDOWN
    ROUNDUP ROW ROWS SIGN SMALL SQRT SUM SUMIF SUMIFS SUMPRODUCT TEXT TRIM TRUNC UPPER VALUE
    VLOOKUP WEEKDAY WORKDAY XLOOKUP YEAR
"""
"""Native functions that take little time and memory, whatever they are given."""


_KNOWN: Final = frozenset(_NATIVES.split()) | FUNCTIONS.keys()


class Reason(NamedTuple):
    """Why a formula gives an error.

    Attributes:
        words: Why, as `xladdin eval` gives it where a function of ours does.
        ours: Whether a function of ours does.
    """

    words: str
    ours: bool


class Alone(NamedTuple):
    """What a formula gives by itself.

    Attributes:
        value: Its value, the first one of an array; None where it could not be computed.
        reasons: What our functions say of their arguments.
        fills: Whether it fills the cell that was asked for, too.
    """

    value: Cell
    reasons: tuple[InputError, ...] = ()
    fills: bool = True


class Explainer:
    """Computes formulas of one workbook by themselves."""

    def __init__(self, dependencies: Dependencies, result: Computed) -> None:
        """Take a workbook's formulas and its values."""
        self._dependencies = dependencies
        self._result = result

    def reason(self, sheet: str, place: Place) -> Reason:
        """Say why a formula gives an error, on arguments that hold none.

        Args:
            sheet: Its sheet.
            place: Its cell.

        Returns:
            The reason.
        """
        value = self._result.value(sheet, *place)
        master = self._dependencies.master(sheet, place)
        alone = self.evaluate(self._dependencies.text(sheet, master), sheet, master, place)
        code = value.code if isinstance(value, CellError) else ""
        if code == NA and not alone.fills:
            return Reason(_BEYOND, False)
        # IFERROR may have hidden what others say, so the last with the cell's own error counts.
        own = [str(reason) for reason in alone.reasons if reason.code == code]
        if "EXPLAIN" in self._dependencies.calls(sheet, place):
            return Reason("EXPLAIN says in the cells beside what is wrong", True)
        if own:
            return Reason(own[-1], True)
        return Reason(_NATIVE.get(code, "a native function gave this error"), False)

    def evaluate(self, text: str, sheet: str, place: Place, also: Place | None = None) -> Alone:
        """Compute a formula by itself.

        Args:
            text: The formula, spelt out, without an equals sign.
            sheet: Sheet of the cell that holds it.
            place: That cell.
            also: Another cell, which it may fill if its value is an array.

        Returns:
            Its value and what our functions say.
        """
        plain = self._dependencies.plain(text, sheet, place)
        if not self._may_compute(plain):
            return Alone(None)
        workbook = formualizer.Workbook(config=bridge.settings())
        for name in self._result.values:
            workbook.add_sheet(name)
        recorder = bridge.register(workbook)
        try:
            for where, row, column in self._referred(plain, sheet):
                if (where, (row, column)) != (sheet, place):
                    value = bridge.encoded(self._result.value(where, row, column))
                    if value is not None:
                        workbook.set_value(where, row, column, value)
            workbook.set_formula(sheet, *place, f"={plain}")
            workbook.set_temporal_egress("serial")
            workbook.evaluate_all()
            found = bridge.cell_of(workbook.get_value(sheet, *place))
            fills = also is None or workbook.get_value(sheet, *also) is not None
        except (RuntimeError, ValueError, formualizer.ExcelEvaluationError):
            return Alone(None)
        if recorder.interruption is not None:
            raise recorder.interruption
        return Alone(found, tuple(recorder.reasons), fills)

    def _may_compute(self, plain: str) -> bool:
        """Whether a formula without names calls nothing that may take much time or memory."""
        calls = {function_name(part) for kind, part in tokens(plain) if kind == CALL}
        return bool(plain) and calls - {OMITTED_CALL} <= _KNOWN

    def _referred(self, plain: str, sheet: str) -> Iterator[tuple[str, int, int]]:
        """Go through the cells that a formula refers to, as far as their sheets reach.

        Args:
            plain: The formula, without names.
            sheet: Its sheet.

        Yields:
            Sheet, row and column.

        Raises:
            ValueError: They are too many.
        """
        count = 0
        for where, area in self._dependencies.areas(plain, sheet):
            area = self._dependencies.reached(where, area)
            count += math.prod(area.shape)
            if count > _MOST_CELLS:
                raise ValueError("it refers to too many cells")
            for place in places(area):
                yield where, *place

    def missing_deals(self, functions: Iterable[str] = FUNCTIONS) -> Iterator[MissingDealError]:
        """Go through the deals that calls of our functions name, and that are not installed.

        Args:
            functions: Which functions' calls.

        Yields:
            For each such text, the function's reason for refusing it.
        """
        judged: set[Cell] = set()
        for sheet, place in sorted(self._dependencies.callers(frozenset(functions))):
            text = self._dependencies.text(sheet, place)
            for piece in _named_deals(self._dependencies.plain(text, sheet, place), functions):
                value = self._text_of(piece, sheet, place)
                if isinstance(value, str) and value not in judged:
                    judged.add(value)
                    try:
                        TERMS.coerce(value, "terms")
                    except MissingDealError as error:
                        yield error
                    except InputError:
                        pass  # a wrong text on any machine: an error value like another

    def _text_of(self, piece: str, sheet: str, place: Place) -> Cell:
        """Return what an argument holds."""
        parts = tokens(piece.strip())
        if len(parts) == 1 and parts[0].kind == STRING:
            return parts[0].text[1:-1].replace('""', '"')
        areas = list(self._dependencies.areas(piece, sheet))
        if len(areas) == 1 and areas[0][1].shape == (1, 1) and len(parts) <= 2:
            where, area = areas[0]
            return self._result.value(where, area.first_row, area.first_column)
        return self.evaluate(piece, sheet, place).value


def _named_deals(plain: str, functions: Iterable[str]) -> Iterator[str]:
    """Go through the arguments of a formula's calls that name a deal, as written."""
    open_calls: list[tuple[str, list[list[str]]]] = [("", [[]])]
    for kind, text in tokens(plain):
        if kind in (CALL, OPEN):
            open_calls[-1][1][-1].append(text)
            open_calls.append((function_name(text) if kind == CALL else "", [[]]))
        elif kind == CLOSE and len(open_calls) > 1:
            name, arguments = open_calls.pop()
            written = ["".join(pieces) for pieces in arguments]
            if name in functions:
                yield from _deal_among(name, written)
            open_calls[-1][1][-1] += [",".join(written), text]
        elif kind == COMMA:
            open_calls[-1][1].append([])
        else:
            open_calls[-1][1][-1].append(text)


def _deal_among(name: str, written: Sequence[str]) -> Iterator[str]:
    """Yield the argument of a call that names its deal."""
    function = FUNCTIONS.get(name)
    if name == "EXPLAIN":
        function, written = FUNCTIONS.get(written[0].strip().strip('"').upper()), written[1:]
    slots = function.arguments if function is not None else ()
    if slots and slots[-1].kind is TERMS and len(written) == len(slots):
        yield written[-1]
