import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.engines.embedded.rewrite import Rewriter
from xladdin.formulas.external_links import Links
from xladdin.formulas.structured_references import Specifier, specifier
from xladdin.formulas.tokens import shifted, tokens
from xladdin.xlsx.workbook_part import Area, Name, Table

LOG = Table("Log", "My Data", Area(1, 1, 6, 3), ("Date", "Price [USD]", "It's #1"), 1, 1)
BARE = Table("Bare", "Sheet'2", Area(2, 2, 3, 2), ("Only",), 0, 0)
NAMES = (
    Name("Deal", '"NEOT-2001"', None),
    Name("Fixed", "'My Data'!$A$2:$A$5", None),
    Name("Moving", "OFFSET(S!$A$1,0,0,3,1)", None),
    Name("Left", "S!A1", None),
    Name("Column", "Log[Date]", None),
    Name("Mixed", "Moving+1", None),
    Name("Circle", "Circle+1", None),
    Name("Scoped", "SUM(S!$A$1)", "Other"),
    Name("Moving", "S!$B$1", "Other"),
)
LINKS = Links(["rates.xlsx", "xladdin.xlam"])
REWRITER = Rewriter({"CEO_FEE", "CLASSB_EXERCISE_PRICE"}, [LOG, BARE], NAMES, LINKS)


def rewritten(formula: str, sheet: str = "My Data", row: int = 3, column: int = 2) -> str:
    return REWRITER.rewrite(formula, sheet, row, column)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("CLASSB_EXERCISE_PRICE(40,,25)", "CLASSB_EXERCISE_PRICE(40,{},25)"),
        ("CEO_FEE(,1)", "CEO_FEE({},1)"),
        ("CEO_FEE(1,)", "CEO_FEE(1,{})"),
        ("CEO_FEE(1, )", "CEO_FEE(1, {})"),
        ("CEO_FEE(,,)", "CEO_FEE({},{},{})"),
        ("ceo_fee( ,\n1)", "CEO_FEE( {},\n1)"),
        ("SUM(CEO_FEE(1,),2)", "SUM(CEO_FEE(1,{}),2)"),
        ("CEO_FEE(CEO_FEE(,1),)", "CEO_FEE(CEO_FEE({},1),{})"),
        ("CEO_FEE(IF(a,,2),,3)", "CEO_FEE(IF(a,,2),{},3)"),
        ("CEO_FEE((1),,{1,2;3,4})", "CEO_FEE((1),{},{{1,2;3,4}})"),
        ("'xladdin.xlam'!CEO_FEE(1,)", "CEO_FEE(1,{})"),
        ("xladdin.xlam!CEO_FEE(1)", "CEO_FEE(1)"),
        ("[2]!CEO_FEE(1,)+[0]!ceo_fee(2)", "CEO_FEE(1,{})+CEO_FEE(2)"),
        ("'C:\\It''s here\\XLAddin.xlam'!CEO_FEE(1)", "CEO_FEE(1)"),
        ("_xll.CEO_FEE(1)+_xlfn.CEO_FEE(2)", "CEO_FEE(1)+CEO_FEE(2)"),
        ("_xlfn.SINGLE(A1:A3)", "@(A1:A3)"),
    ],
)
def test_calls_of_ours(formula: str, expected: str) -> None:
    assert rewritten(formula) == expected.format(*["XLADDIN.OMITTED()"] * 3)


@pytest.mark.parametrize(
    "formula",
    [
        "CEO_FEE()",
        "CEO_FEE( )",
        "IF(a,,2)",
        "OFFSET(A1,,)",
        'CEO_FEE("a,,b",1)',
        'CEO_FEE("say ""(,)""",1)',
        "CEO_FEE('a,,b'!A1,1)",
        "CEO_FEE('it''s (,'!A1,1)",
        "MY_CEO_FEE(1,,2)",
        "other.xlam!OTHER(1,,2)",
        "other.xlam!CEO_FEE(1,,2)",
        "[1]!CEO_FEE(1,,2)+[3]!CEO_FEE(1,)",
        "'C:\\It''s\\[a.xlam]b'!CEO_FEE(1,)",
        "Sheet1!CEO_FEE(1,)",
        "[1]Sheet1!A1+[1]!Name",
        "[1]!Moving+'[1]Other'!Moving",
        "_xlfn.XLOOKUP(1,A:A,B:B)",
        "SUM(Fixed)&Deal",
        "#REF!+#N/A",
        '"Log[Date]"&"Moving"',
        "Logs+MyLog+Log.x",
    ],
)
def test_what_stays(formula: str) -> None:
    assert rewritten(formula) == formula


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(Log[Date])", "SUM($A$2:$A$5)"),
        ("sum(LOG[date])", "sum($A$2:$A$5)"),
        ("Log[[#This Row],[Date]]*2", "A3*2"),
        ("Log[@Date]", "A3"),
        ("[@Date]", "A3"),
        ("[@[Price '[USD']]]", "B3"),
        ("[Date]", "$A$2:$A$5"),
        ("Log[@[Date]:[It''s '#1]]", "A3:C3"),
        ("Log[@]", "A3:C3"),
        ("Log[It''s '#1]", "$C$2:$C$5"),
        ("Log[[#Headers],[Price '[USD']]]", "$B$1"),
        ("Log[[#Totals],[Date]]", "$A$6"),
        ("Log[ [#This Row] , [Date] ]", "A3"),
        ("Log[#All]", "$A$1:$C$6"),
        ("Log[#Data]", "$A$2:$C$5"),
        ("Log[]", "$A$2:$C$5"),
        ("ROWS(Log)", "ROWS($A$2:$C$5)"),
        ("Log[[#Headers],[#Data],[Date]]", "$A$1:$A$5"),
        ("Log[[#Data],[#Totals]]", "$A$2:$C$6"),
        ("Log[[Date]:[Price '[USD']]]", "$A$2:$B$5"),
        ("Bare[Only]", "'Sheet''2'!$B$2:$B$3"),
        ("CEO_FEE(Log[@Date],)", "CEO_FEE(A3,XLADDIN.OMITTED())"),
        ("Log[None]", "#REF!"),
        ("None[Date]", "#REF!"),
        ("Bare[#Headers]", "#REF!"),
        ("Bare[#Totals]", "#REF!"),
        ("Bare[@Only]", "#VALUE!"),
        ("Log[#Nonsense]", "#REF!"),
        ("Log[[#Headers],[#Totals]]", "#REF!"),
        ("Log[[Date],[It''s '#1]]", "#REF!"),
        ("Log[[Date]", "#REF!"),
    ],
)
def test_structured_references(formula: str, expected: str) -> None:
    assert rewritten(formula) == expected


def test_structured_references_from_another_sheet() -> None:
    assert rewritten("SUM(Log[Date])", sheet="Other") == "SUM('My Data'!$A$2:$A$5)"
    assert rewritten("Log[#All]", sheet="Other") == "'My Data'!$A$1:$C$6"


def test_more_names_than_are_looked_for_at_once() -> None:
    names = [Name(f"Name_{number}", f"S!A{number}", None) for number in range(1, 3_000)]
    many = Rewriter({"CEO_FEE"}, [LOG], names)
    assert many.rewrite("Name_2999+Name_1*Name_3000", "S", 1, 1) == "S!A2999+S!A1*Name_3000"
    assert many.rewrite("SUM(A1:B2)&CEO_FEE(1,)", "S", 1, 1) == (
        "SUM(A1:B2)&CEO_FEE(1,XLADDIN.OMITTED())"
    )


def test_this_row_outside_the_data() -> None:
    assert rewritten("Log[@Date]", row=1) == "#VALUE!"
    assert rewritten("Log[@Date]", row=6) == "#VALUE!"
    assert rewritten("Log[@Date]", sheet="Other") == "#VALUE!"
    assert rewritten("[@Date]", column=4) == "#REF!"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(Moving)", "SUM(OFFSET(S!$A$1,0,0,3,1))"),
        ("moving", "OFFSET(S!$A$1,0,0,3,1)"),
        ("Mixed*2", "(OFFSET(S!$A$1,0,0,3,1)+1)*2"),
        ("Left", "S!B3"),
        ("SUM(Column)", "SUM($A$2:$A$5)"),
        ("Scoped", "Scoped"),
        ("Other!Scoped", "SUM(S!$A$1)"),
        ("'Other'!Moving", "'Other'!Moving"),
        ("S!Moving", "OFFSET(S!$A$1,0,0,3,1)"),
    ],
)
def test_defined_names(formula: str, expected: str) -> None:
    assert rewritten(formula) == expected


def test_defined_names_of_the_sheet_come_first() -> None:
    assert rewritten("Scoped", sheet="Other") == "SUM(S!$A$1)"
    assert rewritten("Moving", sheet="Other") == "Moving"


def test_a_circle_of_names_ends() -> None:
    assert rewritten("Circle").count("Circle") == 1


@given(st.text("ABaz09_$.!'\"[](){},;:#@+ \n\u00e9", max_size=60))
def test_tokens_join_to_the_formula(formula: str) -> None:
    assert "".join(token.text for token in tokens(formula)) == formula
    rewritten(formula)


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "expected"),
    [
        ("A1+$B$2+C$3+$D4", 2, 1, "B3+$B$2+D$3+$D6"),
        ("SUM(A:B,2:$3)", 1, 2, "SUM(C:D,3:$3)"),
        ("'A1'!A1&\"A1\"", 1, 1, "'A1'!B2&\"A1\""),
        ("Sheet1!A1:B2", 1, 0, "Sheet1!A2:B3"),
        ("LOG10(A1)+Log[A1]+TRUE", 1, 1, "LOG10(B2)+Log[A1]+TRUE"),
        ("A1#", 1, 1, "B2#"),
        ("A1", -1, -1, "XFD1048576"),
        ("XFD1048576", 1, 1, "A1"),
        ("AB+XFE1+A1048577", 1, 1, "AB+XFE2+B1048577"),
        ("1E5+A1", 1, 0, "1E5+A2"),
    ],
)
def test_shifting(formula: str, rows: int, columns: int, expected: str) -> None:
    assert shifted(formula, rows, columns) == expected


def test_specifiers() -> None:
    assert specifier("[]") == Specifier(frozenset(), "", "")
    assert specifier("[@]") == Specifier(frozenset({"#this row"}), "", "")
    assert specifier("[a b]") == Specifier(frozenset(), "a b", "a b")
    assert specifier("[[#Data],[a]:[b]]") == Specifier(frozenset({"#data"}), "a", "b")
