"""The Explain sheet that every template has: how its main figures came about, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Final, NamedTuple

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Color, Font, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat

from xladdin.checking.checks_sheet import Check
from xladdin.functions.explain import HEADINGS
from xladdin.terms.exact import Schedule
from xladdin.workbooks.figures import Pair, check_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import Allowed, whole_number
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import in_sentence
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.quantities import EXACT, Quantity

TITLE: Final = "Explain"
FIRST_ROW: Final = 4
"""Where the first row that is explained is chosen."""

_WIDTHS: Final = (58, 18, 15, 18, 44)
_BOLDER: Final = 1.4
"""Room that a letter of a heading takes: so many of a text's."""
_FRACTIONAL: Final = "#,##0.00##_);(#,##0.00##)"
_WHOLE: Final = "#,##0_);(#,##0)"
_RATE: Final = "0.0##%_);(0.0##%)"
_VOLATILITY: Final = "Volatility to expiry"
_RATES: Final = {
    "B": (_VOLATILITY,),
    "C": (
        *("Tier *", "* tier *", "Rate *", "*at the sale's rate", "Warrants for *", "Part that *"),
        *("The holder's part *", "*limit is reached", "*part of the base"),
    ),
    "D": (_VOLATILITY, "Rate of this sale*", "New shares over all shares", "One less that part*"),
}
"""Steps that have a rate in a column, and no price or multiple, by patterns of their words."""

_LEAST_COUNT: Final = 1000
"""A whole number from here on is a count, and below it may be a price."""
_NONE: Final = "–"
"""What a cell shows where there is nothing to explain."""
_NOTHING: Final = "Nothing to explain yet"
"""What the first line says where the figure waits for input."""


class Choice(NamedTuple):
    """An input that says which row is explained.

    Attributes:
        label: What is chosen.
        name: Its defined name.
        value: What is chosen at first.
        format: Its number format.
        allowed: What may be typed.
    """

    label: str
    name: str
    value: Value
    format: str
    allowed: Allowed


def row_choice(
    book: Book,
    label: str,
    name: str,
    table: str,
    rule: str,
    *,
    rows: str = "",
    first: int = 1,
    at: int = FIRST_ROW,
) -> tuple[Choice, str]:
    """Let the user choose a row of a table, and check that the table has it.

    Args:
        book: The workbook.
        label: What is chosen.
        name: Defined name of the input.
        table: The table.
        rule: What may be typed, in words.
        rows: What messages call the table; its name if empty.
        first: The row chosen at first.
        at: Row of the sheet with the choice.

    Returns:
        The choice, and the row as a formula: 0 past the last row, 1 where nothing is chosen.
    """
    number = as_counted(name)
    past = f"{number}>ROWS({table})"
    what = f"{name.replace('_', ' ')}: past the last row{rows and ' of '}{rows}"
    remedy = f"choose a row of {rows or table}"
    book.entry_checks.append(Check(f"{TITLE}!B{at}, {what}", when(past), 0, source=remedy))
    allowed = whole_number(1, rule)
    return Choice(label, name, first, styles.COUNT, allowed), f"IF({past},0,MAX(1,{number}))"


class ExplainedPart(NamedTuple):
    """A figure of the chosen row that the calls take: label, defined name, formula, format."""

    label: str
    name: str
    formula: str
    format: str


class Story(NamedTuple):
    """A figure that is explained.

    Attributes:
        heading: What the figure is.
        function: The function that gives it.
        arguments: Its arguments, as formulas.
        steps: The most steps that there can be.
        figure: Where the workbook shows the figure, as a formula.
        format: Number format of the results; empty for amounts and counts.
        only_if: Condition under which there is a figure, as a formula; always if empty.
    """

    heading: str
    function: str
    arguments: tuple[str, ...]
    steps: int
    figure: str
    format: str = ""
    only_if: str = ""


class Term(NamedTuple):
    """A step of plain arithmetic, under a label with its unit.

    Attributes:
        result: Its formula, with the results of the terms above by number, as ``"{0}-{1}"``; empty
            for the amount times the factor, or else for the sum of the results above.
        amount: What it is worked out from, as a formula; empty if there is no single one.
        factor: What the amount is multiplied by, as a formula.
        source: Where it comes from.
        format: Number format of its result; that of the account if empty.
    """

    label: str
    result: str = ""
    amount: str = ""
    factor: str = ""
    source: str = ""
    format: str = ""


class Account(NamedTuple):
    """A figure of plain arithmetic that is explained: no function of the add-in derives it.

    Its figure is the formula of where it stands, and the last of its terms gives it.
    """

    heading: str
    figure: str
    quantity: Quantity
    terms: Sequence[Term]


def fee_steps(tiers: int) -> int:
    """Count the most steps of a commission: what was sold before, each tier, the sum."""
    return tiers + 2


def schedule_steps(schedule: Schedule) -> int:
    """Count the most steps of a fee by a schedule: the commission's, or of two sums that differ."""
    bounds = schedule.minimum is not None or schedule.maximum is not None
    parts = 1 if schedule.whole or schedule.units else len(schedule.rates)
    steps = fee_steps(parts) if schedule.simple else 2 * (parts + bounds + 1) + 1
    # At a rate of its own, a sale is charged by that alone.
    return max(steps, 2 * (2 + bounds) + 2) if schedule.at_most else steps


def write_explain(
    book: Book, stories: Sequence[Story | Account], parts: Sequence[Choice | ExplainedPart] = ()
) -> None:
    """Write the Explain sheet: for each figure its steps, and a check that they end at it.

    Args:
        book: The workbook.
        stories: The figures.
        parts: Which rows are explained, where the user can choose, and figures of these rows.
    """
    sheet = book.sheet(TITLE, _WIDTHS)
    sheet.title(
        TITLE,
        "How the figures came about: each step with what it is worked out from and the clause that "
        "it rests on. Where an argument is wrong, the first line says which, and why.",
        len(_WIDTHS),
    )
    row = FIRST_ROW
    for part in parts:
        sheet.put(f"A{row}", part.label, styles.TEXT)
        if isinstance(part, Choice):
            places = f"B{row}", part.name, part.value, part.format, part.allowed, f"C{row}"
            sheet.input(*places)
        else:
            sheet.formula(f"B{row}", part.formula, styles.RESULT, part.format)
            if part.format == styles.GENERAL:
                sheet.align(f"B{row}", Alignment("left", "center", indent=1, shrink_to_fit=True))
                sheet.merge(f"B{row}", 3)
            book.name(part.name, sheet, f"B{row}")
        row += 1
    for story in stories:
        row += row > FIRST_ROW
        write: Callable[..., int] = _write_account if isinstance(story, Account) else _write_story
        row = write(book, sheet, row, story)


def _begin(sheet: Sheet, row: int, heading: str, note: str) -> None:
    """Write the heading of a figure, what gives it, and the headings of its steps."""
    sheet.put(f"A{row}", heading, styles.HEADING)
    sheet.align(f"A{row}", Alignment(vertical="center", wrap_text=True))
    sheet.note(f"B{row}", note, len(_WIDTHS) - 1)
    sheet.fit(row, [(heading, _WIDTHS[0] / _BOLDER), (note, sum(_WIDTHS[1:]))])
    sheet.headers(row + 1, HEADINGS)


def _write_account(book: Book, sheet: Sheet, row: int, account: Account) -> int:
    """Write the terms of a figure from a row on, and return the row after them."""
    _begin(sheet, row, account.heading, "Worked out in the workbook, from the figures named here.")
    first, last = row + 2, row + 1 + len(account.terms)
    results = [f"$D${place}" for place in range(first, last + 1)]
    for place, term in enumerate(account.terms, first):
        product = f"B{place}*C{place}" if term.factor else f"SUM(D{first}:D{place - 1})"
        result = term.result.format(*results) if term.result else product
        sheet.put(f"A{place}", term.label, styles.RESULT)
        sheet.align(f"A{place}", _WRAPPED)
        sheet.put(f"E{place}", term.source or _NONE, styles.RESULT)
        sheet.align(f"E{place}", _SHRUNK)
        sheet.fit(place, [(term.label, _WIDTHS[0])])
        form = term.format or account.quantity.format
        for letter, formula in zip("BCD", (term.amount, term.factor, result), strict=True):
            if formula:
                number_format = form if letter == "D" else _FRACTIONAL
                sheet.formula(f"{letter}{place}", formula, styles.RESULT, number_format)
            else:
                sheet.put(f"{letter}{place}", _NONE, styles.RESULT)
                sheet.align(f"{letter}{place}", _TO_THE_RIGHT)
    sheet.at(f"D{last}").font = styles.STRONG
    what = f"Explained: {in_sentence(account.heading)}"
    pair = Pair(f"{TITLE}!D{last}", account.figure)
    book.checks.append(check_of(what, pair, account.quantity, "", "last of its steps"))
    return last + 1


def _write_story(book: Book, sheet: Sheet, row: int, story: Story) -> int:
    """Write one story from a row on, and return the row after it."""
    arguments = ",".join(story.arguments)
    _begin(sheet, row, story.heading, f"{story.function}({arguments})")
    first, last = row + 2, row + 1 + story.steps
    explained = f'EXPLAIN("{story.function}",{arguments})'
    dated = story.format == styles.DATE
    amounts = styles.DAY_OR_COUNT if dated else _FRACTIONAL
    for place in range(first, last + 1):
        _write_step(sheet, place, first, story, explained, amounts)
    # Among results that are prices, a count shows no part of a share.
    least = dict.fromkeys("C" if dated else "BC" if story.format else "BCD", 0)
    if story.format == styles.PRICE:
        least["D"] = _LEAST_COUNT
    _mark(sheet, first, last, least)
    results = f"{TITLE}!D{first}:D{last}"
    # Not the count of results: a step may have none, as one that names the cap that holds.
    filled = f'SUMPRODUCT(({TITLE}!A{first}:A{last}<>"{_NONE}")*1)'
    reached = f"INDEX({results},MAX(1,{filled}))"
    figure = story.figure
    if story.only_if:
        reached, figure = (f"IF({story.only_if},{item},0)" for item in (reached, figure))
    book.checks.append(
        Check(
            f"Explained: {in_sentence(story.heading)}",
            reached,
            figure,
            "",
            EXACT,
            "last step of EXPLAIN",
            story.format or _FRACTIONAL,
        )
    )
    return last + 1


def _write_step(
    sheet: Sheet, place: int, first: int, story: Story, explained: str, amounts: str
) -> None:
    """Write a row of a story: one step, if there are so many.

    Args:
        sheet: The sheet.
        place: The row.
        first: The row of the first step.
        story: The story.
        explained: The call of EXPLAIN.
        amounts: Number format of amounts.
    """
    # One cell a value, and not an array formula: where the add-in is missing, LibreOffice works
    # array formulas out anew on opening and loses their stored values. No cell gives empty text.
    step = f"ROW()-{first - 2}"
    columns = [f"INDEX({explained},{step},{column})" for column in range(1, 6)]
    nothing = _NOTHING if place == first and story.only_if else _NONE

    blank = f'$A{place}="{_NONE}"'
    if nothing != _NONE:
        blank = f'OR({blank},$A{place}="{nothing}")'

    def if_explained(formula: str, blank: str = blank) -> str:
        return f'IF({blank},"{_NONE}",{formula})'

    words = f'IFERROR({columns[0]},"{_NONE}")'
    if story.only_if:
        # An error in the condition is no waiting: the function says what is wrong.
        words = f'IF(IFERROR({story.only_if},TRUE),{words},"{nothing}")'
    results = amounts if story.format == styles.DATE else story.format or _FRACTIONAL
    cells = (
        ("A", words, styles.GENERAL),
        ("B", if_explained(f'IFERROR(0+{columns[1]},"{_NONE}")'), amounts),
        ("C", if_explained(f'IFERROR(0+{columns[2]},"{_NONE}")'), _FRACTIONAL),
        ("D", if_explained(columns[3]), results),
        ("E", if_explained(_or_none(columns[4])), styles.GENERAL),
    )
    for letter, formula, number_format in cells:
        cell = sheet.formula(f"{letter}{place}", formula, number_format=number_format)
        if place != first:  # looks as the step above; openpyxl would look for it among all
            cell._style = copy(sheet.at(f"{letter}{first}")._style)
            continue
        cell.border = Border()
        text = letter in "AE"
        # A source keeps to its line, whatever its length: rows cannot know it.
        cell.alignment = Alignment(
            "left" if text else "right",
            "center",
            wrap_text=letter == "A",
            shrink_to_fit=letter != "A",
            indent=int(letter == "E"),
        )


def _or_none(text: str) -> str:
    """Write that a text stands for itself, and an empty one for nothing to explain."""
    # Between bars, of which no source has any, so that the text is worked out once.
    return f'SUBSTITUTE(SUBSTITUTE("|"&{text}&"|","||","{_NONE}"),"|","")'


_WRAPPED: Final = Alignment("left", "center", wrap_text=True)
_SHRUNK: Final = Alignment("left", "center", shrink_to_fit=True, indent=1)
_TO_THE_RIGHT: Final = Alignment("right", "center", shrink_to_fit=True)
_BOLD: Final = Font(bold=True)
_THIN: Final = Side(style="thin", color=Color(rgb=styles.LINE))
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
"""Of steps alone: not every program takes a border away from what is beyond the last one."""
_RATE_FORMAT: Final = NumberFormat(numFmtId=201, formatCode=_RATE)
_WHOLE_FORMAT: Final = NumberFormat(numFmtId=200, formatCode=_WHOLE)
_HIDDEN: Final = DifferentialStyle(font=Font(color=Color(rgb="FFFFFFFF")))
_STEP: Final = DifferentialStyle(border=_BORDER)
_LAST: Final = DifferentialStyle(font=_BOLD, border=_BORDER)
_COUNTED: Final = DifferentialStyle(numFmt=_WHOLE_FORMAT, border=_BORDER)
_AS_RATE: Final = DifferentialStyle(numFmt=_RATE_FORMAT, border=_BORDER)
_LAST_WHOLE: Final = DifferentialStyle(font=_BOLD, numFmt=_WHOLE_FORMAT, border=_BORDER)
_LAST_RATE: Final = DifferentialStyle(font=_BOLD, numFmt=_RATE_FORMAT, border=_BORDER)
"""How conditional formats make steps look."""


def _mark(sheet: Sheet, first: int, last: int, whole: Mapping[str, int]) -> None:
    """Hide what is beyond the last step, embolden that, show whole numbers and rates as such."""
    rules = sheet.worksheet.conditional_formatting
    # The cell below the last row is empty, so that the last row counts as the last step, too.
    ended = f'OR($A{first + 1}="{_NONE}",$A{first + 1}="")'
    for letter in "ABCDE":
        place = f"{letter}{first}"
        is_whole = f"IF(ISNUMBER({place}),{place}=INT({place}),FALSE)"
        if whole.get(letter):
            is_whole = f"AND(N({place})>={whole[letter]},{is_whole})"
        looks = [(f'$A{first}="{_NONE}"', _HIDDEN)]
        if letter in _RATES:
            named = ",".join(f'COUNTIF($A{first},"{words}")' for words in _RATES[letter])
            is_rate = f"IF(ISNUMBER({place}),AND({place}<1,OR({named})),FALSE)"
            looks += [(f"AND({ended},{is_rate})", _LAST_RATE), (is_rate, _AS_RATE)]
        # Programs differ on whether two rules that both hold add up: each case has its own.
        if letter in whole:
            both = f"AND({ended},{is_whole})"
            looks.append((both, _LAST_WHOLE))
        looks.append((ended, _LAST))
        if letter in whole:
            looks.append((is_whole, _COUNTED))
        looks.append(("TRUE", _STEP))
        for formula, look in looks:
            rule = Rule(type="expression", dxf=look, formula=[formula], stopIfTrue=True)
            rules.add(f"{letter}{first}:{letter}{last}", rule)
