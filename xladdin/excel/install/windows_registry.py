"""Facts of the Windows registry about Excel, and about the macros that it may run."""

from __future__ import annotations

import ntpath
import struct
from dataclasses import dataclass
from typing import Final

from xladdin.excel.install.machine import System
from xladdin.excel.install.paths import Places, path_of

ELSEWHERE: Final = (
    "on a Mac and in a browser, Excel takes the functions from the add-in that `xladdin "
    "office-addin` makes for a web server, or by way of xlwings Lite, which this command does not "
    "set up; on any system `xladdin build`, `recalc` and `eval` compute the same functions without "
    "Excel, and `xladdin install --libreoffice` puts them into LibreOffice"
)

_EXCEL_PATH: Final = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
_CLICK_TO_RUN: Final = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
_CURRENT: Final = r"Excel.Application\CurVer"
_MACHINES: Final = {0x014C: 32, 0x8664: 64, 0xAA64: 64}
"""Machine types in a program's header: x86, x64 and ARM."""

_HEADER: Final = 4096

_OLDEST: Final = 14
"""Excel 2010: the first with argument help for functions of a macro add-in, and with 64 bits."""

_NEWEST: Final = "16.0"
"""Version of every Excel since 2016 in the registry."""

_SETTINGS: Final = {
    2: "Excel asks",
    3: "unsigned macros are off",
    4: "macros are off",
}
"""Effects outside trusted locations of the macro settings other than 1, "all macros run"."""

_TRUST_CENTRE: Final = "File > Options > Trust Center > Trust Center Settings"


@dataclass(frozen=True)
class Excel:
    """An installed Excel; parts that are not known are empty or 0."""

    path: str
    version: str
    bits: int

    @property
    def described(self) -> str:
        """A description of the Excel, in words."""
        version = f"version {self.version}" if self.version else "version not known"
        bits = f", {self.bits} bits" if self.bits else ""
        return f"{version}{bits}" + (f", {self.path}" if self.path else "")


def find_excel(system: System) -> Excel | None:
    """Find Excel by the registry; None if it has no Excel."""
    path = system.registry("HKLM", _EXCEL_PATH) or system.registry("HKCU", _EXCEL_PATH)
    path = path.strip('"') if isinstance(path, str) else ""
    if path and not system.exists(path):
        path = ""  # left by an Excel that was removed
    current = system.registry("HKCR", _CURRENT)
    number = current.rpartition(".")[2] if isinstance(current, str) else ""
    if not path and not number:
        return None
    full = system.registry("HKLM", _CLICK_TO_RUN, "VersionToReport")
    version = full if isinstance(full, str) and full else f"{number}.0" if number else ""
    return Excel(path, version, _bits(system, path, f"{number}.0"))


def _bits(system: System, path: str, number: str) -> int:
    """Find the bits from the program itself, or else from its installer's notes."""
    if path:
        try:
            machine = _machine(system.read(path, _HEADER) or b"")
        except OSError:
            machine = 0
        if machine in _MACHINES:
            return _MACHINES[machine]
    found = system.registry("HKLM", _CLICK_TO_RUN, "Platform") or system.registry(
        "HKLM", rf"SOFTWARE\Microsoft\Office\{number}\Outlook", "Bitness"
    )
    return {"x86": 32, "x64": 64}.get(found, 0) if isinstance(found, str) else 0


def _machine(header: bytes) -> int:
    """Read the kind of machine that a Windows program was made for; 0 if it is not one."""
    if header[:2] != b"MZ" or len(header) < 64:
        return 0
    (start,) = struct.unpack_from("<I", header, 60)
    if header[start : start + 4] != b"PE\0\0" or len(header) < start + 6:
        return 0
    return int(struct.unpack_from("<H", header, start + 4)[0])


def macros(system: System, places: Places) -> tuple[str, str, str]:
    """Check whether Excel may run the add-in's macros.

    Returns:
        State, what was found, and the remedy.
    """
    for root in ("HKCU", "HKLM"):
        key = rf"SOFTWARE\Policies\Microsoft\Office\{excel_number(system)}\Common"
        if system.registry(root, key, "VBAOff") == 1:
            remedy = "ask the administrator of the machine; without VBA no macro add-in can work"
            return "wrong", "a policy switches VBA off in all of Office", remedy
    setting, who = _setting(system, "", "VBAWarnings")
    if setting in _SETTINGS and trusted(system, places)[0] != "ok":
        found = f"{who}: {_SETTINGS[setting]}, and Excel's start folder is not trusted"
        if who == "a policy":
            return "wrong", found, "ask for Excel's start folder to be a trusted location"
        return "wrong", found, f"{_TRUST_CENTRE}: see trusted locations"
    if setting in _SETTINGS:
        return "ok", f"{who}: {_SETTINGS[setting]}; in trusted locations they run", ""
    if setting == 1:
        return "ok", f"{who}: all macros run", ""
    return "ok", "no setting found; Excel asks, but not in trusted locations", ""


def trusted(system: System, places: Places) -> tuple[str, str, str]:
    """Check whether Excel trusts its start folder, as it does unless a setting forbids it.

    Returns:
        State, what was found, and the remedy.
    """
    locations = r"\Trusted Locations"
    off, who = _setting(system, locations, "AllLocationsDisabled")
    if off == 1:
        remedy = f"{_TRUST_CENTRE} > Trusted Locations: untick Disable all Trusted Locations"
        if who == "a policy":
            remedy = "ask for trusted locations to be allowed, or for the add-in to be signed"
        return "wrong", f"{who} switches all trusted locations off", remedy
    key = rf"SOFTWARE\Policies\Microsoft\Office\{excel_number(system)}\Common\Security{locations}"
    if system.registry("HKCU", key, "Allow User Locations") == 0:
        remedy = f"ask for {places.start} to be made a trusted location by policy"
        return "wrong", "a policy allows no trusted locations but its own", remedy
    base = rf"SOFTWARE\Microsoft\Office\{excel_number(system)}\Excel\Security{locations}"
    listed = [
        (str(path), system.registry("HKCU", rf"{base}\{name}", "AllowSubfolders") == 1)
        for name in system.subkeys("HKCU", base)
        if (path := system.registry("HKCU", rf"{base}\{name}", "Path"))
    ]
    if not listed:
        return "ok", "none listed; Excel trusts its start folder unless a setting forbids it", ""
    start = _comparable(system, str(places.start))
    for path, below in listed:
        folder = _comparable(system, path)
        if start == folder or (below and start.startswith(folder + "\\")):
            return "ok", f"{path} is one", ""
    remedy = f"{_TRUST_CENTRE} > Trusted Locations > Add new location: {places.start}"
    return "wrong", f"{places.start} is not among the {len(listed)} listed", remedy


def _setting(system: System, below: str, name: str) -> tuple[int, str]:
    """Look up a setting of Excel's security; policies go before the user's settings."""
    tail = rf"Microsoft\Office\{excel_number(system)}\Excel\Security{below}"
    for root, start, who in (
        ("HKCU", r"SOFTWARE\Policies", "a policy"),
        ("HKLM", r"SOFTWARE\Policies", "a policy"),
        ("HKCU", "SOFTWARE", "a setting of Excel"),
    ):
        value = system.registry(root, rf"{start}\{tail}", name)
        if isinstance(value, int):
            return value, who
    return 0, ""


def excel_number(system: System) -> str:
    """Return Excel's version as the registry's keys spell it."""
    current = system.registry("HKCR", _CURRENT)
    number = current.rpartition(".")[2] if isinstance(current, str) else ""
    return f"{number}.0" if number.isdecimal() and int(number) >= _OLDEST else _NEWEST


def _comparable(system: System, path: str) -> str:
    """Return a folder in the form in which two spellings of it are the same text."""
    for name, value in system.environment.items():
        if value and path.casefold().startswith(f"%{name}%".casefold()):
            path = value + path[len(name) + 2 :]
    return ntpath.normpath(str(path_of(path))).rstrip("\\").casefold()
