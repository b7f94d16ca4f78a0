"""The folder of the browser add-in: what goes in, what is refused, what is never overwritten."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from excel.office_addin.browsers import POLICY
from paths import DATA, ROOT

import xladdin
from xladdin.cli import main
from xladdin.errors import FileError, InputError, TermsError
from xladdin.excel.office_addin import folder
from xladdin.excel.office_addin.contents import OFFICE_ADDRESS, PACKAGED, PYODIDE_ADDRESS
from xladdin.excel.office_addin.manifest import manifest
from xladdin.excel.office_addin.metadata import in_namespace
from xladdin.files.archives import COMPUTING
from xladdin.formulas.tokens import NAMESPACE
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import store

SHIPPED: Final = sorted(path.stem for path in store.SHIPPED.glob("*.toml"))
HOST: Final = "https://intranet.example/xladdin"


def meridian(where: Path, name: str = "MERIDIAN-2024") -> Path:
    where.mkdir(exist_ok=True)
    text = (DATA / "MERIDIAN-2024.toml").read_text("utf-8").replace("MERIDIAN-2024", name)
    (where / f"{name}.toml").write_text(text, "utf-8")
    return where


def loaded(out: Path, name: str) -> Any:
    return json.loads((out / name).read_text("utf-8"))


def pyodide(where: Path, python: str = "3.14.2") -> Path:
    """A folder with files named as Pyodide's."""
    where.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        (where / name).write_text(name)
    (where / "pyodide-lock.json").write_text(json.dumps({"info": {"python": python}}))
    (where / "console.html").write_text("no part of the add-in")
    return where


# What goes in


def test_what_the_folder_holds(tmp_path: Path) -> None:
    out = tmp_path / "out"
    folder.make(HOST, out, deals=meridian(tmp_path / "deals"), pyodide=pyodide(tmp_path / "p"))
    configuration = loaded(out, "config.json")
    assert configuration["version"] == xladdin.__version__
    assert configuration["pyodide"] == "pyodide/"
    assert [deal["path"] for deal in configuration["deals"]] == ["deals/MERIDIAN-2024.toml"]
    assert not (out / "pyodide" / "console.html").exists()
    with zipfile.ZipFile(out / configuration["python"]["path"]) as archive:
        names = archive.namelist()
    assert "xladdin/excel/office_addin/closures.txt" in names
    assert "xladdin/terms/deals/NEOT-2001.toml" in names
    heavy = re.compile("openpyxl|lxml|engines|workbooks|xlwings|classic|officejs|cli")
    assert not list(filter(heavy.search, names))
    for pattern in (*COMPUTING, *PACKAGED):
        assert any(Path(name).match(f"xladdin/{pattern}") for name in names), pattern
    deals = loaded(out, "reference.json")["deals"]
    assert [deal["name"] for deal in deals] == [*SHIPPED, "MERIDIAN-2024"]


def test_addresses_of_others_without_their_folders(tmp_path: Path) -> None:
    folder.make(HOST, tmp_path)
    page = (tmp_path / "taskpane.html").read_text("utf-8")
    assert f'<script src="{OFFICE_ADDRESS}">' in page
    assert loaded(tmp_path, "config.json")["pyodide"] == PYODIDE_ADDRESS


def test_no_page_lets_text_become_markup_or_asks_elsewhere(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    (office / "office.js").write_text("")
    (office / "excel.debug.js").write_text("")
    out = tmp_path / "out"
    folder.make(HOST, out, pyodide=pyodide(tmp_path / "p"), office_js=office)
    assert not (out / "office-js" / "excel.debug.js").exists()
    for path in out.glob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)
        assert "http" not in text, path
    for name in ("taskpane.html", "help.html"):
        page = (out / name).read_text("utf-8")
        assert "Content-Security-Policy" in page
        assert "default-src &#x27;none&#x27;" in page
        assert not re.search(r"https?://|<style| style=| on\w+=|<script>", page), name


def test_the_same_is_written_anywhere(tmp_path: Path) -> None:
    for name in "ab":
        folder.make(HOST, tmp_path / name)
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            other = tmp_path / "b" / path.relative_to(tmp_path / "a")
            assert other.read_bytes() == path.read_bytes()


def test_the_manifest_refers_to_what_is_there(tmp_path: Path) -> None:
    folder.make(HOST, tmp_path)
    tree = ElementTree.fromstring((tmp_path / "manifest.xml").read_bytes())
    given = {one.get("id") for one in tree.iter() if one.get("id") and one.get("DefaultValue")}
    wanted = {one.get("resid") for one in tree.iter() if one.get("resid")}
    assert wanted == given
    texts = [one for one in tree.iter() if one.tag.endswith("}String")]
    assert all(len(one.get("DefaultValue") or "") <= 125 for one in texts)
    for one in tree.iter():
        value = one.get("DefaultValue") or ""
        if value.startswith("https://"):
            assert (tmp_path / value.removeprefix(f"{HOST}/")).is_file(), value
    assert [one.get("DefaultValue") for one in texts if one.get("id") == "Namespace"] == [NAMESPACE]


def test_another_address_is_another_add_in() -> None:
    first, second = (manifest(f"https://{name}.example") for name in ("a", "b"))
    assert re.findall("<Id>(.*)</Id>", first) != re.findall("<Id>(.*)</Id>", second)


def test_help_names_every_function_and_argument(tmp_path: Path) -> None:
    folder.make(HOST, tmp_path)
    page = (tmp_path / "help.html").read_text("utf-8")
    for function in FUNCTIONS.values():
        assert f'<h2 id="{function.name}">' in page
        assert all(f"<dt>{argument.name}" in page for argument in function.arguments)


def test_examples_are_as_excel_shows_them() -> None:
    assert in_namespace('=CEO_FEE(2)&"CEO_FEE(2)"') == '=XLADDIN.CEO_FEE(2)&"CEO_FEE(2)"'
    assert in_namespace("=SUM(ceo_fee(1),2)") == "=SUM(XLADDIN.ceo_fee(1),2)"


def test_the_docs_give_the_header_that_was_tried() -> None:
    assert POLICY in (ROOT / "docs" / "browser-addin.md").read_text("utf-8").replace("\n", " ")


# What is refused


@pytest.mark.parametrize(
    "host",
    [
        "http://intranet.example",
        "intranet.example",
        "https://",
        "https://a b",
        'https://a"b',
        "https://user@a.example",
        "https://a.example/?x",
        "https://a.example:x",
        "ftp://a.example",
        "https://[::1",
        "https://[x]",
        "https://:443",
        "https://a.example:",
        "https://a.example:65536",
        "https://m\N{LATIN SMALL LETTER U WITH DIAERESIS}ller.example",
        "https://a.example/my folder",
        "",
    ],
)
def test_addresses_that_excel_does_not_take(host: str, tmp_path: Path) -> None:
    words = "must have the form https://SERVER/FOLDER|must be an address that starts with https://"
    with pytest.raises(InputError, match=words):
        folder.make(host, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("https://a.example:8443/b/", "https://a.example:8443/b"),
        ("HTTPS://Intranet.Example/Tools", "https://intranet.example/Tools"),
        ("https://[::1]:8443/x%20y", "https://[::1]:8443/x%20y"),
        ("HTTP://LOCALHOST:3000", "http://localhost:3000"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_the_plain_form_of_an_address(host: str, plain: str, tmp_path: Path) -> None:
    assert folder.checked_host(host) == plain
    folder.make(host, tmp_path)
    assert f'"{plain}/taskpane.html"' in (tmp_path / "manifest.xml").read_text("utf-8")


def test_a_deal_that_is_wrong_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    deals = meridian(tmp_path / "deals")
    (deals / "BROKEN-1.toml").write_text("name = 1\n", "utf-8")
    with pytest.raises(TermsError, match=r"BROKEN-1\.toml"):
        folder.make(HOST, tmp_path / "out", deals=deals)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "words"), [("neot-2001", "that name"), ("a b", "not one of a")])
def test_names_of_deals(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(TermsError, match=words):
        folder.make(HOST, tmp_path / "out", deals=meridian(tmp_path / "deals", name))


def test_a_folder_without_a_deal(tmp_path: Path) -> None:
    meridian(tmp_path / "deals").rename(tmp_path / "other")
    (tmp_path / "deals").mkdir()
    (tmp_path / "other").rename(tmp_path / "deals" / "of-today")
    with pytest.raises(FileError, match="it has no deal"):
        folder.make(HOST, tmp_path / "out", deals=tmp_path / "deals")


def test_a_deal_whose_file_ends_in_capitals(tmp_path: Path) -> None:
    deals = meridian(tmp_path / "deals")
    (deals / "MERIDIAN-2024.toml").rename(deals / "MERIDIAN-2024.TOML")
    folder.make(HOST, tmp_path / "out", deals=deals)
    assert (tmp_path / "out" / "deals" / "MERIDIAN-2024.toml").is_file()


@pytest.mark.parametrize("name", ["deals", "pyodide", "office_js"])
def test_a_source_in_the_folder_itself(tmp_path: Path, name: str) -> None:
    # The next run, which is not given it, would remove it.
    given: Any = {name: meridian(tmp_path / name)}
    with pytest.raises(FileError, match="it is in the add-in's own folder"):
        folder.make(HOST, tmp_path, **given)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_folders_that_are_no_such(tmp_path: Path) -> None:
    out = tmp_path / "out"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FileError, match="there is no such folder"):
        folder.make(HOST, out, deals=tmp_path / "none")
    with pytest.raises(FileError, match=r"pyodide\.mjs"):
        folder.make(HOST, out, pyodide=empty)
    with pytest.raises(FileError, match=r"its Python is 3\.10\.2"):
        folder.make(HOST, out, pyodide=pyodide(tmp_path / "old", "3.10.2"))
    with pytest.raises(FileError, match=r"it has no office\.js"):
        folder.make(HOST, out, office_js=empty)
    assert not out.exists()


# What was there


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    first = folder.make(HOST, tmp_path)
    again = folder.make(HOST, tmp_path)
    assert first.written == first.files > 20
    assert again.written == 0


def test_a_new_address_replaces_what_an_earlier_run_wrote(tmp_path: Path) -> None:
    folder.make(HOST, tmp_path)
    done = folder.make("https://other.example", tmp_path)
    assert done.written == 2  # the manifest and the metadata: nothing else names the address
    assert "other.example" in (tmp_path / "manifest.xml").read_text("utf-8")


def test_what_somebody_changed_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder.make(HOST, tmp_path)
    (tmp_path / "pages.css").write_text("their own")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileError, match=r"pages\.css: somebody changed it"):
        folder.make("https://other.example", tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    done = folder.make("https://other.example", tmp_path, replace=True)
    [copy] = done.copies
    assert copy.read_text() == "their own"
    assert (tmp_path / "pages.css").read_text() != "their own"


@pytest.mark.parametrize("name", ["config.json", folder.LIST])
def test_a_file_of_somebody_else_is_not_taken_for_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(FileError, match=rf"{name}: somebody changed it, or it is not of this"):
        folder.make(HOST, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    [copy] = folder.make(HOST, tmp_path, replace=True).copies
    assert copy.read_text() == "{}"


def test_a_deal_that_is_gone(tmp_path: Path) -> None:
    out, deals = tmp_path / "out", meridian(tmp_path / "deals")
    folder.make(HOST, out, deals=deals)
    (out / "notes.txt").write_text("their own")
    done = folder.make(HOST, out)
    assert done.removed == ("deals/MERIDIAN-2024.toml",)
    assert not (out / "deals" / "MERIDIAN-2024.toml").exists()
    assert (out / "notes.txt").exists()


def test_a_deal_that_is_gone_and_was_changed_stays(tmp_path: Path) -> None:
    out, deals = tmp_path / "out", meridian(tmp_path / "deals")
    folder.make(HOST, out, deals=deals)
    (out / "deals" / "MERIDIAN-2024.toml").write_text("their own")
    done = CliRunner().invoke(main, ["office-addin", "--host", HOST, "--out", str(out)])
    assert done.exit_code == 1
    assert "somebody changed it, and it is of no use any more" in done.stderr
    assert (out / "deals" / "MERIDIAN-2024.toml").read_text() == "their own"


def test_a_list_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other.txt"
    other.write_text("")
    folder.make(HOST, out)
    listed = loaded(out, folder.LIST)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    listed["files"] |= {"../other.txt": empty, str(other): empty, "gone.txt": empty}
    (out / folder.LIST).write_text(json.dumps(listed))
    done = folder.make(HOST, out)
    assert other.exists()
    assert not done.left


def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["office-addin", "--host", HOST, "--out", str(out)]
    command += ["--deals", str(meridian(tmp_path / "deals"))]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0
    assert re.search(r"files, [\d,]+ bytes, \d+ written  deals: .*NEOT-2001, MERIDIAN", done.stdout)
    wrong = CliRunner().invoke(main, ["office-addin", "--host", "http://x", "--out", str(out)])
    assert wrong.exit_code == 2
    assert "https://" in wrong.stderr
