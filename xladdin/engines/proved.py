"""What each engine is proved to compute as Excel does: functions, and shapes of arguments.

A formula is computed by the embedded engine only if every function in it is listed here and every
argument has a kind that is listed for its place. LibreOffice computes single calls only, of the
functions that are listed for it. The proof is run by ``tests/proofs``: it makes formulas over these
tables with arguments of every kind and holds the engines against other witnesses.

The tables themselves, and how they are written, are in `proved_table`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError
from xladdin.engines.letters import are_known
from xladdin.engines.numerals import as_excel_reads, is_written_shorter
from xladdin.engines.proved_table import (
    EMBEDDED,
    FORMATS,
    LIBREOFFICE,
    shown_format,
)

DATE: Final = 1  # a number from 61 to the last day of 9999, of at most 15 digits
LONG_DATE: Final = 2  # the same, of more digits
SMALL: Final = 4  # 0, or a number from 0.0001 to below 61, of at most 15 digits
OTHER: Final = 8  # any other number of at most 15 digits that is written without an exponent
ODD: Final = 16  # any other number
BLANK: Final = 32
OMITTED: Final = 64
TEXT: Final = 128
DIGITS: Final = 256
DOUBTFUL: Final = 512 | 268_435_456  # the second with signs beyond those of English
EMPTY: Final = 1024
LOGICAL: Final = 2048
ERROR: Final = 4096
LONG_SMALL: Final = 16_384  # a number from 0.0001 to below 61, of more than 15 digits
FOREIGN: Final = 32_768  # a text with letters or signs that `letters.are_known` does not know
LATIN: Final = 67_108_864  # a text with others beyond those of English
MIXED: Final = 134_217_728  # a text of either with what criteria read in a way of their own
ASTRAL: Final = 131_072  # a text with characters that Excel may count as two
UNEQUAL: Final = 65_536  # a text that as a criterion asks for what is not something
ORDERED: Final = 524_288  # a text that as a criterion asks for texts before or after it
TILDE: Final = 2_097_152  # a text with what criteria read in a way of their own
LENGTHY: Final = 1_048_576  # a text of more characters than Excel looks for
NEARLY: Final = 262_144  # a number of more than 15 digits of which the first 15 are a whole one
EXTREME: Final = 4_194_304  # a number so near to 0 that products may not keep it
HUGE: Final = 8_388_608  # a number so large that what is divided by it may not be kept
EQUALS: Final = 33_554_432  # the text "=", which as a criterion asks for blank cells
TINY: Final = 16_777_216  # a number nearer to 0 than any that Excel keeps
LATE: Final = 536_870_912  # a day and a time less than half a second before midnight
SEVERAL: Final = 8192  # an array where one value is wanted

LONG: Final = LONG_DATE | LONG_SMALL | ODD | NEARLY | LATE | EXTREME | HUGE
NUMBER: Final = DATE | SMALL | OTHER | LONG
SHORT: Final = DATE | SMALL | OTHER
NOT_ENGLISH: Final = LATIN | FOREIGN | MIXED | ASTRAL
NOT_PLAIN: Final = NOT_ENGLISH | DOUBTFUL & ~512  # texts with signs beyond those of English
WORDS_ALONE: Final = EQUALS | TEXT | NOT_ENGLISH | UNEQUAL | ORDERED | TILDE | LENGTHY
TEXTS: Final = WORDS_ALONE | DIGITS | DOUBTFUL | EMPTY
ANY: Final = NUMBER | BLANK | TEXTS | LOGICAL | ERROR

_LETTERS: Final = {
    "n": NUMBER,
    "m": NUMBER & ~NEARLY & ~LATE,
    "j": NUMBER & ~EXTREME & ~HUGE,
    "y": DATE | LONG_DATE,
    "i": SHORT,
    "p": DATE | LONG_DATE | SMALL,
    "h": OTHER,
    "s": SMALL,
    "z": SMALL | LONG_SMALL,
    "b": BLANK,
    "o": OMITTED,
    "t": WORDS_ALONE,
    "f": WORDS_ALONE & ~ASTRAL,
    "u": TEXT | ORDERED | TILDE | LENGTHY,
    "k": TEXT | ORDERED | TILDE | LATIN | FOREIGN | MIXED,
    "g": TEXT | ORDERED,
    "a": EQUALS,
    "c": TEXT | LATIN | FOREIGN,
    "v": LATIN,
    "w": UNEQUAL,
    "d": DIGITS,
    "q": DOUBTFUL,
    "e": EMPTY,
    "l": LOGICAL,
    "x": ERROR,
}

WORDS: Final[Mapping[int, str]] = {
    SEVERAL: "several values where it takes one",
    TINY: "a number nearer to 0 than 2.2E-308, which is 0 in Excel",
    DOUBTFUL: "a text that Excel may take for a number or a date",
    DIGITS: "a number written as text",
    EMPTY: "an empty text",
    LATIN: "a text with letters beyond those of English",
    FOREIGN: "a text with letters or signs of which capitals are not known for sure",
    MIXED: "a text with <, > or ~ and letters beyond those of English",
    TEXT: "a text",
    ASTRAL: "a text with characters that Excel counts as two",
    UNEQUAL: "a text that begins with <>",
    ORDERED: "a text that begins with < or >",
    TILDE: "a text with ~",
    EQUALS: "the text =",
    LENGTHY: "a text of more than 255 characters",
    LOGICAL: "TRUE or FALSE",
    ERROR: "an error",
    OMITTED: "an argument left out",
    BLANK: "a blank cell",
    SMALL: "a number from 0 to 60, which as a date is before March 1900",
    OTHER: "a negative number, or one past 2,958,465 (the last date)",
    EXTREME: "a number nearer to 0 than 1E-60",
    HUGE: "a number past 1E+60",
    ODD: "a number of more than 15 digits or of unusual size",
    LONG_SMALL: "a number of more than 15 digits",
    NEARLY: "a number that is whole but for digits after the fifteenth",
    LATE: "a time within half a second of midnight, which Excel may take for the next day",
    LONG_DATE: "a number of more than 15 digits",
    DATE: "a number",
}
"""How messages call each kind; the first that applies is named."""

BY_FORM: Final = frozenset({"ROW", "COLUMN", "OFFSET", "INDIRECT", "LET", "ISFORMULA"})
"""Functions proved that are judged by their form, which no line of the table could say."""

ARITHMETIC: Final = ANY & ~DOUBTFUL
"""What operators of numbers are proved for. `POWER` does the rest of ``^``."""

MULTIPLIED: Final = ARITHMETIC & ~EXTREME
"""What is proved of factors: of others, a product may be nearer to 0 than Excel keeps."""

DIVISOR: Final = MULTIPLIED & ~HUGE
"""What is proved of divisors, for the same reason."""

JOINED: Final = SHORT | BLANK | TEXTS | LOGICAL | ERROR
"""What ``&`` is proved for; other numbers are written out by a function of ours."""


@dataclass(frozen=True, slots=True)
class ProvedArgument:
    """What may stand in a place.

    Attributes:
        single: Kinds of single values.
        held: Kinds that cells of a range may hold; None where no range may stand.
        literals: What may stand there, in capitals, if only so much may.
        order: ``^`` for ascending numbers, ``/`` for descending ones, ``%`` for one change of
            sign, ``#`` for a range within the sheet's cells; empty otherwise.
        optional: Whether it may be missing.
        whole: Whether a number has to be whole.
    """

    single: int
    held: int | None = None
    literals: frozenset[str] = frozenset()
    order: str = ""
    optional: bool = False
    whole: bool = False

    def accepts(self, literal: str) -> bool:
        """Whether a constant that stands in a formula, in capitals, is one of the literals."""
        for name in FORMATS.keys() & self.literals:
            shown = shown_format(literal[1:-1].replace('""', '"'))
            return literal[:1] == '"' and FORMATS[name].fullmatch(shown) is not None
        return literal in self.literals


@dataclass(frozen=True, slots=True)
class Entry:
    """What is proved of a function.

    Attributes:
        name: The function.
        evidence: Letters of the witnesses.
        arguments: Its places.
        repeats: How many of the last places repeat.
        gives: Kinds of its result, by themselves.
        passes: Places whose kinds it may give, from 0; -1 for what its ranges hold.
        only: Kinds that its result has to have.
    """

    name: str
    evidence: str
    arguments: tuple[ProvedArgument, ...]
    repeats: int
    gives: int
    passes: tuple[int, ...]
    only: int

    def index(self, at: int) -> int:
        """Return which of the places listed a place from 0 is; those past the end repeat."""
        listed = len(self.arguments)
        if at < listed or not self.repeats:
            return at
        return listed - self.repeats + (at - listed) % self.repeats

    def takes(self, count: int) -> bool:
        """Whether it takes a number of arguments."""
        least = sum(not argument.optional for argument in self.arguments)
        if count <= len(self.arguments):
            return count >= least
        return bool(self.repeats) and (count - len(self.arguments)) % self.repeats == 0


def _kinds(letters: str) -> int:
    found = 0
    for letter in letters:
        found |= _LETTERS[letter]
    return found


def _argument(word: str) -> ProvedArgument:
    optional = word.endswith("?")
    word = word.removesuffix("?")
    whole = word.endswith(".")
    word = word.removesuffix(".")
    if word.startswith("="):
        literals = frozenset(word[1:].upper().split("|"))
        return ProvedArgument(0, None, literals, "", optional)
    single, colon, held = word.partition(":")
    order = held[-1:] if held[-1:] in ("^", "/", "%", "#") else ""
    kinds = _kinds(held.removesuffix(order) if order else held)
    held_kinds = kinds if colon else None
    return ProvedArgument(_kinds(single), held_kinds, frozenset(), order, optional, whole)


def _entries(line: str) -> list[Entry]:
    evidence, _, rest = line.partition(" ")
    names, _, rest = rest.partition(":")
    takes, _, gives = rest.partition("=>")
    gives, _, only = gives.partition("!")
    words = re.findall(r'=(?:"[^"]*"|[^\s"])+\??|\S+', takes)
    repeats = 0
    if words and words[-1] in ("+", "++"):
        repeats = len(words.pop())
    letters = [word for word in gives.split() if not word.isdigit() and word != "r"]
    passes = [int(word) - 1 for word in gives.split() if word.isdigit()]
    if "r" in gives.split():
        passes.append(-1)
    arguments = tuple(map(_argument, words))
    return [
        Entry(
            name,
            evidence,
            arguments,
            repeats,
            _kinds("".join(letters)) | ERROR,
            tuple(passes),
            _kinds(only.strip()) if only.strip() else 0,
        )
        for name in names.split()
    ]


def _read(table: str) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for line in table.strip().replace("\n ", " ").splitlines():
        for entry in _entries(line):
            found.setdefault(entry.name, []).append(entry)
    return found


PROVED: Final[Mapping[str, list[Entry]]] = _read(EMBEDDED)
"""By function in capitals: what the embedded engine is proved to compute; several entries where
arguments depend on each other."""

OFFICES: Final[Mapping[str, list[Entry]]] = _read(LIBREOFFICE)
"""The same for LibreOffice, as far as the embedded engine does not compute it."""

_DIGITS: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_NEVER_IN_NUMBERS: Final = re.compile(r"^[^~#]*(?:[*?@!&_]|\d\+$)[^~#]*$", re.ASCII)
"""Texts with a character that no number and no date has."""
_SPAN: Final = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)
"""Two numbers that are a date only if one of them is a month."""

_STAMP: Final = re.compile(r"\s*\d{4}-\d\d?-\d\d?T[\d:.apm\s]*", re.ASCII | re.IGNORECASE)
"""A day and a time as other programs write them, which the engine takes for a number."""

_MONTHS_A_YEAR: Final = 12

LONGEST_KEY: Final = 255
"""Characters of the longest text that Excel's lookups and criteria take."""

_LETTER_RUNS: Final = re.compile(r"[^\W\d_]+")


def kind_of_value(value: Cell) -> int:
    """Return the kind of what a cell holds or a function gives."""
    if type(value) is float:
        return _kind_of_number(value)
    if value is None:
        return BLANK
    if isinstance(value, str):
        return _kind_of_text(value)
    if isinstance(value, CellError):
        return ERROR
    if isinstance(value, bool):
        return LOGICAL
    return _kind_of_number(float(value))


_LARGEST_FACTOR: Final = 1e60  # five such, or parts of one by such, are within what Excel keeps
_LATEST: Final = 1 - 0.51 / 86_400  # of a day: DAY was seen to give the next one from there


def _kind_of_number(value: float) -> int:
    size = abs(value)
    if size > _LARGEST_FACTOR:
        return HUGE
    if 0 < size < 1 / _LARGEST_FACTOR:
        return EXTREME if size >= sys.float_info.min else TINY
    if value.is_integer():
        short = size < 1e15
    else:
        shown = float(f"{value:.15g}")
        if shown.is_integer():
            return NEARLY
        short = 1e-4 <= size < 1e15 and shown == value and not is_written_shorter(value)
    if 61 <= value < 2_958_466:
        return LATE if value % 1 > _LATEST else DATE if short else LONG_DATE
    if not short:
        return LONG_SMALL if 1e-4 <= value < 61 else ODD
    return SMALL if 0 <= value < 61 else OTHER


def is_of_digits(text: str) -> bool:
    """Whether a text is a number of digits, and no more; -0 is not, which the engine sets apart."""
    if _DIGITS.fullmatch(text) is None or not as_excel_reads(text):
        return False
    return text[0] != "-" or float(text) != 0


@lru_cache(maxsize=4096)
def _kind_of_text(text: str) -> int:
    if not text:
        return EMPTY
    bare = text.lstrip("<>=")
    if not bare:
        if text in ("<>", "="):
            return TEXT if text == "<>" else EQUALS
        return DOUBTFUL & ~NOT_PLAIN  # to a criterion, the others stand for blanks
    kind = _kind_of_words(bare)
    if kind == DIGITS and text[: -len(bare)] not in _OPERATORS:
        kind = DOUBTFUL  # "><5" asks for texts that come after "<5"
    if kind in _OF_LETTERS and len(text) > LONGEST_KEY:
        return LENGTHY if kind == TEXT else FOREIGN
    if kind == DOUBTFUL and text[0] not in "<>" and _NEVER_IN_NUMBERS.search(bare):
        return _kind_of_letters(bare)
    if kind in _OF_LETTERS and "~" in text:
        return TILDE if kind == TEXT else MIXED
    if kind != DOUBTFUL and text.startswith("<>"):
        return UNEQUAL
    if kind in _OF_LETTERS and text[0] in "<>":
        return ORDERED if kind == TEXT else MIXED
    if kind == DOUBTFUL:
        return kind & ~NOT_PLAIN if text.isascii() else kind & NOT_PLAIN
    return kind


_OF_LETTERS: Final = (TEXT, LATIN, FOREIGN)
_OPERATORS: Final = ("", "=", "<>", "<", ">", "<=", ">=")


def _kind_of_letters(text: str) -> int:
    return TEXT if text.isascii() else LATIN if are_known(text) else FOREIGN


def _kind_of_words(bare: str) -> int:
    if bare.upper() in CLASSIC_ERRORS:
        return DOUBTFUL
    if any(character > "\uffff" for character in bare):
        return ASTRAL
    if is_of_digits(bare):
        return DIGITS
    if bare.strip().upper() in ("TRUE", "FALSE"):
        return DOUBTFUL
    span = _SPAN.fullmatch(bare)
    if span is not None and all(not 1 <= int(part) <= _MONTHS_A_YEAR for part in span.groups()):
        return TEXT
    if not any(character.isdigit() for character in bare):
        return _kind_of_letters(bare)
    # With digits it is a number, a date or a time if it has no word that these cannot have.
    words = [word.casefold() for word in _LETTER_RUNS.findall(bare)]
    if _STAMP.fullmatch(bare):
        return DOUBTFUL
    if bare[0].isalpha() and not words[0].startswith(_MONTHS):
        return _kind_of_letters(bare)
    known = all(word in ("e", "a", "p", "am", "pm") or word[:3] in _MONTHS for word in words)
    return DOUBTFUL if known else _kind_of_letters(bare)
