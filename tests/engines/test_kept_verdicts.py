"""Verdicts and derivations that are kept hold for what they were made from."""

from __future__ import annotations

import io
from collections.abc import Mapping

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from templates import OF_2001

from xladdin.building.origin import formula_digest
from xladdin.building.render import write
from xladdin.engines.embedded import formula_reader
from xladdin.engines.embedded.areas import area_from, too_large
from xladdin.engines.embedded.compute import compute
from xladdin.engines.embedded.guard import is_misread_formula
from xladdin.engines.embedded.judgement import judge
from xladdin.formulas.tokens import in_order, shape
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.openpyxl_writer import parts_of


def data(cells: Mapping[str, object], names: dict[str, str]) -> bytes:
    """Make a workbook's file."""
    made = openpyxl.Workbook()
    for place, value in cells.items():
        made.active[place] = value
    for name, target in names.items():
        made.defined_names[name] = DefinedName(name, attr_text=target)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def test_a_form_is_judged_once_for_workbooks_whose_names_stand_for_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = []

    def counted(form: str, *arguments: object) -> object:
        judged.append(form)
        return judge(form, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(formula_reader, "judge", counted)
    monkeypatch.setattr(formula_reader, "_kept", {})
    formula = "=Rate*2+A1"
    one = data({"A1": 1, "A2": 5, "B1": formula}, {"Rate": "Sheet!$A$2"})
    assert compute(one).value("Sheet", 1, 2) == 11.0
    assert compute(one).value("Sheet", 1, 2) == 11.0
    assert judged == ["Rate*2+A1"]
    # Under the same name, a range: what is refused there, and was not before.
    other = data({"A1": 1, "A2": 5, "B1": formula}, {"Rate": "Sheet!$A$1:$A$2"})
    assert [refusal.cell for refusal in compute(other).refusals] == ["B1"]
    assert compute(one).value("Sheet", 1, 2) == 11.0
    assert len(judged) == 2  # both are kept, as the workbooks of one deal come by turns


def test_checks_of_kept_verdicts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict refers to a list of checks, to which others have added since."""
    monkeypatch.setattr(formula_reader, "_kept", {})
    words = {"A1": "x", "B1": "=IF(ISTEXT(A1),DAYS360(INDEX(A1:A2,1),1),1)"}
    assert compute(data(words, {})).refusals
    compute(data({"A1": "x", "B1": "=WORKDAY(INDEX(A1:A2,1),1)"}, {}))
    again = compute(data(words, {})).refusals
    assert again == compute(data(words, {})).refusals
    monkeypatch.setattr(formula_reader, "_kept", {})
    assert compute(data(words, {})).refusals == again


def test_a_derivation_is_worked_out_once_for_all_of_its_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[object] = []
    function = FUNCTIONS["EXPLAIN"]
    evaluate = type(function).evaluate

    def counted(self: object, *arguments: object) -> object:
        if self is function:
            calls.append(arguments[0])
        return evaluate(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(function), "evaluate", counted)
    monkeypatch.setattr("xladdin.engines.embedded.compute.bounded", lambda one, _: one)
    explained = 'INDEX(EXPLAIN("CEO_FEE",A{}),{},{})'
    cells: dict[str, object] = {"A1": 1_000_000, "A2": "=1=1", "A3": 1}
    for row in (1, 2, 3):
        for column, letter in enumerate("BC", 1):
            cells[f"{letter}{row}"] = "=" + explained.format(row, 2, column)
    computed = compute(data(cells, {}))
    assert not computed.refusals
    assert len(calls) == 3
    assert computed.value("Sheet", 2, 2) != computed.value("Sheet", 3, 2)  # TRUE is not 1


def test_all_formulas_of_a_deals_workbooks_are_kept_for_the_next_deals() -> None:
    """A cache that drops the oldest finds none of them if it is smaller by one."""
    deal = select()
    formulas = 0
    for name in OF_2001:
        parts = parts_of(write(name, deal).workbook)
        formulas += sum(len(sheet.formulas) for sheet in parts.sheets.values())
    assert 2 * formulas < KEPT
    for kept in (shape, in_order, is_misread_formula, formula_digest, area_from, too_large):
        assert kept.cache_info().maxsize == KEPT
