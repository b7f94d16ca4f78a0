"""Each check of `xladdin doctor`, with each outcome that it may have."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import pytest
from excel.install.pretending import (
    APP_PATHS,
    CLICK_TO_RUN,
    EXCEL,
    NEW,
    OFFICE,
    PYTHON,
    Pretended,
    Values,
    program,
    python,
)

from xladdin.errors import FileError
from xladdin.excel.install import doctor
from xladdin.excel.install.doctor import MISSING, OK, WRONG, Case, Finding, examine
from xladdin.excel.install.paths import ADDIN, Places, places
from xladdin.excel.install.plan import plan_install
from xladdin.excel.install.receipt import Receipt, read_record

SECURITY = r"SOFTWARE\Microsoft\Office\16.0\Excel\Security"
POLICIES = r"SOFTWARE\Policies\Microsoft\Office\16.0"
STORE = r"C:\Users\Ada\AppData\Local\Microsoft\WindowsApps\python.exe"


@pytest.fixture
def where(tmp_path: Path) -> Places:
    found = places({}, str(tmp_path))
    install(found)
    return found


def install(where: Places) -> None:
    plan = plan_install(where, lambda _: NEW, version="0.1.0", xlwings="0.37.8", interpreter=PYTHON)
    plan.carry_out()


def case_of(where: Places, system: Pretended | None = None, **changes: Any) -> Case:
    record = read_record(Path(where.record))
    assert record
    case = Case(system or Pretended(), "windows", where, "0.1.0", record)
    return replace(case, **changes)


def outcome(finding: Finding, state: str, *words: str) -> None:
    """A finding in a state, that says all of these; and a remedy exactly where one is due."""
    text = f"{finding.found} / {finding.remedy}"
    assert finding.state == state, text
    for word in words:
        assert word in text
    assert bool(finding.remedy) == (state != OK)
    assert "\n" not in text


def test_all_is_well(where: Places) -> None:
    system = Pretended()
    findings = examine(case_of(where, system))
    assert [(finding.check, finding.found) for finding in findings if finding.state != OK] == []
    assert len({finding.check for finding in findings}) == len(doctor.CHECKS)
    assert system.started == [PYTHON]


NEED_NOTHING = {"write access", "start folder", "path lengths", "Defender's rule"}
"""Checks that need neither Excel nor Python nor an install."""


def test_nothing_is_there(tmp_path: Path) -> None:
    """Every check says so and none fails."""
    system = Pretended(name="linux", reported="it could not be started", values={})
    case = Case(system, "linux", places({}, str(tmp_path)), "0.1.0", None)
    for finding in examine(case):
        if finding.check not in NEED_NOTHING:
            outcome(finding, WRONG if finding.check in {"operating system", "Python"} else MISSING)


@pytest.mark.parametrize("name", ["macos", "linux"])
def test_operating_system(where: Places, name: str) -> None:
    outcome(doctor.operating_system(case_of(where)), OK, "Windows 11")
    case = case_of(where, Pretended(name=name), name=name)
    outcome(doctor.operating_system(case), WRONG, "Windows only", "xlwings Lite", "LibreOffice")


class TestExcel:
    def test_version_and_bits(self, where: Places) -> None:
        outcome(doctor.excel(case_of(where)), OK, "16.0.17928.20114", "64 bits", EXCEL)

    def test_none(self, where: Places) -> None:
        outcome(doctor.excel(case_of(where, Pretended(values={}))), MISSING, "install Microsoft")

    def test_one_that_was_removed(self, where: Places) -> None:
        values: Values = {("HKLM", APP_PATHS, ""): r"C:\gone\EXCEL.EXE"}
        outcome(doctor.excel(case_of(where, Pretended(values=values))), MISSING)

    def test_known_by_its_class_only(self, where: Places) -> None:
        values: Values = {("HKCR", r"Excel.Application\CurVer", ""): "Excel.Application.15"}
        case = case_of(where, Pretended(values=values))
        outcome(doctor.excel(case), OK, "version 15.0")
        outcome(doctor.bits(case), OK, "not known, Python's are 64", "any mix works")

    @pytest.mark.parametrize(
        ("header", "platform", "bits"),
        [
            (program(0x014C), "", 32),
            (program(0x8664), "", 64),
            (program(0xAA64), "", 64),
            (program(0x014C), "x64", 32),  # the program itself knows better
            (b"", "x86", 32),
            (b"MZ", "x64", 64),
            (b"MZ" + b"\xff" * 100, "x64", 64),
            (program(0x1234), "x86", 32),
        ],
    )
    @pytest.mark.parametrize("python_bits", [32, 64])
    def test_any_mix_of_bits(
        self, where: Places, header: bytes, platform: str, bits: int, python_bits: int
    ) -> None:
        values = OFFICE | {("HKLM", CLICK_TO_RUN, "Platform"): platform}
        reported = python(bits=python_bits)
        case = case_of(where, Pretended(values=values, files={EXCEL: header}, reported=reported))
        word = "the same" if bits == python_bits else "a mix works"
        outcome(doctor.bits(case), OK, f"Excel {bits}, Python {python_bits}", word)

    def test_bits_from_the_older_installer(self, where: Places) -> None:
        values = {key: value for key, value in OFFICE.items() if key[1] != CLICK_TO_RUN}
        values["HKLM", r"SOFTWARE\Microsoft\Office\16.0\Outlook", "Bitness"] = "x86"
        case = case_of(where, Pretended(values=values, files={EXCEL: b""}))
        outcome(doctor.excel(case), OK, "32 bits")

    def test_a_program_that_cannot_be_read(self, where: Places) -> None:
        outcome(doctor.excel(case_of(where, Unreadable())), OK, "64 bits")


class Unreadable(Pretended):
    def read(self, path: PurePath | str, size: int = -1) -> bytes | None:  # noqa: ARG002
        raise PermissionError(errno.EACCES, "Permission denied", str(path))


class TestPython:
    def test_gone(self, where: Places) -> None:
        record = Receipt("0.1.0", "0.37.8", r"C:\gone\python.exe")
        case = case_of(where, Pretended(reported="not found"), record=record)
        outcome(doctor.interpreter(case), MISSING, "gone", "xladdin install")

    def test_broken(self, where: Places) -> None:
        outcome(
            doctor.interpreter(case_of(where, Pretended(reported="status 3"))), WRONG, "status 3"
        )

    def test_another_than_the_one_that_asks(self, where: Places) -> None:
        case = case_of(where, Pretended(interpreter=r"D:\other\python.exe"))
        outcome(doctor.interpreter(case), WRONG, PYTHON, r"D:\other", "xladdin install")

    def test_the_same_in_other_letters(self, where: Places) -> None:
        outcome(doctor.interpreter(case_of(where, Pretended(interpreter=PYTHON.upper()))), OK)

    @pytest.mark.parametrize(
        "system",
        [
            Pretended(interpreter=STORE),
            Pretended(interpreter=STORE, reported="Python was not found"),
            Pretended(reported=python(base_prefix=r"C:\Program Files\WindowsApps\Python.3.11_q")),
        ],
    )
    def test_from_the_store(self, where: Places, system: Pretended) -> None:
        case = case_of(where, system, record=None)
        outcome(doctor.interpreter(case), WRONG, "Microsoft Store", "python.org")

    def test_letters_that_vba_loses(self, where: Places) -> None:
        path = "C:\\Users\\\u0141ukasz\\python.exe"
        record = Receipt("0.1.0", "0.37.8", path)
        system = Pretended(interpreter=path, code_page=False)
        outcome(doctor.interpreter(case_of(where, system, record=record)), WRONG, "letters")

    @pytest.mark.parametrize("platform", ["win32", "win-arm64"])
    def test_of_another_kind_of_processor(self, where: Places, platform: str) -> None:
        case = case_of(where, Pretended(reported=python(platform=platform)))
        outcome(doctor.interpreter(case), WRONG, platform, "64-bit Python for x86-64")

    def test_blanks_and_umlauts_are_fine(self, where: Places) -> None:
        path = r"C:\Users\Jörg Müller\python.exe"
        record = Receipt("0.1.0", "0.37.8", path)
        case = case_of(where, Pretended(interpreter=path), record=record)
        outcome(doctor.interpreter(case), OK, path)


class TestPackages:
    @pytest.mark.parametrize("check", [doctor.package, doctor.xlwings])
    def test_missing_and_of_another_version(self, where: Places, check: Any) -> None:
        outcome(check(case_of(where)), OK)
        none = case_of(where, Pretended(reported=python(versions={})))
        outcome(check(none), MISSING, f'"{PYTHON}" -m pip install xl')
        versions = {"xladdin": "0.0.9", "xlwings": "0.36.0"}
        other = case_of(where, Pretended(reported=python(versions=versions)))
        outcome(check(other), WRONG, "0.36.0" if check is doctor.xlwings else "0.0.9", "install")

    @pytest.mark.parametrize(
        ("check", "name"),
        [
            (doctor.pywin32, "pywin32"),
            (doctor.engine, "formualizer"),
            (doctor.writer, "openpyxl"),
        ],
    )
    def test_imports(self, where: Places, check: Any, name: str) -> None:
        outcome(check(case_of(where)), OK)
        for failure, state in [
            ("ModuleNotFoundError: No module named 'x'", MISSING),
            ("ImportError: DLL load failed while importing x", WRONG),
        ]:
            reported = python(failures={name: failure})
            outcome(check(case_of(where, Pretended(reported=reported))), state, failure, name)

    @pytest.mark.parametrize(
        ("source", "argument"),
        [
            ('"C:\\Downloads\\xladdin-0.1.0-py3-none-any.whl"',) * 2,
            ('-e "C:\\work\\xladdin"',) * 2,
            ("", "xladdin-0.1.0-py3-none-any.whl"),
        ],
        ids=["a wheel", "a clone", "not known"],
    )
    def test_it_is_installed_again_from_what_the_user_has(
        self, where: Places, source: str, argument: str
    ) -> None:
        """There is no package of this name to be had elsewhere."""
        reported = python(versions={}, answer="no", platform="win32", base_prefix=STORE)
        case = case_of(where, Pretended(reported=reported, source=source))
        for check in (doctor.package, doctor.answers, doctor.interpreter):
            assert f" {argument}`" in check(case).remedy

    def test_files_beside_a_workbook(self, where: Places) -> None:
        outcome(doctor.strays(case_of(where)), OK, "none")
        case = case_of(where, Pretended(reported=python(strays=True)))
        outcome(doctor.strays(case), WRONG, "Excel's current folder", "py -m venv")

    def test_the_answer(self, where: Places) -> None:
        outcome(doctor.answers(case_of(where)), OK, "900000")
        reported = python(answer="ModuleNotFoundError: No module named 'xladdin'")
        outcome(
            doctor.answers(case_of(where, Pretended(reported=reported))),
            WRONG,
            "No module",
            "900000",
        )


class TestDlls:
    def test_beside_python_or_one_above(self, where: Places) -> None:
        outcome(doctor.dlls(case_of(where)), OK)
        path = PYTHON.replace("python.exe", r"Scripts\python.exe")
        record = Receipt("0.1.0", "0.37.8", path)
        outcome(doctor.dlls(case_of(where, record=record)), OK)

    def test_none_of_that_very_version(self, where: Places) -> None:
        reported = python(versions={"xlwings": "0.38.0"})
        case = case_of(where, Pretended(reported=reported))
        outcome(doctor.dlls(case), MISSING, "xlwings64-0.38.0.dll", "xlwings==0.38.0")

    def test_one_of_the_two(self, where: Places) -> None:
        system = Pretended()
        del system.files[PYTHON.replace("python.exe", "xlwings32-0.37.8.dll")]
        finding = doctor.dlls(case_of(where, system))
        outcome(finding, MISSING, "xlwings32-0.37.8.dll")
        assert "xlwings64" not in finding.found

    def test_where_pip_puts_them_for_a_user(self, where: Places) -> None:
        user = r"C:\Users\Ada\AppData\Roaming\Python"
        path = r"C:\elsewhere\bin\python.exe"
        files = {rf"{user}\xlwings{bits}-0.37.8.dll": b"" for bits in (32, 64)}
        case = case_of(where, Pretended(files=files), record=Receipt("0.1.0", "0.37.8", path))
        outcome(doctor.dlls(case), WRONG, user, "py -m venv")

    def test_without_xlwings(self, where: Places) -> None:
        outcome(doctor.dlls(case_of(where, Pretended(reported=python(versions={})))), MISSING)


class TestFiles:
    def test_none(self, tmp_path: Path) -> None:
        case = Case(Pretended(), "windows", places({}, str(tmp_path)), "0.1.0", None)
        outcome(doctor.files(case), MISSING, ADDIN, "xladdin install")
        outcome(doctor.mark_of_the_web(case), MISSING)

    def test_one_of_two(self, where: Places) -> None:
        Path(where.start / ADDIN).unlink()
        finding = doctor.files(case_of(where))
        outcome(finding, WRONG, ADDIN)
        assert "more" not in finding.found

    def test_changed(self, where: Places) -> None:
        Path(where.start / ADDIN).write_bytes(b"changed")
        outcome(doctor.files(case_of(where)), WRONG, "changed", ADDIN, "keeps a copy")

    def test_of_another_version(self, where: Places) -> None:
        outcome(doctor.files(case_of(where, version="0.2.0")), WRONG, "0.1.0", "0.2.0", "install")

    def test_without_a_record(self, where: Places) -> None:
        outcome(doctor.files(case_of(where, record=None)), WRONG, "no record")

    def test_with_a_spoilt_record(self, where: Places) -> None:
        error = FileError("install.json", "it is not a record of an install")
        outcome(doctor.files(case_of(where, record=error)), WRONG, "not a record")

    def test_cut_off(self, where: Places) -> None:
        case = case_of(where)
        assert isinstance(case.record, Receipt)
        cut_off = replace(case.record, complete=False)
        outcome(doctor.files(replace(case, record=cut_off)), WRONG, "cut off", "install")

    def test_unreadable(self, where: Places) -> None:
        outcome(doctor.files(case_of(where, Unreadable())), WRONG, "Permission denied", "close")

    def test_marked(self, where: Places) -> None:
        outcome(doctor.mark_of_the_web(case_of(where)), OK)
        Path(where.start / f"{ADDIN}:Zone.Identifier").write_bytes(b"")
        outcome(doctor.mark_of_the_web(case_of(where)), WRONG, ADDIN, "Unblock")


class TestMacros:
    @pytest.mark.parametrize(
        ("setting", "words"),
        [(1, "all macros run"), (2, "Excel asks"), (3, "unsigned"), (4, "macros are off")],
    )
    def test_settings_do_not_matter_in_trusted_locations(
        self, where: Places, setting: int, words: str
    ) -> None:
        values = OFFICE | {("HKCU", SECURITY, "VBAWarnings"): setting}
        outcome(doctor.macros(case_of(where, Pretended(values=values))), OK, words)

    def test_no_setting(self, where: Places) -> None:
        outcome(doctor.macros(case_of(where)), OK, "no setting")

    @pytest.mark.parametrize("root", ["HKCU", "HKLM"])
    def test_vba_is_off(self, where: Places, root: str) -> None:
        values = OFFICE | {(root, rf"{POLICIES}\Common", "VBAOff"): 1}
        outcome(doctor.macros(case_of(where, Pretended(values=values))), WRONG, "policy", "ask")

    @pytest.mark.parametrize("root", ["HKCU", "HKLM"])
    def test_a_policy_without_trusted_locations(self, where: Places, root: str) -> None:
        values = OFFICE | {
            (root, rf"{POLICIES}\Excel\Security", "VBAWarnings"): 4,
            ("HKCU", SECURITY, "VBAWarnings"): 1,  # the policy goes first
            (root, rf"{POLICIES}\Excel\Security\Trusted Locations", "AllLocationsDisabled"): 1,
        }
        case = case_of(where, Pretended(values=values))
        outcome(doctor.macros(case), WRONG, "a policy: macros are off", "ask")
        outcome(doctor.trusted(case), WRONG, "a policy", "ask")

    def test_a_choice_without_trusted_locations(self, where: Places) -> None:
        values = OFFICE | {
            ("HKCU", SECURITY, "VBAWarnings"): 3,
            ("HKCU", rf"{SECURITY}\Trusted Locations", "AllLocationsDisabled"): 1,
        }
        case = case_of(where, Pretended(values=values))
        outcome(doctor.macros(case), WRONG, "unsigned", "Trust Center")
        outcome(doctor.trusted(case), WRONG, "a setting of Excel", "untick")

    def test_locations_of_policies_only(self, where: Places) -> None:
        key = rf"{POLICIES}\Common\Security\Trusted Locations"
        values = OFFICE | {("HKCU", key, "Allow User Locations"): 0}
        outcome(doctor.trusted(case_of(where, Pretended(values=values))), WRONG, "by policy")


class TestTrusted:
    START = r"C:\Users\Jörg Müller\AppData\Roaming\Microsoft\Excel\XLSTART"

    def case(self, *listed: tuple[str, int]) -> Case:
        values = dict(OFFICE)
        for index, (path, below) in enumerate(listed):
            key = rf"{SECURITY}\Trusted Locations\Location{index}"
            values["HKCU", key, "Path"] = path
            values["HKCU", key, "AllowSubfolders"] = below
        environment = {"APPDATA": r"C:\Users\Jörg Müller\AppData\Roaming"}
        system = Pretended(values=values, environment=environment)
        return Case(system, "windows", places(environment), "0.1.0", None)

    def test_none_listed(self) -> None:
        outcome(doctor.trusted(self.case()), OK, "none listed")

    @pytest.mark.parametrize(
        "listed",
        [
            (START, 0),
            (START + "\\", 0),
            (START.upper(), 0),
            (r"%APPDATA%\Microsoft\Excel\XLSTART", 0),
            (r"%appdata%\Microsoft\Excel\XLSTART" + "\\", 0),
            (r"C:\Users\Jörg Müller\AppData\Roaming\Microsoft", 1),
            (r"C:\Users\Jörg Müller\AppData\Local\..\Roaming\Microsoft\Excel\XLSTART", 0),
        ],
    )
    def test_listed(self, listed: tuple[str, int]) -> None:
        outcome(doctor.trusted(self.case((r"D:\x", 1), listed)), OK, listed[0])

    @pytest.mark.parametrize(
        "listed",
        [
            (r"C:\Users\Jörg Müller\AppData\Roaming\Microsoft", 0),
            (r"C:\Users\Jörg Müller\AppData\Roaming\Micro", 1),
            (r"%NOT_SET%\Microsoft\Excel\XLSTART", 0),
        ],
    )
    def test_others_listed(self, listed: tuple[str, int]) -> None:
        outcome(doctor.trusted(self.case(listed)), WRONG, "not among the 1", self.START)


class TestFolders:
    def test_ok(self, where: Places) -> None:
        outcome(doctor.folders(case_of(where)), OK)

    @pytest.mark.parametrize("name", ["XLSTART", "xladdin"])
    def test_refused(self, where: Places, name: str) -> None:
        system = Pretended(refusals={name: "Permission denied"})
        outcome(doctor.folders(case_of(where, system)), WRONG, name, "Permission denied")

    @pytest.mark.skipif(os.name == "nt", reason="there the folder may be")
    def test_elsewhere(self) -> None:
        case = Case(Pretended(), "windows", places({}), "0.1.0", None)
        outcome(doctor.folders(case), WRONG, "%APPDATA%")
