"""What Node.js reads of the add-in: Microsoft's tools, and the wheel in Pyodide."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any, Final

from excel.office_addin.browsers import needs_browser, node
from excel.office_addin.index import downloaded, index, installed_wheel, own_wheel
from paths import DATA, ROOT
from routes import browser_calls

import xladdin
from xladdin.excel.office_addin.contents import contents
from xladdin.excel.office_addin.manifest import identifier, manifest
from xladdin.excel.office_addin.metadata import functions_metadata, reference
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import store
from xladdin.terms.reader import read_terms

pytestmark = needs_browser

HOST: Final = "https://intranet.example/tools/xladdin"


RESERVED: Final = {"function": "function_"}
"""Names of arguments that TypeScript reserves; Excel does not."""


def as_typescript(function: Function) -> str:
    """Write the function as an author of custom functions would: in TypeScript, with JSDoc."""
    lines = ["/**", f" * {function.summary}", f" * @customfunction {function.name}"]
    parameters = []
    for argument in function.arguments:
        repeats = function.variadic and argument is function.arguments[-1]
        name = RESERVED.get(argument.name, argument.name)
        lines.append(f" * @param {name} {argument.help}")
        mark = "?" if argument.optional and not repeats else ""
        parameters.append(f"{name}{mark}: any[][]{'[]' * repeats}")
    parameters.append("invocation: CustomFunctions.Invocation")
    lines += [
        f" * @helpurl {HOST}/help.html#{function.name}",
        " * @requiresAddress",
        " */",
        f"export function {function.name.lower()}({', '.join(parameters)}): any[][] {{",
        "  return [[0]];",
        "}",
    ]
    return "\n".join(lines)


def test_the_metadata_is_what_the_tool_makes_of_jsdoc(tmp_path: Path) -> None:
    source = tmp_path / "functions.ts"
    source.write_text("\n\n".join(map(as_typescript, FUNCTIONS.values())), encoding="utf-8")
    found = json.loads(node("metadata.mjs", str(source)))
    expected = functions_metadata(HOST)
    for function in expected["functions"]:
        for parameter in function["parameters"]:
            parameter["name"] = RESERVED.get(parameter["name"], parameter["name"])
    assert found["metadata"] == expected
    assert found["associated"] == list(FUNCTIONS)


def test_the_manifest_as_the_tool_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "manifest.xml"
    path.write_text(manifest(HOST), encoding="utf-8")
    found = json.loads(node("manifest.mjs", str(path)))
    assert found["id"] == identifier(HOST)
    assert found["displayName"] == "xladdin"
    assert found["version"] == f"{xladdin.__version__}.0"
    assert found["hosts"] == ["Workbook"]
    assert found["officeAppType"] == "TaskPaneApp"
    assert found["permissions"] == "ReadWriteDocument"
    assert found["appDomains"] == ["https://intranet.example"]
    assert found["defaultSettings"] == {"sourceLocation": f"{HOST}/taskpane.html"}
    assert found["iconUrl"] == f"{HOST}/icons/icon-32.png"
    assert found["supportUrl"] == f"{HOST}/help.html"


COMMA: Final = "a comma or semicolon would begin the next argument"
PARTNER: Final = "has no partner"
TYPED: Final = [
    ("CEO_FEE", ["B2", "", "NEOT-2001/OTHER"], '=XLADDIN.CEO_FEE(B2,,"NEOT-2001/OTHER")'),
    ("CEO_FEE", ["B2", "", '"NEOT-2001"'], '=XLADDIN.CEO_FEE(B2,,"NEOT-2001")'),
    ("CEO_FEE", ["B2", "", "neot-2001@2001-12-31"], '=XLADDIN.CEO_FEE(B2,,"neot-2001@2001-12-31")'),
    ("CEO_FEE", [" = B2 ", "1E6"], "=XLADDIN.CEO_FEE( B2,1E6)"),
    ("CEO_FEE", ["MAX(B1,B2)", "SUM(T[[#Data],[a, b]])"], None),
    ("CEO_FEE", ["'a, b;c'!B2", "{1,2;3,4}"], None),
    ("CEO_FEE", ["2,000,000"], COMMA),
    ("CEO_FEE", ["1,5"], COMMA),
    ("CEO_FEE", ["B2;B3"], COMMA),
    ("CEO_FEE", ["B2)+(1"], PARTNER),
    ("CEO_FEE", ["(B2"], PARTNER),
    ("CEO_FEE", ['"x'], PARTNER),
    ("DEAL_TERM", ["class_b.cap_price"], '=XLADDIN.DEAL_TERM("class_b.cap_price")'),
    ("DEAL_TERM", ["A1"], None),
    ("EXPLAIN", ["CEO_FEE", "B2,B3"], '=XLADDIN.EXPLAIN("CEO_FEE",B2,B3)'),
    ("EXPLAIN", ["CEO_FEE,B2"], COMMA),
    ("TRADING_DAY", ["2001-11-01", "3"], "=XLADDIN.TRADING_DAY(DATE(2001,11,1),3)"),
    ("TRADING_DAY", ["11/1/2001", "3"], "write the date as 2001-12-31"),
    ("TRADING_DAY", ["1.11.01", "3"], "write the date as 2001-12-31"),
    ("XLADDIN_VERSION", [], "=XLADDIN.XLADDIN_VERSION()"),
]
"""Fields of the pane, and the formula or a part of the reason; None where all is as it is typed."""


def test_formulas_of_what_is_typed(tmp_path: Path) -> None:
    module = tmp_path / "formula.mjs"
    module.write_bytes(contents(HOST, {})["formula.js"])
    known = reference([read_terms(store.SHIPPED / "NEOT-2001.toml")])
    known["deals"].append({"name": "A1", "selections": []})  # a deal's name that a cell has, too
    work = tmp_path / "work.json"
    cases = [(name, values) for name, values, _ in TYPED]
    work.write_text(json.dumps({"reference": known, "cases": cases}), encoding="utf-8")
    for (name, values, expected), found in zip(
        TYPED, json.loads(node("formula.mjs", str(module), str(work))), strict=True
    ):
        plain = f"=XLADDIN.{name}({','.join(values)})"
        assert found == (expected or plain) if (expected or "=")[0] == "=" else expected in found


def mains() -> list[tuple[str, str, list[Any]]]:
    """Read the two forms of main.py from the page on xlwings Lite, each with a call."""
    page = (ROOT / "docs" / "xlwings-lite.md").read_text("utf-8")
    plain, deals = re.findall(r"^ *```python\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    deal = (DATA / "MERIDIAN-2024.toml").read_text("utf-8")
    assert "...the text of MERIDIAN-2024.toml..." in deals
    deals = deals.replace("\n...the text of MERIDIAN-2024.toml...\n", deal)
    return [
        (textwrap.dedent(plain), "CEO_FEE", [[[2_000_000]], None, None]),
        (deals, "CEO_CAPACITY", [[[0]], None, [["MERIDIAN-2024"]]]),
    ]


def test_the_wheel_in_pyodide(tmp_path: Path) -> None:
    wheels = [own_wheel(tmp_path)]
    wheels += [installed_wheel(name, tmp_path) for name in ("holidays", "python-dateutil", "six")]
    wheels.append(installed_wheel("xlwings", tmp_path))
    own = list(map(str, downloaded(tmp_path)))
    cases = browser_calls.table()
    calls = [browser_calls.call_of(case) for case in cases]
    (tmp_path / "calls.json").write_text(json.dumps(calls), encoding="utf-8")
    with index(wheels) as address:
        work = json.dumps({"index": address, "micropip": own, "mains": mains()})
        (tmp_path / "work.json").write_text(work, encoding="utf-8")
        node("table.mjs", str(tmp_path))
    found = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    wrong = browser_calls.wrong(cases, [answer["rows"] for answer in found["answers"]])
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:20])
    assert {"xladdin", "holidays"} <= set(found["installed"])
    assert found["lite"] == [[len(FUNCTIONS), [[80000]]], [len(FUNCTIONS), [[75_000_000]]]]
    assert not {"numpy", "lxml", "openpyxl", "xlwings", "click"} & set(found["imported"])
