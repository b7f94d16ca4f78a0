"""Kinds of arguments: the cells that each accepts, and the arguments that functions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from xladdin.errors import REF, InputError
from xladdin.functions import coercion
from xladdin.functions.quotations import quotes
from xladdin.terms.store import DEFAULT_DEAL

if TYPE_CHECKING:
    from xladdin.terms.selection import Selection


@dataclass(frozen=True)
class Kind:
    """A kind of argument: the cells that it accepts, and their conversion.

    Attributes:
        name: Short name, for documents and stubs.
        words: Its rule, to end the sentence "it must be ...".
        unit: Its unit; empty where it has none.
        coerce: Converts a cell's value to the implementation's; raises `InputError`.
        ranged: Whether it takes a whole range instead of one cell.
        errors: Whether it accepts error values instead of passing them on.
    """

    name: str
    words: str
    unit: str
    coerce: Callable[[Any, str], Any]
    ranged: bool = False
    errors: bool = False


AMOUNT = Kind("amount", coercion.AMOUNT_WORDS, "USD", coercion.amount)
PRICE = Kind("price", coercion.PRICE_WORDS, "USD a share", coercion.price)
EXERCISE_PRICE = Kind(
    "exercise price", coercion.AMOUNT_WORDS, "USD a share", coercion.exercise_price
)
COUNT = Kind("count", coercion.COUNT_WORDS, "shares", coercion.count)
STOCK = Kind("stock", coercion.STOCK_WORDS, "shares", coercion.stock)
RATIO = Kind("ratio", coercion.PRICE_WORDS, "old shares per new share", coercion.price)
BALANCE = Kind("balance", coercion.NUMBER_WORDS, "USD", coercion.number)
FACTOR = Kind("factor", coercion.AMOUNT_WORDS, "", coercion.exercise_price)
FIGURE = Kind("factor", coercion.AMOUNT_WORDS, "", coercion.figure)
NUMBER = Kind("number", coercion.NUMBER_WORDS, "", coercion.given_number)
PART = Kind("part", coercion.PRICE_WORDS, "", coercion.price)
OWN_RATE = Kind("own rate", coercion.PRICE_WORDS, "", coercion.price)
FORMULA = Kind("formula", "a text, the key of a price formula of the deal", "", coercion.text)
SCHEDULE = Kind("schedule", "a text, the key of a schedule of fees of the deal", "", coercion.text)
CAP = Kind("cap", "a text, the key of a cap of the deal", "", coercion.text)
METHOD = Kind("method", coercion.METHOD_WORDS, "", coercion.method)
WHAT = Kind("what", coercion.WHAT_WORDS, "", coercion.what)
SHARES = Kind("shares", coercion.PRICE_WORDS, "shares", coercion.price)
OFFSET = Kind("offset", coercion.OFFSET_WORDS, "sessions", coercion.offset)
DATE = Kind("date", coercion.DATE_WORDS, "date", coercion.date)
TEXT = Kind("text", coercion.TEXT_WORDS, "", coercion.text)
TERMS = Kind("terms", coercion.TERMS_WORDS, "", coercion.terms)
COUNTS = Kind(
    "counts", "a range of whole numbers of at least 0", "shares", coercion.cells, ranged=True
)
PRICES = Kind("prices", "a range of numbers above 0", "USD a share", coercion.cells, ranged=True)
ANYTHING = Kind("anything", "anything", "", coercion.anything, ranged=True, errors=True)
QUOTES = Kind("quotes", coercion.QUOTES_WORDS, "date, USD a share", quotes, ranged=True)


class Argument(NamedTuple):
    """One argument of a worksheet function.

    Attributes:
        name: Its name, as wizards and Python show it.
        kind: Its kind.
        help: Its description, for wizards and documents.
        optional: Whether it may be left out.
        default: The implementation's argument if it is left out.
        default_words: The default in words, for documents; empty if the default is clear by itself.
        changes_unit: Whether giving it changes the unit of the result, so that a blank among the
            elements of a range is an error, and not an argument left out.
    """

    name: str
    kind: Kind
    help: str
    optional: bool = False
    default: Any = None
    default_words: str = ""
    changes_unit: bool = False

    @property
    def default_in_words(self) -> str:
        """The meaning of leaving it out, in words; for documents."""
        if self.default_words or self.default is None:
            return self.default_words or "nothing"
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


_Part = TypeVar("_Part")


def part(found: _Part | None, what: str, selection: Selection) -> _Part:
    """Return a part of the deal; raise `InputError` (#REF!) if the deal has none."""
    if found is None:
        raise InputError(REF, "terms", selection.text, f"must name a deal that has {what}")
    return found


TERMS_ARGUMENT = Argument(
    "terms",
    TERMS,
    "Deal and, after a slash, one of its agreements, such as NEOT-2001/OTHER.",
    optional=True,
    default=DEFAULT_DEAL,
)
