"""Figures of a deal, each held against the page that it cites."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from deals import head

from xladdin.cli import main
from xladdin.errors import FileError, TermsError
from xladdin.terms import read_terms, select
from xladdin.terms.document import Citations, Cited
from xladdin.terms.fields import Record, figure_fields
from xladdin.terms.pages import cited_pages, read_document
from xladdin.terms.printed_forms import BESIDE
from xladdin.terms.records import Keyed

FACTS: Final = Path(__file__).parents[1] / "data" / "documents" / "NEOT-2001.txt"
"""The facts of the prospectus by page; its sentences are its author's."""

PROSPECTUS: Final = os.environ.get("XLADDIN_PROSPECTUS", "")
"""File of the prospectus itself, for those who have it."""

DOCUMENTS: Final = [FACTS, *([Path(PROSPECTUS)] if PROSPECTUS else [])]
NEOT: Final = select("NEOT-2001").deal


@pytest.fixture(scope="module", params=DOCUMENTS, ids=lambda path: path.stem)
def citations(request: pytest.FixtureRequest) -> Citations:
    return Citations(NEOT, [read_document(request.param)])


def test_every_figure_of_the_shipped_deal_is_where_it_is_cited(citations: Citations) -> None:
    found = [citations.check(figure) for figure in citations.figures.values()]
    assert [one.in_words() for one in found if one.missing] == []
    assert len(found) == 95
    assert [one.figure.name for one in found if one.exception] == [
        "agreements.SALES.tier_2.up_to",
        "agreements.OTHER.dated",
        "agreements.OTHER.delivery_sessions",
        "agreements.OTHER.standstill_before",
        "agreements.OTHER.standstill_after",
        "agreements.OTHER.warrants.rate",
        "agreements.OTHER.warrants.exercise_multiple",
        "instruments.class_b.original_count",
        "instruments.debenture_2.status",
        "capitalisation.later_outstanding_date",
    ]


def changed(value: Any) -> Iterator[Any]:
    """The figure with its last digit another one, and with its last one that is not 0."""
    if isinstance(value, datetime.date):
        yield value + datetime.timedelta(days=1)
        yield value.replace(year=value.year + 1)
    elif isinstance(value, str):
        digits = list(re.finditer("[0-9]", value))
        if digits:
            at = digits[-1].start()
            yield f"{value[:at]}{(int(value[at]) + 1) % 10}{value[at + 1 :]}"
    elif isinstance(value, int):
        yield value + 1
        yield value - 1
        zeros = len(str(value)) - len(str(value).rstrip("0"))
        yield value + 10**zeros
    else:
        step = Decimal(1).scaleb(int(value.as_tuple().exponent))
        yield value + step
        yield value - step


def test_a_figure_changed_in_its_last_digit_is_reported(citations: Citations) -> None:
    passed = [
        f"{figure.name}: {value}"
        for figure in citations.figures.values()
        for value in changed(figure.value)
        if not citations.check(replace(figure, value=value)).missing
    ]
    assert passed == []


def shifted(figure: Cited) -> Iterator[str]:
    """The figure's source with each of its pages one page further on, and one page back."""
    for page in re.finditer(r"cover|S-(\d+)", figure.source):
        for step in (-1, 1):
            number = int(page[1] or 0) + step
            if number >= 0:
                other = f"S-{number}" if number else "cover"
                yield figure.source[: page.start()] + other + figure.source[page.end() :]


def test_a_figure_cited_one_page_off_is_reported(citations: Citations) -> None:
    passed = [
        f"{figure.name}: {source}"
        for figure in citations.figures.values()
        for source in shifted(figure)
        if not citations.check(replace(figure, source=source)).missing
    ]
    assert passed == []
    assert all(list(shifted(figure)) for figure in citations.figures.values())


HEAD: Final = head("MADE-1")
WHOLE: Final = (
    HEAD
    + """
[pools.ALL]
capacity_shares = { value = 95_000_000, source = "p. 2" }

[agreements.FIRST]
title = { value = "Placement Agreement", source = "p. 1" }
dated = { value = 2023-02-01, source = "p. 1" }
agents = { value = ["One & Co.", "Two, Inc."], source = "p. 1" }
pool = "ALL"
rate = { value = 0.0275, source = "p. 2" }

[fees.tail]
source = "p. 2"
rate_is = "at most"

[[fees.tail.tiers]]
source = "p. 2"
rate = "1/3"

[prices.purchase]
floor = { value = 0.55, source = "p. 3" }

[[prices.purchase.legs]]
source = "p. 3"
kind = "series"
of = "VWAP"
multiple = 0.92
from = -7
to = -1
lowest = 2

[grids.redemption]
source = "p. 4"
columns = [10, 11, 12]
rows = [[60, 0.261, 0.281, 0.297], [0, 0, 0, 0.042]]

[[instruments]]
key = "note"
kind = "note"
principal = { value = 5_000_000, source = "exhibit.txt" }
interest = { value = 0.05, source = "exhibit.txt" }

[[actions]]
source = "p. 3"
kind = "split"
date = 2024-03-08
ratio = 23
"""
)
FILED: Final = """<html><head><title>p. 5,555</title></head><body>
<p>On February 1, 2023, we entered into a Placement Agreement with One&nbsp;&amp; Co. and
Two, Inc., as agents.</p><p>1</p><hr style="page-break-after: always">
<p>Up to <b>95.0 million</b> shares. A commission of 2.75% of proceeds; a tail fee of one-third.</p>
<div align="center">2</div><div style="break-before:page"></div>
<p>The price is 92% of the average of the two lowest daily VWAPs of the seven trading days before
the notice, and not less than a floor of $0.55. A 1-for-23 reverse split took effect on
March 8, 2024; the split was approved before.</p><p>3</p><hr style="page-break-after: always">
<table><tr><td>Months</td><td>10</td><td>11</td><td>12</td></tr>
<tr><td>60</td><td>0.261</td><td>0.281</td><td>0.297</td></tr>
<tr><td>0</td><td>&#8211;</td><td>&#8212;</td><td>0.042</td></tr></table><p>4</p></body></html>"""
EXHIBIT: Final = "Principal amount of the note: $5,000,000. Interest: 5 % a year."


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[str]]:
    """A deal of many kinds of figures, and what commands take for its two documents."""
    deal = tmp_path / "MADE-1.toml"
    deal.write_text(WHOLE, encoding="utf-8")
    filed, exhibit = tmp_path / "filed.htm", tmp_path / "exhibit.txt"
    filed.write_text(FILED, encoding="utf-8")
    exhibit.write_text(EXHIBIT, encoding="utf-8")
    return deal, ["--document", str(filed), "--document", str(exhibit)]


def test_html_as_filed_and_several_documents(made: tuple[Path, list[str]]) -> None:
    deal, documents = made
    done = CliRunner().invoke(main, ["deals", str(deal), *documents])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "17 figures found, 0 exceptions, 0 not found"
    done = CliRunner().invoke(main, ["deals", str(deal), *documents, "--json"])
    tables = {one["name"]: one for one in json.loads(done.output)}
    assert "average of the two lowest daily" in tables["prices.purchase.leg_1.lowest"]["found"]["3"]
    assert list(tables["instruments.note.principal"]["found"]) == ["exhibit.txt"]


@pytest.mark.parametrize(
    ("written", "instead", "name", "why"),
    [
        ('source = "p. 1"', 'source = "p. 2"', "agreements.FIRST.title", "not on 2"),
        ('source = "p. 1"', 'source = "p. 9"', "agreements.FIRST.dated", "no page 9"),
        ('source = "p. 1"', 'source = "s. 3"', "agreements.FIRST.agents", "names no page"),
        ("Two, Inc.", "Three, Inc.", "agreements.FIRST.agents", "not on 1"),
        ("95_000_000", "95_000_001", "pools.ALL.capacity_shares", "not on 2"),
        ("0.0275", "0.027", "agreements.FIRST.rate", "not on 2"),
        ('"1/3"', '"2/3"', "fees.tail.tier_1.rate", "not on 2"),
        ("0.55", "0.5", "prices.purchase.floor", "not on 3"),
        ("lowest = 2", "lowest = 3", "prices.purchase.leg_1.lowest", "not on 3"),
        ("from = -7", "from = -8", "prices.purchase.leg_1.from", "not on 3"),
        ("from = -7", "from = -8", "prices.purchase.leg_1.to", "not on 3"),
        ("to = -1", "to = 0", "prices.purchase.leg_1.to", "not on 3"),
        ("0.297", "0.298", "grids.redemption.rows", "not on 4"),
        ("[0, 0, 0, 0.042]", "[0, 0, 0.01, 0.042]", "grids.redemption.rows", "not on 4"),
        ("[10, 11, 12]", "[10, 12, 13]", "grids.redemption.columns", "not on 4"),
        ("[10, 11, 12]", "[12, 11, 10]", "grids.redemption.columns", "not on 4"),
        ("ratio = 23", "ratio = 24", "action_1.ratio", "not on 3"),
        ("2024-03-08", "2024-03-09", "action_1.date", "not on 3"),
        ("0.05, source", "0.06, source", "instruments.note.interest", "not on exhibit.txt"),
        ("0.05, source", "0, source", "instruments.note.interest", "not on exhibit.txt"),
    ],
)
def test_what_is_not_there(
    made: tuple[Path, list[str]], written: str, instead: str, name: str, why: str
) -> None:
    deal, documents = made
    assert written in WHOLE
    deal.write_text(WHOLE.replace(written, instead), encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(deal), *documents])
    assert done.exit_code == 1, done.output
    (line,) = (line for line in done.output.splitlines() if line.startswith(f"{name} "))
    assert "NOT FOUND: " in line
    assert why in line


@pytest.mark.parametrize(
    ("window", "page", "found"),
    [
        ((0, 2), "period of three consecutive Trading Days beginning on the Purchase Date", "11"),
        ((0, 3), "period of three consecutive Trading Days beginning on the Purchase Date", "10"),
        ((0, 1), "period of three consecutive Trading Days beginning on the Purchase Date", "10"),
        ((0, 2), "period of three Trading Days ending on the Purchase Date", "00"),
        ((1, 5), "five trading days immediately following the notice", "?1"),
        ((1, 4), "five trading days immediately following the notice", "?0"),
        ((3, 3), "on the third trading day after the notice", "11"),
        ((4, 4), "on the third trading day after the notice", "00"),
    ],
)
def test_windows_after_a_day(
    tmp_path: Path, window: tuple[int, int], page: str, found: str
) -> None:
    """The number of days that a page counts is that of the window, and not its last one."""
    leg = 'source = "exhibit.txt"\nkind = "series"\nof = "VWAP"\nmultiple = 0.9\nlowest = 1\n'
    edges = f"from = {window[0]}\nto = {window[1]}\n"
    deal, exhibit = tmp_path / "MADE-1.toml", tmp_path / "exhibit.txt"
    deal.write_text(f"{HEAD}[prices.p]\n[[prices.p.legs]]\n{leg}{edges}", encoding="utf-8")
    exhibit.write_text(f"90% of the lowest daily VWAP of the {page}.", encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(deal), "--document", str(exhibit)])
    lines = {line.split()[0].rpartition(".")[2]: line for line in done.output.splitlines()[:-1]}
    assert "NOT FOUND" not in lines["lowest"]
    for edge, there in zip(("from", "to"), found, strict=True):
        if there != "?":
            assert ("NOT FOUND" not in lines[edge]) == (there == "1"), lines[edge]


@pytest.mark.parametrize(("count", "found"), [(300_000, True), (300_001, False)])
def test_fees_in_shares(tmp_path: Path, count: int, found: bool) -> None:
    deal, exhibit = tmp_path / "MADE-1.toml", tmp_path / "exhibit.txt"
    deal.write_text(
        f'{HEAD}[fees.f]\nsource = "exhibit.txt"\npaid_in = "shares"\ncount = {count}\n'
        "over = 20_000_000\n",
        encoding="utf-8",
    )
    page = "a fee of 300,000 shares for each $20,000,000 of gross proceeds"
    exhibit.write_text(page, encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(deal), "--document", str(exhibit)])
    assert done.output.endswith(f"{1 + found} figures found, 0 exceptions, {1 - found} not found\n")


EXCEPTED: Final = (
    HEAD
    + """
[capitalisation]
source = "exhibit.txt"
authorised = 100
outstanding = 70
outstanding_date = 2022-12-31
options_and_warrants = 30
last_sale = 1.25
last_sale_date = 2023-01-02

[[exceptions]]
figures = ["capitalisation.outstanding"]
follows = "capitalisation.authorised - capitalisation.options_and_warrants"
reason = "the rest is under options"

[[exceptions]]
figures = ["capitalisation.last_sale_date"]
printed = "January 2, 2022"
reason = "last year's number"
"""
)
COUNTS: Final = (
    "Authorised: 100 shares; 30 under options and warrants. Count of 70 outstanding on "
    "December 31, 2022. Last sale on January 2, 2022: $1.25."
)


@pytest.mark.parametrize(
    ("written", "instead", "text", "why"),
    [
        ("", "", COUNTS.replace("100", "1000"), "NOT FOUND: not on"),
        ("", "", COUNTS, "needs no exception"),
        ("outstanding = 70", "outstanding = 71", COUNTS.replace("70", "-"), "is 70"),
        ("2023-01-02", "2023-01-03", COUNTS, "a number has to be on one of its pages"),
        ("January 2, 2022", "January 3, 2022", COUNTS, "none of its pages has"),
    ],
)
def test_exceptions_are_held_to_what_they_say(
    tmp_path: Path, written: str, instead: str, text: str, why: str
) -> None:
    deal, exhibit = tmp_path / "MADE-1.toml", tmp_path / "exhibit.txt"
    deal.write_text(EXCEPTED.replace(written, instead), encoding="utf-8")
    exhibit.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["deals", str(deal), "--document", str(exhibit)])
    assert done.exit_code == 1, done.output
    assert why in done.output


def test_exceptions_name_figures_of_the_deal(tmp_path: Path) -> None:
    deal = tmp_path / "MADE-1.toml"
    for name in ("capitalisation.last_sale_date", "capitalisation.authorised -"):
        deal.write_text(EXCEPTED.replace(name, "capitalisation.nothing +"), encoding="utf-8")
        with pytest.raises(TermsError, match="is no figure of the deal"):
            read_terms(deal)


def test_documents_that_cannot_be_used(tmp_path: Path) -> None:
    blank = tmp_path / "blank.txt"
    blank.write_text(" \n", encoding="utf-8")
    with pytest.raises(FileError, match="holds no text"):
        read_document(blank)
    for arguments in (["NEOT-2001", "--document", str(tmp_path / "none.txt")], ["--document", "x"]):
        done = CliRunner().invoke(main, ["deals", *arguments])
        assert done.exit_code == 2, done.output


def test_pages_are_cut_at_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("Front\fOne 7\n- 1 -\n\fTwo\n3\nmore\n- 2 -\n\fThree\n3\n", "utf-8")
    document = read_document(path)
    assert dict(document.pages) == {
        "cover": "Front",
        "1": "One 7",
        "2": "Two 3 more",
        "3": "Three",
    }
    assert cited_pages("cover, pages 2 and p. 3", document) == ["cover", "2", "3"]
    assert cited_pages("3", document) == ["3"]
    assert cited_pages("note 3", document) == []


def test_words_beside_figures_are_of_figures_that_there_are() -> None:
    names = {
        f"{record.__name__}.{entry.name}"
        for record in (*Record.__subclasses__(), *Keyed.__subclasses__())
        for entry in figure_fields(record)
    }
    assert set(BESIDE) <= names
