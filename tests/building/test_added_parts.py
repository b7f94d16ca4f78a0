"""What somebody put beside the cells is never lost: text boxes, scenarios, links, properties."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from packages import packed, parts_of

from xladdin.cli import main

pytestmark = pytest.mark.usefixtures("render_once")

SHEET: Final = "xl/worksheets/sheet2.xml"
DRAWING: Final = "xl/drawings/drawing1.xml"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Parts = dict[str, bytes]


def put(part: str, before: bytes, new: bytes) -> Callable[[Parts], None]:
    """Put something into a part."""

    def edit(parts: Parts) -> None:
        assert parts[part].count(before) == 1
        parts[part] = parts[part].replace(before, new + before)

    return edit


def part(name: str) -> Callable[[Parts], None]:
    """Add a part."""
    return lambda parts: parts.update({name: b"<a/>"})


def properties(*names: str) -> Callable[[Parts], None]:
    """Add custom document properties."""

    def edit(parts: Parts) -> None:
        found = "".join(f'<property name="{name}"/>' for name in names)
        parts["docProps/custom.xml"] = f"<Properties>{found}</Properties>".encode()
        kind = f'Type="{RELATIONS}/custom-properties"'
        related = f'<Relationship Id="r9" {kind} Target="docProps/custom.xml"/>'
        put("_rels/.rels", b"</Relationships>", related.encode())(parts)

    return edit


BOX: Final = b'<a xmlns:x="y"><x:sp><x:txBody/></x:sp></a>'
SCENARIO: Final = (
    b'<scenarios><scenario name="Bear"><inputCells r="D5" val="2"/></scenario></scenarios>'
)
SPARKLINE: Final = (
    b'<extLst><ext xmlns:n="n"><n:sparkline><n:f>C5:C8</n:f></n:sparkline></ext></extLst>'
)

REFUSED: Final = {
    "1 shape or text box": put(DRAWING, b"</wsDr>", BOX),
    "2 shapes or text boxes": put(DRAWING, b"</wsDr>", BOX + BOX),
    "1 scenario": put(SHEET, b"<mergeCells", SCENARIO),
    "1 sparkline": put(SHEET, b"</worksheet>", SPARKLINE),
    "1 diagram": part("xl/diagrams/data1.xml"),
    "1 control": part("xl/activeX/activeX1.xml"),
    "1 picture": part("xl/media/image1.png"),
}
"""By what is named: a change with which there is no upgrade."""

LOST: Final = {
    "links of Placements": put(
        SHEET, b"</hyperlinks>", b'<hyperlink ref="C6" location="\'Terms\'!A1" tooltip="see it"/>'
    ),
    "links of Placements ": put(
        SHEET, b"</hyperlinks>", b'<hyperlink xmlns:r="r" ref="F30" r:id="rId9"/>'
    ),
    "custom document properties": properties("MSIP_Label_1_Name", "Matter"),
}
"""The same, of what an upgrade leaves in the old file."""

OF_OFFICE: Final = properties("MSIP_Label_1_Name", "MSIP_Label_1_Enabled", "ContentTypeId")


@pytest.fixture
def path(tmp_path: Path, made: Path) -> Path:
    path = tmp_path / "placements.xlsx"
    path.write_bytes((made / path.name).read_bytes())
    return path


def change(path: Path, edit: Callable[[Parts], None]) -> bytes:
    parts = parts_of(path.read_bytes())
    edit(parts)
    path.write_bytes(packed(parts))
    return path.read_bytes()


@pytest.mark.sample(5)
@pytest.mark.parametrize("what", [*REFUSED, *LOST])
def test_build_refuses_what_it_would_lose(path: Path, what: str) -> None:
    before = change(path, (REFUSED | LOST)[what])
    done = CliRunner().invoke(main, ["build", "placements", "--out", str(path.parent)])
    assert (done.exit_code, path.read_bytes()) == (1, before)
    assert f"somebody changed it ({what.strip()})" in done.stderr


@pytest.mark.sample(4)
@pytest.mark.parametrize("what", REFUSED)
def test_upgrade_refuses_what_it_would_lose(path: Path, what: str) -> None:
    before = change(path, REFUSED[what])
    done = CliRunner().invoke(main, ["upgrade", str(path)])
    assert (done.exit_code, path.read_bytes()) == (2, before)
    assert f"  {what}\n" in done.stderr


@pytest.mark.sample(2)
@pytest.mark.parametrize("what", LOST)
def test_upgrade_names_what_is_in_the_old_file_only(path: Path, what: str) -> None:
    before = change(path, LOST[what])
    done = CliRunner().invoke(main, ["upgrade", str(path), "--json"])
    assert done.exit_code == 1
    (table,) = json.loads(done.stdout)
    assert table["not_carried_over"] == [what.strip()]
    assert Path(table["before"]).read_bytes() == before


def test_what_office_writes_by_itself_is_no_use(path: Path) -> None:
    before = change(path, OF_OFFICE)
    done = CliRunner().invoke(main, ["build", "placements", "--out", str(path.parent)])
    assert done.exit_code == 0, done.stderr
    assert path.read_bytes() != before
