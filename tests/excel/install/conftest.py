"""What the tests of installing share."""

from __future__ import annotations

import pytest
from excel.install.pretending import SECOND

from xladdin.excel.install import doctor, paths, plan


@pytest.fixture(autouse=True)
def _two_files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an install have two files, except where its real one is looked at."""
    if not request.node.nodeid.split("::")[0].endswith("test_payload.py"):
        for module in (doctor, paths, plan):
            monkeypatch.setattr(module, "FILES", (paths.ADDIN, SECOND))
