"""Workbooks of a deal that changed: amended, and split."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from filling import type_into
from packages import packed, parts_of
from reading import checks_ok, named
from templates import OF_2001

from xladdin.building.build import build
from xladdin.building.upgrade import upgrade
from xladdin.terms import select
from xladdin.terms.store import SHIPPED, forget

ACTIONS = """
[[actions]]
source = "made up"
kind = "amendment"
date = 2002-01-15
figure = "agreement.warrants.rate"
value = 0.08

[[actions]]
source = "made up"
kind = "split"
date = 2002-06-03
ratio = 25
"""


LONG = re.compile(rb"<v>(\d*\.\d{16,})</v>")


@pytest.fixture
def deal(folder: Path) -> str:
    """The shipped deal with a lower rate of warrants from January, and a split in June 2002."""
    text = (SHIPPED / "NEOT-2001.toml").read_text("utf-8").replace("NEOT-2001", "DATED-1")
    path = folder / "DATED-1.toml"
    path.write_text(text[: text.index("[[printed]]")] + ACTIONS, encoding="utf-8")
    return path.stem


def test_entries_from_before_a_split_are_named(tmp_path: Path, folder: Path, deal: str) -> None:
    path = folder / f"{deal}.toml"
    whole = path.read_text("utf-8")
    path.write_text(whole[: whole.rindex("[[actions]]")], "utf-8")
    forget()
    build(("captable",), deals=[deal], out=tmp_path)
    workbook = tmp_path / "captable.xlsx"
    untouched = workbook.read_bytes()
    type_into(workbook, "Market_price", 4.25)
    path.write_text(whole, "utf-8")
    forget()
    done = upgrade(workbook)
    assert ("split of 2002-06-03", "other", "new") in done.terms
    assert [words for words in done.lost if "the new split of 2002-06-03" in words] == [*done.lost]
    assert done.lost
    assert upgrade(workbook).lost == ()
    path.write_text(whole.replace("ratio = 25", "ratio = 20"), "utf-8")
    forget()
    assert any("the new split of 2002-06-03" in words for words in upgrade(workbook).lost)
    path.write_text(whole[: whole.rindex("[[actions]]")], "utf-8")
    forget()
    assert any("the new split of 2002-06-03" in words for words in upgrade(workbook).lost)
    workbook.write_bytes(untouched)  # into which nobody typed
    assert upgrade(workbook).lost == ()


@pytest.mark.parametrize(
    ("ratio", "named"),
    [
        ('"2/3"', set()),
        ("0.666666666666667", set()),
        ("0.66666666666667", {"action_1.ratio", "split of 2024-06-03"}),
    ],
)
def test_a_ratio_of_which_a_file_keeps_15_digits_is_no_other(
    tmp_path: Path, folder: Path, ratio: str, named: set[str]
) -> None:
    text = (SHIPPED / "CGTX-2022.toml").read_text("utf-8").replace("CGTX-2022", "DATED-2")
    split = ACTIONS[ACTIONS.rindex("[[actions]]") :].replace("2002-", "2024-")
    text = text[: text.index("[[printed]]")] + split.replace("25", '"2/3"')
    path = folder / "DATED-2.toml"
    path.write_text(text, "utf-8")
    build(("placements",), deals=["DATED-2"], out=tmp_path)
    workbook = tmp_path / "placements.xlsx"
    parts = parts_of(workbook.read_bytes())
    assert any(repr(2 / 3).encode() in part for part in parts.values())
    for name in parts:
        if name.startswith("xl/worksheets/"):
            parts[name] = LONG.sub(lambda it: b"<v>%.15g</v>" % float(it[1]), parts[name])
    workbook.write_bytes(packed(parts))
    path.write_text(text.replace('"2/3"', ratio), "utf-8")
    forget()
    terms = {name for name, _, _ in upgrade(workbook).terms}
    assert terms & {"action_1.ratio", "split of 2024-06-03"} == named
    assert terms == set() or ratio != '"2/3"'


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("day", "last_sale", "rate", "authorised", "outstanding"),
    [
        ("@2001-12-31", 4.04, 0.10, 50_000_000, 21_862_772),
        ("@2002-01-31", 4.04, 0.08, 50_000_000, 21_862_772),
        ("@2002-07-01", 101, 0.08, 2_000_000, 874_510),
        ("", 101, 0.08, 2_000_000, 874_510),
    ],
)
def test_workbooks_show_the_deal_as_it_stands_that_day(
    tmp_path: Path,
    deal: str,
    day: str,
    last_sale: float,
    rate: float,
    authorised: int,
    outstanding: int,
) -> None:
    made = build(OF_2001, deals=[f"{deal}{day}"], out=tmp_path / "out")
    assert [one.failures for one in made] == [()] * len(OF_2001)
    for one in made:
        book = openpyxl.load_workbook(one.path, data_only=True)
        assert checks_ok(book) is True
        assert named(book, "Deal") == f"{deal}{day or '@2002-06-03'}"
        terms = {row[0]: row[2] for row in book["Terms"].values}
        assert terms["capitalisation.last_sale"] == last_sale
        assert terms["capitalisation.authorised"] == authorised
        assert terms["capitalisation.outstanding"] == outstanding
        if one.path.stem == "placements":
            assert terms["agreement.warrants.rate"] == rate
        if one.path.stem == "proceeds":
            assert terms["agreement_2.warrants.rate"] == 0.10


@pytest.mark.long
def test_further_agreements_of_that_day(tmp_path: Path, deal: str) -> None:
    made = build(["placements"], deals=[f"{deal}@2002-01-31"], out=tmp_path, agreements=True)
    assert [one.path.parent.name for one in made] == [
        f"{deal}@2002-01-31",
        f"{deal}_OTHER@2002-01-31",
    ]
    assert [one.failures for one in made] == [(), ()]


def test_the_agreement_may_stand_behind_the_day(deal: str) -> None:
    first, second = (select(f"{deal}{text}") for text in ("/OTHER@2002-07-01", "@37438/other"))
    assert first.text == second.text == f"{deal}/OTHER@2002-07-01"
    assert first.sales.capacity == second.sales.capacity == 8_400_000
