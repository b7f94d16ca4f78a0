"""What the embedded engine is proved to compute as Excel does: functions, and shapes of arguments.

A formula is computed by the embedded engine only if every function in it is listed here and every
argument has a kind that is listed for its place. The proof is run by ``tests/proofs``: it makes
formulas over this table with arguments of every kind and holds the engine against other witnesses.

A line of the table is a number of functions, a colon, what their arguments may be, and after ``=>``
what they give. A line that begins with a space goes on with the one before. An argument is a word:

- letters for kinds of single values: ``n`` a number, ``y`` one that is a date after February 1900,
  ``h`` a negative number or one past the last date,
  ``i`` one that Excel's comparisons and texts see as it is, ``p`` one from 0 to the last date,
  ``s`` one from 0 to below 61 of at most 15 digits, ``z`` one of those or of more digits, ``b`` a
  blank cell, ``o`` an argument left out between commas, ``d`` a text of digits, ``q`` a text that
  Excel may take for a number or a date, ``e`` an empty text, ``t`` any other text, ``f`` one of
  characters that all count as one, ``u`` one in letters of English that does not begin with ``<>``
  and more, ``w`` one that does, ``l`` a logical,
  ``x`` an error;
- after a colon, letters for what a range may hold. A reference to one cell counts as a range where
  a range may stand. ``^`` asks for numbers in ascending order, ``%`` for cash flows of which the
  first is the only one to have its sign, ``#`` for a range that ends where the sheet's cells do;
- ``=a|b``: a number, text or logical that stands in the formula and is one of these;
- ``?`` behind it: the argument may be missing. ``+``: the last argument repeats; ``++``: the last
  two do.

What a function gives is written in the same letters; ``1`` and so on stand for what its arguments
of that number may be, and ``r`` for what the cells of its ranges hold. After ``!`` stands what it
has to give: any other result is one that the engine is not proved to get right.

The evidence, a letter before each line: ``L`` LibreOffice 7.4, ``S`` the second witness (IronCalc
0.9), ``P`` Excel's published documentation, where those two differ from Excel (LibreOffice counts
logicals in ranges as numbers and gives its error 502 for several of Excel's; days before March 1900
differ by one), ``X`` values that Excel stored in public workbooks, where all of a line's functions
have some: see `evidence`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError

DATE: Final = 1  # a number from 61 to the last day of 9999, of at most 15 digits
LONG_DATE: Final = 2  # the same, of more digits
SMALL: Final = 4  # 0, or a number from 0.0001 to below 61, of at most 15 digits
OTHER: Final = 8  # any other number of at most 15 digits that is written without an exponent
ODD: Final = 16  # any other number
BLANK: Final = 32
OMITTED: Final = 64
TEXT: Final = 128
DIGITS: Final = 256
DOUBTFUL: Final = 512
EMPTY: Final = 1024
LOGICAL: Final = 2048
ERROR: Final = 4096
LONG_SMALL: Final = 16_384  # a number from 0.0001 to below 61, of more than 15 digits
FOREIGN: Final = 32_768  # a text with letters beyond those of English
ASTRAL: Final = 131_072  # a text with characters that Excel may count as two
UNEQUAL: Final = 65_536  # a text that as a criterion asks for what is not something
SEVERAL: Final = 8192  # an array where one value is wanted

NUMBER: Final = DATE | LONG_DATE | SMALL | LONG_SMALL | OTHER | ODD
SHORT: Final = DATE | SMALL | OTHER
TEXTS: Final = TEXT | FOREIGN | ASTRAL | UNEQUAL | DIGITS | DOUBTFUL | EMPTY
ANY: Final = NUMBER | BLANK | TEXTS | LOGICAL | ERROR

_LETTERS: Final = {
    "n": NUMBER,
    "y": DATE | LONG_DATE,
    "i": SHORT,
    "p": DATE | LONG_DATE | SMALL,
    "h": OTHER,
    "s": SMALL,
    "z": SMALL | LONG_SMALL,
    "b": BLANK,
    "o": OMITTED,
    "t": TEXT | FOREIGN | ASTRAL | UNEQUAL,
    "f": TEXT | FOREIGN | UNEQUAL,
    "u": TEXT,
    "w": UNEQUAL,
    "d": DIGITS,
    "q": DOUBTFUL,
    "e": EMPTY,
    "l": LOGICAL,
    "x": ERROR,
}

WORDS: Final[Mapping[int, str]] = {
    SEVERAL: "several values where it takes one",
    DOUBTFUL: "a text that Excel may take for a number or a date",
    DIGITS: "a number written as text",
    EMPTY: "an empty text",
    FOREIGN: "a text with letters beyond those of English",
    TEXT: "a text",
    ASTRAL: "a text with characters that Excel counts as two",
    UNEQUAL: "a text that begins with <>",
    LOGICAL: "TRUE or FALSE",
    ERROR: "an error",
    OMITTED: "an argument left out",
    BLANK: "a blank cell",
    SMALL: "a number from 0 to 60, which as a date is before March 1900",
    OTHER: "a negative number, or one past 2,958,465 (the last date)",
    ODD: "a number of more than 15 digits or of unusual size",
    LONG_SMALL: "a number of more than 15 digits",
    LONG_DATE: "a number of more than 15 digits",
    DATE: "a number",
}
"""How messages call each kind; the first that applies is named."""

TABLE: Final = """
LX   ABS SIGN INT EXP SQRT LN LOG10 EVEN ODD SIN COS ASIN ACOS ATAN SINH COSH TANH: nbtdelx => n
LX   DEGREES RADIANS: nbtdelx => n
LX   TAN: nbtdelx => n
LSX  POWER: nbltdex nbltdex => n
LX   FACT: pbtdelx => n
LX   ROUND ROUNDUP ROUNDDOWN: nbotdelx nbotdelx => n
LX   TRUNC: nbotdelx nbotdelx? => n
LSX  QUOTIENT: nbtdex ntdex => n
LSX  LOG: nbtdelx =2|10? => n
LX   ATAN2: ntdelx ntdelx => n
LSX  PI: => n
LSX  COMBIN PERMUT: ptdex ptdex => n
LSX  MOD: nbdlx nbdlx => n
LX   MROUND: ix ix => n
LX   CEILING FLOOR: ix ix => n
LX   CEILING.MATH FLOOR.MATH: ix ixo? i? => n
LX   CEILING.PRECISE FLOOR.PRECISE ISO.CEILING: ix ix? => n
LS   NORM.S.DIST: ntdelx =TRUE|FALSE => n
LS   NORMSDIST: ntdelx => n
LSX  NORM.DIST: ntdelx ntdelx ntdex =TRUE|FALSE => n
LS   NORM.S.INV NORMSINV: nx => n
LSX  SUM: nbotdelx:nbtdqelx + => n
LSX  PRODUCT: nbdlx:nbtdqelx + => n
LSX  AVERAGE: nblx:nbtdqelx + => n
LSX  MIN MAX: nbolx:nbtdqelx + => n
LSX  SUMSQ: nx:nbtdqelx + => n
LSPX COUNT: nbtel:nbtdqelx + => p
LSX  COUNTA: nbtdel:nbtdqelx + => p
LSX  COUNTBLANK: :nbtdqelx => p
LS   MEDIAN STDEV STDEV.S STDEVP STDEV.P VAR VAR.S VARP VAR.P: nx:nbtdqelx + => n
LSX  SKEW KURT: nx:nbtdqelx + => n
LX   HARMEAN: nx:nbtdqelx + => n
L    MODE MODE.SNGL: nx:nbtdqelx + => n
SPX  LARGE SMALL: :nbtdqel nd => n
LS   PERCENTILE PERCENTILE.INC QUARTILE QUARTILE.INC: :nbtdqelx z => n
LSX  PERCENTILE.EXC QUARTILE.EXC: :nbtdqel z => n
SP   RANK RANK.EQ: i :nbtdqe =0|1? => n
LS   CORREL PEARSON RSQ SLOPE INTERCEPT: :nbtdqex :nbtdqex => n
LS   FORECAST: n :nbtdqex :nbtdqex => n
LS   COVAR COVARIANCE.P COVARIANCE.S: :nbtdqex :nbtdqex => n
LX   SUMXMY2: :nbx :nbx => n
LP   SUMIF AVERAGEIF: :nbtdqe iudelw => n
LP   SUMIF AVERAGEIF: :nbtdqelx iudel :nbtdqe => n
LP   SUMIF AVERAGEIF: :nbtelx iudelw :nbtdqe => n
LPX  COUNTIF: :nbtdqelx iudel => p
LPX  COUNTIF: :nbtelx iudelw => p
LP   SUMIFS AVERAGEIFS MAXIFS MINIFS: :nbtdqe :nbtdqelx iudel ++ => n
LP   SUMIFS AVERAGEIFS MAXIFS MINIFS: :nbtdqe :nbtelx iudelw ++ => n
LPX  COUNTIFS: :nbtdqelx iudl ++ => p
LPX  COUNTIFS: :nbtelx# iudelw ++ => p
LPX  SUMPRODUCT: :nbtex + => n
LSX  IF: nbtelx nbotdqelx nbotdqelx? => 2 3 l
LSX  IFERROR IFNA: nbtdqelx nbotdqelx => 1 2
LSX  IFS: nbtelx nbtdqelx ++ => 1 2
LSX  AND OR XOR: nbtdlx:nbtdqelx + => l
LSX  NOT: nbtelx => l
S    SWITCH: nu nu ndlt nu? ndlt? => ndltx
LSX  CHOOSE: n nbotdqelx + => 2
LSX  HYPERLINK: tdq tdqe => 2
LSX  TRUE FALSE: => l
LSX  NA: => x
LSX  ISBLANK ISERR ISERROR ISLOGICAL ISNA ISNONTEXT ISNUMBER ISTEXT: nbtdqelx => l
LX   ISEVEN ISODD: n => l
LSX  N: nbtdqelx => n
LSX  T: nbtdqelx => tdqe
LX   ROWS COLUMNS: :nbtdqelx => p
LSX  ADDRESS: p p => t
LPX  INDEX: :nbtdqelx px px? => r
LX   TRANSPOSE: :nbtdqelx => r
LPX  MATCH: nux :nbtdqelx =0 => p
LPX  MATCH: n :^ =1? => p
LPX  VLOOKUP HLOOKUP: nux :nbtdqelx n =FALSE|0 => r
LPX  VLOOKUP HLOOKUP: n :^ n =TRUE|1? => r
LPX  LOOKUP: n :^ :nbtdqelx? => r
SPX  XLOOKUP: nux :nbtdqelx :nbtdqelx nbtdqelx? =0? => r 4
SPX  XMATCH: nux :nbtdqelx =0? => p
SPX  DATE: px nx nx => n !yx
LPX  YEAR MONTH DAY: nbtex => p
LSX  TIME: s s s => n
LSX  EDATE EOMONTH: yhtex ntex => n !yx
LS   WEEKDAY: ytex =1|2|3? => p
LS   WEEKNUM: y =1|2? => p
LS   ISOWEEKNUM: yh => p
LSX  HOUR MINUTE SECOND: pzbx => p
LX   DATEVALUE: tqdex => p
L    WORKDAY.INTL: yx ix iod? y:yb? => n !yx
L    NETWORKDAYS.INTL: yx yx id? y:yb? => n
LS   WORKDAY: yhtex itex :yb? => n !yx
LS   NETWORKDAYS: yhtex yhtex :yb? => i
SPX  DAYS: yh yh => n
LSX  DAYS360: yh yh => n
LS   DATEDIF: yh yh ="d"|"m"|"y" => n
LSX  YEARFRAC: yh yh =0|1|2|3|4? => n
P    TODAY NOW: => n
P    RAND: => n
P    RANDBETWEEN: n n => n
LSX  LEFT RIGHT: ibofdqex pb? => tdqe
LSX  MID: ibofdqex p pb => tdqe
LSX  LEN: ibfdqex => p
LS   REPLACE: bfdqex p p bfdqe => tdqe
LX   PROPER: budqex => tdqe
LS   TRIM CLEAN: ibtdqex => tdqe
LSX  LOWER UPPER: ibudex => tdqe
LSX  SUBSTITUTE: ibotdqex itdqx ibotdqex p? => tdqe
LSX  FIND: ifdq ibofdqe p? => p
LS   SEARCH: iudq ibudqe => p
LSX  CONCATENATE: ibotdqelx + => tdqe
LSX  CONCAT: ibtdqelx:ibtdqelx + => tdqe
LSX  TEXTJOIN: tdqx l ibtdqlx:ibtdqlx + => tdqe
LSX  REPT: ibotdqex p => tdqe
LSX  EXACT: itdqex itdqex => l
LX   VALUE: idtqex => n
LS   CODE UNICODE: tdqx => p
LSX  CHAR: i => tdqe
LS   UNICHAR: i => tdqe
P    FIXED: n =0|1|2|3|4? => tdqe
LSX  TEXT: i ="0"|"0.0"|"0.00"|"0.000"|"#,##0"|"#,##0.0"|"#,##0.00"
    => tdqe
LSX  TEXT: i ="0%"|"0.0%"|"0.00%"|"000"|"0000"|"00" => tdqe
LSX  TEXT: y ="yyyy-mm-dd"|"yyyy"|"yyyymmdd"|"dd/mm/yyyy"|"mm/dd/yyyy"|"d mmm yyyy"
    => tdqe
LSX  TEXT: y ="mmm-yy"|"mmmm yyyy"|"mmmm d, yyyy"|"d-mmm-yy"|"mmm"|"mmmm"|"ddd"|"dddd" => tdqe
LSX  TEXT: y ="dd"|"mm"|"yy" => tdqe
LSX  PMT PV FV: zbx nbx nbx nbox? =0|1? => n
LSX  NPER: zx nx nx => n
LSX  RATE: nx nx nx => n !nx
LSX  NPV: zbtx nlx:nbtdqelx + => n
LSX  IRR: :n% => n !n
LX   XNPV: z :n :y => n
LX   XIRR: :n% :y => n
LSX  IPMT PPMT: zx nx nx nx => n !n
LSX  SLN: nx nx nx => n
LSX  EFFECT NOMINAL: zx sx => n
LSX  RRI: nx nx nx => n
LSX  PDURATION: zx nx nx => n
LSX  SUBTOTAL: =1|4|5|6|9|101|104|105|106|109 :nbtdqelx + => n
LSX  SUBTOTAL: =2|3|102|103 :nbtdqel + => i
L    AGGREGATE: =1|2|3|4|5|6|7|8|9|10|11|12 =0|1|2|3|4|5|6|7 :nbtdqex + => n
L    AGGREGATE: =14|15 =0|1|2|3|4|5|6|7 :nbtdqex n => n
"""

BY_FORM: Final = frozenset({"ROW", "COLUMN", "OFFSET", "INDIRECT", "LET", "ISFORMULA"})
"""Functions proved that are judged by their form, which no line of the table could say."""

ARITHMETIC: Final = ANY & ~DOUBTFUL
"""What operators of numbers are proved for. `POWER` does the rest of ``^``."""

JOINED: Final = SHORT | BLANK | TEXTS | LOGICAL | ERROR
"""What ``&`` is proved for; other numbers are written out by a function of ours."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What may stand in a place.

    Attributes:
        single: Kinds of single values.
        held: Kinds that cells of a range may hold; None where no range may stand.
        literals: What may stand there, in capitals, if only so much may.
        order: ``^`` for ascending numbers, ``%`` for one change of sign, ``#`` for a range within
            the sheet's cells; empty otherwise.
        optional: Whether it may be missing.
    """

    single: int
    held: int | None = None
    literals: frozenset[str] = frozenset()
    order: str = ""
    optional: bool = False


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
    arguments: tuple[Argument, ...]
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


def _argument(word: str) -> Argument:
    optional = word.endswith("?")
    word = word.removesuffix("?")
    if word.startswith("="):
        literals = frozenset(word[1:].upper().split("|"))
        return Argument(0, None, literals, "", optional)
    single, colon, held = word.partition(":")
    order = held[-1:] if held[-1:] in ("^", "%", "#") else ""
    kinds = NUMBER if order == "^" else _kinds(held.removesuffix(order) if order else held)
    return Argument(_kinds(single), kinds if colon else None, frozenset(), order, optional)


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


def _read() -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for line in TABLE.strip().replace("\n ", " ").splitlines():
        for entry in _entries(line):
            found.setdefault(entry.name, []).append(entry)
    return found


PROVED: Final[Mapping[str, list[Entry]]] = _read()
"""By function in capitals: what is proved of it; several where arguments depend on each other."""

_DIGITS: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
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


def _kind_of_number(value: float) -> int:
    size = abs(value)
    if value.is_integer():
        short = size < 1e15
    else:
        short = 1e-4 <= size < 1e15 and float(f"{value:.15g}") == value
    if 61 <= value < 2_958_466:
        return DATE if short else LONG_DATE
    if not short:
        return LONG_SMALL if 1e-4 <= value < 61 else ODD
    return SMALL if 0 <= value < 61 else OTHER


@lru_cache(maxsize=4096)
def _kind_of_text(text: str) -> int:
    if not text:
        return EMPTY
    bare = text.lstrip("<>=")
    if not bare:
        return TEXT if text == "<>" else DOUBTFUL  # to a criterion, the others stand for blanks
    kind = _kind_of_words(bare)
    if kind != DOUBTFUL and text.startswith("<>"):
        return UNEQUAL
    return kind


def _kind_of_words(bare: str) -> int:
    if bare.upper() in CLASSIC_ERRORS:
        return DOUBTFUL
    if any(character > "\uffff" for character in bare):
        return ASTRAL
    if _DIGITS.fullmatch(bare):
        return DIGITS
    if bare.strip().upper() in ("TRUE", "FALSE"):
        return DOUBTFUL
    if not any(character.isdigit() for character in bare):
        return TEXT if bare.isascii() else FOREIGN
    # With digits it is a number, a date or a time if it has no word that these cannot have.
    words = [word.casefold() for word in _LETTER_RUNS.findall(bare)]
    if bare[0].isalpha() and not words[0].startswith(_MONTHS):
        return TEXT if bare.isascii() else FOREIGN
    known = all(word in ("e", "a", "p", "am", "pm") or word[:3] in _MONTHS for word in words)
    return DOUBTFUL if known else TEXT if bare.isascii() else FOREIGN


_LACKING: Final = """
    AMORDEGRC AMORLINC AREAS BAHTTEXT CALL COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD
    CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT CUBEVALUE
    DISC DURATION FVSCHEDULE GETPIVOTDATA INFO INTRATE JIS MDETERM MDURATION MINVERSE MMULT
    ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PHONETIC PRICEDISC PRICEMAT PROB RECEIVED REGISTER.ID
    RTD SQL.REQUEST STOCKHISTORY VDB WEBSERVICE YIELDDISC YIELDMAT
"""

EXCELS: Final = frozenset(_LACKING.split())
"""Functions of Excel that the engine does not know. Files mark the newer ones with a prefix."""
