"""The functions and shapes of arguments that the embedded engine is proved for, with the evidence.

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

from typing import Final

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
S    SWITCH: nu nu ndlt nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? nu? ndlt? => ndltx
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
LSX  RATE: n n n => n !n
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
