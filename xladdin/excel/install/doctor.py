"""Checks of everything that a formula needs between a cell of Excel and Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Final

from xladdin.errors import FileError
from xladdin.excel.install import windows_limits, windows_registry
from xladdin.excel.install.machine import Python, System
from xladdin.excel.install.paths import FILES, WINDOWS, Places, path_of
from xladdin.excel.install.receipt import Receipt
from xladdin.excel.vba_wrapper import library_names

OK: Final = "ok"
MISSING: Final = "missing"
WRONG: Final = "wrong"

_INSTALL: Final = "run `xladdin install`"
_PYTHON_ORG: Final = "install Python from python.org, not from the Microsoft Store"

X64: Final = "win-amd64"
"""Platform of the Python. For other processors, xlwings comes without its DLLs and formualizer not
at all. Windows on ARM runs such a Python, too."""

ANSWER: Final = "900000.0"
"""The value of CEO_FEE(25000000), for the shipped deal."""


@dataclass(frozen=True)
class Finding:
    """The outcome of a check.

    Attributes:
        check: Name of the check.
        state: `OK`, `MISSING` or `WRONG`.
        found: What was found.
        remedy: How to fix it; empty if nothing is wrong.
    """

    check: str
    state: str
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """The machine and the install that the checks examine.

    Attributes:
        system: The machine.
        name: The system to check for: one of `places.SYSTEMS`.
        places: The folders of an install.
        version: The package's version.
        record: The record of the install; None if there is none; the error if it cannot be read.
    """

    system: System
    name: str
    places: Places
    version: str
    record: Receipt | FileError | None

    @property
    def interpreter(self) -> str:
        """The Python that the add-in starts, or would if it were installed now."""
        return self.record.interpreter if isinstance(self.record, Receipt) else self.running

    @property
    def running(self) -> str:
        """The Python that runs this."""
        return self.system.interpreter

    @property
    def source(self) -> str:
        """The argument of pip that installs this package."""
        return self.system.source or f"xladdin-{self.version}-py3-none-any.whl"

    @property
    def own_folder(self) -> str:
        """The remedy: a Python in a folder of one's own."""
        scripts = r"C:\xladdin\Scripts"
        return (
            r"make a virtual environment in a folder of your own (`py -m venv C:\xladdin`, then "
            rf"`{scripts}\pip install {self.source}` and `{scripts}\xladdin install`)"
        )

    @cached_property
    def python(self) -> Python | str:
        """What that Python reports of itself, or why it does not."""
        return self.system.python(self.interpreter)


def examine(case: Case) -> list[Finding]:
    """Make every check, in the order in which a formula needs what they examine."""
    return [check(case) for check in CHECKS]


def operating_system(case: Case) -> Finding:
    """Check the operating system: classic xlwings needs Windows."""
    if case.name == WINDOWS:
        return Finding("operating system", OK, case.system.described)
    found = f"{case.system.described}; the functions reach Excel on Windows only"
    return Finding("operating system", WRONG, found, windows_registry.ELSEWHERE)


def excel(case: Case) -> Finding:
    """Check whether there is an Excel, and which."""
    found = windows_registry.find_excel(case.system)
    if found is None:
        remedy = "install Microsoft Excel for Windows; the one in a browser cannot run the add-in"
        return Finding("Excel", MISSING, "no Excel is known to this machine's registry", remedy)
    return Finding("Excel", OK, found.described)


def bits(case: Case) -> Finding:
    """Report the bits; Excel may have 32 or 64, since Python runs in a process of its own."""
    found, python = windows_registry.find_excel(case.system), case.python
    if found is None or isinstance(python, str):
        lacking = "Excel" if found is None else "Python"
        return Finding("32 or 64 bits", MISSING, f"not known without {lacking}", f"see {lacking}")
    if not found.bits:
        found_bits = f"Excel's are not known, Python's are {python.bits}; any mix works"
        return Finding("32 or 64 bits", OK, found_bits)
    found_bits = f"Excel {found.bits}, Python {python.bits}"
    why = "the same" if found.bits == python.bits else "a mix works, as Python runs beside Excel"
    return Finding("32 or 64 bits", OK, f"{found_bits}: {why}")


def is_store_python(paths: Sequence[str]) -> bool:
    """Check whether a Python comes from the Microsoft Store, itself or by its environment.

    Windows gives such a Python private copies of the user's folders: what it writes to Excel's
    start folder Excel never sees. And its executable is an empty alias elsewhere, without a DLL
    beside it.
    """
    parts = (part.casefold() for path in paths for part in path_of(path).parts)
    return any(part == "windowsapps" for part in parts)


def interpreter(case: Case) -> Finding:
    """Check whether the Python that the add-in starts still exists, and is the right one."""
    path, python = case.interpreter, case.python
    name = "Python"
    bases = [path] if isinstance(python, str) else [path, python.prefix, python.base_prefix]
    if is_store_python(bases):
        found = f"{path} comes from the Microsoft Store; what it installs is hidden from Excel"
        return Finding(name, WRONG, found, f"{_PYTHON_ORG}; {case.own_folder}")
    if isinstance(python, str):
        if not case.system.exists(path):
            found = f"{path}, which the add-in starts, is gone"
            return Finding(name, MISSING, found, f"{_INSTALL} with the Python to be used")
        return Finding(name, WRONG, f"{path}: {python}", "repair or reinstall that Python")
    if isinstance(case.record, Receipt) and path_of(path) != path_of(case.running):
        found = f"the add-in starts {path}, but this is {case.running}"
        return Finding(name, WRONG, found, f"{_INSTALL} with the Python to be used")
    if not case.system.in_code_page(path):
        # xlwings' DLL takes the command that starts Python in Windows' code page.
        found = f"{path} has letters that are not of Windows' own language, and VBA loses them"
        return Finding(name, WRONG, found, case.own_folder)
    if case.name == WINDOWS and python.platform != X64:
        found = f"{path} is built for {python.platform}, and xlwings' DLLs and formualizer are not"
        remedy = f"install the 64-bit Python for x86-64 from python.org; {case.own_folder}"
        return Finding(name, WRONG, found, remedy)
    return Finding(name, OK, f"{path}, version {python.python}")


def package(case: Case) -> Finding:
    """Check whether that Python has the package, in the version of the add-in."""
    recorded = case.record.version if isinstance(case.record, Receipt) else None
    return _installed(case, "xladdin", case.source, recorded, "was installed by")


def xlwings(case: Case) -> Finding:
    """Check whether xlwings is there, in the version that the add-in was made for."""
    recorded = case.record.xlwings if isinstance(case.record, Receipt) else None
    return _installed(case, "xlwings", "xlwings", recorded, "loads the DLL of")


def _installed(case: Case, name: str, source: object, recorded: str | None, words: str) -> Finding:
    if isinstance(case.python, str):
        return Finding(name, MISSING, "not known without Python", "see Python")
    version = case.python.versions.get(name, "")
    if not version:
        remedy = f'run `"{case.interpreter}" -m pip install {source}`'
        return Finding(name, MISSING, "that Python does not have it", remedy)
    if recorded not in (None, version):
        found = f"version {version}, but the add-in {words} {recorded}"
        return Finding(name, WRONG, found, _INSTALL)
    return Finding(name, OK, f"version {version}")


def dlls(case: Case) -> Finding:
    """Check whether xlwings' DLLs are where the add-in's VBA searches for them."""
    name = "xlwings' DLLs"
    if isinstance(case.python, str):
        return Finding(name, MISSING, "not known without Python", "see Python")
    version = case.python.versions.get("xlwings", "")
    if not version:
        return Finding(name, MISSING, "not known without xlwings", "see xlwings")
    beside = path_of(case.interpreter).parent
    names = library_names(version).values()
    # Excel's bits choose, not Python's; one without the other is a damaged install.
    lacking = [
        dll
        for dll in names
        if not any(case.system.exists(place / dll) for place in (beside, beside.parent))
    ]
    if not lacking:
        return Finding(name, OK, f"{' and '.join(names)} beside {case.interpreter} or one above")
    found = f"no {' and no '.join(lacking)} beside {case.interpreter} or one folder above"
    if case.name != WINDOWS:
        return Finding(name, MISSING, found, "xlwings brings them on Windows only")
    user = path_of(case.python.user_base)
    if all(case.system.exists(user / dll) for dll in lacking):
        # pip does this if it may not write beside Python, or with --user.
        remedy = f"pip put them into {user}, where Excel does not look; {case.own_folder}"
        return Finding(name, WRONG, found, remedy)
    again = "-m pip install --force-reinstall --no-deps"
    remedy = (
        f'run `"{case.interpreter}" {again} xlwings=={version}` (conda\'s package may lack them); '
        "if they go again, see whether a virus scanner takes them"
    )
    return Finding(name, MISSING, found, remedy)


def pywin32(case: Case) -> Finding:
    """Check whether Python can use COM."""
    return _imported(case, "pywin32", "pywin32")


def files(case: Case) -> Finding:
    """Check whether the add-in is in place, whole, unchanged, and of this version."""
    name, system = "add-in files", case.system
    if isinstance(case.record, FileError):
        return Finding(name, WRONG, str(case.record), _INSTALL)
    there: dict[PurePath, bytes] = {}
    for path in case.places.files:
        try:
            data = system.read(path)
        except OSError as error:
            found = f"{path} cannot be read: {error.strerror or error}"
            return Finding(name, WRONG, found, f"close Excel and {_INSTALL}")
        if data is not None:
            there[path] = data
    lacking = [str(path) for path in case.places.files if path not in there]
    if lacking:
        state = WRONG if there or case.record else MISSING
        return Finding(name, state, f"not there: {', '.join(lacking)}", _INSTALL)
    if case.record is None:
        found = f"in {case.places.start}, but this machine has no record of an install"
        return Finding(name, WRONG, found, _INSTALL)
    if not case.record.complete:
        found = "the last install or uninstall was cut off half-way"
        return Finding(name, WRONG, found, f"close Excel and {_INSTALL}")
    changed = [str(path) for path, data in there.items() if not case.record.owns(path.name, data)]
    if changed:
        found = f"changed since the install: {', '.join(changed)}"
        return Finding(name, WRONG, found, f"{_INSTALL}; it keeps a copy of what it replaces")
    if case.record.version != case.version:
        found = f"of version {case.record.version}, and this is {case.version}"
        return Finding(name, WRONG, found, f"close Excel and {_INSTALL}")
    return Finding(name, OK, f"{' and '.join(FILES)} in {case.places.start}")


def mark_of_the_web(case: Case) -> Finding:
    """Check whether Windows treats the add-in as a file from the internet."""
    name = "mark of the web"
    marked = [str(path) for path in case.places.files if case.system.is_marked(path)]
    if marked:
        found = f"Windows blocks the macros of {', '.join(marked)}"
        remedy = f"{_INSTALL}, or tick Unblock in the file's properties"
        return Finding(name, WRONG, found, remedy)
    if not any(case.system.exists(path) for path in case.places.files):
        return Finding(name, MISSING, "there are no files to look at", "see add-in files")
    return Finding(name, OK, "none on the add-in's files")


def macros(case: Case) -> Finding:
    """Check whether Excel may run macros."""
    if windows_registry.find_excel(case.system) is None:
        return Finding("macros", MISSING, "not known without Excel", "see Excel")
    return Finding("macros", *windows_registry.macros(case.system, case.places))


def trusted(case: Case) -> Finding:
    """Check whether Excel trusts its start folder."""
    if windows_registry.find_excel(case.system) is None:
        return Finding("trusted locations", MISSING, "not known without Excel", "see Excel")
    return Finding("trusted locations", *windows_registry.trusted(case.system, case.places))


def child_processes(case: Case) -> Finding:
    """Check whether Defender lets Excel start Python."""
    found = windows_limits.child_processes(case.system, case.interpreter)
    return Finding("Defender's rule", *found)


def path_lengths(case: Case) -> Finding:
    """Check the lengths of paths."""
    return Finding("path lengths", *windows_limits.path_lengths(case.interpreter, case.places))


def start_folder(case: Case) -> Finding:
    """Check where Excel's start folder is."""
    return Finding("start folder", *windows_limits.start_folder(case.system, case.places))


def engine(case: Case) -> Finding:
    """Check whether workbooks can be computed without Excel."""
    return _imported(case, "formualizer", "formualizer")


def writer(case: Case) -> Finding:
    """Check whether workbooks can be built."""
    return _imported(case, "openpyxl", "openpyxl")


def strays(case: Case) -> Finding:
    """Check whether Python ignores modules in Excel's current folder."""
    name = "files beside a workbook"
    if isinstance(case.python, str):
        return Finding(name, MISSING, "not known without Python", "see Python")
    if case.python.strays:
        found = "Python imports modules from Excel's current folder, even those of others"
        return Finding(name, WRONG, found, case.own_folder)
    return Finding(name, OK, "Python imports none of them")


def answers(case: Case) -> Finding:
    """Check the value of a function, from the module that Excel's Python imports."""
    name = "CEO_FEE(25000000)"
    if isinstance(case.python, str):
        return Finding(name, MISSING, "not known without Python", "see Python")
    if case.python.answer != ANSWER:
        found = f"{case.python.answer}, where {ANSWER} is right"
        again = "-m pip install --force-reinstall"
        remedy = f'run `"{case.interpreter}" {again} {case.source}`'
        return Finding(name, WRONG, found, remedy)
    return Finding(name, OK, f"{case.python.answer}, from xladdin.udfs, called as Excel calls it")


def folders(case: Case) -> Finding:
    """Check whether an install may write into its folders."""
    name = "write access"
    for folder in (case.places.start, case.places.own):
        refusal = case.system.refusal(folder)
        if refusal:
            remedy = "ask for the right to write there, or set APPDATA and LOCALAPPDATA"
            return Finding(name, WRONG, f"{folder}: {refusal}", remedy)
    return Finding(name, OK, f"{case.places.start} and {case.places.own}")


def _imported(case: Case, name: str, distribution: str) -> Finding:
    if isinstance(case.python, str):
        return Finding(name, MISSING, "not known without Python", "see Python")
    failure = case.python.failures.get(name, "it was not tried")
    if not failure:
        return Finding(name, OK, "can be imported")
    again = "-m pip install --force-reinstall"
    remedy = f'run `"{case.interpreter}" {again} {distribution}`'
    state = MISSING if failure.startswith("ModuleNotFoundError") else WRONG
    if name == "pywin32" and case.name != WINDOWS:
        remedy = "it exists for Windows only"
    return Finding(name, state, failure, remedy)


CHECKS: Final[tuple[Callable[[Case], Finding], ...]] = (
    operating_system,
    excel,
    bits,
    macros,
    trusted,
    start_folder,
    folders,
    files,
    mark_of_the_web,
    interpreter,
    package,
    xlwings,
    dlls,
    path_lengths,
    child_processes,
    pywin32,
    strays,
    answers,
    engine,
    writer,
)
