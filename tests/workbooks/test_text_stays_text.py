"""Text from a deal's file is text in every workbook, whatever it looks like."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from deals import NEOT_1
from draws import crossed
from templates import OF_2001

from xladdin.building.render import Rendered, render
from xladdin.terms import read_terms
from xladdin.terms.store import forget, offer

TEXT = NEOT_1
TEXTS = (
    '=HYPERLINK("http://example.com","Mine")',
    "+cmd|' /C calc'!A0",
    "@SUM(1,2)",
    "-1+1",
)
PLACES = (
    'issuer = "NeoTherapeutics, Inc."',
    'title = { value = "Sales Agreement"',
    'source = "cover, S-11"',
)
"""An issuer's name, an agreement's title and the source of a figure."""


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def built(folder: Path, template: str, text: str) -> Rendered:
    written = '"' + text.replace('"', '\\"').replace("\t", "\\t") + '"'
    deal = TEXT.replace("NEOT-2001", "TEXTS")
    for place in PLACES:
        assert place in deal
        key = place[: place.index('"')]
        deal = deal.replace(place, key + written)
    path = folder / "TEXTS.toml"
    path.write_text(deal, "utf-8")
    return render(template, offer(read_terms(path), path))


@pytest.mark.sample(2)
@pytest.mark.parametrize(("template", "text"), crossed(tuple(OF_2001), TEXTS))
def test_in_every_workbook(tmp_path: Path, template: str, text: str) -> None:
    made = built(tmp_path, template, text)
    assert made.checks_ok, made.failures
    book = openpyxl.load_workbook(io.BytesIO(made.data))
    found = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith(text[:8])
    ]
    assert found, "the text is nowhere"
    for cell in found:
        assert cell.data_type == "s", cell
        assert cell.quotePrefix, cell
    # Nor is it in a formula, a name, or a code of a header or footer.
    with zipfile.ZipFile(io.BytesIO(made.data)) as package:
        for name in package.namelist():
            content = package.read(name).decode("utf-8", "replace")
            for inside in re.findall(
                r"<(?:f|definedName|oddHeader|oddFooter|c:f)\b[^>]*>([^<]*)<", content
            ):
                assert text.strip()[1:] not in inside.replace("&quot;", '"'), (name, inside)
