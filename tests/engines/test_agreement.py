"""The same call in the core, the embedded engine and LibreOffice gives the same value.

For every function random calls are drawn, over its domain and outside it, and put into the cells
of a workbook; each route computes them all. XLADDIN_AGREEMENT_CELLS sets how many; the
draws are the same in every run. Twenty-five of each are quick; the full run is 10,000.

What LibreOffice cannot pass to an add-in is left out: it hands TRUE on as 1, and a blank cell as 0.
An argument that is not given is another matter, and is here.
"""

from __future__ import annotations

import functools
import io
import itertools
import math
import os
import random
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import openpyxl
import pytest
import strategies
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from offices import needs_office
from paths import DATA

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.result import Computed
from xladdin.engines.tolerance import TOLERANCE, relative
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import store
from xladdin.xlsx.package import Package
from xladdin.xlsx.workbook_part import column_letters
from xladdin.xlsx.xml_bytes import escaped

CELLS: Final = int(os.environ.get("XLADDIN_AGREEMENT_CELLS", "25"))
"""Cells for each function."""

DRAWN: Final = min(CELLS, 400)
"""Calls drawn for each function; more cells are made by putting their arguments together anew."""

SEED: Final = 20011101


OUTSIDE: Final[tuple[Any, ...]] = (
    -1.0,
    -0.01,
    0.0,
    0.5,
    1e-9,
    1e15,
    1e300,
    -1e300,
    2.0**53,
    60.0,
    2958466.0,
    "x",
    "",
    " ",
    "4.04",
    "TRUE",
    "#N/A",
    "2001-09-10",
    "neot-2001/other",
    "ä€\U0001f600",
    *map(CellError, ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!")),
)
"""What belongs into no argument, or only into some other one."""


class Sheets:
    """A workbook in the making: calls on one sheet, the ranges that they refer to on another.

    It is written here, digit by digit: openpyxl would write no more than 16 of a double's.
    """

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.data: list[str] = []
        self.placed: dict[int, str] = {}
        self.kept: list[Any] = []  # what is placed, or another might get its number
        self.expected: list[tuple[str, Cell]] = []

    def add(self, name: str, arguments: Sequence[Any], expected: Cell, form: str = "{}") -> None:
        """Put a call into the next row."""
        row = len(self.expected) + 1
        cells, written = [], []
        for column, argument in enumerate(arguments, 2):
            if argument is None:
                written.append("")
            elif isinstance(argument, list):
                written.append(self._range(argument))
            else:
                place = f"{column_letters(column)}{row}"
                cells.append(cell_xml(place, argument))
                written.append(place)
        while written and not written[-1]:
            written.pop()
        formula = form.format(f"{name}({','.join(written)})")
        first = f'<c r="A{row}"><f>{escaped(formula)}</f></c>'
        self.rows.append(f'<row r="{row}">{first}{"".join(cells)}</row>')
        self.expected.append((f"{formula} of {arguments}"[:300], expected))

    def _range(self, rows: list[list[Any]]) -> str:
        if id(rows) not in self.placed:
            self.kept.append(rows)
            first = len(self.data) + 1
            for number, values in enumerate(rows, first):
                cells = "".join(
                    cell_xml(f"{column_letters(column)}{number}", value)
                    for column, value in enumerate(values, 1)
                    if value is not None
                )
                self.data.append(f'<row r="{number}">{cells}</row>')
            last = f"{column_letters(len(rows[0]))}{len(self.data)}"
            self.placed[id(rows)] = f"Data!A{first}:{last}"
        return self.placed[id(rows)]

    def saved(self) -> bytes:
        book = openpyxl.Workbook()
        book.active.title = "Calls"
        book.create_sheet("Data")
        buffer = io.BytesIO()
        book.save(buffer)
        parts = {
            f"xl/worksheets/sheet{number}.xml": (
                '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                f"<sheetData>{''.join(rows)}</sheetData></worksheet>"
            ).encode()
            for number, rows in enumerate((self.rows, self.data), 1)
        }
        return Package(buffer.getvalue()).with_changes(parts)


def cell_xml(place: str, value: Any) -> str:
    """Write a cell."""
    if isinstance(value, CellError):
        return f'<c r="{place}" t="e"><v>{escaped(value.code)}</v></c>'
    if value == "":
        return f'<c r="{place}"><f>""</f></c>'  # nobody can type a text of no length
    if isinstance(value, str):
        text = f'<t xml:space="preserve">{escaped(value)}</t>'
        return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'


def drawn(strategy: SearchStrategy[Any]) -> list[Any]:
    """Draw from a strategy, the same every time."""
    found: list[Any] = []

    @settings(
        max_examples=DRAWN,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(value: Any) -> None:
        found.append(value)

    keep()
    return found


def calls(name: str) -> Iterator[list[Any]]:
    """Make calls of a function without end, as what its cells hold."""
    function = FUNCTIONS[name]
    choices = random.Random(f"{SEED} {name}")
    pool = [cells_of(name, one) for one in drawn(STRATEGIES[name])]
    whole = [place for place, one in enumerate(function.arguments) if one.kind.ranged]
    for number in itertools.count():
        arguments = list(pool[number % len(pool)])
        if number >= len(pool) and arguments:
            # Ranges stay together with what fits them; single values are dealt out anew.
            other = choices.choice(pool)
            for place in range(len(arguments)):
                if place not in whole and choices.random() < 0.5:
                    arguments[place] = other[place]
        if arguments and choices.random() < 0.3:
            place = choices.randrange(len(arguments))
            if place not in whole:
                arguments[place] = choices.choice(OUTSIDE)
        if fits(function, arguments):
            yield arguments


STRATEGIES: Final = {**strategies.ARGUMENTS, **strategies.LOOKUPS, **strategies.DEALS}


def cells_of(name: str, arguments: tuple[Any, ...]) -> list[Any]:
    """Turn what an oracle takes into what cells hold."""
    given_ = strategies.as_cells(strategies.as_python(name, arguments))
    assert isinstance(given_, list)
    return given_


def fits(function: Function, arguments: Sequence[Any]) -> bool:
    """Whether cells can hold the arguments, and LibreOffice can pass them to an add-in."""
    for argument, value in zip(function.arguments, arguments, strict=True):
        rows = value if isinstance(value, list) else [[value]]
        cells = [cell for row in rows for cell in row]
        if any(isinstance(cell, bool) for cell in cells):
            return False
        if any(isinstance(cell, float) and not math.isfinite(cell) for cell in cells):
            return False
        if isinstance(value, list) and cells == [None]:
            return False
        if value is None and not argument.optional:
            return False  # Calc has no gap there, and gives a blank cell as 0
        if value == 0 and argument.optional and argument.kind.name not in TAKE_ZERO:
            return False
    return True


TAKE_ZERO: Final = {"amount", "count", "offset"}
"""Kinds of arguments in which a 0 means 0. In the others, where it would be wrong, the extension
takes it for the blank cell that it may have been."""


@pytest.fixture(scope="module")
def everything() -> Iterator[None]:
    """One office for all, which knows the made-up deal as well."""
    with pytest.MonkeyPatch.context() as patch, libreoffice.session():
        patch.setenv(store.ENVIRONMENT, str(DATA))
        store.forget()
        yield
    store.forget()


@pytest.fixture(scope="module")
def tally() -> dict[str, int]:
    return {}


def fill(sheets: Sheets, name: str) -> None:
    """Put calls of a function into the workbook."""
    function = FUNCTIONS[name]
    for arguments in itertools.islice(calls(name), CELLS):
        value = function.evaluate(list(arguments))
        if isinstance(value, list):  # a column of figures, whose cells are compared in turn
            row = len(sheets.expected) % len(value)
            sheets.add(name, arguments, value[row][0], f"INDEX({{}},{row + 1},1)")
        else:
            sheets.add(name, arguments, value)


def fill_explanations(sheets: Sheets) -> None:
    """Explanations of all other functions; a cell shows one figure of one step."""
    last = len(sheets.expected) + CELLS
    choices = random.Random(SEED)
    sources = {name: calls(name) for name in strategies.ARGUMENTS if name not in RANGED}
    for name in itertools.cycle(sources):
        arguments = next(sources[name])
        # An error in an argument never reaches an add-in of LibreOffice; it is the result.
        if any(isinstance(argument, CellError) for argument in arguments):
            continue
        rows = FUNCTIONS["EXPLAIN"].evaluate([name, *arguments])
        assert isinstance(rows, list)
        places = [
            (row, column)
            for row, cells in enumerate(rows)
            for column, cell in enumerate(cells)
            if cell is not None and cell != ""
        ]
        row, column = choices.choice(places)
        form = f"INDEX({{}},{row + 1},{column + 1})"
        sheets.add("EXPLAIN", [name, *arguments], rows[row][column], form)
        if len(sheets.expected) == last:
            break


RANGED: Final = {
    name
    for name, function in FUNCTIONS.items()
    if any(argument.kind.ranged for argument in function.arguments)
}


class Answers(NamedTuple):
    """A workbook, what the engines make of it, and the first row of each function."""

    sheets: Sheets
    routes: dict[str, Computed]
    first: dict[str, int]


@functools.lru_cache(maxsize=1)
def answers(*names: str) -> Answers:
    """Compute a workbook of calls of some functions."""
    sheets = Sheets()
    first = {}
    for name in names:
        first[name] = len(sheets.expected) + 1
        if name == "EXPLAIN":
            fill_explanations(sheets)
        else:
            fill(sheets, name)
    data = sheets.saved()
    engines = {"embedded": embedded.compute, "libreoffice": libreoffice.compute}
    return Answers(sheets, {name: engine(data) for name, engine in engines.items()}, first)


@needs_office
@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_core_embedded_and_libreoffice_agree(
    name: str, tally: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    # Those of all functions are in one workbook, unless they are many.
    sheets, routes, first = answers(*(FUNCTIONS if CELLS == DRAWN else [name]))
    calls_of_it = sheets.expected[first[name] - 1 :][:CELLS]
    wrong = []
    worst = 0.0
    errors = 0
    for row, (what, expected) in enumerate(calls_of_it, first[name]):
        errors += isinstance(expected, CellError)
        for route, computed in routes.items():
            found = computed.value("Calls", row, 1)
            if name == "EXPLAIN" and isinstance(expected, bool) and route == "libreoffice":
                found = found == 1.0  # among the values of a block LibreOffice has no logicals
            gap = apart(expected, found)
            worst = max(worst, gap)
            if gap > TOLERANCE:
                wrong.append(f"{what}: core {expected!r}, {route} {found!r}")
    tally[name] = len(calls_of_it)
    with capsys.disabled():
        print(
            f"\n{name}: {len(calls_of_it):,} cells compared, {errors:,} of them errors; "
            f"worst relative difference {worst:.1E}; {sum(tally.values()):,} so far",
            end="",
        )
    assert not wrong, f"{len(wrong)} of {CELLS}:\n" + "\n".join(wrong[:10])
    assert len(sheets.expected) == CELLS * len(first)
    # An unknown name in a cell is #NAME?, and so is whatever refers to it; all else is computed.
    assert {refusal.cell for refusal in routes["libreoffice"].refusals} == {
        f"A{row}"
        for row, (_, expected) in enumerate(sheets.expected, 1)
        if expected is CellError("#NAME?")
    }


def apart(expected: Cell, found: Cell) -> float:
    """How far a value is from the core's: infinitely, if it is of another kind."""
    if type(expected) is float and type(found) is float:
        return relative(expected, found)
    return 0.0 if type(expected) is type(found) and expected == found else math.inf
