"""The functions and shapes of arguments that each engine is proved for, with the evidence.

A line of a table is a number of functions, a colon, what their arguments may be, and after ``=>``
what they give. A line that begins with a space goes on with the one before. An argument is a word:

- letters for kinds of single values: ``n`` a number, ``j`` one that is neither smaller nor larger
  than usual factors are, ``m`` one that is not whole but for digits
  after the fifteenth, ``y`` one that is a date after February 1900,
  ``h`` a negative number or one past the last date,
  ``i`` one that Excel's comparisons and texts see as it is, ``p`` one from 0 to the last date,
  ``s`` one from 0 to below 61 of at most 15 digits, ``z`` one of those or of more digits, ``b`` a
  blank cell, ``o`` an argument left out between commas, ``d`` a text of digits, ``q`` a text that
  Excel may take for a number or a date, ``e`` an empty text, ``t`` any other text, ``f`` one of
  characters that all count as one, ``u`` one in letters of English that does not begin with ``<>``
  and more, ``v`` one with further letters and signs whose capitals are known, ``k`` one in any
  letters that has no more characters than Excel looks for, ``g`` one in letters of English without
  ``~``, ``c`` one in any letters that does not begin with ``<`` or ``>``, ``a`` the text ``=``,
  ``w`` one that begins with ``<>`` and more, ``l`` a logical, ``x`` an error;
- after a colon, letters for what a range may hold. A reference to one cell counts as a range where
  a range may stand. ``^`` asks for numbers in ascending order, with blank cells behind
  them alone, ``/`` for numbers in descending order, ``%`` for cash flows of which the
  first is the only one to have its sign, ``#`` for a range that ends where the sheet's cells do;
- ``=a|b``: a number, text or logical that stands in the formula and is one of these;
- ``=NUMBERS``: a format of digits, as `NUMBER_FORMAT` describes them; ``=TIMES``: one of
  `TIME_FORMAT`; ``=DATES``: one of `DATE_FORMAT`;
- ``.`` behind it: whole numbers only. ``?``: the argument may be missing. ``+``: the last argument
  repeats; ``++``: the last two do.

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
from typing import Final

NUMBERS: Final = "NUMBERS"
TIMES: Final = "TIMES"
DATES: Final = "DATES"

_WORDS: Final = '"[^";_]*"'
_DIGITS: Final = r"(?:#,##[0#]|#?0+|#)(?:\.0*#*)?"
_SECTION: Final = rf"""(?:[$€£¥(+ -]|{_WORDS})*{_DIGITS},{{0,3}}%?(?:[) €£¥]|_\)|{_WORDS})*"""
_GROUPS: Final = r"\(?0+\)?(?:[ -]\(?0+\)?)+"
_POWERS: Final = r"0(?:\.0+)?E\+0+"
_TIMES: Final = r"(?:hh?:mm(?::ss)?(?: AM/PM)?|\[hh?\]:mm(?::ss)?)"
_DATES: Final = r"(?:yyyy-mm-dd|dd/mm/yyyy|mm/dd/yyyy|m/d/yyyy|d/m/yyyy|dd-mmm-yyyy|d mmm yyyy)"
TIME_FORMAT: Final = re.compile(rf"(?:{_DATES} )?{_TIMES}", re.IGNORECASE)
"""Formats of times of day with or without a date before, and of hours past a day."""

_DAYS: Final = "(?<!y)(?:yy|yyyy)(?!y)|(?<!m)m{1,4}(?!m)|(?<!d)d{1,4}(?!d)"
DATE_FORMAT: Final = re.compile(rf"(?:[-/., ]*(?:{_DAYS}))+", re.IGNORECASE)
"""Formats of dates."""

_NO_EFFECT: Final = re.compile(
    r"^\[\$-(?:0*409|en-US)\]|(?:^|(?<=;))\[(?:black|blue|cyan|green|magenta|red|white|yellow)\]",
    re.IGNORECASE,
)


def shown_format(number_format: str) -> str:
    """Return a format of TEXT without what says that it is of the United States, and colors."""
    return _NO_EFFECT.sub("", number_format)


NUMBER_FORMAT: Final = re.compile(
    rf"""{_POWERS}|{_GROUPS}|{_SECTION}(?:;{_SECTION}(?:;(?:{_SECTION}|-|{_WORDS}))?)?"""
)
"""Formats of digits: with a currency, groups of three, decimals, per cents, thousands cut off,
texts, and sections for negative numbers and 0."""

FORMATS: Final = {NUMBERS: NUMBER_FORMAT, TIMES: TIME_FORMAT, DATES: DATE_FORMAT}
"""Formats of TEXT, by what stands for them in the table."""

_NEWER: Final = """
    AGGREGATE BASE BITAND BITOR BITXOR CEILING.MATH CEILING.PRECISE CONCAT COVARIANCE.P COVARIANCE.S
    DAYS DECIMAL ERF.PRECISE FLOOR.MATH FLOOR.PRECISE IFNA IFS ISFORMULA ISOWEEKNUM LAMBDA LET
    MAXIFS MINIFS MODE.SNGL NORM.DIST NORM.S.DIST NORM.S.INV PDURATION PERCENTILE.EXC PERCENTILE.INC
    PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI QUARTILE.EXC QUARTILE.INC RANK.AVG RANK.EQ RRI
    STDEV.P STDEV.S SWITCH TEXTJOIN UNICHAR UNICODE VAR.P VAR.S XLOOKUP XMATCH XOR
"""
NEWER: Final = frozenset(_NEWER.split())
"""Functions that files write with a prefix. Without it, Excel knows them only once they are typed
anew, and shows #NAME?."""

_LACKING: Final = """
    AMORDEGRC AMORLINC AREAS BAHTTEXT CALL COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD
    CUBEKPIMEMBER CUBEMEMBER CUBEMEMBERPROPERTY CUBERANKEDMEMBER CUBESET CUBESETCOUNT CUBEVALUE
    DISC DURATION FVSCHEDULE GETPIVOTDATA INFO INTRATE JIS MDETERM MDURATION MINVERSE MMULT
    ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PHONETIC PRICEDISC PRICEMAT PROB RECEIVED REGISTER.ID
    RTD SQL.REQUEST STOCKHISTORY VDB WEBSERVICE YIELDDISC YIELDMAT
"""

EXCELS: Final = frozenset(_LACKING.split())
"""Functions of Excel that the engine does not know. Files mark the newer ones with a prefix."""

EMBEDDED: Final = """
LX   INT: nbtdelx => n
LX   EVEN ODD: mbtdelx => n
LX   EXP: nbtdelx => n !nx
LX   ABS SIGN SQRT LN LOG10 SIN COS ASIN ACOS ATAN SINH COSH TANH: nbtdelx => n
LX   DEGREES RADIANS: nbtdelx => n
LX   TAN: nbtdelx => n
LSX  POWER: nbltdex nbltdex => n
LX   FACT: pbtdelx => n
LX   ROUND ROUNDUP ROUNDDOWN: nbotdelx mbotdelx => n
LX   TRUNC: nbotdelx mbotdelx? => n
LSX  QUOTIENT: nbtdex ntdex => n
LSX  LOG: nbtdelx =2|10? => n
LX   ATAN2: ntdelx ntdelx => n
LSX  PI: => n
LSX  SQRTPI ASINH: n => n
LSX  PHI: n => n !nx
LSX  STANDARDIZE: n n n => n
LSX  FACTDOUBLE: p => n
LSX  DELTA GESTEP: i i? => p
LSX  BITAND BITOR BITXOR: p p => p
LSX  COMBIN PERMUT: ptdex ptdex => n
LSX  MOD: nbdlx nbdlx => n
LX   MROUND: ix ix => n
LX   CEILING FLOOR: ix ix => n
LX   CEILING.MATH FLOOR.MATH: ix ixo? i? => n
LX   CEILING.PRECISE FLOOR.PRECISE ISO.CEILING: ix ix? => n
LS   NORM.S.DIST: ntdelx =TRUE|FALSE => n !nx
LS   NORMSDIST: ntdelx => n !nx
LSX  NORM.DIST: ntdelx ntdelx ntdex =TRUE|FALSE => n !nx
LS   NORM.S.INV NORMSINV: nx => n
LSX  SUM: nbotdelx:nbtdqelx + => n
LSX  PRODUCT: jbdlx:jbtdqelx + => n
LSX  AVERAGE: nblx:nbtdqelx + => n
LSX  MIN MAX: nbolx:nbtdqelx + => n
LSX  SUMSQ: nx:nbtdqelx + => n
LSPX COUNT: nbtel:nbtdqelx + => p
LSX  COUNTA: nbtdel:nbtdqelx + => p
LSX  COUNTBLANK: :nbtdqelx => p
LS   MEDIAN STDEV STDEV.S STDEVP STDEV.P VAR VAR.S VARP VAR.P: nx:nbtdqelx + => n
LSX  SKEW KURT: nx:nbtdqelx + => n
LX   HARMEAN: nx:nbtdqelx + => n
LP   GEOMEAN: nx:nbtdqelx + => n
L    MODE MODE.SNGL: nx:nbtdqelx + => n
SPX  LARGE SMALL: :nbtdqel nd => n
LS   PERCENTILE PERCENTILE.INC QUARTILE QUARTILE.INC: :nbtdqelx z => n
LSX  PERCENTILE.EXC QUARTILE.EXC: :nbtdqel z => n
LSX  RANK.AVG: n :nbtdqe =0|1? => n
SX   PERCENTRANK.INC PERCENTRANK.EXC: :nbtdqe n z? => n
SX   TRIMMEAN: :nbtdqe z => n
SX   AVERAGEA: i:nbtdqel + => n
SP   RANK RANK.EQ: n :nbtdqe =0|1? => n
LS   CORREL PEARSON RSQ SLOPE INTERCEPT: :nbtdqex :nbtdqex => n
LS   FORECAST: n :nbtdqex :nbtdqex => n
LS   COVAR COVARIANCE.P COVARIANCE.S: :nbtdqex :nbtdqex => n
LX   SUMXMY2: :nx :nx => n
LP   SUMIF AVERAGEIF: :nbtdqe nacdelw => n
LP   SUMIF AVERAGEIF: :nbtdqelx nacdel :nbtdqe => n
LP   SUMIF AVERAGEIF: :nbtelx nacdelw :nbtdqe => n
LPX  COUNTIF: :nbtdqelx nacdel => p
LPX  COUNTIF: :nbtelx nacdelw => p
LP   SUMIFS AVERAGEIFS MAXIFS MINIFS: :nbtdqe :nbtdqelx nacdel ++ => n
LP   SUMIFS AVERAGEIFS MAXIFS MINIFS: :nbtdqe :nbtelx nacdelw ++ => n
LPX  COUNTIFS: :nbtdqelx ncdl ++ => p
LPX  COUNTIFS: :nbtelx# nacdelw ++ => p
LPX  SUMPRODUCT: :nbtex + => n
P    SUMPRODUCT: nx => n
LSX  IF: nbtelx nbotdqelx nbotdqelx? => 2 3 l
LSX  IFERROR IFNA: nbtdqelx nbotdqelx => 1 2
LSX  IFS: nbtelx nbtdqelx ++ => 1 2
LSX  AND OR XOR: nbtdlx:nbtdqelx + => l
LSX  NOT: nbtelx => l
S    SWITCH: nu nu ndlt nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? => ndltx
LSX  CHOOSE: m nbotdqelx + => 2
LSX  HYPERLINK: tdq tdqe => 2
LSX  TRUE FALSE: => l
LSX  NA: => x
LSX  ISBLANK ISERR ISERROR ISLOGICAL ISNA ISNONTEXT ISNUMBER ISTEXT: nbtdqelx => l
LX   ISEVEN ISODD: m => l
LSX  N: nbtdqelx => n
LSX  T: nbtdqelx => tdqe
LX   ROWS COLUMNS: :nbtdqelx => p
LSX  ADDRESS: p p po? nlo? t? => t
LPX  INDEX: :nbtdqelx px px? => r
LX   TRANSPOSE: :nbtdqelx => r
LPX  MATCH: nkdelx :nbtdqelx =0 => p
LPX  MATCH: n :nb^ =1? => p
LSX  MATCH: n :n/ =-1 => p
LPX  VLOOKUP HLOOKUP: nkdex :nbtdqelx m =FALSE|0 => r
LPX  VLOOKUP HLOOKUP: n :nbtdqelx^ m =TRUE|1? => r
LPX  LOOKUP: n :n^ :nbtdqelx? => r
SPX  XLOOKUP: nkdlx :nbtdqelx :nbtdqelx nbotdqelx? =0? =1? => r 4
SPX  XLOOKUP: nkdx :nbtdqelx :nbtdqelx nbotdqelx =0 =-1 => r 4
SPX  XMATCH: nkdlx :nbtdqelx =0? =1? => p
SPX  XMATCH: nkdx :nbtdqelx =0 =-1 => p
S    XMATCH: n :n =-1|1 =1|-1? => p
SPX  DATE: px mx mx => n !yx
LPX  YEAR MONTH DAY: mbtex => p
LSX  TIME: s s s => n
LSX  EDATE EOMONTH: yhtex mtex => n !yx
LS   WEEKDAY: ytex =1|2|3|11|12|13|14|15|16|17? => p
LS   WEEKNUM: y =1|2? => p
LS   ISOWEEKNUM: yh => p
LSX  HOUR MINUTE SECOND: pzbx => p
LX   DATEVALUE: tqdex => p
L    WORKDAY.INTL: yx ix iod? y:yb? => n !yx
L    NETWORKDAYS.INTL: yx yx id? y:yb? => n
LS   WORKDAY: yhtex itex y:yb? => n !yx
LS   NETWORKDAYS: yhtex yhtex y:yb? => i
SPX  DAYS: yh yh => n
LSX  DAYS360: yh yh => n
LS   DATEDIF: yh yh ="d"|"m"|"y"|"ym"|"md"|"yd" => n
LSX  YEARFRAC: yh yh =0|1|2|3|4? => n
P    TODAY NOW: => n
P    RAND: => n
P    RANDBETWEEN: n n => n
LSX  LEFT RIGHT: ibofdqex pbx? => tdqe
LSX  MID: ibofdqex px pbx => tdqe
LSX  LEN: ibfdqex => p
LS   REPLACE: bfdqex p p bfdqe => tdqe
LX   PROPER: budvqex => tdqe
LS   TRIM CLEAN: ibtdqex => tdqe
LSX  LOWER UPPER: ibuvdex => tdqe
LSX  SUBSTITUTE: ibotdqex itdqx ibotdqex p? => tdqe
LSX  FIND: ifdq ibofdqex px? => p
LS   SEARCH: igvdqx ibuvdqex => p
LSX  CONCATENATE: ibotdqelx + => tdqe
LSX  CONCAT: ibtdqelx:ibtdqelx + => tdqe
LSX  TEXTJOIN: tdqx =TRUE|1 ibtdqlx:ibtdqlx + => tdqe
LSX  TEXTJOIN: tdqx l ibtdqlx:ibtdqlx# + => tdqe
LSX  REPT: ibotdqex p => tdqe
LSX  BIN2DEC OCT2DEC HEX2DEC: itd => n !n
LSX  BIN2OCT BIN2HEX OCT2BIN OCT2HEX HEX2BIN HEX2OCT: itd p? => td !td
LSX  DEC2BIN DEC2OCT DEC2HEX: i p? => td !td
LSX  BASE: p p p? => td !td
LSX  DECIMAL: itd p => n !n
LSX  EXACT: itdqex itdqex => l
LX   VALUE: idtqex => n
LS   CODE UNICODE: tdqx => p
LSX  CHAR: i => tdqe
LS   UNICHAR: i => tdqe
P    FIXED: n =0|1|2|3|4? => tdqe
LS   TEXT: pz =TIMES => tdqe
LSX  TEXT: nbtdqex =NUMBERS => tdqe
LS   TEXT: itex ="@"|"GENERAL" => tdqe
LSX  TEXT: y =DATES => tdqe
LSX  PMT PV FV: zbx nbx nbox nbox? =0|1? => n !nx
LSX  NPER: zx nx nx nx? =0|1? => n
LSX  RATE: n n n n? =0|1? => n !n
LSX  NPV: zbtx nlx:nbtdqelx + => n !nx
LSX  IRR: :n% =0.1|0.05|0.01|0.15|0.2|10%|5%|1%|15%|20%? => n !n
LX   XNPV: z :n :y => n !nx
LX   XIRR: :n% :y =0.1|10%? => n
LSX  IPMT PPMT: zx nx nx nx nx? =0? => n !n
LS   IPMT PPMT: zx px px nx nx =1 => n !n
LS   CUMIPMT CUMPRINC: zx px nx px px =0|1 => n !n
LSX  SLN: nx nx nx => n
LSX  SYD: n n n n => n !n
LP   DB: nx nx nx nx nx? => n !n
LP   DDB: nx nx nx nx nx? => n !n
LSX  ISPMT: n n n n => n !n
LSX  EFFECT NOMINAL: zx sx => n
LSX  RRI: nx nx nx => n
LSX  PDURATION: zx nx nx => n
LSX  SUBTOTAL: =1|4|5|6|9|101|104|105|106|109 :nbtdqelx + => n
LSX  SUBTOTAL: =2|3|102|103 :nbtdqel + => i
L    AGGREGATE: =1|2|3|4|5|6|7|8|9|10|11|12 =0|1|2|3|4|5|6|7 :nbtdqex + => n
L    AGGREGATE: =14|15 =0|1|2|3|4|5|6|7 :nbtdqex n => n
"""

"""What the embedded engine computes, line by line."""

LIBREOFFICE: Final = """
SX   COUPNUM: yx. yx. =1|2|4 =0|1|2|3|4? => p
SX   COUPDAYS: yx. yx. =1|2|4 =0|2|3|4? => p
SX   GCD: px. + => p
X    PERMUTATIONA: px. px. => p
SX   DOLLARDE: ix px. => n
SX   ERF ERF.PRECISE: ix => n
X    FVSCHEDULE: ix :i => n
SX   MIRR: :n% zx zx => n
"""
"""What LibreOffice computes, of what the embedded engine does not."""
