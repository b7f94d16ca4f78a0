"""The page on deals: its jobs with their examples, and the table of what each entry is used for.

Functions are found by experiment: one figure of a deal is changed, and an example that then gives
another value uses it. Cells are those whose formulas name the figure.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from openpyxl.worksheet.formula import ArrayFormula

from xladdin.building.build import TEMPLATES
from xladdin.building.render import write
from xladdin.cells import CellError
from xladdin.engines.embedded.compute import evaluate
from xladdin.errors import InputError, TermsError
from xladdin.formulas.tokens import CALL, name_of_ours, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.dating import path_of
from xladdin.terms.deal import SECTIONS, Deal
from xladdin.terms.document import Cited, cited_figures
from xladdin.terms.fields import FigureError, Record
from xladdin.terms.programme import terms_of
from xladdin.terms.store import DEFAULT_DEAL, SHIPPED, forget, offer

PAGE: Final = Path(__file__).parents[1] / "docs" / "deals.md"

HEAD: Final = """format = 2
name = "{name}"
issuer = "Example, Inc."
ticker = "EXPL"
document = "An agreement of today"
document_date = 2024-01-02
calendar = "XNYS"
"""
"""What the page leaves out of each deal's file."""

BEGINS: Final = "| entry of a deal | functions | cells of workbooks |"
_OF_ANY_FIGURE: Final = {"DEAL_TERM", "DEAL_SOURCE", "EXPLAIN"}
_MORE: Final = ("CLASSB_EXERCISE_PRICE(40)", "CLASSB_EXERCISE_PRICE(4.5)")
"""Examples that reach figures which those of the registry do not."""

_NAMES: Final = sorted(path.stem for path in SHIPPED.glob("*.toml"))
"""The deals that are shipped; whoever makes the table may have others."""

_FACTORS: Final = (Fraction(11, 10), Fraction(9, 10), Fraction(1, 2), Fraction(2))
_NAME: Final = re.compile(r"[a-z_]+(?:_\d+)?(?:\.[a-z0-9_]+)+")


class Job(NamedTuple):
    """A job of the page: its text, its deal, and its formulas with their results."""

    number: int
    text: str
    deal: str
    examples: list[tuple[str, str]]

    @property
    def name(self) -> str:
        """The deal's name."""
        return f"JOB-{self.number}"

    def write(self, folder: Path) -> Path:
        """Write the deal's file, which is returned."""
        path = folder / f"{self.name}.toml"
        path.write_text(HEAD.format(name=self.name) + self.deal, encoding="utf-8")
        return path


def jobs() -> Iterator[Job]:
    """Cut the page at its headings."""
    page = PAGE.read_text(encoding="utf-8")
    for section in re.split(r"^## (?=\d+\. )", page, flags=re.MULTILINE)[1:]:
        number = int(section.partition(".")[0])
        deals = re.findall(r"^```toml\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        blocks = re.findall(r"^```text\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        examples = [
            (formula, result.strip("\n"))
            for block in blocks
            for formula, _, result in (one.partition("\n") for one in block.split("\n\n"))
        ]
        yield Job(number, section, "\n".join(deals), examples)


def table() -> str:
    """Write the table, in Markdown."""
    functions: dict[str, set[str]] = defaultdict(set)
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    for deal, formulas in _examples():
        before = _values(deal, formulas)
        for figure in cited_figures(deal):
            entry = entry_of(deal, figure.name)
            if not entry.startswith("printed"):
                functions[entry] |= _functions(deal, figure, formulas, before)
    forget()
    for name in _NAMES:
        for entry, place in _cells(name):
            cells[entry].setdefault(place.partition(":")[0], place)
    lines = [BEGINS, "|---|---|---|"]
    for entry in sorted(functions):
        used_by = ", ".join(sorted(functions[entry])) or "–"
        lines.append(f"| `{entry}` | {used_by} | {', '.join(cells[entry].values()) or '–'} |")
    return "\n".join(lines) + "\n"


def entry_of(deal: Deal, name: str) -> str:
    """Name the entry of the format that a figure of a deal is: its name without keys and numbers.

    Args:
        deal: The deal.
        name: The figure's dotted name.
    """
    section, *rest = re.sub(r"^agreement_\d+\.", "agreement.", name).split(".")
    with contextlib.suppress(FigureError):
        section, *rest = path_of(deal, ".".join([section, *rest]))
    if section in SECTIONS and section != "actions":
        rest = rest[1:]
    kept = [re.sub(r"_\d+$", "s", part) for part in rest]
    return ".".join([re.sub(r"action_\d+$", "actions", section), *kept])


def _examples() -> Iterator[tuple[Deal, Sequence[str]]]:
    """Yield deals with formulas about them: those shipped, and those of the page's jobs."""
    examples = [function.example for function in FUNCTIONS.values()]
    for name in _NAMES:
        selection = select(name)
        deal = (selection.undated or selection.terms).deal
        calls = [one.call for one in deal.printed if one.call is not None]
        yield deal, [*calls, *([*examples, *_MORE] if name == DEFAULT_DEAL else [])]
    for job in jobs():
        if job.deal:
            with tempfile.TemporaryDirectory() as folder:
                deal = read_terms(job.write(Path(folder))).deal
            yield deal, [formula for formula, _ in job.examples]


def _functions(
    deal: Deal, figure: Cited, formulas: Sequence[str], before: Mapping[str, list[Any]]
) -> set[str]:
    """Find the functions whose examples give another value where a figure is another one."""
    for value in _others(figure.value):
        try:
            changed = _changed(deal, figure.record, {figure.field: value})
            after = _values(changed, formulas)
        except (InputError, TermsError, ValueError, ArithmeticError):
            continue  # no figure that the deal can have
        lacking = CellError("#REF!")  # it no longer has the form that a function needs
        if used := {
            name
            for name, values in before.items()
            if any(one != two != lacking for one, two in zip(values, after[name], strict=True))
        }:
            return used
    return set()


def _values(deal: Deal, formulas: Sequence[str]) -> Mapping[str, list[Any]]:
    """Evaluate the formulas that call one function of ours, and sort them by its name."""
    forget()
    offer(terms_of(deal), SHIPPED / f"{deal.name}.toml")
    found = defaultdict(list)
    for formula in formulas:
        calls = [token.text for token in tokens(formula) if token.kind == CALL]
        ours = {name for call in calls if (name := name_of_ours(call, FUNCTIONS))}
        if len(ours) == 1 and not ours & _OF_ANY_FIGURE:
            found[ours.pop()].append(evaluate(formula, apart=False).value)
    return found


def _others(value: Any) -> Iterator[Any]:
    """Give other figures of a kind, some of which the deal may have."""
    if isinstance(value, int | Decimal | Fraction):
        for factor in _FACTORS:
            other = Fraction(value) * factor
            if isinstance(value, int):
                yield int(other) + (int(other) == value)
            else:
                yield Decimal(other.numerator) / Decimal(other.denominator)
    elif isinstance(value, datetime.date):
        yield from (value + datetime.timedelta(days) for days in (-40, 40))


def _changed(item: Any, record: Record, values: Mapping[str, Any]) -> Any:
    """Return a record with some fields of it, or of a record within it, changed."""
    if item is record:
        return replace(item, **values)
    if isinstance(item, tuple):
        return tuple(_changed(one, record, values) for one in item)
    if isinstance(item, Record | Deal):
        inner = {entry.name: getattr(item, entry.name) for entry in fields(item) if entry.init}
        other = {name: _changed(value, record, values) for name, value in inner.items()}
        return replace(item, **{key: one for key, one in other.items() if one is not inner[key]})
    return item


def _cells(name: str) -> Iterator[tuple[str, str]]:
    """Find the first cell of each workbook of a deal whose formula names a figure, by its entry."""
    selection = select(name)
    for template in TEMPLATES:
        try:
            book = write(template, selection).workbook
        except InputError:
            continue  # the deal has nothing for it
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                    if cell.data_type == "f" and isinstance(text, str):
                        for named in _NAME.findall(text):
                            if named in book.defined_names:
                                entry = entry_of(selection.deal, named)
                                yield entry, f"{template}: {sheet.title} {cell.coordinate}"


def main() -> int:
    """Write the table anew into the page."""
    page = PAGE.read_text(encoding="utf-8")
    begin = page.index(BEGINS)
    end = page.index("\n\n", begin) + 1
    PAGE.write_text(page[:begin] + table() + page[end:], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
