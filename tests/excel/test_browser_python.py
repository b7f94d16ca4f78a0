"""The functions where nothing is but Python and the calendar library, as in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from paths import ROOT
from routes import browser_calls

from xladdin.excel.office_addin import calls
from xladdin.functions.registry import FUNCTIONS

PROGRAM = """
import importlib.util, sys
missing = ["click", "formualizer", "lxml", "openpyxl", "pyopenvba", "xlwings", "numpy", "pandas"]
assert not any(map(importlib.util.find_spec, missing))
from xladdin.excel.office_addin import calls
calls.start()
import xladdin
assert xladdin.ceo_fee(2e6, prior=9e6) == 75000.0
print(calls.answer(sys.stdin.read()))
"""


def bare(folder: Path, text: str) -> Any:
    """Answer calls in a Python that has this package and the calendar library, and no more."""
    for name in ("holidays", "dateutil", "six"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        found = Path(spec.origin)
        source = found.parent if found.name == "__init__.py" else found
        # The calendar library asks for its own version, which stands beside it.
        for path in (source, *source.parent.glob(f"{name}-*.dist-info")):
            (folder / path.name).symlink_to(path)
    (folder / "xladdin").symlink_to(ROOT / "xladdin")
    program = f"import sys; sys.path.append({str(folder)!r})\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="links to folders need a right on Windows")
def test_the_table_of_calls_without_anything_else(tmp_path: Path) -> None:
    cases = browser_calls.table()
    answers = bare(tmp_path, json.dumps([browser_calls.call_of(case) for case in cases]))
    wrong = browser_calls.wrong(cases, [answer["rows"] for answer in answers])
    assert not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong[:20])
    assert browser_calls.counted(cases).keys() == FUNCTIONS.keys()


def ask(name: str, *arguments: Any) -> Any:
    [answer] = json.loads(calls.answer(json.dumps([{"name": name, "args": arguments}])))
    return answer


def test_an_error_is_no_text_and_has_its_reason() -> None:
    answer = ask("CEO_FEE", [[-1]], None, None)
    assert answer["rows"] == [[{"error": "#NUM!"}]]
    assert answer["reason"] == "CEO_FEE: gross must be a number of at least 0; got -1 (#NUM!)"
    assert ask("DEAL_TERM", [["agreement.title"]], None) == {"rows": [["Sales Agreement"]]}


def test_a_range_keeps_its_shape_and_bad_elements_to_themselves() -> None:
    answer = ask("CEO_FEE", [[1e6, "x"], [2e6, None]], None, None)
    assert answer == {"rows": [[40000.0, {"error": "#VALUE!"}], [80000.0, 0.0]]}


def test_arguments_that_repeat() -> None:
    answer = ask("EXPLAIN", [["CEO_FEE"]], [[[2e6]], [[9e6]]])
    assert answer["rows"][-1][:4] == ["Commission", 2e6, "", 75000.0]


def test_an_explanation_of_a_call() -> None:
    call = {"name": "CEO_FEE", "args": [[[2e6]], [[9e6]], None]}
    [rows] = json.loads(calls.explain(json.dumps([call])))
    assert rows[0] == ["Step", "Amount", "Rate or factor", "Result", "Source"]
    assert rows[-1] == ["Commission", 2e6, "", 75000.0, "cover, S-11"]


def test_what_fails_in_the_add_in_is_an_error_and_not_an_exception() -> None:
    assert ask("NO_SUCH_FUNCTION")["rows"] == [[{"error": "#VALUE!"}]]
