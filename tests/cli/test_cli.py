"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from deals import NEOT_1

from xladdin.cli import console, main
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select
from xladdin.terms.store import SHIPPED


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


class TestEval:
    @pytest.mark.parametrize(
        ("formula", "printed"),
        [
            ("=CEO_FEE(25000000)", "900000"),
            ("=CEO_FEE(2000000,9000000)", "75000"),
            ('=CEO_FEE(8400000,0,"NEOT-2001/OTHER")', "336000"),
            ("=CANTOR_WARRANTS(4840)", "484"),
            ("=CLASSB_EXERCISE_PRICE(4.99)", "4.7405"),
            ("=CLASSB_EXERCISE_PRICE(5)", "4.85"),
            ("=CLASSB_EXERCISE_PRICE(40)", "33.75"),
            ("=CLASSB_EXERCISE_PRICE(40,,25)", "38.8"),
            ("ceo_fee(1000)+1", "41"),
            ("=CLASSB_AVAILABLE(2)", "TRUE"),
            ('=DEAL_SOURCE("class_b.cap_price")', "S-7"),
            ("=CEO_FEE({1000,2000;3000,4000})", "40\t80\n120\t160"),
            ('=TEXT(TRADING_DAY(DATE(2001,9,10),1),"yyyy-mm-dd")', "2001-09-17"),
        ],
    )
    def test_prints_the_value(self, formula: str, printed: str) -> None:
        result = run("eval", formula)
        assert (result.exit_code, result.stdout, result.stderr) == (0, printed + "\n", "")

    @pytest.mark.parametrize(
        ("formula", "printed", "reason"),
        [
            ("=CEO_FEE(25000000.01)", "#NUM!", "capacity"),
            ('=CEO_FEE("x")', "#VALUE!", "must be a number"),
            ('=CEO_FEE(1,0,"NOPE")', "#REF!", "NOPE"),
            ("=1/0", "#DIV/0!", ""),
            ("=NO_SUCH_FUNCTION(1)", "#NAME?", "NO_SUCH_FUNCTION"),
            ('=CEO_FEE({1000;"x"})', "40\n#VALUE!", "must be a number"),
        ],
    )
    def test_an_error_says_why_and_fails(self, formula: str, printed: str, reason: str) -> None:
        result = run("eval", formula)
        assert result.exit_code == 1
        assert result.stdout == printed + "\n"
        assert reason in result.stderr
        assert result.stderr.strip()
        assert "Traceback" not in result.output

    def test_json(self) -> None:
        result = run("eval", "=CEO_FEE({1000,-1})", "--json")
        table = json.loads(result.stdout)
        assert table["value"] == [[40, "#NUM!"]]
        assert "at least 0" in table["reasons"][0]
        assert result.exit_code == 1

    def test_a_formula_that_does_not_parse(self) -> None:
        result = run("eval", "=CEO_FEE(1,")
        assert result.exit_code in (1, 2)
        assert result.stderr.strip()
        assert "Traceback" not in result.output

    def test_the_printed_digits_identify_the_number(self) -> None:
        printed = run("eval", "=CEO_FEE(1/3)").stdout
        assert float(printed) == float(
            run("eval", "=CEO_FEE(1/3)", "--json").output.split('"value": ')[1].split(",")[0]
        )


class TestExplain:
    """EXPLAIN on the command line: rows with tabs between their cells."""

    def test_prints_the_steps(self) -> None:
        result = run("eval", '=EXPLAIN("ceo_fee",2000000,9000000)')
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == (
            "Step\tAmount\tRate or factor\tResult\tSource\n"
            "Sold before under the agreement\t9000000\t\t9000000\t\n"
            "Tier 1, from 0 to 10,000,000\t1000000\t0.04\t40000\tcover, S-11\n"
            "Tier 2, from 10,000,000 to 20,000,000\t1000000\t0.035\t35000\tcover, S-11\n"
            "Commission\t2000000\t\t75000\tcover, S-11\n"
        )

    @pytest.mark.parametrize(
        ("formula", "code", "words"),
        [
            ('=EXPLAIN("CEO_FEE",-1)', "#NUM!", "gross must be a number of at least 0; got -1"),
            ('=EXPLAIN("CEO_FEE",1/0)', "#DIV/0!", "gross holds an error"),
            ('=EXPLAIN("CEO_FEE",{1,2})', "#VALUE!", "gross must be one cell"),
            ('=EXPLAIN("CEO_FEE")', "#VALUE!", "takes 1 to 3 arguments"),
            ('=EXPLAIN("CEO_FEES",1)', "#VALUE!", 'such as CEO_FEE; got "CEO_FEES"'),
            ('=EXPLAIN("EXPLAIN","CEO_FEE",1)', "#VALUE!", "must name a function"),
        ],
    )
    def test_bad_input_is_said_in_its_own_row(self, formula: str, code: str, words: str) -> None:
        result = run("eval", formula)
        assert (result.exit_code, result.stderr) == (1, "")
        headings, row = result.stdout.splitlines()
        assert headings.split("\t")[3] == "Result"
        assert words in row.split("\t")[0]
        assert row.split("\t")[3] == code

    @pytest.mark.parametrize("formula", ["=EXPLAIN()", "=EXPLAIN(5,1)"])
    def test_without_a_name_there_is_nothing_to_tell_of(self, formula: str) -> None:
        result = run("eval", formula)
        assert (result.exit_code, result.stdout) == (1, "#VALUE!\n")
        assert result.stderr.startswith("EXPLAIN: ")

    def test_json(self) -> None:
        table = json.loads(run("eval", '=EXPLAIN("DILUTION",3,1)', "--json").stdout)
        assert table["value"][1:] == [
            ["New shares", "", "", 1, ""],
            ["Shares outstanding, with the new ones", 3, "", 4, ""],
            ["New shares over all shares", 1, "", 0.25, "rule as in NEOT-2001, S-9"],
        ]


def test_the_list_of_commands_says_what_each_does_in_a_line() -> None:
    listed = run("--help").stdout.split("Commands:\n")[1].splitlines()
    assert len(listed) == 12
    for line in listed:
        assert line.endswith("."), line
        assert not line.endswith("..."), line
        assert len(line) <= 80


class TestFunctions:
    def test_lists_every_function(self) -> None:
        lines = run("functions").stdout.splitlines()
        assert [line.split("(")[0] for line in lines] == list(FUNCTIONS)

    @pytest.mark.parametrize("command", ["functions", "deals"])
    def test_a_narrow_terminal_has_what_ends_a_line_below_it(
        self, command: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wide = run(command).stdout.splitlines()
        monkeypatch.setattr(console, "terminal_width", lambda: 80)
        narrow = run(command).stdout.splitlines()
        assert narrow[0::2] == [line.rsplit("  ", 1)[0].rstrip() for line in wide]
        assert narrow[1::2] == [f"    {line.rsplit('  ', 1)[1]}" for line in wide]

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_describes_one(self, name: str) -> None:
        result = run("functions", name.lower())
        function = FUNCTIONS[name]
        assert function.signature in result.stdout
        assert function.example in result.stdout
        for argument in function.arguments:
            assert argument.help in result.stdout

    def test_json(self) -> None:
        assert [item["name"] for item in json.loads(run("functions", "--json").stdout)] == list(
            FUNCTIONS
        )
        assert (
            json.loads(run("functions", "CEO_FEE", "--json").stdout)["arguments"][1]["default"]
            == "0"
        )

    def test_an_unknown_name(self) -> None:
        result = run("functions", "CEO_FEES")
        assert result.exit_code == 2
        assert "CEO_FEES" in result.stderr


class TestDeals:
    def test_one_wrong_file_hides_no_deal(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sound = NEOT_1
        for name in ("GOOD", "WORSE"):
            (tmp_path / f"{name}.toml").write_text(sound.replace("NEOT-2001", name), "utf-8")
        (tmp_path / "BAD.toml").write_text("issuer =")
        (tmp_path / "neot-2001.toml").write_text(sound)
        (tmp_path / "Two words.toml").write_text(sound)
        monkeypatch.setenv("XLADDIN_DEALS", str(tmp_path))
        done = run("deals")
        assert done.exit_code == 1
        assert {"NEOT-2001", "GOOD", "WORSE"} <= {
            line.split()[0] for line in done.stdout.splitlines()
        }
        bad, words, shipped = done.stderr.splitlines()
        assert bad.startswith(f"xladdin: {tmp_path / 'BAD.toml'}: is not TOML")
        assert "Two words.toml: it is passed over: its name is not one of a deal" in words
        assert f"{SHIPPED / 'NEOT-2001.toml'} has the same name; rename it" in shipped
        done = run("deals", "--json")
        assert done.exit_code == 1
        by_name = {table["name"]: table for table in json.loads(done.stdout)}
        assert "is not TOML" in by_name["BAD"]["error"]
        assert by_name["GOOD"]["issuer"] == by_name["NEOT-2001"]["issuer"]

    def test_lists_the_deals(self) -> None:
        result = run("deals")
        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert len(lines) == 6
        assert [" ".join(line.split()[:-1]) for line in (lines[1], lines[-1])] == [
            "CDIO-2023 Cardio Diagnostics Holdings, Inc. agreements: none",
            "NEOT-2001 NeoTherapeutics, Inc. agreements: SALES, OTHER",
        ]
        assert len({line.index("agreements:") for line in lines}) == 1
        headings = json.loads(run("deals", "--json").stdout)
        assert [one["name"] for one in headings][::5] == ["CANOO-2022", "NEOT-2001"]
        assert headings[-1]["agreements"] == ["SALES", "OTHER"]

    def test_shows_every_figure_with_its_source(self) -> None:
        lines = run("deals", "neot-2001/other").stdout.splitlines()
        for figure in select("NEOT-2001/OTHER").figures.values():
            (line,) = [one for one in lines if one.startswith(figure.name + " ")]
            assert line.endswith(f"[{figure.source}]")
        assert "agreement.capacity" in lines[4]
        assert "8,400,000 USD" in lines[4]

    def test_json_keeps_decimals_exact(self) -> None:
        table = json.loads(run("deals", "NEOT-2001", "--json").stdout)
        values = {figure["name"]: figure["value"] for figure in table["figures"]}
        assert values["agreement.tier_2.rate"] == "0.035"
        assert values["class_b.outstanding"] == 3_413_600

    def test_checks_a_file(self, tmp_path: Path) -> None:
        text = NEOT_1.replace("NEOT-2001", "MINE-1")
        path = tmp_path / "MINE-1.toml"
        path.write_text(text, "utf-8")
        assert run("deals", str(path)).exit_code == 0
        path.write_text(text.replace("value = 0.035", "value = 3.5"), "utf-8")
        result = run("deals", str(path))
        assert result.exit_code == 2
        assert "MINE-1.toml" in result.stderr
        assert "agreements.SALES.tiers[2].rate" in result.stderr
        assert "from 0 to 1" in result.stderr
        assert not result.stdout

    def test_an_unknown_deal(self) -> None:
        result = run("deals", "NOPE-1")
        assert result.exit_code == 2
        assert "NEOT-2001" in result.stderr


def test_help_is_quick_to_load() -> None:
    code = (
        "import sys; from xladdin.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('openpyxl', 'formualizer', 'xlwings', 'numpy', 'holidays',"
        " 'hashlib', 'decimal', 'xladdin.xlsx', 'xladdin.terms') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
