"""Columns of the advances in which plain Excel works the price out: windows, averages, legs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from xladdin.functions.twins import CLOSURES
from xladdin.terms.exact import heading
from xladdin.terms.price_formulas import PriceFormula, PriceLeg
from xladdin.workbooks.equityline.headings import DAY, FACTOR, ISSUE_DAY, STAGE, TABLE, here
from xladdin.workbooks.equityline.line import PREPAID, EquityLine
from xladdin.workbooks.equityline.quotations import DAY as QUOTED
from xladdin.workbooks.equityline.quotations import TABLE as QUOTATIONS
from xladdin.workbooks.equityline.quotations import carried
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.table import Column, whole

_OUT: Final = "1E+15"
"""What a leg shows that does not count, where the least is taken; 0 stands for one that waits."""


class _Window(NamedTuple):
    """Sessions whose quotations a leg averages.

    Attributes:
        column: Heading of the quotations, as the table has it.
        first: The first session relative to the anchor.
        last: The last one.
        at_issue: Whether the anchor is the issue.
        lowest: How many of the lowest; 0 for all.
    """

    column: str
    first: int
    last: int
    at_issue: bool
    lowest: int

    @property
    def sessions(self) -> int:
        return self.last - self.first + 1

    @property
    def ranks(self) -> int:
        """How many columns list the lowest one by one; none where a native function will do."""
        return self.lowest if 1 < self.lowest < self.sessions else 0


def _span(first: str, last: str) -> str:
    return f"{TABLE}[[#This Row],[{first}]:[{last}]]"


def _session(column: str, at: int, at_issue: bool) -> str:
    """Name the column of one session of a window, in plain words."""
    place = f"{-at} before" if at < 0 else f"{at} after" if at else "on"
    return f"{column} {place} issue" if at_issue else f"{column} {place}"


def _ranks(number: int, window: _Window) -> list[str]:
    """Name the columns that list the lowest quotations of a window."""
    return [f"Window {number} lowest {rank}" for rank in range(1, window.ranks + 1)]


class PriceChecks:
    """The columns, while they are made."""

    def __init__(self, line: EquityLine) -> None:
        """Find the windows of all formulas.

        Args:
            line: The deal's line.
        """
        self.line = line
        self.windows: list[_Window] = []
        for formula in line.formulas:
            for leg in formula.legs:
                self.windows += [
                    window
                    for name in (leg.when_of if _conditional(leg) else None, leg.of)
                    if (window := self._window(leg, name)) and window not in self.windows
                ]

    def columns(self) -> list[Column]:
        """Make all columns: sessions, averages, legs, and the price of each formula."""
        found = list(self._sessions())
        for number, window in enumerate(self.windows, 1):
            found += self._averages(number, window)
        for formula in self.line.formulas:
            found += self._of_formula(formula)
        return found

    @property
    def carried_columns(self) -> set[str]:
        """Headings of the columns of quotations, which are carried over all splits."""
        found = {column.header for column in self._sessions()}
        for number, window in enumerate(self.windows, 1):
            found |= set(_ranks(number, window))
        return found

    def price(self, chosen: str) -> str:
        """Choose the price of a row's formula.

        Args:
            chosen: Reference to the key of the row's formula; empty if there is one alone.
        """
        *others, last = (formula.key for formula in self.line.formulas)
        found = here(f"Price by {last}")
        for key in reversed(others):
            found = f'IF({chosen}="{key}",{here(f"Price by {key}")},{found})'
        return f'IF({chosen}="{PREPAID}",0,{found})' if self.line.prepaid else found

    def _window(self, leg: PriceLeg, name: str | None) -> _Window | None:
        if not name and leg.kind == "fixed":
            return None
        wanted = heading(name or leg.of or "")
        column = next(one for one in self.line.columns if heading(one) == wanted)
        exact = leg.exact
        return _Window(column, exact.first, exact.last, exact.at_issue, exact.lowest)

    def _sessions(self) -> Iterator[Column]:
        """Yield a column for each session that windows look at, by column and anchor."""
        spans: dict[tuple[str, bool], list[int]] = {}
        for window in self.windows:
            span = spans.setdefault((window.column, window.at_issue), [window.first, window.last])
            span[:] = [min(span[0], window.first), max(span[1], window.last)]
        for (column, at_issue), (first, last) in spans.items():
            day = here(ISSUE_DAY if at_issue else DAY)
            for at in range(first, last + 1):
                offset = f"{day},{at}" if at < 0 else f"{day}-1,{at + 1}"
                place = f"MATCH(WORKDAY({offset},{CLOSURES}),{whole(QUOTATIONS, QUOTED)},0)"
                quoted = f"INDEX({whole(QUOTATIONS, carried(self.line, column))},{place})"
                formula = f"IF({day}=0,0,IFERROR({quoted},0))"
                name = _session(column, at, at_issue)
                yield Column(name, styles.TWIN, styles.PRICE, 12, formula)

    def _averages(self, number: int, window: _Window) -> Iterator[Column]:
        """Yield the lowest quotations of a window, and their average: 0 where one is missing."""
        span = _span(
            *(_session(window.column, at, window.at_issue) for at in (window.first, window.last))
        )
        ranks = _ranks(number, window)
        for rank, name in enumerate(ranks, 1):
            yield Column(name, styles.TWIN, styles.PRICE, 12, f"SMALL({span},{rank})")
        if ranks:
            found = f"SUM({_span(ranks[0], ranks[-1])})/{len(ranks)}"
        elif window.lowest == 1:
            found = f"MIN({span})"
        else:
            found = f"SUM({span})/{window.sessions}"
        over = f"/{here(FACTOR)}" if self.line.splits else ""
        yield Column(
            f"Window {number} average",
            styles.TWIN,
            styles.PRICE,
            12,
            f"IF(COUNTIF({span},0)>0,0,{found}{over})",
        )

    def _average(self, leg: PriceLeg, name: str | None) -> str:
        window = self._window(leg, name)
        assert window is not None
        return here(f"Window {self.windows.index(window) + 1} average")

    def _figure(self, name: str) -> str:
        return f"INDEX(by_stage.{name},{here(STAGE)})" if name in self.line.changing else name

    def _of_formula(self, formula: PriceFormula) -> Iterator[Column]:
        names = []
        for number, leg in enumerate(formula.legs, 1):
            names.append(f"{formula.key} leg {number}")
            found = self._leg(formula, f"prices.{formula.key}.leg_{number}", leg)
            yield Column(names[-1], styles.TWIN, styles.PRICE, 12, found)
        legs = _span(names[0], names[-1])
        none = f"MIN({legs})={_OUT}" if formula.take == "least" else f"MAX({legs})<0"
        best = "MIN" if formula.take == "least" else "MAX"
        taken = f"{formula.key} {formula.take}"
        waits = f"COUNTIF({legs},0)>0"
        yield Column(
            taken, styles.TWIN, styles.PRICE, 12, f"IF(OR({waits},{none}),0,{best}({legs}))"
        )
        yield Column(
            f"Price by {formula.key}",
            styles.TWIN,
            styles.PRICE,
            12,
            f"IF({here(taken)}=0,0,{self._bounded(formula, here(taken))})",
        )

    def _leg(self, formula: PriceFormula, prefix: str, leg: PriceLeg) -> str:
        """Write a leg: 0 where it waits for a quotation or a day; see `_OUT`."""
        out = _OUT if formula.take == "least" else "-1"
        if leg.kind == "fixed":
            found = self._figure(f"{prefix}.price")
        else:
            average = self._average(leg, leg.of)
            found = f"{self._figure(f'{prefix}.multiple')}*{average}"
            if leg.floor is not None:
                found = f"IF({average}=0,0,MAX({self._figure(f'{prefix}.floor')},{found}))"
        if _conditional(leg):
            average = self._average(leg, leg.when_of)
            # Quotations are read at 15 digits, of which an average has more.
            near = f"ROUND({average},12)"
            tests = [
                f"{near}{sign}{self._figure(f'{prefix}.{name}')}"
                for name, sign in (("when_below", "<"), ("when_at_least", ">="))
                if getattr(leg, name) is not None
            ]
            test = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
            found = f"IF({average}=0,0,IF({test},{found},{out}))"
        days = f"{here(DAY)}-{here(ISSUE_DAY)}"
        passed = [
            f"{days}{sign}{self._figure(f'{prefix}.{name}')}"
            for name, sign in (("after_days", ">"), ("until_days", "<="))
            if getattr(leg, name) is not None
        ]
        for test in passed:
            found = f"IF({test},{found},{out})"
        return f"IF({here(ISSUE_DAY)}=0,0,{found})" if passed else found

    def _bounded(self, formula: PriceFormula, price: str) -> str:
        prefix = f"prices.{formula.key}"
        if formula.floor is not None:
            price = f"MAX({price},{self._figure(f'{prefix}.floor')})"
        if formula.cap is not None:
            price = f"MIN({price},{self._figure(f'{prefix}.cap')})"
        if formula.add is not None:
            price = f"{price}+{self._figure(f'{prefix}.add')}"
        if formula.round_to is not None:
            unit = self._figure(f"{prefix}.round_to")
            steps = f"ROUND(({price})/{unit},9)"
            price = {
                "nearest": f"INT({steps}+0.5)*{unit}",
                "down": f"INT({steps})*{unit}",
                "up": f"-INT(-{steps})*{unit}",
            }[formula.rounding]
        return price


def _conditional(leg: PriceLeg) -> bool:
    return leg.when_below is not None or leg.when_at_least is not None
