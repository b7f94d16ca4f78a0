"""What Windows, Defender and Excel may forbid to an add-in that is in place: programs and paths.

Each check returns its state, what was found, and the remedy.
"""

from __future__ import annotations

from typing import Final

from xladdin.excel.install.machine import System
from xladdin.excel.install.paths import Places, path_of
from xladdin.excel.install.windows_registry import excel_number
from xladdin.excel.vba_wrapper import library_names

_DEFENDER: Final = r"Microsoft\Windows Defender"
_RULES: Final = r"Windows Defender Exploit Guard\ASR"

RULE: Final = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
"""Defender's rule "Block all Office applications from creating child processes"."""

_BLOCK: Final = "1"
_WARN: Final = "6"
"""States in which the rule stops a program; in the others it does not."""

LONGEST_PATH: Final = 259
"""Most characters of a path for programs and DLLs; Windows counts one more, for the end."""

LONGEST_WORKBOOK: Final = 218
"""Most characters of the path of a file that Excel opens."""


def child_processes(system: System, interpreter: str) -> tuple[str, str, str]:
    """Check whether Defender's rule keeps Excel from starting Python."""
    setting, who = _rule(system)
    if setting not in (_BLOCK, _WARN):
        found = "no setting forbids Excel to start Python"
        return "ok", f"{found} (a setting of its cloud may not show here)", ""
    for tree in ("SOFTWARE\\Policies", "SOFTWARE"):
        key = rf"{tree}\{_DEFENDER}\{_RULES}\ASROnlyExclusions"
        if system.registry("HKLM", key, interpreter) is not None:
            return "ok", f"{who} forbids Office to start programs, but excludes this Python", ""
    effect = "blocks" if setting == _BLOCK else "warns and blocks"
    found = f"{who} {effect}: Office may not start programs, which is how Excel starts Python"
    remedy = (
        f"ask the administrator to exclude {interpreter} from the rule {RULE} "
        "(Block all Office applications from creating child processes)"
    )
    return "wrong", found, remedy


def _rule(system: System) -> tuple[str, str]:
    """Look up the rule: policies go before settings of the machine itself."""
    for tree, who in (("SOFTWARE\\Policies", "a policy"), ("SOFTWARE", "a setting of Defender")):
        listed = system.registry("HKLM", rf"{tree}\{_DEFENDER}\Policy Manager", "ASRRules")
        if isinstance(listed, str):  # of a device management, as rule=state|rule=state
            for entry in listed.casefold().split("|"):
                name, _, state = entry.partition("=")
                if name.strip(" {}") == RULE:
                    return state.strip(), who
        for name in (RULE, RULE.upper()):
            found = system.registry("HKLM", rf"{tree}\{_DEFENDER}\{_RULES}\Rules", name)
            if found is not None:
                return str(found).strip(), who
    return "", ""


def path_lengths(interpreter: str, places: Places) -> tuple[str, str, str]:
    """Check whether the paths are short enough for Windows and for Excel."""
    library = path_of(interpreter).parent / library_names("00.00.00")[64]
    longest = max(interpreter, str(library), key=len)
    if len(longest) > LONGEST_PATH:
        found = f"{interpreter} is too long a path: Windows loads a DLL beside it only up to "
        remedy = r"make the virtual environment in a shorter folder, such as C:\xladdin"
        return "wrong", f"{found}{LONGEST_PATH} characters", remedy
    for path in places.files:
        if len(str(path)) > LONGEST_WORKBOOK:
            found = f"{path} has {len(str(path))} characters, and Excel opens {LONGEST_WORKBOOK}"
            return "wrong", found, "ask for a shorter folder of application data (APPDATA)"
    return "ok", f"at most {len(longest)} characters", ""


def start_folder(system: System, places: Places) -> tuple[str, str, str]:
    """Check whether Excel's start folder is on this machine, as Excel trusts it then."""
    folder = str(places.start)
    if not folder.startswith("\\\\"):
        return "ok", folder, ""
    tail = rf"Microsoft\Office\{excel_number(system)}\Excel\Security\Trusted Locations"
    for tree in ("SOFTWARE\\Policies", "SOFTWARE"):
        allowed = system.registry("HKCU", rf"{tree}\{tail}", "AllowNetworkLocations")
        if allowed is not None:
            break
    if allowed == 1:
        return "ok", f"{folder}, on the network, where trusted locations are allowed", ""
    remedy = (
        "ask for application data (AppData\\Roaming) to stay on the machine, or for trusted "
        "locations on the network to be allowed"
    )
    return "wrong", f"{folder} is on the network, and Excel runs no macros from there", remedy
