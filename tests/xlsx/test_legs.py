"""A workbook is unpacked once and packed once on its way, beside the copy for the engine."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xladdin.building.build import build
from xladdin.building.upgrade import upgrade
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify
from xladdin.xlsx import package

pytestmark = pytest.mark.usefixtures("in_forks", "computed_anew")

BUILT = Path(__file__).parents[2] / "workbooks" / "placements.xlsx"
OLD = Path(__file__).parents[1] / "data" / "release_0_1" / "placements.xlsx"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the archives of workbooks that are read and written in this process.

    The engine gets a copy of its own: in another process, or in this one of a small workbook that
    is built.
    """
    counted: Counter[str] = Counter()

    class Counting(zipfile.ZipFile):
        def __init__(self, file: Any, mode: Any = "r", *others: Any, **named: Any) -> None:
            counted[mode] += 1
            super().__init__(file, mode, *others, **named)

    monkeypatch.setattr(zipfile, "ZipFile", Counting)
    return counted


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("act", "reads", "writes"),
    [
        (lambda path: build(["placements"], out=path.parent / "new"), 0, 2),
        (lambda path: recalc(path), 1, 0),
        (lambda path: verify(path, engine="embedded"), 1, 0),
        (upgrade, 1, 2),
    ],
    ids=["build", "recalc", "verify", "upgrade"],
)
def test_a_package_is_read_once_and_written_once_beside_the_copy_for_the_engine(
    opened: Counter[str], tmp_path: Path, act: Callable[[Path], object], reads: int, writes: int
) -> None:
    path = tmp_path / "placements.xlsx"
    shutil.copy(OLD if act is upgrade else BUILT, path)
    act(path)
    assert (opened["r"], opened["w"]) == (reads, writes)


def test_values_are_stored_in_one_write(opened: Counter[str], tmp_path: Path) -> None:
    path = tmp_path / "placements.xlsx"
    book = package.Package(BUILT.read_bytes())
    sheet = next(name for name in book.names if b"</f><v>" in book.read(name))
    stale = book.read(sheet).replace(b"</f><v>", b"</f><v>9", 1)
    path.write_bytes(book.with_changes({sheet: stale}))
    opened.clear()
    assert recalc(path, in_place=True).changed == 1
    assert (opened["r"], opened["w"]) == (1, 1)
