"""NET_EXERCISE_SHARES and TREASURY_STOCK_SHARES: options and warrants that are exercised."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from xladdin.core import dilution, warrants
from xladdin.core.decimals import as_shown
from xladdin.functions.arguments import COUNT, EXERCISE_PRICE, PRICE, Argument
from xladdin.functions.derivation import Step, double, fitting, given
from xladdin.functions.function import Function
from xladdin.functions.twins import SplitDigits, digits, order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection

_EXERCISE_PRICE = Argument(
    "exercise_price", EXERCISE_PRICE, "Exercise price, USD a share; may be 0."
)


def _net_exercise_shares_steps(
    count: int, market_price: float, exercise_price: float, value: int
) -> Iterator[Step]:
    """Derive the value of a warrant, and the shares that all of them buy."""
    gain = max(Fraction(0), as_shown(market_price) - as_shown(exercise_price))
    yield given("Market price", market_price)
    yield given("Exercise price", exercise_price)
    each = gain / as_shown(market_price)
    yield given("Gain of a warrant over the market price", double(each))
    exact = double(count * each)
    yield Step("Shares of that gain", fitting(count), double(each), exact, "")
    yield Step("Whole shares, rounded down", exact, None, value, "")


class PlainExercise(NamedTuple):
    """A cashless exercise in plain Excel, step by step.

    What the exercise costs and what the warrants given up are worth are products that may have
    twice the digits of a cell. So the digits of both prices are split, as in `PlainPurchase`.

    Attributes:
        warrants: Reference to how many there are.
        market: Reference to the market price.
        exercise: Reference to the exercise price.
    """

    warrants: str
    market: str
    exercise: str

    @property
    def order(self) -> str:
        """Place of the first digit of what so many shares are worth."""
        return order(f"({self.warrants}*{self.market})")

    @property
    def given_up(self) -> str:
        """Warrants that pay for the exercise, to the nearest one."""
        return f"ROUND({self.warrants}*{self.exercise}/{self.market},0)"

    @property
    def digits(self) -> str:
        """Digits of the exercise price as a whole number."""
        return f"IF({self.exercise}=0,0,{digits(self.exercise)})"

    def behind(self, worth: str) -> str:
        """Count those that stand behind the last digit of what the shares are worth."""
        return f"IF({self.exercise}=0,0,{worth}-{order(self.exercise)})"

    def market_behind(self, worth: str) -> str:
        """Count the digits of the market price that stand behind it."""
        return f"{worth}-{order(self.market)}"

    def unpaid(self, given_up: str, exercise: str, market: str) -> str:
        """Subtract the value of the warrants given up from the cost, by some digits of the prices.

        Args:
            given_up: Reference to the warrants given up, to the nearest one.
            exercise: Digits of the exercise price, the first or the last ones.
            market: The same digits of the market price.
        """
        return f"{self.warrants}*{exercise}-{given_up}*{market}"

    def shares(self, given_up: str, unpaid: str) -> str:
        """Subtract the warrants given up, and one more if they do not pay for the exercise."""
        # By more than binary error.
        return f"MAX(0,{self.warrants}-{given_up}-IF({unpaid}>{self.warrants}*4E-16,1,0))"


def net_exercise_shares_twin(
    _selection: Selection, count: str, market_price: str, exercise_price: str
) -> str:
    """Subtract the warrants that pay for the exercise, rounded up; 0 out of the money."""
    steps = PlainExercise(count, market_price, exercise_price)
    split = SplitDigits(steps.digits, steps.behind(steps.order))
    market = SplitDigits(digits(market_price), f"({steps.market_behind(steps.order)})")
    given_up = steps.given_up
    unpaid = steps.unpaid(given_up, split.first, market.first)
    rest = steps.unpaid(given_up, split.last, market.last)
    return f"IF({count}=0,0,{steps.shares(given_up, f'{unpaid}+{rest}')})"


NET_EXERCISE_SHARES = Function(
    name="NET_EXERCISE_SHARES",
    summary="Shares from a cashless exercise of warrants.",
    arguments=(
        Argument("warrants", COUNT, "Warrants exercised."),
        Argument("market_price", PRICE, "Market price of a share, USD."),
        _EXERCISE_PRICE,
    ),
    result="whole shares, rounded down; 0 out of the money",
    source="NEOT-2001, S-12",
    implementation=warrants.net_exercise_shares,
    each=True,
    derivation=_net_exercise_shares_steps,
    twin=net_exercise_shares_twin,
    example="=NET_EXERCISE_SHARES(484,8,5.252)",
    shows="166",
)


def _treasury_stock_shares_steps(
    securities: int, exercise_price: float, average_price: float, value: float
) -> Iterator[Step]:
    """Derive the proceeds of exercise, the shares that they buy back, and the rest."""
    method = "treasury stock method"
    proceeds = double(securities * Fraction(exercise_price))
    yield Step("Proceeds of exercise", fitting(securities), exercise_price, proceeds, method)
    yield given("Average market price of the period", average_price)
    bought = double(securities * Fraction(exercise_price) / Fraction(average_price))
    yield Step("Shares bought back at the average price", proceeds, None, bought, method)
    out = average_price <= exercise_price
    label = "Incremental shares: none, out of the money" if out else "Incremental shares"
    yield Step(label, fitting(securities), None, value, method)


def treasury_stock_shares_twin(
    _selection: Selection, securities: str, exercise_price: str, average_price: str
) -> str:
    """Subtract the shares that the proceeds buy back at the average price; 0 out of the money."""
    return f"MAX(0,{securities}-{securities}*{exercise_price}/{average_price})"


TREASURY_STOCK_SHARES = Function(
    name="TREASURY_STOCK_SHARES",
    summary="Incremental diluted shares of options or warrants, by the treasury stock method.",
    arguments=(
        Argument("securities", COUNT, "Shares under the options or warrants."),
        _EXERCISE_PRICE,
        Argument("average_price", PRICE, "Average market price of the period, USD a share."),
    ),
    result="shares, unrounded; 0 out of the money",
    source="treasury stock method (ASC 260-10-45-23)",
    implementation=dilution.treasury_stock_shares,
    each=True,
    derivation=_treasury_stock_shares_steps,
    twin=treasury_stock_shares_twin,
    example="=TREASURY_STOCK_SHARES(405000,5.69,8)",
    shows="116943.74999999999",
)
