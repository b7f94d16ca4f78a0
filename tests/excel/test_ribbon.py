"""The ribbon: its XML, and its buttons run by an interpreter of VBA over the COM server."""

from __future__ import annotations

import datetime
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from arguments import Range
from excel.ribbon_excel import Ribbon, Selected
from pyopenvba.interpreter import VBARuntimeError
from routes.routes import Vba
from routes.vba_route import PYTHON, given

from xladdin._version import __version__
from xladdin.building.render import TEMPLATES, render
from xladdin.excel import ribbon, vba_ribbon, vba_wrapper
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import deal_names, select

CALLBACKS = re.findall(r"^Public Sub (\w+)\(control As IRibbonControl", vba_wrapper.ribbon(), re.M)

COMMON = {"id", "label", "size", "imageMso", "supertip", "tag"}
ALLOWED = {
    "customUI": (set(), {"ribbon"}),
    "ribbon": (set(), {"tabs"}),
    "tabs": (set(), {"tab"}),
    "tab": ({"id", "label"}, {"group"}),
    "group": ({"id", "label"}, {"button", "dynamicMenu"}),
    "button": ({*COMMON, "onAction"}, set()),
    "dynamicMenu": ({*COMMON, "getContent", "invalidateContentOnDrop"}, set()),
}
"""Elements of the tab: attributes and children, of those that Microsoft's schema has."""

IN_MENU = {
    "menu": ({"id", "label"}, {"button", "menu"}),
    "button": ({"id", "label", "tag", "onAction"}, set()),
}
"""Elements of a menu's content; what stands in a menu has no size of its own."""


def check(text: str | bytes, allowed: dict[str, tuple[set[str], set[str]]]) -> None:
    """Compare XML of the ribbon with rules of its schema."""
    elements = list(ElementTree.fromstring(text).iter())
    for element in elements:
        namespace, _, name = element.tag.removeprefix("{").partition("}")
        assert namespace == vba_ribbon.NAMESPACE
        attributes, children = allowed[name]
        assert set(element.attrib) <= attributes
        assert {child.tag.rpartition("}")[2] for child in element} <= children
        for value in element.attrib.values():
            assert 1 <= len(value) <= 1024
        assert element.get("size", "large") in {"normal", "large"}
        for call in ("onAction", "getContent"):
            assert element.get(call, CALLBACKS[0]) in CALLBACKS
        assert re.fullmatch(r"[A-Za-z_][\w.-]*", element.get("id", "menu"))
    names = [element.get("id") for element in elements if element.get("id")]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def route(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vba]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALAPPDATA", str(tmp_path_factory.mktemp("local")))
        made = Vba()
        yield made
        made.close()


@pytest.fixture
def excel(route: Vba) -> Ribbon:
    return Ribbon(route.ask)


def test_the_tab_has_what_the_schema_allows_and_calls_what_there_is() -> None:
    check(ribbon.tab(), ALLOWED)
    labels = re.findall(r'label="([^"]*)" size', ribbon.tab().decode())
    assert set(labels) == {
        "Explain this cell",
        "Insert workbook",
        "Deals",
        "Restart Python",
        "Status",
        "Help",
    }


@pytest.mark.parametrize("deals", [["NEOT-2001"], ["A & B", "NEOT-2001"]])
def test_menus_have_what_the_schema_allows(deals: list[str]) -> None:
    check(ribbon.menu(TEMPLATES, deals), IN_MENU)


def test_every_control_has_the_tag_without_which_nothing_is_answered() -> None:
    for text in (ribbon.tab().decode(), ribbon.menu(TEMPLATES, ["NEOT-2001"])):
        controls = re.findall(r"<(?:button|dynamicMenu)\b[^>]*>", text)
        assert controls
        assert all(f'tag="{vba_wrapper.TAG}' in control for control in controls)


def test_a_control_with_another_tag_gets_no_answer(excel: Ribbon) -> None:
    excel.press("XladdinRestart", "somebody else")
    assert excel.interpreter.run("StartsSoFar") == 0
    assert excel.application.calculated == 0


class TestExplain:
    def test_a_cell(self, excel: Ribbon) -> None:
        excel.select("=CEO_FEE(A1,9000000)", ("CEO_FEE", [2e6, 9e6]))
        assert excel.press("XladdinExplain") == ""
        rows = excel.sheet
        assert [row[0] for row in rows[:4]] == [
            "Log, cell B7",
            "=CEO_FEE(A1,9000000)",
            None,
            "CEO_FEE",
        ]
        assert rows[-1] == ["Commission", 2e6, None, 75_000.0, "cover, S-11"]

    def test_every_call_of_a_formula(self, excel: Ribbon) -> None:
        prices = given(Range(((4.0,), (4.4,))))
        shares = given(Range(((1000.0,), (3000.0,))))
        calls = [("CANTOR_WARRANTS", [4840.0]), ("CANTOR_EXERCISE_PRICE", [shares, prices])]
        excel.select("=LET(a,CANTOR_WARRANTS(4840),CANTOR_EXERCISE_PRICE(B:B,C:C))", *calls)
        assert excel.press("XladdinExplain") == ""
        named = [row[0] for row in excel.sheet if row[0] in FUNCTIONS]
        assert named == ["CANTOR_WARRANTS", "CANTOR_EXERCISE_PRICE"]
        assert excel.sheet[-1][3] == pytest.approx(4.3 * 1.3)

    def test_a_wrong_call_is_explained_in_words(self, excel: Ribbon) -> None:
        excel.select("=CEO_FEE(-1)", ("CEO_FEE", [-1.0]))
        excel.press("XladdinExplain")
        assert "gross" in excel.sheet[-1][0]

    def test_text_stays_text(self, excel: Ribbon) -> None:
        """The stand-in of a cell refuses any text without an apostrophe before it."""
        excel.select("=EXPLAIN(A1)", ("EXPLAIN", ["=1+1"]))
        excel.press("XladdinExplain")
        assert "=1+1" in excel.sheet[-1][0]

    def test_a_cell_into_which_a_formula_spills(self, excel: Ribbon) -> None:
        above = excel.select("=CEO_FEE(A1:A2)", ("CEO_FEE", [2e6]))
        excel.excel.known["activecell"] = Selected("", spilled_from=above)
        excel.press("XladdinExplain")
        assert excel.sheet[1][0] == "=CEO_FEE(A1:A2)"

    def test_a_cell_without_a_function_of_ours(self, excel: Ribbon) -> None:
        excel.select("=SUM(A1:A3)")
        assert "called no function of xladdin for B7" in excel.press("XladdinExplain")
        assert excel.application.books.added == []

    def test_no_cell(self, excel: Ribbon) -> None:
        assert "Select a cell" in excel.press("XladdinExplain")

    def test_at_most_so_many_calls(self, excel: Ribbon) -> None:
        many = [("CANTOR_WARRANTS", [4840.0])] * (vba_wrapper.MOST_EXPLAINED + 5)
        excel.select("=SUM(MAP(A1:A25,LAMBDA(a,CANTOR_WARRANTS(a))))", *many)
        excel.press("XladdinExplain")
        named = [row[0] for row in excel.sheet if row[0] == "CANTOR_WARRANTS"]
        assert len(named) == vba_wrapper.MOST_EXPLAINED


class TestWorkbooks:
    def test_the_menu(self, excel: Ribbon) -> None:
        menu = excel.menu()
        check(menu, IN_MENU)
        for template in TEMPLATES:
            for deal in deal_names():
                assert f'tag="xladdin:{template}:{deal}"' in menu

    def test_the_menu_without_python(self, excel: Ribbon) -> None:
        excel.interpreter.run("Refuse", [9])
        check(excel.menu(), IN_MENU)
        assert "see Status" in excel.menu()

    def test_a_workbook_is_made_where_there_is_none(self, excel: Ribbon, tmp_path: Path) -> None:
        path = tmp_path / "mine.xlsx"
        excel.application.chosen = str(path)
        assert excel.press("XladdinInsert", "xladdin:proceeds:NEOT-2001") == ""
        assert excel.application.offered == "proceeds.xlsx"
        assert excel.application.books.opened == [str(path)]
        made = path.read_bytes()
        assert made == render("proceeds", select("NEOT-2001")).data
        said = excel.press("XladdinInsert", "xladdin:proceeds:NEOT-2001")
        assert (
            said
            == f"{path}: there is a file of this name, which stays as it is; choose another name"
        )
        assert path.read_bytes() == made
        assert len(excel.application.books.opened) == 1

    def test_a_question_that_is_not_answered(self, excel: Ribbon) -> None:
        assert excel.press("XladdinInsert", "xladdin:proceeds:NEOT-2001") == ""
        assert excel.application.books.opened == []

    def test_a_deal_that_is_not_there_is_said(self, excel: Ribbon, tmp_path: Path) -> None:
        excel.application.chosen = str(tmp_path / "mine.xlsx")
        said = excel.press("XladdinInsert", "xladdin:proceeds:NOBODY")
        assert said.startswith('no deal is named "nobody"')
        assert list(tmp_path.iterdir()) == []


def test_deals_are_listed_with_their_units_and_sources(excel: Ribbon) -> None:
    assert excel.press("XladdinDeals") == ""
    heading, *rows = excel.sheet
    assert heading[:6] == ["Terms", "Figure", "Value", "Unit", "Meaning", "Source"]
    capacity = select("NEOT-2001").figures["agreement.capacity"]
    assert [
        "NEOT-2001/SALES",
        "agreement.capacity",
        25e6,
        "USD",
        capacity.meaning,
        capacity.source,
    ] in [row[:6] for row in rows]
    assert {row[0].partition("/")[0] for row in rows} == set(deal_names())
    # Once over a split of 1 for 23 and one of 1 for 20.
    assert {row[2] for row in rows if row[1] == "instruments.walmart.price"} == {989}


class TestPython:
    def test_restart(self, excel: Ribbon) -> None:
        excel.interpreter.run("Refuse", [1])
        excel.select("=CEO_FEE(1)", ("CEO_FEE", [1.0]))
        # Fails, and starting would wait now.
        assert "Python did not answer" in excel.press("XladdinExplain")
        assert excel.application.books.added == []
        said = excel.press("XladdinRestart")
        assert f"answers, with xladdin {__version__}" in said
        assert excel.interpreter.run("EndsSoFar") == 1
        assert excel.application.calculated == 1

    def test_a_restart_that_fails_says_why(self, excel: Ribbon) -> None:
        excel.interpreter.run("PutPython", ["elsewhere"])
        said = excel.press("XladdinRestart")
        assert f"Python is not there: {PYTHON}" in said
        assert "xladdin install" in said
        assert excel.application.calculated == 0

    def test_status_before_the_first_formula(self, excel: Ribbon) -> None:
        said = excel.press("XladdinStatus")
        assert f"xladdin {__version__} starts this Python:\r\n{PYTHON}" in said
        assert "The next formula starts it." in said
        assert "Nothing has failed" in said
        assert excel.interpreter.run("StartsSoFar") == 0

    def test_status_after_it(self, excel: Ribbon) -> None:
        excel.interpreter.run("CEO_FEE", [1.0])
        assert f"answers, with xladdin {__version__}" in excel.press("XladdinStatus")

    def test_status_after_a_failure(self, excel: Ribbon) -> None:
        excel.interpreter.run("Refuse", [1])
        excel.interpreter.run("CEO_FEE", [1.0])
        said = excel.press("XladdinStatus")
        assert "It does not run now." in said
        assert "Could not create Python process." in said
        assert "Defender" in said

    def test_a_command_that_fails_is_no_traceback(self, route: Vba) -> None:
        def ask(verb: str, name: str, *arguments: Any) -> Any:
            if verb == "command":
                raise VBARuntimeError(-2147467259, "No module named 'openpyxl'")
            return route.ask(verb, name, *arguments)

        excel = Ribbon(ask)
        for callback in ("XladdinDeals", "XladdinRestart", "XladdinHelp"):
            said = excel.press(callback)
            assert said.startswith("Python did not answer.")
            assert "No module named 'openpyxl'" in said
            later = datetime.datetime.now() + datetime.timedelta(hours=1)
            excel.interpreter.freeze(later)


class TestHelp:
    @pytest.mark.parametrize("name", ["CEO_FEE", "WARRANT_VALUE"])
    def test_the_page_of_a_function(self, excel: Ribbon, name: str) -> None:
        excel.select(f"=1+SUM({name.lower()}(A1),2)")
        assert excel.press("XladdinHelp") == ""
        page = Path(excel.book.followed)
        assert page.name == f"{name}.html"
        assert page.parent.name == "help"
        text = page.read_text("utf-8")
        assert FUNCTIONS[name].summary in text
        assert '<a href="functions.html">' in text
        assert page.with_name("functions.html").exists()

    @pytest.mark.parametrize("formula", ["", "=SUM(A1)", "CEO_FEE(1)"])
    def test_the_list(self, excel: Ribbon, formula: str) -> None:
        excel.select(formula)
        excel.press("XladdinHelp")
        page = Path(excel.book.followed)
        assert page.name == "functions.html"
        text = page.read_text("utf-8")
        assert all(f'<h2 id="{name}">' in text for name in FUNCTIONS)

    def test_no_folder_for_the_pages_is_said(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("LOCALAPPDATA", raising=False)
            other = Vba()
            try:
                assert "there is no such folder" in Ribbon(other.ask).press("XladdinHelp")
            finally:
                other.close()
