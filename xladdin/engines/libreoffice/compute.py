"""Our functions in LibreOffice Calc, a second engine beside the embedded one.

It is given a copy of the workbook, in which our functions have the full names that it knows them
by on import, and no formula has a stored value: one left there could pass for a computed one. Its
values are read from it cell by cell; a file that it saved is never used. As with the embedded
engine, what it cannot compute becomes a `Refusal` and not a value.

It reads tables, defined names, shared and array formulas by itself, so that what it computes
rests on nothing of ours but the functions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from xladdin.cells import Cell, CellError
from xladdin.engines.libreoffice.import_copy import called, copied, last_kind, probe
from xladdin.engines.result import CIRCULAR, DATA_TABLE, Computed, Refusal
from xladdin.engines.single_calls import Request, Rows
from xladdin.engines.workbook_settings import require_usual
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE, FileError
from xladdin.formulas.external_links import links_of
from xladdin.formulas.tokens import function_name
from xladdin.libreoffice.extension import make
from xladdin.libreoffice.process import Office
from xladdin.terms import store
from xladdin.xlsx.sheet_part import Formula, Place, layouts_of, places
from xladdin.xlsx.workbook_part import Workbook, column_letters

_CODES: Final[Mapping[int, str]] = {
    503: NUM,
    519: VALUE,
    521: NULL,
    523: NUM,
    524: REF,
    525: NAME,
    532: DIV0,
    32767: NA,
}
"""Its error codes that stand for one of Excel's errors; 523 is a search that found nothing."""

_REFUSED: Final[Mapping[int, str]] = {
    0: "LibreOffice gives an error, and then a value once it is asked for its kind",
    502: "LibreOffice gives its error 502, which stands for several of Excel's",
    504: "LibreOffice gives its error 504, as where a range holds an error",
    522: CIRCULAR,
    525: "a name or function in it, or in a cell that it refers to, is not known to LibreOffice",
}

PASSED_ON: Final = frozenset({_REFUSED[502], _REFUSED[504]})
"""Reasons that stand for an error which a cell may have from another one."""


class Session:
    """An office, and what is known of it."""

    def __init__(self, timeout: float | None = None) -> None:
        """Prepare an office; it starts with the first workbook.

        Args:
            timeout: Seconds that a workbook may take; None for as many as `bounds` says.
        """
        self.office = Office(make, timeout)
        self._known: dict[str, bool] = {}
        self._user = store.user_folder()

    def close(self) -> None:
        """End the office."""
        self.office.close()

    def bring_deals(self) -> None:
        """Let the office know of the deals that are found and offered in this process."""
        user = store.user_folder()
        if user != self._user:
            self.close()
            self._user = user
        self.office.offer(store.offered_texts())

    def unknown(self, calls: set[str]) -> set[str]:
        """Find out which functions the office does not know.

        Args:
            calls: Functions as files write them, prefixes included.

        Returns:
            Those among them that are unknown.
        """
        new = sorted(calls - set(self._known))
        if new:
            # It has no list of functions by the names that files use. But what it does not know
            # is another error than a call without arguments.
            formulas = [f"{name}()" for name in new]
            cells = _plain(self.office.read(probe(formulas)).get("S", []))
            for row, name in enumerate(new, 1):
                self._known[name] = cells.get((row, 1)) != {"error": 525}
        return {name for name in calls if not self._known[name]}


_sessions: list[Session] = []


@contextlib.contextmanager
def session(timeout: float | None = None) -> Iterator[Session]:
    """Keep one office for all workbooks that are computed within a ``with`` statement.

    Args:
        timeout: Seconds that a workbook may take; None for as many as `bounds` says.

    Yields:
        The session; nothing need be done with it.
    """
    if _sessions:
        yield _sessions[-1]
        return
    made = Session(timeout)
    _sessions.append(made)
    try:
        yield made
    finally:
        _sessions.remove(made)
        made.close()


def compute(source: bytes | Workbook, path: Path | str = "workbook") -> Computed:
    """Compute every formula of a workbook.

    Args:
        source: The workbook.
        path: What messages are to call it.

    Returns:
        Its values, and what could not be computed.

    Raises:
        OfficeError: LibreOffice is missing, or did not do its work.
        FileError: The workbook cannot be read, or has settings that are not supported.
    """
    book = Workbook.of(source, path)
    require_usual(book)
    layouts = layouts_of(book)
    copy = copied(book)
    links = links_of(book)
    calls = called(layouts)
    with session() as current:
        current.bring_deals()
        unknown = current.unknown(set().union(*calls.values())) if calls else set()
        try:
            answer = current.office.read(copy, ".xlsm" if book.has_macros else ".xlsx", path)
        except ValueError as error:
            raise FileError(path, str(error), "recalculate it in Excel") from None
    raw = {name: _plain(rows) for name, rows in answer.items()}
    cells = {name: {at: _cell(item) for at, item in found.items()} for name, found in raw.items()}
    values: dict[str, dict[Place, Cell]] = {}
    refusals = []
    for sheet in book.sheets:
        if sheet.name not in cells:
            raise FileError(path, f"LibreOffice has lost the sheet {sheet.name!r} of it")
        here = values[sheet.name] = {}
        masters: dict[str, str] = {}
        for formula in layouts[sheet.part].formulas:
            place = (formula.row, formula.column)
            # Followers of a shared formula have no text; their master comes first.
            text = formula.text or masters.get(formula.group, "")
            if formula.group:
                masters.setdefault(formula.group, text)
            missing = calls.get(id(formula), set()) & unknown
            reason = links.elsewhere(text) or _refusal(formula, raw[sheet.name].get(place), missing)
            if reason:
                name = f"{column_letters(formula.column)}{formula.row}"
                refusals.append((sheet.name, formula.row, formula.column, name, reason))
            filled = formula.kind == "array" and formula.area is not None
            plain = links.without(text)
            for one in places(formula.area) if filled and formula.area else [place]:
                here[one] = _logical(plain, formula.stored, cells[sheet.name].get(one))
                cells[sheet.name][one] = here[one]
    return Computed(
        engine="libreoffice",
        values=values,
        formulas=sum(len(layout.formulas) for layout in layouts.values()),
        refusals=tuple(Refusal(sheet, name, why) for sheet, _, _, name, why in sorted(refusals)),
        layouts=layouts,
        parts={sheet.name: sheet.part for sheet in book.sheets},
        value=lambda sheet, *place: cells[sheet].get(place),
        remedy="use --engine auto, or recalculate it in Excel",
    )


def computed_calls(requests: Sequence[Request]) -> list[Cell]:
    """Compute calls by themselves; see `single_calls`.

    Args:
        requests: The calls.

    Returns:
        Their values.

    Raises:
        OfficeError: LibreOffice is missing, or did not do its work.
    """
    formulas = []
    blocks: dict[Rows, int] = {((None,),): 1}
    below = 2
    for request in requests:
        written = []
        for argument in request.arguments:
            if isinstance(argument, tuple):
                if argument not in blocks:
                    blocks[argument], below = below, below + len(argument)
                top = blocks[argument]
                last = f"{column_letters(len(argument[0]))}{top + len(argument) - 1}"
                argument = f"D!A{top}:{last}" if argument != ((None,),) else "D!A1"
            written.append(argument)
        formulas.append(f"{request.name}({','.join(written)})")
    cells = {
        (top + row, 1 + column): value
        for rows, top in blocks.items()
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    }
    with session() as current:
        answer = current.office.read(probe(formulas, cells))
    found, read = _plain(answer.get("S", [])), _plain(answer.get("D", []))
    if {at: _cell(raw) for at, raw in read.items()} != {
        at: value for at, value in cells.items() if value is not None
    }:
        raise FileError("LibreOffice", "it does not read cells as they are")
    return [_cell(found.get((row, 1))) for row in range(1, len(formulas) + 1)]


def _refusal(formula: Formula, raw: Any, missing: set[str]) -> str:
    if formula.kind == "dataTable":
        return DATA_TABLE
    if missing:
        # Even where IFERROR hides it: where the function is known, the value is another one.
        return f"LibreOffice does not know {' and '.join(map(function_name, sorted(missing)))}"
    if isinstance(raw, dict):
        code = int(raw["error"])
        return _REFUSED.get(code, "" if code in _CODES else f"LibreOffice gives its error {code}")
    return ""


def _plain(rows: list[list[Any]]) -> dict[Place, Any]:
    return {(row, column): value for row, column, value in rows}


def _cell(raw: Any) -> Cell:
    """Turn what the driver reports of a cell into its value."""
    if isinstance(raw, dict):
        code = int(raw["error"])
        return CellError(_CODES.get(code) or f"Err:{code}")
    if isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    value: Cell = raw
    return value


def _logical(formula: str, stored: Cell, value: Cell) -> Cell:
    """Give a 1 or a 0 the kind that it has in Excel.

    LibreOffice has no logicals, only numbers that are to be shown as such, and knows of them where
    it works out one cell; in array formulas, and in what some functions hand on (VLOOKUP, or the
    rows of EXPLAIN), there is the number alone. What the formula does last decides, and otherwise
    what the cell held before: one that held TRUE or FALSE has not become a number. As the embedded
    engine stores TRUE, and Excel would, a 1 in its place would be a change.
    """
    if not isinstance(value, bool | float) or value not in (0, 1):
        return value
    kind = last_kind(formula)
    if kind is None and isinstance(stored, bool):
        kind = bool
    return value if kind is None else kind(value)
