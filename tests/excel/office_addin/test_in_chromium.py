"""The browser add-in in Chromium: every function through it, and the pane in each of its states."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from excel.office_addin.browsers import (
    HERE,
    PYODIDE,
    PlainHandler,
    browse,
    needs_browser,
    requested,
    shown,
)
from paths import DATA
from routes import browser_calls

import xladdin
from xladdin.cells import CLASSIC_ERRORS
from xladdin.excel.office_addin import folder as folders
from xladdin.excel.office_addin.contents import OFFICE_ADDRESS, PYODIDE_ADDRESS
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select

pytestmark = needs_browser

MARKUP: Final = "<img src=x onerror=alert(1)><b>Meridian</b>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The add-in with all that it needs in its own folder, shown on this machine."""
    out = tmp_path_factory.mktemp("site")
    deals = tmp_path_factory.mktemp("deals")
    text = (DATA / "MERIDIAN-2024.toml").read_text(encoding="utf-8")
    [issuer] = [line for line in text.splitlines() if line.startswith("issuer = ")]
    text = text.replace(issuer, f'issuer = "{MARKUP}"')
    (deals / "MERIDIAN-2024.toml").write_text(text, encoding="utf-8")
    with shown(out) as address:
        folders.make(address, out, deals=deals, pyodide=PYODIDE, office_js=HERE / "stand_in")
        yield address, out


def kept(folder: Path, *names: str) -> None:
    """Keep pictures for people to look at, where a folder for them is named."""
    wanted = os.environ.get("XLADDIN_PICTURES")
    for name in names if wanted else ():
        shutil.copy(folder / f"{name}.png", Path(wanted or ""))


def outside(folder: Path, address: str) -> set[str]:
    """List what the browser urls of anybody but the add-in's own address."""
    urls = requested(folder)
    assert any(url.endswith("/pyodide.asm.wasm") for url in urls)
    return {url for url in urls if not url.startswith((f"{address}/", f"blob:{address}/"))}


def test_every_call_of_the_table(tmp_path: Path) -> None:
    out = tmp_path / "site"
    out.mkdir()
    cases = browser_calls.table()
    calls = [browser_calls.call_of(case) for case in cases]
    (tmp_path / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    with shown(out) as address:
        folders.make(address, out, pyodide=PYODIDE, office_js=HERE / "stand_in")
        found = browse("table", tmp_path, address=address)
    assert found["associated"] == list(FUNCTIONS)
    wrong = browser_calls.wrong(cases, [answer["rows"] for answer in found["answers"]])
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:20])
    assert browser_calls.counted(cases).keys() == FUNCTIONS.keys()
    assert not found["problems"]
    assert not outside(tmp_path, address)


# Explain this cell

CALL = "=XLADDIN.CEO_FEE(B2,B3)*2"
EXPLANATIONS: Final = [
    ["explain-empty", "Sheet1!A1", {}, {}],
    ["explain-other", "Sheet1!A2", {"Sheet1!A2": {"formula": "=SUM(CEO_FEE)", "calls": []}}, {}],
    [
        "explain-fee",
        "'My ''own'' Sheet'!B7",
        {
            "'My ''own'' Sheet'!B7": {
                "formula": CALL,
                "calls": [["CEO_FEE", [[[2_000_000]], [[9_000_000]], None]]],
            }
        },
        {},
    ],
    [
        "explain-spill",
        "Sheet1!D6",
        {
            "Sheet1!D5": {
                "formula": '=XLADDIN.EXPLAIN("CANTOR_WARRANTS",4840)',
                "calls": [["EXPLAIN", [[["CANTOR_WARRANTS"]], [[[4840]]]]]],
            },
            "Sheet1!D6": {"shows": 484, "parent": "Sheet1!D5", "calls": []},
        },
        {},
    ],
    [
        "explain-two",
        "Sheet1!B8",
        {
            "Sheet1!B8": {
                "formula": "=XLADDIN.CEO_NET(B2)-xladdin.cantor_warrants(B3)",
                "calls": [
                    ["CEO_NET", [[[2_000_000]], None, None]],
                    ["CANTOR_WARRANTS", [[[4840]], None]],
                ],
            }
        },
        {},
    ],
    [
        "explain-error",
        "Sheet1!B9",
        {
            "Sheet1!B9": {
                "formula": "=XLADDIN.CEO_FEE(B1)",
                "calls": [["CEO_FEE", [[[26_000_000]], None, None]]],
            }
        },
        {},
    ],
    ["explain-manual", "Sheet1!B9", {}, {"manual": True}],
    ["explain-text", "Sheet1!B10", {"Sheet1!B10": {"formula": f'="{CALL}"', "calls": []}}, {}],
    [
        "explain-range",
        "Sheet1!B11",
        {
            "Sheet1!B11": {
                "formula": "=XLADDIN.CEO_FEE(B2:B3)",
                "calls": [["CEO_FEE", [[[2_000_000], [3_000_000]], None, None]]],
            }
        },
        {},
    ],
]

NESTED: Final = [
    "Sheet1!B12",
    {
        "Sheet1!B12": {
            "formula": "=XLADDIN.CEO_FEE(XLADDIN.CEO_NET(B2))",
            "nested": True,
            "calls": [
                ["CEO_NET", [[[2_000_000]], None, None]],
                ["CEO_FEE", [[[1_920_000]], None, None]],
            ],
        }
    },
]


@pytest.fixture(scope="module")
def pane(
    site: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """What the pane shows in each of its states, each of which is photographed."""
    folder = tmp_path_factory.mktemp("pane")
    found = browse("pane", folder, address=site[0], explanations=EXPLANATIONS, nested=NESTED)
    kept(folder, *(path.stem for path in folder.glob("*.png")))
    return found, folder


def test_nothing_is_wider_than_the_pane_and_nothing_is_complained_of(pane: Any) -> None:
    found, folder = pane
    assert all("ERR_INTERNET_DISCONNECTED" in problem for problem in found["problems"])
    assert not found["tooWide"]
    assert len(list(folder.glob("*.png"))) == 22


def test_nothing_is_asked_of_anybody_else(site: tuple[str, Path], pane: Any) -> None:
    _, folder = pane
    assert not outside(folder, site[0])
    assert any("/deals/MERIDIAN-2024.toml?" in url for url in requested(folder))


def test_status(pane: Any) -> None:
    found, _ = pane
    assert "Starting Python" in found["starting"]
    for words in ("Ready", xladdin.__version__, f"{len(FUNCTIONS)}, as XLADDIN.NAME", "seconds"):
        assert words in found["ready"]
    assert "does not answer, or the network is not there" in found["offline"]
    assert found["again"] == {"rows": [[80000]]}  # after Python was started once more
    # What was calculated while Python did not run is calculated again as soon as it does.
    assert found["calculated"] == ["", "Full"]


def test_explain_this_cell(pane: Any) -> None:
    found, _ = pane
    assert "no function of this add-in" in found["explain-empty"]
    assert "no function of this add-in" in found["explain-other"]
    fee = found["explain-fee"]
    assert CALL in fee
    assert "Tier 1, from 0 to 10,000,000" in fee
    assert "1,000,000 \u00d7 0.04" in fee
    assert "cover, S-11" in fee
    assert fee.index("75,000") > fee.index("40,000")
    assert "CEO_NET" in found["explain-two"]
    assert "484" in found["explain-two"]
    # The cell that the formula stands in, and what it is about.
    assert "XLADDIN.EXPLAIN" in found["explain-spill"]
    assert "Whole warrants, rounded down" in found["explain-spill"]
    assert "must not exceed the agreement's capacity" in found["explain-error"]
    assert "F9" in found["explain-manual"]
    assert "no function of this add-in" in found["explain-text"]
    assert "#VALUE!" not in found["explain-range"]
    assert "CEO_FEE has a result for each cell of its ranges" in found["explain-range"]
    # 4% of two millions, and 4% of what is left of them.
    nested = found["explain-nested"]
    assert nested.index("1,920,000") < nested.index("76,800")


def test_insert_a_function(pane: Any) -> None:
    found, _ = pane
    fee = FUNCTIONS["CEO_FEE"]
    for words in (fee.summary, fee.source, *(argument.help for argument in fee.arguments)):
        assert words in found["insert"]
    assert found["missing"] == "gross is missing."
    formula, reason = found["comma"]
    assert not formula
    assert reason.startswith("prior: a comma")
    assert not found["untouched"]
    assert found["formula"] == '=XLADDIN.CEO_FEE(B2,,"NEOT-2001/OTHER")' == found["held"]
    assert found["inserted"].startswith("Sheet1!C9 holds")
    assert found["occupied"] == "Sheet1!C9 holds something already."
    assert found["kept"] == "=1+1"  # nothing is overwritten unasked
    assert found["refused"].endswith("The formula is not right.")


def test_deals_with_sources_and_as_text(pane: Any) -> None:
    found, _ = pane
    assert {"NEOT-2001/SALES", "NEOT-2001/OTHER"} <= set(found["options"])
    assert found["options"][-1].startswith("MERIDIAN-2024/")
    for figure in select("NEOT-2001/OTHER").figures.values():
        assert figure.name in found["NEOT-2001/OTHER"]
        assert figure.source in found["NEOT-2001/OTHER"]
    # A deal's text is text, whatever it looks like.
    assert MARKUP in found[found["options"][-1]]
    assert found["markup"] == 0


def test_errors(pane: Any) -> None:
    found, _ = pane
    for code in (*CLASSIC_ERRORS, "#BUSY!", "#SPILL!"):
        assert code in found["errors"]


def test_what_a_folder_without_pyodide_and_office_asks_for(tmp_path: Path) -> None:
    out = tmp_path / "site"
    with shown(out, PlainHandler) as address:
        folders.make(address, out)
        found = browse("broken", tmp_path, address=address, name="status-addresses")
    # Here neither is to be had, and Status says so.
    assert "office.js, could not be loaded" in found["status"]
    urls = {url for url in requested(tmp_path) if not url.startswith(f"{address}/")}
    assert urls == {OFFICE_ADDRESS, f"{PYODIDE_ADDRESS}pyodide.mjs"}


@pytest.mark.parametrize(
    ("name", "without", "path", "words"),
    [
        ("old-worker", "delete globalThis.Worker", "", "The browser cannot start it"),
        ("old-script", "", "formula.js", "the add-in's scripts do not run"),
    ],
)
def test_a_browser_that_is_too_old(
    site: tuple[str, Path], tmp_path: Path, name: str, without: str, path: str, words: str
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site[1], copy)
    if path:  # what the browser cannot read is to it as if it were not there
        (copy / path).write_text("an older engine's syntax error", encoding="utf-8")
    with shown(copy) as address:
        found = browse("old", tmp_path, address=address, name=name, without=without, words=words)
    kept(tmp_path, name)
    assert not found["tooWide"]
    assert words in found["status"]


STUB: Final = """
export const loadPyodide = async () => ({{
  unpackArchive() {{}}, FS: {{ mkdir() {{}}, writeFile() {{}} }},
  runPython: () => ({{
    start: () => '{{"version": "0", "functions": 1}}',
    answer() {{ throw Object.assign(new Error({message!r}), {{ pyodide_fatal_error: {fatal} }}); }},
  }}),
}});
"""


@pytest.mark.parametrize(("fatal", "state"), [("true", "failed"), ("false", "ready")])
def test_a_python_that_breaks_off(
    site: tuple[str, Path], tmp_path: Path, fatal: str, state: str
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site[1], copy)
    stub = STUB.format(
        message="Traceback (most recent call last):\n  File x\nMemoryError", fatal=fatal
    )
    (copy / "pyodide" / "pyodide.mjs").write_text(stub, encoding="utf-8")
    with shown(copy) as address:
        found = browse("breaks", tmp_path, address=address, state=state)
    assert found["call"] == {"rows": [[{"error": "#VALUE!"}]], "reason": "xladdin: MemoryError"}
    assert ("Python broke off: MemoryError" in found["status"]) == (state == "failed")


@pytest.mark.parametrize(
    ("name", "path", "data", "words"),
    [
        ("status-missing", "python/*.zip", None, "is missing in the add-in's folder (status 404)"),
        ("status-changed", "python/*.zip", b"PK", "is not the file that the add-in was made with"),
        ("status-pyodide", "pyodide/pyodide.mjs", None, "Pyodide could not be loaded from"),
        ("status-office", "office-js/office.js", None, "office.js, could not be loaded"),
        ("status-reference", "reference.json", None, "reference.json is missing"),
    ],
)
def test_a_failure_is_a_sentence(
    site: tuple[str, Path], tmp_path: Path, name: str, path: str, data: bytes | None, words: str
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site[1], copy)
    [broken] = list(copy.glob(path))
    broken.unlink()
    if data is not None:
        broken.write_bytes(data)
    with shown(copy) as address:
        found = browse("broken", tmp_path, address=address, name=name)
    kept(tmp_path, name)
    assert not found["tooWide"]
    assert words in found["status"]
    if found["call"] is not None:
        assert found["call"]["rows"] == [[{"error": "#VALUE!"}]]
        assert words in found["call"]["reason"]
