"""What may be wrong or odd about the rows of a table, said in words in each row and on Checks.

A column for each problem holds 1 in the rows that have it; its heading is the problem in words. The
column Remark, beside what is typed, shows the first of them, failures before warnings, and counts
the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from xladdin.cells import MARCH_1900
from xladdin.checking.checks_sheet import FAILS, LACKS, MISSING, ODD, REMARK, ROWS_WITH, Check
from xladdin.functions.twins import CLOSURES
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, in_sentence, this_row, whole

COUNTED: Final = "Counted"
"""Heading of the column that is 1 in rows that count, 0 in those that wait, an error in others."""
TYPED_OVER: Final = "A formula typed over"
FIRST: Final = "First problem"
WORDS: Final = "In words"
MORE: Final = "And more"

LONGEST_FORMULA: Final = 250
"""Characters of the longest formula that a reader is expected to check."""

_FLAG: Final = '0;-0;"–"'
_WIDTH: Final = 20


class RowProblem(NamedTuple):
    """One thing that may be wrong or odd about a row.

    Attributes:
        words: What it is, as the row says it: plain words without punctuation.
        formula: 1 where a row has it and 0 where not, without the equals sign; never an error.
        named: A formula of what the row says in place of the words; the words if empty.
    """

    words: str
    formula: str
    named: str = ""


def when(condition: str) -> str:
    """Write a formula that is 1 where a condition is true, and 0 where it is not or is an error."""
    return f"IFERROR(IF({condition},1,0),0)"


def where_counted(table: str, formula: str) -> str:
    """Give a figure of a row that counts, and 0 in any other; never an error."""
    return f"IFERROR(IF({this_row(table, COUNTED)}=1,{formula},0),0)"


def half_typed(table: str, columns: Sequence[Column], blanks: str) -> RowProblem:
    """Name what a row may lack that something is typed into, and not all that it needs.

    Args:
        table: The table.
        columns: Its columns; those that are typed into stand one beside the other.
        blanks: Counts the blanks among what a row cannot do without.
    """
    typed = [column.header for column in columns if column.allowed]
    needed = [column.header for column in columns if column.allowed and not column.optional]
    all_blanks = f"COUNTBLANK({table}[[#This Row],[{typed[0]}]:[{typed[-1]}]])"
    found = missing(table, needed, f"AND({blanks}>0,{all_blanks}<{len(typed)})")
    for column in columns:
        other, values = column.unless
        if column.allowed and values:
            without = ",".join(f'{this_row(table, other)}="{value}"' for value in values)
            blank = _is_blank(table, column.header)
            named = found.named.replace(blank, f"AND({blank},NOT(OR({without})))")
            found = found._replace(named=named)
    return found


def missing(table: str, needed: Sequence[str], condition: str) -> RowProblem:
    """Name what a row lacks of what it needs.

    Args:
        table: The table.
        needed: Headings of the columns of which some may be blank.
        condition: Condition under which something is missing.
    """
    parts = "&".join(
        f'IF({_is_blank(table, header)},", {in_sentence(header)}","")' for header in needed
    )
    return RowProblem(LACKS, when(condition), f'"Missing: "&MID({parts},3,99)')


def _is_blank(table: str, header: str) -> str:
    return f"COUNTBLANK({this_row(table, header)})=1"


def no_session(day: str) -> str:
    """Write a formula that is 1 on a day without a session of the exchange, given its cell.

    Before March 1900 programs number days differently, and rows without a date hold 0.
    """
    return when(f"IF({day}>{MARCH_1900},WORKDAY({day}-1,1,{CLOSURES})<>{day},FALSE)")


def entry_problems(table: str, columns: Sequence[Column]) -> list[RowProblem]:
    """List the ways in which what is typed into a table's rows can break its columns' rules."""
    found = []
    for column in columns:
        if column.allowed:
            cell, own = this_row(table, column.header), _number_column(table, column)
            broken = (
                column.allowed.broken_number(this_row(table, own.header))
                if own
                else column.allowed.broken(cell)
            )
            found.append(RowProblem(f"{column.header} {column.allowed.broken_by}", broken))
    return found


def number_columns(table: str, columns: Sequence[Column]) -> list[Column]:
    """Make the columns of the numbers that are typed, where a rule's formula would be too long.

    They have to stand among the columns that `judged` is given.

    Args:
        table: The table.
        columns: Its columns that are typed into.
    """
    return [made for column in columns if (made := _number_column(table, column))]


def _number_column(table: str, column: Column) -> Column | None:
    cell, allowed = this_row(table, column.header), column.allowed
    # Of a number that is not from 0 on, no number can stand for one of another type.
    if allowed is None or allowed.least != 0 or len(allowed.broken(cell)) <= LONGEST_FORMULA:
        return None
    header = f"{column.header} as read"
    return Column(header, styles.TWIN, column.format, 15, allowed.as_number(cell))


def any_broken(table: str, columns: Sequence[Column]) -> str:
    """Count the entries of a row that break their rule.

    Args:
        table: The table.
        columns: Columns that are typed into, one beside the other but for those that are not.
    """
    words = [problem.words for problem in entry_problems(table, columns)]
    return f"SUM({table}[[#This Row],[{words[0]}]:[{words[-1]}]])"


def judged(
    book: Book,
    table: str,
    columns: Sequence[Column],
    failures: Sequence[RowProblem] = (),
    warnings: Sequence[RowProblem] = (),
) -> list[Column]:
    """Add to a table's columns those that judge its rows, and to Checks what they count.

    Args:
        book: The workbook.
        table: The table.
        columns: Its columns.
        failures: What is wrong about a row, beside entries that break their rule and formulas that
            were typed over.
        warnings: What is odd about a row and may be right.

    Returns:
        All columns: the remark stands after the last one that is typed into.
    """
    typed = max(number for number, column in enumerate(columns, 1) if column.allowed)
    failures = [*entry_problems(table, columns), *failures]
    flags = [_flag(problem) for problem in (*failures, *warnings)]
    first, last = TYPED_OVER, flags[-1].header
    asked = f"{table}[[#This Row],[{first}]:[{last}]]"
    words = f"{table}[[#Headers],[{first}]:[{last}]]"
    number = this_row(table, FIRST)
    kind = f'IF({number}<={1 + len(failures)},"{FAILS}: ","{ODD}: ")'
    text = f"{kind}&{this_row(table, WORDS)}&{this_row(table, MORE)}"
    # Where the number is typed over, too, it may be no number.
    remark = f'IFERROR(IF({number}=0,"",{text}),"{FAILS}: {TYPED_OVER}")'
    named = f'IF({number}=0,"–",INDEX({words},{number}))'
    lacking = []
    for at, problem in enumerate((*failures, *warnings), 2):
        if problem.named:
            lacking.append(_flag(RowProblem(MISSING, problem.named)))
            named = f"IF({number}={at},{this_row(table, MISSING)},{named})"
    unseen = _unseen_by_rows(table, MISSING if lacking else WORDS)
    more = f'IF(SUM({asked})>1," (and "&SUM({asked})-1&" more)","")'
    # The remark stands between columns that are typed into and those that are worked out.
    over = "+".join([*_typed_over(table, columns), *_typed_over(table, flags)])
    for problem in failures:
        _count(book.entry_checks, table, problem.words)
    _count(book.entry_checks, table, TYPED_OVER, unseen)
    for problem in warnings:
        _count(book.warnings, table, problem.words)
    return [
        *columns[:typed],
        Column(REMARK, styles.RESULT, styles.GENERAL, 44, remark),
        *columns[typed:],
        *lacking,
        _flag(RowProblem(WORDS, named)),
        _flag(RowProblem(MORE, more)),
        _flag(RowProblem(FIRST, f"IFERROR(MATCH(1,{asked},0),0)")),
        _flag(RowProblem(TYPED_OVER, f"MIN(1,{over})")),
        *flags,
    ]


def _flag(problem: RowProblem) -> Column:
    return Column(problem.words, styles.RESULT, _FLAG, _WIDTH, problem.formula)


def _typed_over(table: str, columns: Sequence[Column]) -> Iterator[str]:
    """Count the cells of a row, column beside column, that have lost their formula.

    What depends on it is left out: the first problem, by its number and in words, and the remark.
    """
    for calculated, run in groupby(columns, lambda column: bool(column.formula)):
        if calculated:
            headers = [column.header for column in run]
            first, last = headers[0], headers[-1]
            cells = f"{table}[[#This Row],[{first}]:[{last}]]"
            yield (
                f"1-_xlfn.ISFORMULA({this_row(table, first)})"
                if first == last
                else f"SUMPRODUCT(1-_xlfn.ISFORMULA({cells}))"
            )


def _unseen_by_rows(table: str, first: str) -> str:
    """Count what the rows cannot say of themselves; see `_typed_over`."""
    columns = (whole(table, REMARK), f"{table}[[{first}]:[{TYPED_OVER}]]")
    return "".join(f"+SUMPRODUCT(1-_xlfn.ISFORMULA({column}))" for column in columns)


def _count(checks: list[Check], table: str, words: str, more: str = "") -> None:
    """Add a line that counts the rows with a problem."""
    checks.append(
        Check(
            f"{table}{ROWS_WITH}{in_sentence(words)}",
            f"SUM({whole(table, words)}){more}",
            0,
            source=f"column {REMARK} of the row",
        )
    )
