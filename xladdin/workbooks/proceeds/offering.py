"""The Proceeds sheet of proceeds.xlsx: from gross proceeds to what is left, and compensation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from openpyxl.chart import BarChart, Reference

from xladdin.functions.derivation import rounded
from xladdin.functions.fees import ceo_net_twin
from xladdin.functions.warrants import cantor_exercise_price_twin, cantor_warrants_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources, yes_or_no
from xladdin.workbooks.figures import printed_check
from xladdin.workbooks.layout import charts
from xladdin.workbooks.layout.by_agreement import FIRST_ROW, AgreementColumn, Row
from xladdin.workbooks.layout.sheet import Sheet
from xladdin.workbooks.layout.table import in_sentence
from xladdin.workbooks.proceeds.assumed import (
    GROSS,
    OTHER,
    PRICE,
    REIMBURSED,
    Assumed,
    has_own_rates,
)
from xladdin.workbooks.proceeds.shares_sold import plain_shares, steps_to_shares
from xladdin.workbooks.proceeds.warrants import bears, check_shares, counting, rounded_up
from xladdin.workbooks.quantities import EXACT, Quantity

COMMISSION: Final = "Commission"
ADVISORY: Final = "Advisory share"
SHARES_SOLD: Final = "Shares sold"
WARRANTS_EARNED: Final = "Warrants earned"
"""Rows of the sheet, as they are labelled."""

BY_ROUNDING: Final = "but for rounding"
"""Answer where a limit is passed by less than what rounding adds."""

PER_CENT: Final = "0.00%"

_RATIO: Final = Quantity(PER_CENT, 1e-8)
"""Compensation over proceeds: on those of a penny, double rounding comes to some 1E-9."""

_LIMIT: Final = Quantity(PER_CENT, tolerance=EXACT)


class Offering(Assumed):
    """The Proceeds sheet."""

    def fill(self) -> None:
        """Write everything on it."""
        self.sheet.title(
            "Proceeds and compensation",
            "Each agreement has its own tiers, which are never pooled. Yellow cells are for input; "
            "grey columns are the plain-Excel twins of the white ones. The difference is the "
            "greatest of its row. Amounts are in USD, prices in USD a share.",
            self.width,
        )
        self.headers(FIRST_ROW - 1, "What is assumed", "Source")
        self.write_inputs()
        self.section("Proceeds", self._cascade())
        self.section("Compensation of the agent", self._compensation())
        self._note_on_compensation()
        if any(map(bears, self.parties)):
            self.section("For the plain-Excel twins of the shares sold", ())
            steps_to_shares(self, GROSS, PRICE)
            self.section("Warrants of the agent", self._warrants())
        self.sheet.worksheet.freeze_panes = f"B{FIRST_ROW}"
        if self.terms.expenses:
            printed_check(
                self.book,
                "Advisory share of an agreement",
                "advisory_share",
                f"Proceeds!{self.at(ADVISORY, self.places[0])}",
            )

    def _cascade(self) -> Iterator[Row]:
        """Yield the lines from gross proceeds to what is left after everything."""
        gross = GROSS
        yield Row(
            COMMISSION,
            quantities.USD,
            lambda place: self.fee(place, self.typed_at(gross, place), place.terms),
            lambda place: self.plain_fee(place, self.at(gross, place)),
            name="Commission_total",
            source=f"by tiers, {self.pages_of_rates()}",
        )
        yield Row(
            "Net of commission",
            quantities.USD,
            lambda place: (
                f"{self.at(gross, place)}-{self.at(COMMISSION, place)}"
                if has_own_rates(place)
                else f"CEO_NET({self.typed_at(gross, place)},0,{place.terms})"
            ),
            lambda place: ceo_net_twin(
                self.own(place), self.at(gross, place), self.at(COMMISSION, place)
            ),
            name="Net_of_commission",
        )
        costs = [*([REIMBURSED] if self.reimburses else []), OTHER]
        if self.terms.expenses:
            names = [f"expenses.advisory_{part}" for part in ("retainer", "deposit", "share")]
            yield Row(
                ADVISORY,
                quantities.USD,
                lambda place: _advisory(f'DEAL_TERM("{name}",{place.terms})' for name in names),
                lambda _: _advisory(names),
                name="Advisory_total",
                source=f"share of retainer and deposit, {sources(self.book, *names)}",
            )
            costs.append(ADVISORY)
        yield Row(
            "Net proceeds after all",
            quantities.USD,
            lambda place: "-".join(
                self.at(label, place) for label in ("Net of commission", *costs)
            ),
            name="Net_proceeds",
            source="less " + ", ".join(map(in_sentence, costs)),
            strong=True,
        )

    def counted(self) -> list[str]:
        """Return what counts as compensation beside the commission."""
        has = {REIMBURSED: self.reimburses, ADVISORY: bool(self.terms.expenses)}
        return [label for label, stated in has.items() if stated]

    def _compensation(self) -> Iterator[Row]:
        """Write what counts as compensation, and the regulator's limit on it."""
        items = [COMMISSION, *self.counted()]
        yield Row(
            "Compensation",
            quantities.USD,
            lambda place: "+".join(self.at(item, place) for item in items),
            name="Compensation_total",
            source=" + ".join(map(in_sentence, items)),
            strong=True,
        )
        yield self._ratio("Compensation over proceeds", "Compensation", GROSS)
        yield from self._limit("compensation", "Compensation over proceeds")

    def _ratio(self, label: str, part: str, whole: str) -> Row:
        def formula(place: AgreementColumn) -> str:
            below = self.at(whole, place)
            return f"IF({below}=0,0,{self.at(part, place)}/{below})"

        name = label.replace(" ", "_")
        return Row(label, _RATIO, formula, total=formula, name=name)

    def _limit(self, what: str, ratio: str) -> Iterator[Row]:
        if not self.terms.limits:
            return
        name = "limits.compensation_cap" if what == "compensation" else "limits.warrant_cap"
        limit = f"Limit on {what}"

        def installed(place: AgreementColumn) -> str:
            return f'DEAL_TERM("{name}",{place.terms})'

        def within(place: AgreementColumn) -> str:
            # Twelve digits of the difference: binary error does not pass a limit.
            over = f"ROUND({self.at(ratio, place)}-{self.at(limit, place)},12)"
            roundings = rounded_up(self, place) if what == "warrants" else 0
            if not roundings:
                return yes_or_no(f"{over}<=0")
            most = f"{self.at(limit, place)}*{self.at(SHARES_SOLD, place)}"
            beyond = f"ROUND({self.at(WARRANTS_EARNED, place)}-{most},6)"
            return f'IF({over}<=0,"yes",IF({beyond}<{roundings},"{BY_ROUNDING}","no"))'

        yield Row(
            limit,
            _LIMIT,
            installed,
            lambda _: name,
            # Each half takes it in its own way.
            lambda place: name if place.plain else installed(place),
            source=f"NASD, {sources(self.book, name)}",
        )
        yield Row(
            f"Within the limit on {what}",
            quantities.WORDS,
            within,
            total=within,
            name=f"Within_{what}",
            strong=True,
        )

    def _note_on_compensation(self) -> None:
        counted = [in_sentence(label) for label in (COMMISSION, *self.counted())]
        words = " and ".join([", ".join(counted[:-1]), counted[-1]] if counted[1:] else counted)
        note = f"Counted here: {words}."
        if any(map(bears, self.parties)):
            note += (
                " The agent's warrants are compensation too, but what they are worth is for the "
                "regulator to determine and is not worked out here"
            )
            note += ": they are held to their own limit in number." if self.terms.limits else "."
        self.sheet.note(f"A{self.row}", note, self.width)
        self.row += 1

    def _warrants(self) -> Iterator[Row]:
        """Write the shares sold, and what the agent earns on them."""
        shares, earned = SHARES_SOLD, WARRANTS_EARNED
        conversion_rounding = self.book.selection.deal.conversion_rounding
        yield Row(
            shares,
            quantities.COUNT,
            lambda place: (
                f"IF({self.at(PRICE, place)}=0,0,DEBENTURE_SHARES({self.typed_at(GROSS, place)},"
                f"{self.typed_at(PRICE, place)},{place.terms}))"
            ),
            lambda place: plain_shares(self, place, GROSS, PRICE),
            name="Shares_sold",
            source=f"gross proceeds over the price, {rounded(conversion_rounding)}",
        )
        check_shares(self, shares)
        yield Row(
            earned,
            quantities.COUNT,
            lambda place: (
                f"CANTOR_WARRANTS({self.at(shares, place)},{place.terms})" if bears(place) else "0"
            ),
            lambda place: (
                cantor_warrants_twin(self.own(place), self.at(shares, place), prefix=place.prefix)
                if bears(place)
                else "0"
            ),
            name="Warrants_earned",
            source=counting(self),
        )
        yield self._ratio("Warrants over shares sold", earned, shares)
        yield from self._limit("warrants", "Warrants over shares sold")

        def price(place: AgreementColumn, *, plain: bool) -> str:
            if not bears(place):
                return "0"
            sold = self.at(shares, place)
            formula = (
                cantor_exercise_price_twin(
                    self.own(place), sold, self.at(PRICE, place), prefix=place.prefix
                )
                if plain
                else f"CANTOR_EXERCISE_PRICE({sold},{self.typed_at(PRICE, place)},{place.terms})"
            )
            return f"IF({sold}=0,0,{formula})"

        yield Row(
            "Exercise price of the warrants",
            quantities.PRICE,
            lambda place: price(place, plain=False),
            lambda place: price(place, plain=True),
            source="if all shares are sold at that price",
            has_total=False,
        )

    def add_chart(self, sheet: Sheet, row: int) -> None:
        """Draw what each agreement costs, on another sheet, from a row on."""
        worksheet = self.sheet.worksheet
        count = len(self.parties)
        bars = BarChart()
        bars.type = "col"
        bars.grouping = "stacked"
        bars.overlap = 100
        charts.prepare(bars, "What the offering costs", "", "USD")
        bars.x_axis.title = None
        colours = ("1F3864", "C55A11", "7F7F7F", "A9C4E6")
        for label, rgb in zip((COMMISSION, REIMBURSED, ADVISORY, OTHER), colours, strict=True):
            if label in self.rows:
                costs = self.rows[label]
                data = Reference(worksheet, min_col=1, max_col=1 + count, min_row=costs)
                bars.add_data(data, titles_from_data=True, from_rows=True)
                charts.colour(bars.series[-1], rgb)
        titles = Reference(worksheet, min_col=2, max_col=1 + count, min_row=FIRST_ROW - 1)
        bars.set_categories(titles)
        bars.gapWidth = 80
        bars.width, bars.height = 15, 9
        sheet.worksheet.add_chart(bars, f"A{row}")


def _advisory(names: Iterable[str]) -> str:
    retainer, deposit, share = names
    return f"({retainer}+{deposit})*{share}"
