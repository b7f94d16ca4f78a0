"""Figures of a deal, each against the page that it cites.

A figure is there where the page has it in one of the forms in which documents write it, beside
words of its meaning: a stray number proves nothing. Of several agreements, a figure belongs to the
one that the text names last.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from xladdin.terms.agreements import FeeTier, SalesAgreement
from xladdin.terms.dating import path_of
from xladdin.terms.deal import CitationException, Deal
from xladdin.terms.fields import USD, Record, key_of
from xladdin.terms.pages import Document, cited_pages
from xladdin.terms.price_formulas import PriceLeg
from xladdin.terms.printed_forms import Beside, beside, forms, text_form, window_forms

_AROUND: Final = 60
"""Characters shown on each side of a figure that was found."""

_OF_A_TABLE: Final = 12
"""Characters between two figures of a table's row, at most."""

_DISTINCTIVE: Final = 3
"""Digits from which a printed figure needs no words beside it."""

_NO_PAGE: Final = "its source names no page of the document"

_SKIPPED: Final = ("actions", "printed", "exceptions")
"""Sections whose records have no key."""


@dataclass(frozen=True)
class Cited:
    """A figure of a deal, with what is needed to find it in a document.

    Attributes:
        name: Its dotted name.
        record: The record that has it.
        field: Its name in the record.
        value: The figure.
        unit: Its unit.
        meaning: Its meaning.
        source: Its source.
        agreement: The agreement that it belongs to, if any.
        edges: Of a rate by tiers: where its tier begins and ends, and how wide it is, USD.
    """

    name: str
    record: Record
    field: str
    value: Any
    unit: str
    meaning: str
    source: str
    agreement: SalesAgreement | None = None
    edges: tuple[Fraction, ...] = ()


@dataclass(frozen=True)
class CheckedFigure:
    """A figure, checked against a document.

    Attributes:
        figure: The figure.
        found: By page, the words around it.
        missing: Why it does not stand where it is cited, in words; empty where it does.
        exception: The reason why it does not, as the deal gives it; empty where it does.
    """

    figure: Cited
    found: tuple[tuple[str, str], ...]
    missing: str = ""
    exception: str = ""

    def in_words(self) -> str:
        """Describe in a line whether the figure is where it is cited, with the words around it."""
        figure = self.figure
        line = f"{figure.name}  {shown_figure(figure)}  [{figure.source}]"
        if self.missing:
            return f"{line}  NOT FOUND: {self.missing}"
        around = "; ".join(f"{label}: {words}" for label, words in self.found)
        return f"{line}  {f'exception: {self.exception}; ' if self.exception else ''}{around}"

    def as_table(self) -> dict[str, Any]:
        """Return the same as a table."""
        return {
            "name": self.figure.name,
            "value": shown_figure(self.figure),
            "source": self.figure.source,
            "found": dict(self.found),
            "missing": self.missing or None,
            "exception": self.exception or None,
        }


def shown_figure(figure: Cited) -> str:
    """Show a figure as a sheet does."""
    value = figure.value
    if isinstance(value, tuple):
        return f"{len(value)} of them"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def cited_figures(deal: Deal) -> Iterator[Cited]:
    """Yield every figure of a deal with its source, by dotted name."""
    for entry in fields(deal):
        value = getattr(deal, entry.name)
        if not entry.metadata:
            continue
        if isinstance(value, Record):
            yield from _figures(entry.name, value, None)
        elif isinstance(value, tuple) and entry.name not in _SKIPPED:
            for one in value:
                own = one if isinstance(one, SalesAgreement) else None
                yield from _figures(f"{entry.name}.{one.key}", one, own)
    for number, action in enumerate(deal.actions, 1):
        yield from _figures(f"action_{number}", action, None)
    for printed in deal.printed:
        yield from _figures(f"printed.{printed.name}", printed, None)


def _figures(prefix: str, record: Record, agreement: SalesAgreement | None) -> Iterator[Cited]:
    for entry in fields(record):
        value = getattr(record, entry.name)
        name = f"{prefix}.{key_of(entry)}"
        if value is None or entry.name == "shared":
            continue
        if "rule" in entry.metadata:
            meaning, source = entry.metadata["meaning"], record.sources[entry.name]
            unit = record.unit_of(entry)
            yield Cited(name, record, entry.name, value, unit, meaning, source, agreement)
        elif isinstance(value, Record):
            yield from _figures(name, value, agreement)
        elif isinstance(value, tuple) and value and isinstance(value[0], Record):
            stem = key_of(entry).removesuffix("s")
            for number, item in enumerate(value, 1):
                for figure in _figures(f"{prefix}.{stem}_{number}", item, agreement):
                    tiered = figure.field == "rate" and isinstance(item, FeeTier)
                    edges = _edges(value, number - 1) if tiered else ()
                    yield replace(figure, edges=edges)


def _edges(tiers: Sequence[FeeTier], at: int) -> tuple[Fraction, ...]:
    """List where a tier begins and ends, and how wide it is; nothing of the only one."""
    if len(tiers) == 1:
        return ()
    lower = tiers[at - 1].up_to if at else None
    upper = tiers[at].up_to
    found = [Fraction(edge) for edge in (lower, upper) if edge is not None]
    return (*found, found[-1] - found[0]) if len(found) > 1 else tuple(found)


class Citations:
    """The figures of a deal, and the documents whose pages they cite.

    Attributes:
        figures: Every figure, by dotted name, in the order of the deal.
    """

    def __init__(self, deal: Deal, documents: Sequence[Document]) -> None:
        """Take a deal as its documents have it, and the documents."""
        self.figures = {figure.name: figure for figure in cited_figures(deal)}
        self._documents = documents
        self._titles = [one.title for one in deal.agreements if one.title]
        self._exceptions = {
            ".".join(path_of(deal, name)): (one, _parts(deal, one, self.figures))
            for one in deal.exceptions
            for name in one.figures
        }

    def check(self, figure: Cited) -> CheckedFigure:
        """Check a figure against the pages that it cites: it has to stand on every one of them."""
        pages = _cited(figure, self._documents)
        shown = {label: _found(figure, page, self._titles) for label, page in pages.items()}
        if figure.name in self._exceptions:
            exception, parts = self._exceptions[figure.name]
            return _excepted(figure, pages, shown, exception, parts, self._documents)
        missing = [_absent(label, pages) for label, around in shown.items() if not around]
        if not pages:
            missing = [_NO_PAGE]
        return CheckedFigure(figure, _kept(shown), "; ".join(missing))


def _cited(figure: Cited, documents: Sequence[Document]) -> dict[str, str]:
    """Return the pages that a figure cites, by label; an empty text for one that is not there."""
    found: dict[str, str] = {}
    for document in documents:
        for label in cited_pages(figure.source, document):
            found[label] = document.pages.get(label, "") or found.get(label, "")
    return found


def _absent(label: str, pages: Mapping[str, str]) -> str:
    return f"not on {label}" if pages[label] else f"the document has no page {label}"


def _kept(shown: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, around) for label, around in shown.items() if around)


def _excepted(
    figure: Cited,
    pages: Mapping[str, str],
    shown: Mapping[str, str],
    exception: CitationException,
    parts: Sequence[tuple[str, Cited]],
    documents: Sequence[Document],
) -> CheckedFigure:
    """Check a figure that does not stand where it is cited, for a reason that the deal gives."""
    if pages and all(shown.values()):
        return CheckedFigure(figure, _kept(shown), "it stands there, and needs no exception")
    seen = dict(shown)
    missing = []
    if parts:
        value = _sum_of(parts)
        if value != figure.value:
            missing.append(f"{exception.follows} is {value}")
        for _, part in parts:
            for label in _cited(part, documents):
                if label not in pages:
                    missing.append(f"{label}, which {part.name} cites, is not cited")
                else:
                    seen[label] = seen[label] or f"{part.name} stands there"
    elif not any(shown.values()) and not _tied(figure.value, exception.printed or ""):
        missing.append("a number has to be on one of its pages, or to follow from others")
    words = re.compile(text_form(exception.printed or ""), re.IGNORECASE)
    printed = {label: _around(words.search(page), page) for label, page in pages.items()}
    if exception.printed and pages and not any(printed.values()):
        missing.append(f"none of its pages has {exception.printed!r}")
    for label in pages:
        if not seen[label] and exception.printed:
            seen[label] = printed[label]
        if not seen[label]:
            missing.append(_absent(label, pages))
    if not pages:
        missing.append(_NO_PAGE)
    return CheckedFigure(figure, _kept(seen), "; ".join(missing), exception.reason)


def _parts(
    deal: Deal, exception: CitationException, figures: Mapping[str, Cited]
) -> list[tuple[str, Cited]]:
    """List the figures that others follow from, each with its sign."""
    if exception.follows is None:
        return []
    pieces = re.split(r"([+-])", f"+{exception.follows}")[1:]
    names = (".".join(path_of(deal, name)) for name in pieces[1::2])
    return [(sign, figures[name]) for sign, name in zip(pieces[::2], names, strict=True)]


def _sum_of(parts: Sequence[tuple[str, Cited]]) -> Any:
    """Add figures up; a single one may be of any type."""
    total = parts[0][1].value
    for sign, part in parts[1:]:
        total = total + part.value if sign == "+" else total - part.value
    return total


def _tied(value: Any, printed: str) -> bool:
    """Check whether a text may be a wrong printing of a figure: a date off by one, day or year."""
    if isinstance(value, str):
        return True
    if not isinstance(value, datetime.date):
        return False
    numbers = [int(number) for number in re.findall(r"\d+", printed)]
    if f"{value:%B}" not in printed or not numbers:
        return False
    return abs(value.day - numbers[0]) + abs(value.year - numbers[-1]) == 1


# Finding a figure on a page


def _found(figure: Cited, page: str, titles: Sequence[str]) -> str:
    """Return the words around a figure on a page; an empty text where it is not there."""
    if not page:
        return ""
    if isinstance(figure.value, tuple):
        return _found_all(figure, page, titles)
    by = _beside(figure)
    for form in _forms(figure, page):
        for match in re.finditer(form, page, re.IGNORECASE):
            near = page[max(0, match.start() - by.before) : match.start()]
            near += "\n" + page[match.end() : match.end() + by.after]
            means = _means(figure, by, near, page) and _is_of_tier(figure, match, page)
            if means and _is_of(figure, match, page, titles):
                return _around(match, page)
    return ""


def _forms(figure: Cited, page: str) -> Iterator[str]:
    if figure.field == "title" and isinstance(figure.value, str):
        # Where an agreement is named for the first time, and not wherever it is spoken of.
        title = text_form(figure.value)
        yield rf"[\"\u201c]{title}[\"\u201d]|\bentered into (?:an?|this|the) (?:\w+ )?{title}"
    elif isinstance(figure.record, PriceLeg) and figure.field in ("first", "last"):
        window = {"first": figure.record.first, "last": figure.record.last}
        edges = window | {figure.field: figure.value}
        yield from window_forms(edges["first"], edges["last"], figure.value)
    else:
        yield from forms(figure.value, figure.unit, page)


def _beside(figure: Cited) -> Beside:
    record = type(figure.record).__name__
    if figure.field == "title":
        return Beside()
    if record == "PrintedFigure":
        printed = str(figure.value)
        plain = len(re.sub(r"\D", "", printed)) < _DISTINCTIVE and not re.search("[$%]", printed)
        name = figure.name.partition(".")[2].rpartition(".")[0]
        return beside(record, "", name.replace("_", " ")) if plain else Beside()
    return beside(record, figure.field, figure.meaning)


def _means(figure: Cited, by: Beside, near: str, page: str) -> bool:
    """Check that what stands beside a figure is of its meaning."""
    if not by.of:
        return not by.words or re.search(by.words, near, re.IGNORECASE) is not None
    other = getattr(figure.record, by.of)
    entry = next(entry for entry in fields(figure.record) if entry.name == by.of)
    unit = figure.record.unit_of(entry)
    return any(re.search(form, near, re.IGNORECASE) for form in forms(other, unit, page))


def _is_of_tier(figure: Cited, match: re.Match[str], page: str) -> bool:
    """Check that a rate by tiers stands beside its own tier: after it, or else before it."""
    if not figure.edges:
        return True
    after = re.split(r"\d ?%|\. ", page[match.end() :], maxsplit=1)[0]
    before = re.split(r"%|\. ", page[: match.start()])[-1]
    text = after if re.search(r"\$|\d,\d{3}|million", after) else before
    return any(
        re.search(form, text, re.IGNORECASE)
        for edge in figure.edges
        for form in forms(edge, USD, page)
    )


def _is_of(figure: Cited, match: re.Match[str], page: str, titles: Sequence[str]) -> bool:
    """Check that a figure of an agreement is not another agreement's.

    It is the one's that the text names last before it: in its sentence, or else after it in its
    sentence, or else on the page.
    """
    own = figure.agreement.title if figure.agreement else None
    if own is None or len(titles) < 2 or figure.field == "title":
        return True
    before, after = page[: match.start()], page[match.end() :]
    begin, end = before.rfind(". ") + 1, after.find(". ")
    sentence = before[begin:], after if end < 0 else after[:end]
    for text, last in ((sentence[0], True), (sentence[1], False), (before, True)):
        named = {title: _place(title, text, last=last) for title in titles}
        named = {title: place for title, place in named.items() if place >= 0}
        if named:
            return (max if last else min)(named, key=named.__getitem__) == own
    return True


def _place(title: str, text: str, *, last: bool) -> int:
    places = [found.start() for found in re.finditer(text_form(title), text, re.IGNORECASE)]
    return places[-1 if last else 0] if places else -1


def _found_all(figure: Cited, page: str, titles: Sequence[str]) -> str:
    """Find each name of a list, or each row of a table."""
    shown = []
    flat = not isinstance(figure.value[0], str | tuple)  # the headings of a table: one row
    for item in (figure.value,) if flat else figure.value:
        if isinstance(item, str):
            around = _found(replace(figure, value=item), page, titles)
        else:
            gap = rf"(?:[^\d\w]|\b[a-z]+\b){{0,{_OF_A_TABLE}}}?"
            row = gap.join(_cell(cell) for cell in item)
            around = _around(re.search(row, page, re.IGNORECASE), page)
        if not around:
            return ""
        shown.append(around)
    return shown[0]


def _cell(number: Decimal | Fraction) -> str:
    """Write a pattern of a figure in a table; a printed dash is 0."""
    plain = next(forms(number, "", ""))
    return rf"(?:{plain}|[-\u2013\u2014])" if number == 0 else plain


def _around(match: re.Match[str] | None, page: str) -> str:
    if match is None:
        return ""
    return page[max(0, match.start() - _AROUND) : match.end() + _AROUND].strip()
