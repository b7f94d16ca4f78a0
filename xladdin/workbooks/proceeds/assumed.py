"""What is assumed of each agreement in proceeds.xlsx, and the commission on what is sold."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.fees import ceo_fee_twin
from xladdin.terms.fields import as_decimal
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.illustrative import USUAL_PRICE, last_sale
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.by_agreement import AgreementColumn, Row, SideBySide
from xladdin.workbooks.layout.cited import FirstValue, write_source
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.proceeds.input_names import GROSS_NAME, PRICE_NAME, RATE_NAME, input_name
from xladdin.workbooks.proceeds.parties import capacity_of, parties_of
from xladdin.workbooks.terms_sheet import terms_of

CAPACITY: Final = "Capacity"
GROSS: Final = "Gross proceeds"
PRICE: Final = "Price of a share"
REIMBURSED: Final = "Expenses reimbursed"
OTHER: Final = "Other offering expenses"
RATE: Final = "Rate of the commission"
"""Rows of the sheet, as they are labelled."""

_A_PRICE: Final = "Sale price, USD a share:"

_LEAST_RATE: Final = Decimal("0.000001")


class Assumed(SideBySide):
    """The Proceeds sheet, with its inputs.

    Attributes:
        reimburses: Whether expenses of an agent are reimbursed.
    """

    def __init__(self, book: Book) -> None:
        """Begin the sheet."""
        super().__init__(book, "Proceeds", parties_of(book.selection))
        self.reimburses = any(
            place.agreement and place.agreement.sales.expense_reimbursement is not None
            for place in self.parties
        )

    def write_inputs(self) -> None:
        """Write each agreement's terms text, and what is assumed of it."""
        sheet = self.sheet
        self.begin("Terms", "names the agreement in the formulas below")
        for place in self.parties:
            assert place.agreement
            sheet.formula(f"{place.column}{self.row}", terms_of(place.agreement.sales.key))
            sheet.centre(f"{place.column}{self.row}")
        self.row += 1
        self.write(
            Row(
                CAPACITY,
                quantities.EXACT_USD,
                lambda place: f"CEO_CAPACITY(0,,{place.terms})",
                lambda place: ceo_capacity_twin(self.own(place), "0", prefix=place.prefix),
                source=self.pages("capacity"),
            )
        )
        sold_on = sources(self.book, "capitalisation.last_sale")
        self._input(
            GROSS,
            GROSS_NAME,
            lambda place: (
                _capacity(place),
                allow.amount_up_to(
                    f"{place.prefix}.capacity",
                    "Gross proceeds, USD: from 0 to the capacity.",
                    twins.limit_tolerance(_capacity(place)),
                ),
            ),
            "assumed sold; at first the whole capacity",
        )
        price = last_sale(self.book.selection, USUAL_PRICE)
        self._input(
            PRICE,
            PRICE_NAME,
            lambda place: (price, allow.price_above(_capacity(place), _A_PRICE)),
            f"illustrative: the last sale, {sold_on}" if sold_on else "illustrative",
            number_format=styles.QUOTE,
        )
        if any(has_own_rates(place) for place in self.parties):
            self._input(
                RATE,
                RATE_NAME,
                self._a_rate,
                f"of the sales; blank for the highest that is agreed, {self.pages_of_rates()}",
                number_format=styles.RATE,
            )
        self._cost_inputs()
        self._warn_of_missing_prices()

    def _cost_inputs(self) -> None:
        """Write what is assumed of the costs beside the commission."""
        terms = self.terms
        estimate = sources(self.book, "expenses.other_offering")
        if self.reimburses:
            cap = f"at first the cap, {self.pages('expense_reimbursement')}"
            self._input(REIMBURSED, "Reimbursed", self._a_reimbursement, cap)
        self._input(
            OTHER,
            "Other_expenses",
            lambda place: (
                terms.expenses.other_offering if terms.expenses and place is self.places[0] else 0,
                allow.amount_of("Other expenses, USD:"),
            ),
            f"at first the estimate for the document's own offering, {estimate}"
            if estimate
            else "illustrative",
        )

    def _a_reimbursement(self, place: AgreementColumn) -> tuple[Value, allow.Allowed]:
        most = self.own(place).sales.expense_reimbursement
        words = "Expenses reimbursed to the agent, USD:"
        if most is None:
            return 0, allow.amount_of(words)
        name, words = f"{place.prefix}.expense_reimbursement", f"{words} from 0 to the cap."
        return as_decimal(most), allow.amount_up_to(name, words, twins.limit_tolerance(most))

    def _a_rate(self, place: AgreementColumn) -> tuple[Value, allow.Allowed] | None:
        if not has_own_rates(place):
            return None
        assert place.agreement
        highest = place.agreement.highest_rate
        words = f"Rate of the sales, up to {allow.part_in_words(highest)}."
        return None, allow.part_between(_LEAST_RATE, highest, words)

    def pages_of_rates(self) -> str:
        """Return where the rates of the commissions come from."""
        return self.pages("tier_1.rate", "rate")

    def fee(self, place: AgreementColumn, sold: str, terms: str, sheet: str = "") -> str:
        """Write the commission on what is sold under an agreement, by the add-in.

        Args:
            place: Its column.
            sold: What is sold, USD.
            terms: The text that names it, in a formula.
            sheet: What refers to this sheet from another.
        """
        if has_own_rates(place):
            return f"DEAL_FEE({sold},0,{sheet}{self.typed_at(RATE, place)},,{terms})"
        return f"CEO_FEE({sold},0,{terms})"

    def plain_fee(self, place: AgreementColumn, sold: str, sheet: str = "") -> str:
        """Write the same in plain Excel; see `fee`."""
        fee = ceo_fee_twin(self.own(place), sold, prefix=place.prefix)
        if not has_own_rates(place):
            return fee
        rate = f"{sheet}{self.at(RATE, place)}"
        return f"IF({rate}=0,{fee},{sold}*{rate})"

    def _warn_of_missing_prices(self) -> None:
        """Count on Checks the agreements without a price, though something is sold."""
        for number, place in enumerate(self.parties, 1):
            where = f"Proceeds!{self.typed_at(PRICE, place)}, Price {number}"
            self.book.warnings.append(
                Check(
                    f"{where}: missing, so that no shares and no warrants are counted",
                    f"IF(COUNTBLANK(Price_{number})=1,IF(N(Gross_{number})>0,1,0),0)",
                    0,
                    source="a price is needed",
                )
            )

    def _input(
        self,
        label: str,
        name: str,
        given: Callable[[AgreementColumn], tuple[Value, allow.Allowed] | None],
        source: str,
        number_format: str = styles.USD,
    ) -> None:
        names = [input_name(name, number) for number, _ in enumerate(self.parties, 1)]
        self.begin(label, source)
        self.typed.add(label)
        cited = []
        for own_name, place in zip(names, self.parties, strict=True):
            made = given(place)
            if made is None:
                continue
            value, allowed = made
            reference = f"{place.column}{self.row}"
            counted = f"{self.counted_column(place)}{self.row}"
            self.sheet.input(reference, own_name, value, number_format, allowed, counted)
            cited.append(FirstValue(own_name, reference, value))
        write_source(self.sheet, f"{self.source}{self.row}", cited, source)
        if self.with_total and number_format == styles.USD:
            for places, style in ((self.places, styles.RESULT), (self.plain, styles.TWIN)):
                total = f"{places[-1].column}{self.row}"
                self.sheet.formula(total, self.sum_of(self.plain), style, number_format)
        self.row += 1


def _capacity(place: AgreementColumn) -> Decimal:
    assert place.agreement
    return capacity_of(place.agreement)


def has_own_rates(place: AgreementColumn) -> bool:
    """Check whether sales under an agreement may bear a rate of their own."""
    return place.agreement is not None and place.agreement.own_rates
