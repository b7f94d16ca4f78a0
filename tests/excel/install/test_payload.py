"""The files of an install as they really are, not the stand-ins of the other tests."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

import pytest
from excel.install.pretending import PYTHON

from xladdin.excel.install.paths import ADDIN, FILES
from xladdin.excel.install.payload import addin_files
from xladdin.functions.registry import FUNCTIONS


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return addin_files(PYTHON)


def test_they_are_those_that_doctor_looks_for(files: dict[str, bytes]) -> None:
    assert tuple(files) == FILES


def test_the_same_every_time(files: dict[str, bytes]) -> None:
    """Or else each install would replace an add-in that needs no replacing."""
    assert addin_files(PYTHON) == files


def test_the_addin_has_macros_and_starts_that_python(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files[ADDIN])) as archive:
        assert archive.testzip() is None
        assert "xl/vbaProject.bin" in archive.namelist()
        texts = b"".join(archive.read(name) for name in archive.namelist() if ".xml" in name)
    assert PYTHON.encode() in texts


def test_every_function_has_its_tooltip(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files[ADDIN])) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist() if ".xml" in name)
    assert b'name="_IntelliSense_"' in texts
    for function in FUNCTIONS.values():
        assert f">{function.name}<".encode() in texts
        assert f">{escape(function.summary)}<".encode() in texts
