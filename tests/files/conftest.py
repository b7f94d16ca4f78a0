"""What tests of files share."""

from __future__ import annotations

from pathlib import Path

import pytest
from saved_files import OLD


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(OLD)
    return path
