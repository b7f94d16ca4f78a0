"""Filled workbooks as data: a log fills proceeds.xlsx and reporting.xlsx, as a folder does."""

from __future__ import annotations

import datetime
import functools
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from building.data_files import put
from click.testing import CliRunner, Result
from deals import head
from oracles import contract as oracle
from paths import DATA
from reading import named

from xladdin.building import data_workbooks
from xladdin.building.build import build
from xladdin.checking import recalc
from xladdin.cli import main
from xladdin.errors import FileError
from xladdin.files import Snapshot
from xladdin.terms.store import forget

LOG: Final = (
    (datetime.date(2001, 8, 14), 50_000, 4.04),
    (datetime.date(2001, 9, 10), 120_000, 4.5),
    (datetime.date(2001, 9, 26), 33_333, 3.97),
)
OTHER: Final = ((datetime.date(2001, 8, 15), 7_777, 3.5),)
LINE: Final = DATA / "LINE-2023.toml"

Row = tuple[datetime.date, int, float]


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def placements(folder: Path, rows: tuple[Row, ...] = LOG, deal: str | Path = "NEOT-2001") -> Path:
    """Save a log with these placements, without what is illustrative."""
    path = folder / "placements.xlsx"
    folder.mkdir(exist_ok=True)
    path.write_bytes(_log(rows, deal))
    return path


@functools.cache
def _log(rows: tuple[Row, ...], deal: str | Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (done,) = build(("placements",), deals=[deal], out=folder)
        return typed(done.path, "Placements", rows).read_bytes()


def typed(path: Path, sheet: str, rows: tuple[tuple[Any, ...], ...], first: str = "B") -> Path:
    book = openpyxl.load_workbook(path)
    log = book[sheet]
    column = openpyxl.utils.column_index_from_string(first)
    width = max(map(len, rows), default=3)
    for number in range(20):
        row = rows[number] if number < len(rows) else ()
        for at in range(width):
            log.cell(5 + number, column + at).value = row[at] if at < len(row) else None
    book.save(path)
    return path


def as_csv(rows: tuple[Row, ...]) -> str:
    return "Date,Shares,Price\n" + "".join(f"{day},{count},{price}\n" for day, count, price in rows)


def values(path: Path) -> Any:
    return openpyxl.load_workbook(path, data_only=True)


def lines(path: Path, sheet: str, columns: int) -> list[tuple[Any, ...]]:
    rows = values(path)[sheet].iter_rows(min_row=5, max_row=24, min_col=2, max_col=1 + columns)
    return [found for row in rows if any(found := tuple(cell.value for cell in row))]


def gross(rows: tuple[Row, ...]) -> Fraction:
    return sum((count * Fraction(price) for _, count, price in rows), Fraction())


def test_a_log_fills_what_is_about_the_same_sales(tmp_path: Path) -> None:
    logs = [
        placements(tmp_path / "first"),
        placements(tmp_path / "other", OTHER, "NEOT-2001/OTHER"),
    ]
    done = build(("proceeds", "reporting"), out=tmp_path / "out", data=logs)
    assert [(one.path.name, one.checks_ok, one.warnings) for one in done] == [
        ("proceeds.xlsx", True, 0),
        ("reporting.xlsx", True, 0),
    ]
    book = values(done[0].path)
    # Illustrative sales are the whole capacity at the last sale of the document.
    for number, rows in enumerate((LOG, OTHER), 1):
        assert Fraction(named(book, f"Gross_{number}")) == pytest.approx(gross(rows), abs=1e-6)
    sheet = {row[0].value: row for row in book["Proceeds"].iter_rows() if row[0].value}
    shares = [sum(count for _, count, _ in rows) for rows in (LOG, OTHER)]
    assert [sheet["Shares sold"][at].value for at in (1, 2)] == shares
    assert [sheet["Warrants earned"][at].value for at in (1, 2)] == [one // 10 for one in shares]
    sold = [("SALES", *row) for row in LOG] + [("OTHER", *row) for row in OTHER]
    right = sorted(sold, key=lambda sale: sale[1])
    found = lines(done[1].path, "Sales", 4)
    assert [(key, day.date(), *rest) for key, day, *rest in found] == right


@pytest.mark.long
def test_csv_and_a_workbook_give_the_same(tmp_path: Path) -> None:
    by_csv = put(tmp_path, placements=as_csv(LOG))
    (tmp_path / "data" / "NEOT-2001_OTHER").mkdir()
    (tmp_path / "data" / "NEOT-2001_OTHER" / "placements.csv").write_text(as_csv(OTHER), "utf-8")
    logs = [
        placements(tmp_path / "first"),
        placements(tmp_path / "other", OTHER, "NEOT-2001/OTHER"),
    ]
    names = ("proceeds", "reporting")
    first = build(names, out=tmp_path / "by_csv", data=by_csv)
    second = build(names, out=tmp_path / "by_workbook", data=logs)
    assert [one.path.read_bytes() for one in first] == [one.path.read_bytes() for one in second]


@pytest.mark.long
def test_what_is_entered_goes_before_what_follows(tmp_path: Path) -> None:
    inputs = "Workbook,Name,Value\nproceeds,Gross_1,1000000\nproceeds,Price_1,4\n"
    sales = "Agreement,Date,Shares,Price\nSALES,2001-08-14,5,4\n"
    data = put(tmp_path, placements=as_csv(LOG), inputs=inputs, sales=sales)
    done = build(("proceeds", "reporting"), out=tmp_path / "out", data=data)
    assert named(values(done[0].path), "Gross_1") == 1_000_000
    assert len(lines(done[1].path, "Sales", 4)) == 1


@pytest.mark.long
def test_a_log_of_its_own_kind_is_taken_over(tmp_path: Path) -> None:
    log = placements(tmp_path)
    (done,) = build(("placements",), out=tmp_path / "out", data=log)
    assert [(day.date(), *rest) for day, *rest in lines(done.path, "Placements", 3)] == list(LOG)
    # It is still what somebody typed, and no build overwrites it.
    (again,) = build(("placements",), out=tmp_path / "out")
    assert again.change == "refused"


@pytest.mark.long
def test_rows_without_all_entries_are_named(tmp_path: Path) -> None:
    half: Any = (*LOG, (datetime.date(2001, 9, 27), 4_000, None))
    log = placements(tmp_path, half)
    proceeds, reporting = build(("proceeds", "reporting"), out=tmp_path / "out", data=log)
    for done in (proceeds, reporting):
        assert (done.checks_ok, done.warnings) == (True, 1)
        words = [row[0].value for row in values(done.path)["Checks"].iter_rows()]
        assert "Not carried over: Placements, row 8: Price missing" in words
    assert named(values(proceeds.path), "Gross_1") == pytest.approx(float(gross(LOG)), abs=1e-6)
    assert len(lines(reporting.path, "Sales", 4)) == len(LOG)


def line(folder: Path) -> Path:
    """An equity line with a purchase, and a conversion of the deal's note; see LINE-2023."""
    (done,) = build(("equityline",), deals=[LINE], out=folder)
    day, issued = datetime.date(2024, 7, 8), datetime.date(2024, 3, 4)
    rows = (
        (day, "regular", day, 250_000, None),
        (day, "note", issued, 100_000, None),
        (datetime.date(2024, 7, 9), "regular", day, None, None),
    )
    typed(done.path, "Advances", rows)
    days = [*oracle.before(issued, 2), *oracle.before(day, 10), day]
    quotes = tuple((one, 2.0 + n / 100, 2.5 + n / 100) for n, one in enumerate(days, -2))
    book = openpyxl.load_workbook(done.path)
    sheet = book["Quotations"]
    headings = [cell.value for cell in sheet[4]]
    for number in range(5, sheet.max_row + 1):
        for at, heading in enumerate(headings, 1):
            if heading in ("Date", "Low", "Close", "Market value", "Closing bid"):
                sheet.cell(number, at).value = None
    for number, (one, low, close) in enumerate(quotes, 5):
        sheet.cell(number, headings.index("Date") + 1).value = one
        sheet.cell(number, headings.index("Low") + 1).value = low
        sheet.cell(number, headings.index("Close") + 1).value = close
        sheet.cell(number, headings.index("Market value") + 1).value = close
    book.save(done.path)
    return done.path


def test_purchases_on_an_equity_line_are_sales(tmp_path: Path) -> None:
    (done,) = build(("reporting",), out=tmp_path / "out", data=line(tmp_path), deals=[LINE])
    price = min(Fraction(2.10), sum(Fraction(f"2.5{n}") for n in range(3)) / 3)
    (sale,) = lines(done.path, "Sales", 3)
    assert sale[0].date() == datetime.date(2024, 7, 8)
    assert sale[1] == int(250_000 / Fraction("2.10")) == 119_047
    assert Fraction(sale[2]) == price
    words = [str(row[0].value) for row in values(done.path)["Checks"].iter_rows()]
    named_rows = [one for one in words if one.startswith("Not carried over")]
    assert len(named_rows) == 3
    assert "Advances, row 6: a conversion; enter its " in named_rows[0]
    assert named_rows[1].endswith("Advances, row 7: Amount missing")
    stated = (
        "commitment shares on Shares: they are shares after all splits, on a day before a split"
    )
    assert stated in named_rows[2]


def refused(folder: Path, data: Any, match: str, *names: str, **options: Any) -> None:
    with pytest.raises(FileError, match=match) as caught:
        build(names or ("proceeds",), data=data, out=folder / "nowhere", **options)
    assert "\n" not in str(caught.value)
    assert not (folder / "nowhere").exists()


def _over(book: Any) -> None:
    book["Placements"]["C6"] = 90_000_000


def _text(book: Any) -> None:
    book["Placements"]["D6"] = "about four"


def _formula(book: Any) -> None:
    book["Placements"]["D6"] = "=4+1"


def _note(book: Any) -> None:
    book["Totals"]["H30"] = "ask the agent"


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (_over, r"Placements, row 6: Failure: Above the capacity .*; correct it there first"),
        (_text, r"Placements, row 6: Failure: Price not a number from 0\.0000001 to 100 million"),
        (_formula, r"Placements!D6: a formula, =4\+1, in an input cell; type its value"),
        (_note, r"Totals!H30: 'ask the agent'; move what is yours"),
    ],
)
def test_wrong_workbooks_are_refused(
    tmp_path: Path, spoil: Callable[[Any], None], match: str
) -> None:
    log = placements(tmp_path)
    book = openpyxl.load_workbook(log)
    spoil(book)
    book.save(log)
    refused(tmp_path, log, match)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (made,) = build(("placements",), out=tmp_path)
    refused(tmp_path, made.path, r"its table Placements holds illustrative figures alone")
    foreign = tmp_path / "foreign.xlsx"
    openpyxl.Workbook().save(foreign)
    refused(
        tmp_path, foreign, r"does not say what it was made from; give one that `xladdin build` made"
    )
    log = placements(tmp_path / "a")
    refused(tmp_path, [log, placements(tmp_path / "b")], r"a placements of NEOT-2001, too")
    refused(tmp_path, [log, tmp_path], r"give one folder, or workbooks alone")
    refused(
        tmp_path,
        log,
        r"of another deal or agreement than those that are built",
        deals=["MORF-2020"],
    )
    text = tmp_path / "placements.csv"
    text.write_text(as_csv(LOG), "utf-8")
    refused(tmp_path, text, r"not named as an \.xlsx")


def test_a_workbook_that_fills_nothing_is_refused(tmp_path: Path) -> None:
    made = build(("offering", "captable", "equityline"), deals=[LINE], out=tmp_path)
    paths = {one.path.stem: one.path for one in made}
    fills = r"it was made as {0}\.xlsx, of which nothing fills {1}; it fills {2}: build that"
    for name, built, own in (
        ("offering", ("reporting",), r"offering\.xlsx"),
        ("offering", ("captable", "reporting"), r"offering\.xlsx"),
        ("captable", ("reporting",), r"captable\.xlsx"),
        ("equityline", ("offering",), r"equityline\.xlsx and reporting\.xlsx"),
    ):
        words = r" and ".join(rf"{one}\.xlsx" for one in built)
        refused(tmp_path, paths[name], fills.format(name, words, own), *built, deals=[LINE])
    own = r"placements\.xlsx and proceeds\.xlsx and reporting\.xlsx"
    words = fills.format("placements", r"captable\.xlsx", own)
    refused(tmp_path, placements(tmp_path / "log"), words, "captable")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", *map(str, arguments)])


def test_the_command_takes_several_workbooks(tmp_path: Path) -> None:
    log = placements(tmp_path / "first")
    other = placements(tmp_path / "other", OTHER, "NEOT-2001/OTHER")
    ended = run("proceeds", "--data", log, "--data", other, "--out", tmp_path / "out")
    assert ended.exit_code == 0, ended.output
    ended = run("proceeds", "--data", log, "--data", log, "--out", tmp_path / "out")
    assert ended.exit_code == 2
    assert "give one of them" in ended.output


@pytest.mark.long
def test_the_deal_of_a_workbook_is_the_one_that_is_built(tmp_path: Path) -> None:
    other = placements(tmp_path / "other", OTHER, "NEOT-2001/OTHER")
    (done,) = build(("placements",), out=tmp_path / "out", data=other)
    assert (done.path.parent.name, done.agreement) == ("out", "OTHER")
    rows = ((datetime.date(2024, 5, 7), 1_000, 5.25),)
    deal = DATA / "MERIDIAN-2024.toml"
    log = placements(tmp_path / "mine", rows, deal)
    (done,) = build(("proceeds",), deals=[deal], out=tmp_path / "out", data=log)
    fee = Fraction(1_000) * Fraction(5.25) * Fraction(3, 100)
    assert named(values(done.path), "Commission_total") == pytest.approx(float(fee), abs=1e-6)
    forget()
    ended = run("proceeds", "--data", log, "--out", tmp_path / "out")
    assert ended.exit_code == 2
    assert "it is of MERIDIAN-2024: no deal is named" in ended.output
    assert "give the deal's file with --deal" in ended.output


def test_a_log_of_a_deal_that_has_no_proceeds(tmp_path: Path) -> None:
    rows = "Date,Shares,Price\n2024-02-28,1000,25\n"
    for name, text in (("CIK886128-SHARES", rows), ("NEOT-2001", as_csv(LOG))):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "placements.csv").write_text(text, "utf-8")
    deals = ("--deal", "CIK886128-SHARES", "--deal", "NEOT-2001")
    ended = run("proceeds", *given(tmp_path), *deals)
    reason = "CIK886128-SHARES has an agreement, SALES, without a capacity in USD of its own"
    assert reason in ended.output
    done = values(tmp_path / "out" / "NEOT-2001" / "proceeds.xlsx")
    assert named(done, "Gross_1") == pytest.approx(float(gross(LOG)), abs=1e-6)
    ended = run("proceeds", *given(tmp_path), *deals[:2])
    assert ended.exit_code == 2
    assert reason in ended.output
    # Data of a deal that is not built, whatever its agreements have, are of a deal that there is.
    assert run("proceeds", *given(tmp_path)).exit_code == 0


SPLIT_SALES: Final = """
[agreements.SALES]
source = "s. 1"
agents = ["One & Co."]
capacity = 1_000_000
rate = 0.03

[agreements.SALES.warrants]
source = "s. 2"
rate = 0.1
exercise_multiple = 1.3

[[actions]]
source = "s. 3"
kind = "split"
date = 2023-06-01
ratio = 3

[[actions]]
source = "s. 4"
kind = "split"
date = 2023-09-01
ratio = "1/2"
"""


@pytest.mark.parametrize(
    ("day", "shares"),
    [
        ("", Fraction(1000 * 2, 3) + 500 * 2 + 70),  # 1,736 2/3, of which a part counts as one
        ("@2023-06-01", Fraction(1000, 3) + 500 + Fraction(70, 2)),
        ("@2023-05-31", Fraction(1000 + 500 * 3) + Fraction(70 * 3, 2)),
    ],
)
def test_shares_are_carried_over_splits_to_the_day_of_the_deal(
    tmp_path: Path, day: str, shares: Fraction
) -> None:
    path = tmp_path / "OVER-1.toml"
    path.write_text(head("OVER-1") + SPLIT_SALES, "utf-8")
    build(("placements",), deals=[path], out=tmp_path)
    rows = (
        (datetime.date(2023, 5, 31), 1000, 2.0),
        (datetime.date(2023, 6, 1), 500, 7.0),  # on its day a split holds
        (datetime.date(2023, 9, 1), 70, 3.25),
    )
    (tmp_path / "data" / f"OVER-1{day}").mkdir(parents=True)
    (tmp_path / "data" / f"OVER-1{day}" / "placements.csv").write_text(as_csv(rows), "utf-8")
    logs = [tmp_path / "data", typed(tmp_path / "placements.xlsx", "Placements", rows)]
    whole = -(-shares.numerator // shares.denominator)
    for number, data in enumerate(logs[: 1 if day else 2]):
        deal = f"{path}{day}" if not day else f"OVER-1{day}"
        out = tmp_path / f"out{number}"
        given = data if number == 0 else [data]
        (one,) = build(("proceeds",), deals=[deal], out=out, data=given)
        assert (one.checks_ok, one.warnings) == (True, 0)
        book = values(one.path)
        assert named(book, "Gross_1") == float(gross(rows))
        assert named(book, "Price_1") == pytest.approx(float(gross(rows) / whole), rel=1e-12)
        sheet = {row[0].value: row[1].value for row in book["Proceeds"].iter_rows()}
        assert sheet["Shares sold"] == whole
        assert sheet["Warrants earned"] == whole // 10


def test_rates_of_single_placements_go_with_them(tmp_path: Path) -> None:
    deal, folder = DATA / "TODAY.toml", tmp_path / "data" / "TODAY"
    folder.mkdir(parents=True)
    rows = (
        "Date,Shares,Price,Own rate,Agent\n2023-02-06,1000,25,0.01,Two LLC\n2023-02-07,3000,25,,\n"
    )
    (folder / "placements.csv").write_text(rows, "utf-8")
    (log,) = build(["placements"], deals=[deal], data=tmp_path / "data", out=tmp_path / "log")
    fee = 25_000 * Fraction("0.01") + 75_000 * Fraction("0.03")
    assert named(values(log.path), "Commission_total") == pytest.approx(float(fee), abs=1e-6)
    for one in build(["proceeds", "reporting"], deals=[deal], data=log.path, out=tmp_path / "out"):
        assert one.checks_ok, one.failures
        done = values(one.path)
        if one.path.stem == "proceeds":
            assert named(done, "Rate_1") == pytest.approx(0.025, abs=1e-15)
            assert named(done, "Commission_total") == pytest.approx(float(fee), abs=1e-6)
        else:
            headings, first = ([cell.value for cell in done["Sales"][row]] for row in (4, 5))
            assert first[headings.index("Own rate")] == 0.01
            assert first[headings.index("Fee")] == pytest.approx(250, abs=1e-6)
    forget()


def test_fees_that_were_typed_go_with_their_placements(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "CGTX-2022"
    folder.mkdir(parents=True)
    rows = "Date,Shares,Price,Fee paid\n2023-02-06,1000,2.5,75.25\n"
    (folder / "placements.csv").write_text(rows, "utf-8")
    (log,) = build(
        ["placements"], deals=["CGTX-2022"], data=tmp_path / "data", out=tmp_path / "log"
    )
    (one,) = build(["reporting"], data=log.path, out=tmp_path / "out")
    assert one.checks_ok, one.failures
    done = values(one.path)
    headings, first = ([cell.value for cell in done["Sales"][row]] for row in (4, 5))
    assert (first[headings.index("Fee paid")], first[headings.index("Fee")]) == (75.25, 75.25)


def given(folder: Path) -> tuple[str | Path, ...]:
    return "--data", folder / "data", "--out", folder / "out"


def test_each_workbook_of_data_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, read = placements(tmp_path), list[Path]()

    def load(path: Path) -> Snapshot:
        read.append(path)
        return recalc.load(path)

    monkeypatch.setattr(data_workbooks, "load", load)
    ended = run("proceeds", "placements", "--data", log, "--out", tmp_path / "out")
    assert ended.exit_code == 0, ended.output
    assert read == [log]
