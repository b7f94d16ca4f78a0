"""What Windows, Defender and Excel may forbid, in a registry that is only pretended."""

from __future__ import annotations

import pytest
from excel.install.pretending import OFFICE, PYTHON, Pretended, Values

from xladdin.excel.install import windows_limits
from xladdin.excel.install.paths import places
from xladdin.excel.install.windows_limits import RULE

POLICIES = r"SOFTWARE\Policies\Microsoft\Windows Defender"
SETTINGS = r"SOFTWARE\Microsoft\Windows Defender"
ASR = r"Windows Defender Exploit Guard\ASR"


def child_processes(values: Values) -> tuple[str, str, str]:
    return windows_limits.child_processes(Pretended(values=OFFICE | values), PYTHON)


class TestDefender:
    def test_no_rule(self) -> None:
        state, found, remedy = child_processes({})
        assert (state, remedy) == ("ok", "")
        assert found.startswith("no setting forbids")

    @pytest.mark.parametrize("name", [RULE, RULE.upper()])
    @pytest.mark.parametrize(
        ("tree", "who"), [(POLICIES, "a policy"), (SETTINGS, "a setting of Defender")]
    )
    @pytest.mark.parametrize("value", ["1", 1])
    def test_blocked(self, tree: str, who: str, name: str, value: str | int) -> None:
        state, found, remedy = child_processes({("HKLM", rf"{tree}\{ASR}\Rules", name): value})
        assert state == "wrong"
        assert found.startswith(f"{who} blocks")
        assert PYTHON in remedy
        assert RULE in remedy

    @pytest.mark.parametrize(
        ("value", "state"), [("0", "ok"), ("2", "ok"), ("5", "ok"), ("6", "wrong")]
    )
    def test_other_states(self, value: str, state: str) -> None:
        values: Values = {("HKLM", rf"{POLICIES}\{ASR}\Rules", RULE): value}
        assert child_processes(values)[0] == state

    @pytest.mark.parametrize(
        ("listed", "state"),
        [
            (f"{RULE}=1", "wrong"),
            (f"56a863a9-875e-4185-98a7-b882c64b5ce5=1|{{{RULE.upper()}}}=1", "wrong"),
            (f"56a863a9-875e-4185-98a7-b882c64b5ce5=1|{RULE}=2", "ok"),
            ("56a863a9-875e-4185-98a7-b882c64b5ce5=1", "ok"),
        ],
    )
    def test_device_management(self, listed: str, state: str) -> None:
        values: Values = {("HKLM", rf"{POLICIES}\Policy Manager", "ASRRules"): listed}
        assert child_processes(values)[0] == state

    def test_a_policy_goes_before_a_setting(self) -> None:
        values: Values = {
            ("HKLM", rf"{POLICIES}\{ASR}\Rules", RULE): "0",
            ("HKLM", rf"{SETTINGS}\{ASR}\Rules", RULE): 1,
        }
        assert child_processes(values)[0] == "ok"

    @pytest.mark.parametrize("tree", [POLICIES, SETTINGS])
    def test_an_exclusion(self, tree: str) -> None:
        values: Values = {
            ("HKLM", rf"{POLICIES}\{ASR}\Rules", RULE): "1",
            ("HKLM", rf"{tree}\{ASR}\ASROnlyExclusions", PYTHON): "0",
        }
        state, found, _ = child_processes(values)
        assert state == "ok"
        assert "excludes this Python" in found


class TestLengths:
    ROAMING = r"C:\Users\Ada\AppData\Roaming"

    def lengths(self, python: str, roaming: str = ROAMING) -> tuple[str, str, str]:
        return windows_limits.path_lengths(python, places({"APPDATA": roaming}))

    def test_short(self) -> None:
        assert self.lengths(PYTHON)[0] == "ok"

    @pytest.mark.parametrize(("count", "state"), [(233, "ok"), (234, "wrong")])
    def test_of_python(self, count: int, state: str) -> None:
        """The DLL beside it has the longer name: 22 characters."""
        python = "C:\\" + "p" * count + r"\python.exe"
        assert self.lengths(python)[0] == state

    def test_of_the_addin(self) -> None:
        state, found, remedy = self.lengths(PYTHON, "C:\\" + "r" * 200)
        assert state == "wrong"
        assert "218" in found
        assert "APPDATA" in remedy


class TestStartFolder:
    ROAMING = r"\\server\profiles\ada\Roaming"

    def start_folder(self, roaming: str, values: Values) -> tuple[str, str, str]:
        environment = {"APPDATA": roaming}
        system = Pretended(values=OFFICE | values, environment=environment)
        return windows_limits.start_folder(system, places(environment))

    def test_on_this_machine(self) -> None:
        assert self.start_folder(r"C:\Users\Ada\AppData\Roaming", {})[0] == "ok"

    def test_on_the_network(self) -> None:
        state, found, remedy = self.start_folder(self.ROAMING, {})
        assert state == "wrong"
        assert "no macros" in found
        assert "AppData" in remedy

    @pytest.mark.parametrize(("policy", "state"), [(1, "ok"), (0, "wrong")])
    def test_where_a_policy_says_so(self, policy: int, state: str) -> None:
        tail = r"Microsoft\Office\16.0\Excel\Security\Trusted Locations"
        values: Values = {
            ("HKCU", rf"SOFTWARE\Policies\{tail}", "AllowNetworkLocations"): policy,
            ("HKCU", rf"SOFTWARE\{tail}", "AllowNetworkLocations"): 1 - policy,
        }
        assert self.start_folder(self.ROAMING, values)[0] == state
