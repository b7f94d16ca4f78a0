"""Plain-Excel twins: each function's figure from native functions and the Terms sheet alone.

A twin is an independent calculation of the same number. It uses nothing of this package: only the
figures of the Terms sheet, by their defined names, which are the figures' dotted names, and native
functions that every spreadsheet program has. Array forms of SMALL and SUMPRODUCT over computed
arrays are not used, because programs disagree about them.

A twin is declared with its function. It takes the deal, then the texts of the references to the
arguments, and returns the formula without its equals sign. This module has what several share.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from xladdin.core.decimals import slack

if TYPE_CHECKING:
    from xladdin.terms.selection import Selection

CLOSURES: Final = "Closures"
"""Defined name of the exchange's closures on the Terms sheet, for WORKDAY."""

NO_SETTLEMENT: Final = "No_settlement"
"""Defined name of the closures of the exchange and of banks, where a deal's delivery needs them."""

AGREEMENT: Final = "agreement"
"""Prefix of the names of an agreement's figures. On the Terms sheet of a workbook about a whole
deal it is ``agreement_1`` and so on, and the selection given is then that agreement's."""

TIERS_FROM: Final = "tiers.from"
"""End of the defined name of the amounts at which an agreement's tiers begin; see `write_terms`."""

TIERS_STEP: Final = "tiers.step"
"""End of the defined name of the steps by which each tier's rate exceeds the tier's before."""

SHOWN_DIGITS: Final = 15
"""Significant digits of a number that a sheet shows, and by which whole units are decided."""


_LAST: Final = 7
"""Digits that stand apart at least: MOD divides by so many that its quotient has eight at most."""


def order(number: str) -> str:
    """Write the place of the first digit of a number above 0: 0 for ones, 1 for tens."""
    return f"INT(ROUND(LOG10({number}),13))"


def digits(number: str) -> str:
    """Write the 15 digits that a sheet shows of a number above 0 as a whole number."""
    return f"ROUND({number}*10^({SHOWN_DIGITS - 1}-{order(number)}),0)"


def as_shown(number: str) -> str:
    """Read a number above 0 as a sheet shows it, at 15 significant digits."""
    return f"ROUND({number},{SHOWN_DIGITS - 1}-{order(number)})"


def limit_tolerance(limit: Decimal | Fraction) -> str:
    """Return the USD by which a dollar limit must be exceeded to count as exceeded."""
    error = slack(limit)
    if error.numerator == 1 and (error.denominator & (error.denominator - 1)) == 0:
        return f"2^-{error.denominator.bit_length() - 1}"
    return f"{Decimal(str(float(error))):f}"


def capacity_name(selection: Selection, prefix: str, figure: str = "capacity") -> str:
    """Name a capacity of an agreement on the Terms sheet, or of the pool that it shares."""
    return f"{prefix}.{figure}" if selection.sales.shared is None else f"{prefix}.pool.{figure}"


class SplitDigits(NamedTuple):
    """The digits of a price, split so that a count times the first ones is a whole number.

    Attributes:
        digits: Reference to them; see `digits`.
        behind: Reference to how many of them stand behind the last digit of the product.
    """

    digits: str
    behind: str

    @property
    def first(self) -> str:
        """The first digits."""
        behind = self.behind
        return f"INT({self.digits}/10^MAX({_LAST},{behind}))*10^MAX(0,{_LAST}-{behind})"

    @property
    def last(self) -> str:
        """The last ones, of which MOD has at most so many before them that Excel divides."""
        return f"MOD({self.digits},10^MAX({_LAST},{self.behind}))/10^{self.behind}"


class PlainPurchase(NamedTuple):
    """The whole shares that an amount buys, step by step.

    What they cost may have twice the digits that a cell has. So digits are whole numbers here, of
    which programs keep the last in a difference, and those of the price are split.

    Attributes:
        amount: Reference to the amount, which is at least 0.
        price: Reference to the price.
        most: An amount that has digits where this one has any; None if it may have 15 of its own.
        rounding: How the count becomes whole: "down", "up" or "nearest".
    """

    amount: str
    price: str
    most: Decimal | None = None
    rounding: str = "down"

    @property
    def nearest(self) -> str:
        """The shares to the nearest one."""
        return f"ROUND({self.amount}/{self.price},0)"

    @property
    def digits(self) -> str:
        """Digits of the price."""
        return digits(self.price)

    @property
    def behind(self) -> str:
        """How many of them stand behind the last digit of the amount."""
        first = order(self.amount) if self.most is None else str(self.most.adjusted())
        return f"{first}-{order(self.price)}"

    def error(self, nearest: str, price: SplitDigits) -> str:
        """Write from how much on something is left after the nearest count, for each share.

        Down, that is less than nothing, and up, more than nothing: by more than the error of
        doubles, and of LibreOffice, which takes a difference beyond some 14 digits for 0. Within
        it, the last seven digits of the product decide: where something is lacking they are those
        that are, below half of what they may be, and where something is left they are above it.
        """
        product = f"MOD(MOD({nearest},1E7)*MOD({price.digits},1E7),1E7)"
        if self.rounding == "up":
            left = f"AND({price.behind}>6,ABS({product}-75E5)<25E5)"
            return f"IF({price.behind}>10,3E-16,IF({left},-4E-15,4E-15))"
        lacking = f"AND({price.behind}>6,ABS({product}-25E5)<25E5)"
        return f"IF({price.behind}>10,-3E-16,IF({lacking},4E-15,-4E-15))"

    @property
    def amount_digits(self) -> str:
        """Digits of the amount, as a whole number."""
        places = self._places
        return digits(self.amount) if places is None else f"ROUND({self.amount}*1E{places},0)"

    @property
    def _places(self) -> int | None:
        return None if self.most is None else SHOWN_DIGITS - 1 - self.most.adjusted()

    def shares(self, nearest: str, price: SplitDigits, error: str = "") -> str:
        """Count them from the nearest count; see `counted`.

        Args:
            nearest: Reference to the nearest count.
            price: Digits of the price.
            error: Reference to a cell with `error`; by default it stands in the formula.
        """
        left = f"{self.amount_digits}-{nearest}*{price.first}-{nearest}*{price.last}"
        return self.counted(nearest, left, error or self.error(nearest, price))

    def counted(self, nearest: str, left: str, error: str) -> str:
        """Count them: the nearest count, or one fewer or more if it costs more or less than that.

        Args:
            nearest: Reference to the nearest count.
            left: Reference to what is left after it, in units of the amount's last digit.
            error: Reference to a cell with `error`.
        """
        # A difference of amounts has binary error behind their digits.
        places = self._places
        amount = self.amount if places is None else f"ROUND({self.amount},{places})"
        if self.rounding == "nearest":
            return nearest
        if self.rounding == "up":
            count = f"{nearest}+IF({left}>{nearest}*{error},1,0)"
            return f"IF({amount}=0,0,IF({amount}<={self.price},1,{count}))"
        count = f"{nearest}-IF({left}<{nearest}*{error},1,0)"
        return f"IF({amount}<{self.price},0,IF({amount}={self.price},1,{count}))"


def whole_quotient(
    amount: str, price: str, most: Decimal | None = None, rounding: str = "down"
) -> str:
    """Count the whole shares that an amount buys, in one formula; see `PlainPurchase`."""
    steps = PlainPurchase(amount, price, most, rounding)
    return steps.shares(steps.nearest, SplitDigits(steps.digits, f"({steps.behind})"))


def part_of(count: str, rate: str, exact_rate: Decimal | Fraction) -> str:
    """Multiply a count by a rate, without the binary error of the product.

    Args:
        count: Reference to the count.
        rate: Reference to the rate.
        exact_rate: The rate, of which the decimals are taken.

    Returns:
        The formula.
    """
    return f"ROUND({count}*{rate},{_decimals(exact_rate)})"


def most_of_part(exact_rate: Decimal | Fraction) -> int:
    """Return the greatest count of which `part_of` gives the part, of 15 digits, without error."""
    return int(10**SHOWN_DIGITS / (Fraction(exact_rate) * 10 ** _decimals(exact_rate)))


def _decimals(rate: Decimal | Fraction) -> int:
    """Count the decimals that distinguish parts of counts: the rate's own, where it has an end."""
    exact = Fraction(rate)
    own = next((at for at in range(SHOWN_DIGITS) if (exact * 10**at).denominator == 1), None)
    # Halves, too, lie at least half a part from any other.
    return len(str(2 * exact.denominator)) if own is None else own
