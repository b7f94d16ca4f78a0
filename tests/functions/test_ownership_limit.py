"""The usual limit on ownership is written in one place, which functions and workbooks read."""

from __future__ import annotations

import re
from typing import Final

from paths import ROOT

from xladdin.functions.limits import OWNERSHIP_HEADROOM, OWNERSHIP_LIMIT, ownership_headroom_twin
from xladdin.terms import select

FOLDERS: Final = ("functions", "workbooks")


def test_the_usual_limit_is_written_once() -> None:
    written = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in FOLDERS
        for path in sorted((ROOT / "xladdin" / folder).rglob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"0\.0499|4\.99%", line)
    ]
    assert written == ["xladdin/functions/limits.py: OWNERSHIP_LIMIT: Final = 0.0499"]


def test_function_and_twin_take_it() -> None:
    assert OWNERSHIP_HEADROOM.arguments[-1].default == OWNERSHIP_LIMIT
    twin = ownership_headroom_twin(select("NEOT-2001"), "A1")
    assert twin == ownership_headroom_twin(select("NEOT-2001"), "A1", "0", "0.0499")
