"""Where the project's folders are, for tests in any folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parent
DATA: Final = TESTS / "data"
ROOT: Final = TESTS.parent
WORKBOOKS: Final = ROOT / "workbooks"
