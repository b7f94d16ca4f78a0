"""Workbooks of deals that say less, or other things, than the programme of 2001."""

from __future__ import annotations

from pathlib import Path

import pytest

from xladdin.building.build import build
from xladdin.building.manifest import LEFT_OUT
from xladdin.terms import read_terms
from xladdin.terms.selection import selected
from xladdin.workbooks.placements.workbook import build as placements

HEAD = """format = 2
name = "OTHER-1"
issuer = "Other, Inc."
ticker = "OTHR"
document = "An agreement"
document_date = 2023-01-03
calendar = "XNYS"
"""
FORMULA = """
[[prices.first.legs]]
source = "2"
kind = "series"
of = "VWAP"
multiple = 0.97
from = 0
to = 2
"""
AGREEMENT = """
[agreements.SALES]
source = "1"
title = "Sales Agreement"
dated = 2022-12-23
agents = ["One & Co.", "Two LLC"]
capacity = 40_000_000
rate = 0.03
expense_reimbursement = 50_000
delivery_sessions = 2
standstill_before = 0
standstill_after = 0
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "OTHER-1.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [FORMULA, AGREEMENT.replace("delivery_sessions = 2", ""), AGREEMENT],
    ids=["formula", "no delivery", "whole"],
)
def test_what_a_deal_lacks_is_left_out(tmp_path: Path, text: str) -> None:
    path = file(tmp_path, text)
    whole = "delivery_sessions" in text
    agreements = read_terms(path).agreements
    assert [one.key for one in agreements] == (["SALES"] if whole else [])
    if not whole:
        made = build(deals=[path], out=tmp_path / "out")
        left_out = [one for one in made if one.change == LEFT_OUT]
        assert all(one.failures[0].startswith("OTHER-1 has no ") for one in left_out)
        written = {one.path.stem for one in made} - {one.path.stem for one in left_out}
        expected = {"equityline"} if "prices" in text else {"reporting", "offering"}
        assert written == expected
        assert {one.stem for one in tmp_path.glob("out/*.xlsx")} == written


def test_two_agents_sell_under_one_capacity(tmp_path: Path) -> None:
    selection = selected(read_terms(file(tmp_path, AGREEMENT)))
    assert selection.figures_by_agreement["agreement_1.capacity"][0].value == 40_000_000
    assert not any(name.startswith("agreement_2") for name in selection.figures_by_agreement)
    sheet = placements(selection).workbook["Terms"]
    capacities = [row[2] for row in sheet.values if row[0] == "agreement.capacity"]
    assert capacities == [40_000_000]
