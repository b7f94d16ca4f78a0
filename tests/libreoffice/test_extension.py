"""The extension for LibreOffice: what is in it, that it is always the same, and how it is added."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from offices import needs_office
from routes import calc_route

from xladdin import __version__
from xladdin.errors import FileError
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice import extension, soffice, udfs, uno_component, unopkg

posix_only = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")

NAME = "{http://openoffice.org/2001/registry}name"


@pytest.fixture(scope="module")
def parts() -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(extension.make())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


# What is in it


def test_everything_listed_is_there(parts: dict[str, str]) -> None:
    tree = ElementTree.fromstring(parts["META-INF/manifest.xml"])
    listed = [value for item in tree for key, value in item.attrib.items() if "full-path" in key]
    assert len(listed) == 4
    assert set(listed) <= set(parts)
    # The check of Python comes first, and an extension that fails it is not added at all.
    assert listed[0] == "check.py"


@pytest.mark.parametrize("name", ["description.xml", "CalcAddIns.xcu", "xladdin.components"])
def test_xml_is_well_formed(parts: dict[str, str], name: str) -> None:
    ElementTree.fromstring(parts[name])


def test_description(parts: dict[str, str]) -> None:
    text = parts["description.xml"]
    assert '<identifier value="com.xladdin"/>' in text
    assert f'<version value="{__version__}"/>' in text
    assert 'LibreOffice-minimal-version value="7.4"' in text
    assert "description.txt" in parts


def test_configuration_is_the_registry(parts: dict[str, str]) -> None:
    tree = ElementTree.fromstring(parts["CalcAddIns.xcu"])
    [functions] = [item for item in tree.iter("node") if item.get(NAME) == "AddInFunctions"]
    assert len(functions) == len(FUNCTIONS)
    for node, function in zip(functions, FUNCTIONS.values(), strict=True):
        properties = {prop.get(NAME): prop[0].text for prop in node.findall("prop")}
        assert properties == {
            "DisplayName": function.name,
            "CompatibilityName": function.name,
            "Description": function.summary,
            "Category": "Add-In",
        }
        [parameters] = node.findall("node")
        helps = [
            {prop.get(NAME): prop[0].text for prop in item.findall("prop")} for item in parameters
        ]
        expected = [
            {"DisplayName": item.name, "Description": item.help} for item in function.arguments
        ]
        expected += expected[-1:] * udfs.REPEATED * function.variadic
        assert helps == expected


def test_types_are_the_registry(parts: dict[str, str]) -> None:
    methods = re.findall(r"^  (.+) (\w+)\((.*)\);$", parts["types.idl"], re.MULTILINE)
    assert [name for _, name, _ in methods] == [extension.method_name(name) for name in FUNCTIONS]
    rows = "sequence< sequence< any > >"
    for (result, _, declared), function in zip(methods, FUNCTIONS.values(), strict=True):
        assert result == (rows if function.each or function.spills else "any")
        kinds = re.findall(r"\[in\] (.+?) argument\d+", declared)
        optional = [kind != rows for kind in kinds]
        assert optional[: len(function.arguments)] == [item.optional for item in function.arguments]
        assert ("sequence< any >" in kinds) == function.variadic


def test_names() -> None:
    assert extension.calc_name("CEO_FEE") == "COM.XLADDIN.FUNCTIONS.CEOFEE"
    assert extension.method_name("NASDAQ20_HEADROOM") == "nasdaq20Headroom"
    assert len({extension.calc_name(name) for name in FUNCTIONS}) == len(FUNCTIONS)


# That it runs by itself, and is always the same

ALONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from xladdin.libreoffice import udfs as calc
calc.bring_closures()
entries = calc.entries()
day = entries["TRADING_DAY"](((37144.0,),), ((1.0,),), None)
table = ((37200.0, 4.0), (37201.0, 4.1), (37202.0, 4.2), (37203.0, 4.0), (37204.0, 3.9))
price = entries["DEBENTURE_CONVERSION_PRICE"](table, ((37207.0,),), None, None)
explained = entries["EXPLAIN"]((("CEO_FEE",),), 2e6, None, None, None, ())
third = {"holidays", "numpy", "dateutil", "xlwings", "openpyxl", "click", "uno"} & set(sys.modules)
here = all(
    sys.modules[name].__file__.startswith(sys.argv[1])
    for name in sys.modules if name.partition(".")[0] == "xladdin"
)
print(json.dumps([day, price, explained[-1], sorted(third), here]))
"""


def test_the_package_needs_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(extension.make())) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        # No site: no third party is there to be imported.
        [sys.executable, "-I", "-S", "-W", "error", "-c", ALONE, str(tmp_path / "python")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    price = FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].evaluate(
        [[[37200.0 + day, bid] for day, bid in enumerate((4.0, 4.1, 4.2, 4.0, 3.9))], 37207.0]
    )
    assert done.stdout.strip() == (
        f'[[[37151.0]], {price}, ["Commission", 2000000.0, "", 80000.0, "cover, S-11"], [], true]'
    )


def test_the_same_wherever_it_is_made() -> None:
    code = (
        "import sys; from xladdin.libreoffice.extension import make;sys.stdout.buffer.write(make())"
    )
    for seed, zone in (("1", "Pacific/Auckland"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, env=environment, check=True
        )
        assert done.stdout == extension.make()


def test_nothing_in_it_depends_on_the_machine() -> None:
    with zipfile.ZipFile(io.BytesIO(extension.make())) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert entry.compress_type == zipfile.ZIP_STORED  # libraries that pack differ
        assert (entry.create_system, entry.external_attr >> 16) == (3, 0o100644)


def test_no_machine_is_named(parts: dict[str, str]) -> None:
    home = str(Path(extension.__file__).parents[2])
    assert not [name for name, text in parts.items() if home in text or "\r" in text]


def test_build(tmp_path: Path) -> None:
    path = extension.build_oxt(tmp_path)
    assert path == tmp_path / f"xladdin-{__version__}.oxt"
    assert path.read_bytes() == extension.make()
    assert extension.build_oxt(tmp_path / "new" / "x.oxt").read_bytes() == extension.make()


# A Python that is too old

TABLE = (("ceoFee", "CEO_FEE", True), ("xladdinVersion", "XLADDIN_VERSION", False))


def test_an_old_python_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    message = (
        "xladdin needs Python 3.11 or newer, and this LibreOffice has 3.8: "
        "install LibreOffice 26.2 or newer"
    )
    assert uno_component.too_old((3, 8)) == message
    assert uno_component.too_old((3, 11)) == uno_component.too_old() == ""
    methods = uno_component.methods(TABLE, (3, 8))
    assert methods["xladdinVersion"](None) == message
    [[value]] = methods["ceoFee"](None, ((1.0,),), None, None)
    assert repr(value) == "nan"
    assert capsys.readouterr().err == message + "\n"


def test_old_pythons_can_read_what_is_loaded(parts: dict[str, str]) -> None:
    import ast

    for name in ("check.py", "functions.py"):
        ast.parse(parts[name], feature_version=(3, 7))


@pytest.mark.skipif(sys.platform != "linux", reason="the tests' Calc is started as on Linux")
@needs_office
@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("OLDEST = (3, 11)", "OLDEST = (9, 9)", "xladdin needs Python 9.9 or newer, and this"),
        ('version value="7.4"', 'version value="99.1"', "it is older than LibreOffice"),
    ],
)
def test_libreoffice_refuses(before: str, after: str, reason: str, parts: dict[str, str]) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text.replace(before, after))
    with calc_route.profile(data.getvalue()) as profile:
        assert unopkg._reason(profile.added).startswith(reason)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the tests' Calc is started as on Linux")
@needs_office
def test_an_old_python_says_so_in_a_cell(parts: dict[str, str]) -> None:
    """As where an extension was added under a newer Python."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in parts.items():
            old = text.replace("OLDEST = (3, 11)", "OLDEST = (9, 9)")
            archive.writestr(name, old if name == "functions.py" else text)
    with calc_route.profile(data.getvalue()) as profile:
        answer = profile.ask(calls=[["=XLADDIN_VERSION()", 1, 1], ["=CEO_FEE(1)", 1, 1]])
    [[[message]], [[value]]] = answer["values"]
    assert message.startswith("xladdin needs Python 9.9 or newer")
    assert value == {"error": 519}


# How it is added


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice, whose unopkg writes down what it is asked."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "soffice").touch()
    monkeypatch.setenv(soffice.PROGRAM_VARIABLE, str(folder / "soffice"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    _script(folder, 'echo "All deployed user extensions:"')
    return folder


def _script(folder: Path, text: str) -> None:
    path = folder / "unopkg"
    path.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/commands"\n{text}\n', encoding="utf-8")
    path.chmod(0o755)


def _commands(folder: Path) -> list[str]:
    return (folder / "commands").read_text(encoding="utf-8").splitlines()


LISTED = 'echo "Identifier: com.xladdin\n  Version: 0.0.9\n  URL: x"'


@posix_only
def test_it_is_added(office: Path) -> None:
    assert unopkg.install() == ""
    listing, adding = _commands(office)
    assert listing == "list"
    assert re.fullmatch(rf"add --force --suppress-license .*xladdin-{__version__}\.oxt", adding)
    assert not Path(adding.rpartition(" ")[2]).exists()


@posix_only
def test_it_replaces_another_version(office: Path, tmp_path: Path) -> None:
    _script(office, LISTED)
    given = extension.build_oxt(tmp_path)
    assert unopkg.install(given, shared=True) == "0.0.9"
    listing, adding = _commands(office)
    assert listing == "list --shared"
    assert adding == f"add --force --suppress-license --shared {given}"


@posix_only
def test_it_is_taken_away(office: Path) -> None:
    assert unopkg.uninstall() == ""
    assert _commands(office) == ["list"]
    _script(office, LISTED)
    assert unopkg.uninstall() == "0.0.9"
    assert _commands(office)[1:] == ["list", "remove com.xladdin"]


@posix_only
def test_what_was_refused_does_not_stay(office: Path) -> None:
    _script(
        office,
        f'case "$1" in add) touch "{office}/added"; echo "ERROR: Exception occurred: no"; exit 1;;'
        f' list) if [ -e "{office}/added" ]; then {LISTED}; fi;; esac',
    )
    with pytest.raises(soffice.OfficeError, match=r"unopkg refused: no$"):
        unopkg.install()
    assert [line.split()[0] for line in _commands(office)] == ["list", "add", "list", "remove"]


@posix_only
def test_a_running_office_is_named(office: Path) -> None:
    _script(office, 'echo "ERROR: the lock file indicates it is already running"; exit 1')
    with pytest.raises(soffice.OfficeError, match="close LibreOffice"):
        unopkg.install()


@posix_only
def test_a_silent_fall_is_tried_again(office: Path) -> None:
    _script(office, f'[ -e "{office}/fallen" ] || {{ touch "{office}/fallen"; exit 81; }}')
    assert unopkg.installed() == ""
    assert _commands(office) == ["list", "list"]
    _script(office, "exit 81")
    with pytest.raises(soffice.OfficeError, match="it ended with status 81"):
        unopkg.installed()


@posix_only
def test_it_does_not_wait_for_ever(office: Path) -> None:
    _script(office, "exec sleep 30")
    with pytest.raises(soffice.OfficeError, match=r"did not end within 0\.2 seconds"):
        unopkg.install(timeout=0.2)


@posix_only
def test_root_is_told_what_to_do(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for change in (unopkg.install, unopkg.uninstall):
        with pytest.raises(soffice.OfficeError, match="as the user who works with LibreOffice"):
            change()
    assert not (office / "commands").exists()


@posix_only
def test_no_python_of_ours_leaks(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _script(office, f'env > "{office}/env"')
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "elsewhere")
    own = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join((own, "/usr/bin", "/bin")))
    unopkg.installed()
    message = (office / "env").read_text(encoding="utf-8")
    assert "elsewhere" not in message
    assert "PYTHONSAFEPATH=1\n" in message
    assert "PATH=/usr/bin:/bin\n" in message


@posix_only
def test_it_runs_in_a_folder_that_it_may_enter(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder one is in may be closed to the user as whom unopkg runs."""
    _script(office, f'pwd > "{office}/pwd"')
    monkeypatch.chdir(tmp_path)
    unopkg.installed()
    assert (office / "pwd").read_text(encoding="utf-8").strip() == str(office)


@posix_only
def test_what_is_missing(office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        unopkg.install(tmp_path / "none.oxt")
    monkeypatch.setenv(soffice.PROGRAM_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(soffice.OfficeError, match="which is no file"):
        unopkg.install()
    (office / "unopkg").unlink()
    monkeypatch.setenv(soffice.PROGRAM_VARIABLE, str(office / "soffice"))
    with pytest.raises(soffice.OfficeError, match="unopkg"):
        unopkg.install()


@pytest.mark.skipif(sys.platform != "linux", reason="where extensions are kept is set as on Linux")
@needs_office
def test_in_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root adds it for all users, into a place of the test's own; others to their own home."""
    shared = os.geteuid() == 0
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("UNO_SHARED_PACKAGES_CACHE", (tmp_path / "shared").as_uri())
    assert unopkg.installed(shared=shared) == ""
    assert unopkg.install(shared=shared) == ""
    assert unopkg.installed(shared=shared) == __version__
    assert unopkg.install(shared=shared) == __version__
    assert unopkg.uninstall(shared=shared) == __version__
    assert unopkg.uninstall(shared=shared) == ""
