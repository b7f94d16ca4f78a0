"""How documents write a figure, and the words beside which it means what a deal says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from xladdin.terms.fields import DAYS, FRACTION, MULTIPLE, SESSIONS, USD, YEARS

_SMALL: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = [
    "-",
    "-",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_ORDINALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "one": "first",
        "two": "second",
        "three": "third",
        "five": "fifth",
        "eight": "eighth",
        "nine": "ninth",
        "twelve": "twelfth",
    }
)
_PARTS: Final[Mapping[Fraction, str]] = MappingProxyType(
    {
        Fraction(1, 2): r"one[- ]half",
        Fraction(1, 3): r"one[- ]third",
        Fraction(2, 3): r"two[- ]thirds",
        Fraction(1, 4): r"one[- ](?:quarter|fourth)",
        Fraction(3, 4): r"three[- ](?:quarters|fourths)",
        Fraction(1, 5): r"one[- ]fifth",
        Fraction(1, 10): r"one[- ]tenth",
    }
)
_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        SESSIONS: r"(?:consecutive )?(?:trading|business|settlement|market) days?|sessions?",
        DAYS: r"(?:calendar )?days?",
        YEARS: r"years?|anniversary",
        "months": r"months?",
        "quotations": r"(?:lowest|closing|daily|quotations|bids)",
        "bids": r"(?:lowest|closing|daily|bids)",
        "holders": r"(?:institutional )?(?:investors?|holders?)",
    }
)
"""What follows a number of each of these units."""

_IN_WORDS: Final = 100
"""Whole numbers below this may be written in words."""

_BEGIN: Final = r"(?<![\d.,])(?<!\w)"
_END: Final = r"(?![\d]|[.,]\d)"


def words_of(number: int) -> str:
    """Write a whole number from 0 to 99 in words."""
    if number < len(_SMALL):
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"[- ]{_SMALL[ones]}" if ones else "")


def _ordinal(number: int) -> str:
    words = words_of(number)
    head, _, last = words.rpartition(" ") if "[- ]" not in words else words.rpartition("[- ]")
    last = _ORDINALS.get(
        last, last.removesuffix("y") + "ieth" if last.endswith("y") else last + "th"
    )
    return (f"{head}[- ]" if head else "") + last


def _grouped(number: Fraction) -> str | None:
    """Write a decimal with its thousands apart, or not; zeros may follow. None for 1/3."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return None
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):f}"
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    grouped = f"{int(whole):,}".replace(",", ",?")
    zero = "0?" if whole == "0" and part else grouped
    return zero + (rf"\.{part}0*" if part else r"(?:\.0+)?")


def _amounts(number: Fraction, page: str) -> Iterator[str]:
    plain = _grouped(number)
    if plain is not None:
        yield rf"{_BEGIN}\$? ?{plain}{_END}(?! (?:million|billion|thousand)\b)"
    for unit, size in (("thousand", 10**3), ("million", 10**6), ("billion", 10**9)):
        scaled = _grouped(number / size)
        if scaled is not None and number >= size // 10:
            yield rf"{_BEGIN}\$? ?{scaled}{_END} {unit}\b"
            if unit != "billion" and f"in {unit}s" in page.casefold() and number >= size:
                yield rf"{_BEGIN}\$? ?{scaled}{_END}"


def _counts(number: int, unit: str) -> Iterator[str]:
    """Write a number of days, years and the like: in digits, in words, and as an ordinal."""
    after = _COUNTED[unit]
    size = abs(number)
    ways = [rf"{size}(?:st|nd|rd|th)?"]
    if size < _IN_WORDS:
        words = words_of(size)
        ways += [rf"{words}(?: \({size}\))?", _ordinal(size)]
    yield rf"\b(?:{'|'.join(ways)})[- ]+(?:{after})\b"
    if unit == "quotations" and size == 1:
        yield r"\bthe lowest\b"
    if unit == SESSIONS:
        yield rf"\bT ?\+ ?{size}\b"


def _parts_of(number: Fraction) -> Iterator[str]:
    percent = _grouped(number * 100)
    if percent is not None:
        yield rf"{_BEGIN}{percent}{_END} ?(?:%|per ?cent)"
    if number in _PARTS:
        yield rf"\b{_PARTS[number]}\b"
    if 0 < number < 1 and (rest := _grouped((1 - number) * 100)) is not None:
        yield rf"{_BEGIN}{rest}{_END} ?% discount|discount of {rest}{_END} ?%"


def window_forms(first: int, last: int, value: int) -> Iterator[str]:
    """Yield patterns of an edge of a window of sessions, relative to a day.

    Args:
        first: First session of the window.
        last: Last session of the window.
        value: The one of them that is looked for.
    """
    day = r"(?:(?:trading|business) day|date|day)"
    named = rf"(?:the|such|an?|each|that) (?:[a-z]+ ){{0,4}}?{day}"
    if value > 0:
        yield from _windows_to(first, last, value)
    elif value < -1:
        yield from _counts(value, SESSIONS)
    elif value == -1 and first < -1:
        size = "|".join((str(-first), words_of(-first) if first > -_IN_WORDS else str(-first)))
        days = r"(?:consecutive )?(?:(?:trading|business) )?days"
        yield rf"\b(?:{size}) {days} (?:immediately )?(?:preceding|before|prior to)\b"
        yield rf"\b(?:previous|preceding|prior|last) (?:{size}) {days}\b"
    elif value == -1:
        yield rf"\b{day} (?:immediately )?(?:preceding|before|prior to)\b"
        yield rf"\b(?:previous|preceding|prior) {day}\b"
    elif first == last:
        yield rf"\bon {named}\b"
    elif value == first:
        yield rf"\b(?:beginning|commencing|starting)(?: on| with)? {named}\b"
    else:
        yield rf"\b(?:ending|ended|through|including)(?: on| with)? {named}\b"


def _windows_to(first: int, last: int, value: int) -> Iterator[str]:
    """Write an edge after the day: by the size of its window, or as so many sessions after it."""
    begins = {
        0: r"(?:beginning|commencing|starting|including|from)",
        1: r"(?:immediately |next )?(?:following|after|succeeding)",
    }
    if value == last > first and first in begins:
        for form in _counts(last - first + 1, SESSIONS):
            yield rf"{form}[^.;]{{0,40}}?\b{begins[first]}\b"
    else:
        for form in _counts(value, SESSIONS):
            yield rf"{form}[^.;]{{0,20}}?\b{begins[1]}\b"


def _dates(day: datetime.date) -> Iterator[str]:
    month = f"{day:%B}"
    short = rf"(?:{month}|{month[:3]}\.?)"
    yield rf"\b{short} 0?{day.day}(?:st|nd|rd|th)?,? {day.year}\b"
    yield rf"\b0?{day.day}(?:st|nd|rd|th)? {short},? {day.year}\b"
    yield rf"\b{day.isoformat()}\b|\b0?{day.month}/0?{day.day}/(?:{day.year}|{day.year % 100:02})\b"


def text_form(text: str) -> str:
    """Write a pattern of a text, whatever blanks are between its words."""
    words = r"\s+".join(re.escape(word) for word in text.split())
    begin = r"(?<![\w.,])" if text[:1].isalnum() else r"(?<!\w)"
    end = r"(?![\w]|[.,]\d)" if text[-1:].isalnum() else ""
    return f"{begin}{words}{end}"


def forms(value: Any, unit: str, page: str) -> Iterator[str]:
    """Yield patterns of the ways in which a document may write a figure.

    Args:
        value: The figure.
        unit: Its unit.
        page: The page, which may say that its table is in thousands.
    """
    if isinstance(value, datetime.date):
        yield from _dates(value)
    elif isinstance(value, str):
        yield text_form(value)
    elif unit == "old per new":
        yield from _ratios(Fraction(value))
    elif unit in _COUNTED:
        number = Fraction(value)
        if number.denominator == 1:
            yield from _counts(int(number), unit)
        if unit == YEARS and (number * 12).denominator == 1:
            yield from _counts(int(number * 12), "months")
    elif unit in (FRACTION, MULTIPLE):
        yield from _parts_of(Fraction(value))
    elif unit == USD:
        yield from _amounts(Fraction(value), page)
    else:
        yield from _amounts(Fraction(value), page)
        if isinstance(value, int) and 0 < value < _IN_WORDS:
            yield rf"\b{words_of(value)}\b"


def _ratios(ratio: Fraction) -> Iterator[str]:
    """Write the ratio of a split, old shares for new."""
    new, old = ratio.denominator, ratio.numerator
    for one, other in ((new, old), (old, new)):
        words = [rf"{one}[- ]for[- ]{other}"]
        if max(one, other) < _IN_WORDS:
            words.append(rf"{words_of(one)}[- ]for[- ]{words_of(other)}")
        yield rf"\b(?:{'|'.join(words)})\b"


class Beside(NamedTuple):
    """What has to stand beside a figure.

    Attributes:
        words: A pattern of words; empty where none are needed.
        before: Characters before the figure in which they may stand.
        after: Characters after it.
        of: Field of the same record whose figure has to stand there instead.
    """

    words: str = ""
    before: int = 160
    after: int = 120
    of: str = ""


_LIMITING: Final = Beside(r"excess of|exceed|greater than|more than|maximum|not above", 60, 20)
_WHOLE: Final = Beside(r"up to|offering price of|maximum of|exceed|capacity of|amount of", 30, 0)

BESIDE: Final[Mapping[str, Beside]] = MappingProxyType(
    {
        "SalesAgreement.dated": Beside("agreement"),
        "SalesAgreement.agents": Beside("agent|underwriter|placement|sales|through|distribut"),
        "SalesAgreement.capacity": _WHOLE,
        "SalesAgreement.capacity_shares": _WHOLE,
        "SalesAgreement.rate": Beside("commission|compensation|fee|discount|proceeds|sales price"),
        "SalesAgreement.expense_reimbursement": Beside("reimburs"),
        "SalesAgreement.delivery_sessions": Beside("deliver|settle"),
        "SalesAgreement.standstill_before": Beside("preceding|before|prior", 0, 25),
        "SalesAgreement.standstill_after": Beside("after|following", 0, 25),
        "FeeSchedule.count": Beside("share|warrant"),
        "FeeSchedule.over": Beside(r"for each|for every|\bper\b|pro rata|gross|proceeds|purchas"),
        "Pool.capacity": _WHOLE,
        "Pool.capacity_shares": _WHOLE,
        "FeeTier.up_to": Beside(r"up to|first|next|between|above|over|price of|\band\b", 22, 0),
        "FeeTier.rate": Beside("commission|compensation|fee|discount|proceeds|sales price"),
        "AgentWarrants.rate": Beside("equal to|number of shares|coverage", 80, 60),
        "AgentWarrants.exercise_multiple": Beside("exercise price"),
        "AgentWarrants.life_years": Beside("exercis|term|expir|life"),
        "AgentWarrants.life_months": Beside("exercis|term|expir|life"),
        "AgentWarrants.cashless_after_years": Beside("cashless|exercis"),
        "AgentWarrants.exercisable_after_months": Beside("exercis"),
        "AgentWarrants.transfer_lock_years": Beside("transfer|assign|hypothecat|lock"),
        "AgentWarrants.lock_days": Beside("transfer|assign|hypothecat|lock"),
        "CompensationLimits.warrant_cap": _LIMITING,
        "CompensationLimits.compensation_cap": _LIMITING,
        "Expenses.advisory_retainer": Beside("retainer"),
        "Expenses.advisory_deposit": Beside("deposit"),
        "Expenses.advisory_share": Beside("allocat|each|share"),
        "Expenses.other_offering": Beside("expenses"),
        "PriceLeg.price": Beside("price|lesser|lower|least|fixed"),
        "PriceLeg.multiple": Beside("price|bid|average|market value|VWAP"),
        "PriceLeg.first": Beside("price|bid|value|VWAP|conversion|notice|issu"),
        "PriceLeg.last": Beside("price|bid|value|VWAP|conversion|notice|issu"),
        "PriceLeg.lowest": Beside("price|bid|value|VWAP|quotation|lowest"),
        "PriceLeg.after_days": Beside("issu|closing|purchase|effective", 60, 60),
        "PriceLeg.until_days": Beside("issu|closing|purchase|effective", 60, 60),
        "PriceLeg.when_below": Beside("less than|below|under", 40, 20),
        "PriceLeg.when_at_least": Beside("less than|below|at least|more|equal|above", 40, 20),
        "PriceLeg.floor": Beside("floor|less than|lower than|minimum"),
        "PriceFormula.floor": Beside("floor|less than|lower than|minimum"),
        "PriceFormula.cap": Beside("cap|exceed|more than|maximum|higher"),
        "Cap.rate": Beside("outstanding|exchange|approval|consent|float|beneficial"),
        "Cap.shares": Beside("cap|approval|exchange|issu|authori|regist"),
        "Cap.base": Beside("outstanding"),
        "Cap.lifted_at": Beside("average|equal|exceed"),
        "Cap.below_float": Beside("float|market value|affiliates"),
        "Instrument.available_from": Beside("less than|below|at least|market price", 60, 40),
        "Instrument.due": Beside("debenture|note|block|sell|sold|due|matur"),
        "Instrument.status": Beside("debenture|note|block|sell|sold"),
        "Instrument.principal": Beside("princip|debenture|note|block|aggregate"),
        "Instrument.holders": Beside("invest|hold"),
        "Instrument.per_holder": Beside("each|hold"),
        "Instrument.price": Beside("exercise|conver|price"),
        "Instrument.interest": Beside("interest|per annum|a year"),
        "Capitalisation.authorised": Beside("authori"),
        "Capitalisation.outstanding": Beside("outstanding"),
        "Capitalisation.outstanding_date": Beside(of="outstanding"),
        "Capitalisation.later_outstanding": Beside("outstanding"),
        "Capitalisation.later_outstanding_date": Beside(of="later_outstanding"),
        "Capitalisation.last_sale": Beside("last|closing|reported"),
        "Capitalisation.last_sale_date": Beside(of="last_sale"),
        "Capitalisation.year_high": Beside("between|high|low|range"),
        "Capitalisation.year_low": Beside("between|high|low|range"),
        "Capitalisation.monthly_cash_use": Beside("month"),
        "CorporateAction.date": Beside("effective|split|approv|amend|agree|lower"),
        "CorporateAction.ratio": Beside("split"),
    }
)
"""What stands beside a figure, by record and field; others take the words of their meaning."""

_COMMON: Final = """
after at be before by each first from given gross have held if in is it may most no not number of on
one or other over shares so sold some than that the their them there they this those to was were
when which with would least amount figure
"""
_LEAST_LETTERS: Final = 4


def beside(record: str, field: str, meaning: str) -> Beside:
    """Return what has to stand beside a figure: the words given for it, or those of its meaning."""
    found = BESIDE.get(f"{record}.{field}")
    if found is not None:
        return found
    words = [
        word for word in re.findall(r"[a-z]+", meaning.casefold()) if word not in _COMMON.split()
    ]
    stems = dict.fromkeys(word[:5] for word in words if len(word) >= _LEAST_LETTERS)
    return Beside("|".join(stems) or "shares?|price|dollars?")
