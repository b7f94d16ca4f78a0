"""A workbook's formulas, each rewritten for the embedded engine and judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

from xladdin.engines.embedded import bridge, far_counts, instruments, isformula
from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.elsewhere import move
from xladdin.engines.embedded.examination import where
from xladdin.engines.embedded.expansion import expanded
from xladdin.engines.embedded.filled_down import FilledDown
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_notes import NamedCells, Scope
from xladdin.engines.embedded.formula_parts import ARRAY, PLAIN
from xladdin.engines.embedded.judgement import judge
from xladdin.engines.embedded.rewrite import UNKNOWN_CALL, Rewriter, TooLongError
from xladdin.engines.embedded.verdicts import Action, Verdict
from xladdin.engines.proved import ANY, SEVERAL
from xladdin.engines.proved_table import EXCELS, NEWER
from xladdin.engines.result import DATA_TABLE
from xladdin.errors import FileError
from xladdin.formulas.external_links import links_of
from xladdin.formulas.structured_references import ROW, quoted
from xladdin.formulas.tokens import CALL, in_order, shape, shifted, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import Formula, Layout, Place
from xladdin.xlsx.workbook_part import Workbook, column_letters

OURS: Final = {name: function.each for name, function in FUNCTIONS.items()}
"""Our functions, and whether each works element by element."""

SPILLING: Final = frozenset(name for name, function in FUNCTIONS.items() if function.spills)
"""Functions of ours that give arrays."""

FAILING: Final = frozenset(
    name for name, function in FUNCTIONS.items() if function.spills and not function.errors_inside
)
"""Those of them that give one error in place of an array."""

_LOST: Final = "it refers to a workbook by a link that the file does not have"

_DATA_TABLE: Final = Verdict(DATA_TABLE, single=False)


class FormulaReader:
    """Reads the formulas of one workbook.

    Attributes:
        checks: What values on their way may be; see `notes.Notes`.
        judged: What is known of formulas, by what they have in common and where they stand.
        linked: Whether a formula or a name has a link but for functions of ours.
        kept_names: The defined names that stay in formulas.
        runs: Formulas that are filled down.
    """

    def __init__(self, book: Workbook, layouts: Mapping[str, Layout]) -> None:
        """Take a workbook, and the layouts of its sheets by part."""
        self.checks = _CHECKS
        self.judged: dict[tuple[str, str], Verdict] = {}
        self._book = book
        self._layouts = layouts
        self._links = links_of(book)
        sheets = [sheet.name for sheet in book.sheets]
        self._rewriter = Rewriter(FUNCTIONS, book.tables, book.defined_names, self._links, sheets)
        self.kept_names = self._rewriter.kept
        self.linked = bool(book.links) and any(map(self._links.used, _texts(book, layouts)))
        self._names = _Names(book)
        self._scope = Scope(
            OURS, SPILLING, self._names.get, is_excels, self.checks, self.linked, FAILING
        )
        self._filled = FilledDown()
        self.runs = self._filled.runs
        self._judged_for_rows: dict[tuple[str, str], Verdict] = {}
        self._above: dict[tuple[str, int], _Above] = {}

    def cells(self) -> list[FormulaCell]:
        """Read all formulas, in order and numbered."""
        found = [
            self._cell(sheet.name, sheet.part, formula, text)
            for sheet in self._book.sheets
            for formula, text in _spelt_out(self._layouts[sheet.part].formulas)
        ]
        for number, cell in enumerate(found):
            cell.number = number
            if cell.judged.positions:
                _answer_own(cell)
            if cell.judged.moved:
                move(cell)
        return found

    def _cell(self, sheet: str, part: str, formula: Formula, text: str) -> FormulaCell:
        if formula.kind == "dataTable":
            return FormulaCell(sheet, part, formula, text, _DATA_TABLE, 0, _DATA_TABLE.reason)
        usual = formula.kind == "normal"
        run = self._filled.find(sheet, formula.row, formula.column, text) if usual else None
        if run is not None:
            judged = run.judged
            cell = FormulaCell(sheet, part, formula, text, judged, 0, judged.reason, True)
            run.cells.append(cell)
            return cell
        row, column = formula.row, formula.column
        above = self._above.get((sheet, column)) if usual else None
        if above is not None and above.text == text and row in above.rows:
            rewritten = in_order(above.for_rows.replace(ROW, str(row)))
            judged = above.judged
            return FormulaCell(sheet, part, formula, rewritten, judged, 0, judged.reason)
        try:
            for_rows = self._rewriter.rewrite_for_rows(text, sheet, row, column)
        except TooLongError as error:
            where = f"{quoted(sheet)}!{column_letters(column)}{row}"
            raise FileError(self._book.path, f"{where}: {error}", "shorten them") from None
        if expanded(for_rows) != for_rows and not _without_prefix(for_rows):
            for_rows = expanded(for_rows)
        for_rows = far_counts.ended(for_rows, sheet, self._reaches.get, self._names.cells)
        if self._links.lost(for_rows):
            for_rows = f'{UNKNOWN_CALL}("{_LOST}")'
        rewritten = in_order(for_rows.replace(ROW, str(row)))
        context = ARRAY if formula.kind == "array" else PLAIN
        if isformula.NAME in rewritten.upper():
            # What takes its place differs from row to row, as the cells that it asks about do.
            unknown = _without_prefix(rewritten)
            rewritten = isformula.answered(rewritten, sheet, self._holds_formula)
            own = self._judgement(shape(rewritten), context)
            reason = isformula.UNANSWERED if isformula.NAME in own.calls else own.reason
            reason = unknown or reason
            return FormulaCell(sheet, part, formula, rewritten, own, 0, reason)
        known = self._judged_for_rows.get((for_rows, context))
        if known is None:
            form = shape(rewritten)
            known = self._judgement(form, context)
            # A form keeps what it does not take for a reference, such as a cell behind a computed
            # corner of a range or past column ZZ. Then it is that of this row alone.
            if for_rows != rewritten and form == shape(for_rows.replace(ROW, str(row + 1))):
                self._judged_for_rows[for_rows, context] = known
        if usual and not self._rewriter.moves and (for_rows, context) in self._judged_for_rows:
            rows = self._rewriter.alike(sheet, row)
            self._above[sheet, column] = _Above(text, rows, for_rows, known)
        cell = FormulaCell(sheet, part, formula, rewritten, known, 0, known.reason)
        if usual and rewritten == text and self._rewriter.alike_in_all_rows:
            self._filled.begin(cell)
        return cell

    @cached_property
    def _reaches(self) -> dict[str, Place]:
        sheets = self._book.sheets
        return {sheet.name: far_counts.reach_of(self._layouts[sheet.part]) for sheet in sheets}

    @cached_property
    def _by_fold(self) -> dict[str, Layout]:
        return {sheet.name.casefold(): self._layouts[sheet.part] for sheet in self._book.sheets}

    def _holds_formula(self, sheet: str, row: int, column: int) -> bool:
        layout = self._by_fold.get(sheet.casefold())
        return layout is not None and layout.holds_formula(row, column)

    def _judgement(self, form: str, context: str) -> Verdict:
        """Judge formulas that differ in the cells that they refer to alone, once."""
        known = self.judged.get((form, context))
        if known is None:
            known = _judged(form, self._scope, context)
            reason = self._links.elsewhere(form) or _without_prefix(form)
            if reason:
                known = replace(known, reason=reason)
            self.judged[form, context] = known
        return known


class _Above(NamedTuple):
    """A formula with structured references, which is written the same in each row.

    Attributes:
        text: It, as the file has it.
        rows: Rows in which it means the same but for their numbers.
        for_rows: It, rewritten for all of these.
        judged: What is known of it.
    """

    text: str
    rows: range
    for_rows: str
    judged: Verdict


def _answer_own(cell: FormulaCell) -> None:
    """Answer where cells are that a formula is among: a circle to the engine, but not to Excel."""
    row, column = cell.place
    for node, name, cells in cell.judged.positions:
        sheet, text = where(cells, cell.references, cell.sheet)
        area = area_from(text)
        if area is not None and name in ("ROW", "COLUMN") and area.shape != (1, 1):
            of_rows = name == "ROW"
            first, last = area[:2], area[2:]
            if area.shape[of_rows] != 1:  # it gives one column, or one row, of places
                cell.refusal = f"{name} is given several rows and columns"
            ends = f"{first[not of_rows]},{last[not of_rows]}"
            call = f"{instruments.SUBSTITUTE}EACH.{name}({ends},{cell.number})"
            cell.act(node, Action(instead=call))
            continue
        if area is None or sheet.casefold() != cell.sheet.casefold():
            continue
        own = (
            area.first_row <= row <= area.last_row
            and area.first_column <= column <= area.last_column
        )
        if own and (name in ("ROWS", "COLUMNS") or area.shape == (1, 1)):
            counted = dict(zip(("ROWS", "COLUMNS"), area.shape, strict=True))
            answers = {"ROW": area.first_row, "COLUMN": area.first_column, **counted}
            cell.act(node, Action(instead=str(answers[name])))


def _without_prefix(form: str) -> str:
    """Say which function of a formula Excel does not know as the file writes it."""
    for kind, text in tokens(form):
        if kind == CALL and text.removesuffix("(").upper() in NEWER:
            return f"the file has {text[:-1].upper()} without the prefix _xlfn., and Excel #NAME?"
    return ""


_CHECKS: Final[list[tuple[int, str]]] = []
"""What values on their way may be, for all workbooks: verdicts refer to it by number."""

_MOST_KEPT: Final = 2_000
"""Forms whose verdicts are kept for the next workbook."""

_LONGEST_KEPT: Final = 2_000
"""Characters of such a form."""


class _Kept(NamedTuple):
    """A verdict, and what the defined names that were looked up for it stood for."""

    verdict: Verdict
    names: Mapping[str, NamedCells | None]


_MOST_MEANINGS: Final = 8
"""Verdicts that are kept of one form, of workbooks whose names stand for other cells."""

_kept: dict[tuple[str, str, bool], list[_Kept]] = {}


def _judged(form: str, scope: Scope, context: str) -> Verdict:
    """Judge a form, or take its verdict from a workbook before, whose names stood for the same."""
    key = form, context, scope.linked
    for kept in _kept.get(key, ()):
        if all(scope.named(name) == cells for name, cells in kept.names.items()):
            return kept.verdict
    names: dict[str, NamedCells | None] = {}

    def named(name: str) -> NamedCells | None:
        names[name] = scope.named(name)
        return names[name]

    verdict = judge(form, replace(scope, named=named), context)
    if verdict.differs:
        verdict.parts({}, False)  # which keeps them
    if len(form) <= _LONGEST_KEPT:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        meanings = _kept.setdefault(key, [])
        if len(meanings) >= _MOST_MEANINGS:
            del meanings[0]
        meanings.append(_Kept(verdict, names))
    return verdict


def _texts(book: Workbook, layouts: Mapping[str, Layout]) -> Iterator[str]:
    """Go through the texts of all formulas and names as the file has them."""
    for layout in layouts.values():
        for formula in layout.formulas:
            yield formula.text
    for name in book.defined_names:
        yield name.text


def _spelt_out(formulas: tuple[Formula, ...]) -> Iterator[tuple[Formula, str]]:
    """Go through formulas, with the text of a shared one moved to each of its followers."""
    masters: dict[str, Formula] = {}
    for formula in formulas:
        if formula.kind != "shared":
            yield formula, formula.text
            continue
        if formula.text:
            masters[formula.group] = formula
        master = masters.get(formula.group, formula)
        down, right = formula.row - master.row, formula.column - master.column
        yield formula, formula.text or shifted(master.text, down, right)


class _Names:
    """What defined names stand for."""

    def __init__(self, book: Workbook) -> None:
        self._texts: dict[str, set[str]] = {}
        for name in book.defined_names:
            self._texts.setdefault(name.name.casefold(), set()).add(name.text)

    def get(self, name: str) -> NamedCells | None:
        """Return what a name stands for, in lower case; None if nobody knows it."""
        found = self._texts.get(name.rpartition("!")[2])
        if found is None:
            return None
        if len(found) > 1:
            return NamedCells("", "", ANY | SEVERAL)
        [text] = found
        sheet, mark, cells = text.rpartition("!")
        if mark:
            return NamedCells(sheet.removeprefix("'").removesuffix("'").replace("''", "'"), cells)
        return NamedCells("", "", ANY)

    def cells(self, name: str) -> str:
        """Return the cells that a name stands for, as a formula writes them; nothing for others."""
        found = None if "!" in name else self.get(name.casefold())
        if found is None or found.kinds or not found.sheet:
            return ""
        return f"{quoted(found.sheet)}!{found.text}"


def is_excels(name: str) -> bool:
    """Whether a function is one of Excel's own that the embedded engine knows or lacks."""
    return name in EXCELS or not bridge.unknown([name])
