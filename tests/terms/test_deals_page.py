"""The examples of the page on deals, job by job, as they stand on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from click.testing import CliRunner
from paths import ROOT

from xladdin.cli import main
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms

HEAD: Final = """format = 2
name = "{name}"
issuer = "Example, Inc."
ticker = "EXPL"
document = "An agreement of today"
document_date = 2024-01-02
calendar = "XNYS"
"""
JOBS: Final = 25
LEFT_OUT: Final = {5: "forward price grows daily at an overnight rate"}
"""Jobs without an example, and words of the reason on the page."""


class Job(NamedTuple):
    """A job of the page: its text, its deal, and its formulas with their results."""

    number: int
    text: str
    deal: str
    examples: list[tuple[str, str]]


def jobs() -> Iterator[Job]:
    """Cut the page at its headings."""
    page = (ROOT / "docs" / "deals.md").read_text(encoding="utf-8")
    for section in re.split(r"^## (?=\d+\. )", page, flags=re.MULTILINE)[1:]:
        number = int(section.partition(".")[0])
        deals = re.findall(r"^```toml\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        blocks = re.findall(r"^```text\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
        examples = [
            (formula, result.strip("\n"))
            for block in blocks
            for formula, _, result in (one.partition("\n") for one in block.split("\n\n"))
        ]
        yield Job(number, section, "\n".join(deals), examples)


PAGE: Final = list(jobs())
EXAMPLES: Final = [
    pytest.param(formula, result, id=f"{job.number}-{at}")
    for job in PAGE
    for at, (formula, result) in enumerate(job.examples, 1)
]


def test_every_job_has_an_example_or_a_reason() -> None:
    assert [job.number for job in PAGE] == list(range(1, JOBS + 1))
    assert {job.number for job in PAGE if not job.examples} == set(LEFT_OUT)
    assert all(LEFT_OUT[job.number] in job.text for job in PAGE if job.number in LEFT_OUT)


def test_every_function_of_deals_of_today_has_an_example() -> None:
    page = " ".join(formula for job in PAGE for formula, _ in job.examples)
    wanted = {"DEAL_PRICE", "DEAL_FEE", "SPLIT_ADJUSTED", "ANTIDILUTION_PRICE", "ISSUE_HEADROOM"}
    wanted |= {"FLOAT_HEADROOM", "OWNERSHIP_HEADROOM", "WEIGHTED_SHARES", "DILUTED_EPS"}
    wanted |= {"WARRANT_VALUE", "OFFERING_DILUTION", "MAKE_WHOLE"}
    assert wanted <= FUNCTIONS.keys()
    assert {name for name in wanted if f"{name}(" not in page} == set()


@pytest.mark.parametrize(("formula", "result"), EXAMPLES)
def test_examples(folder: Path, formula: str, result: str) -> None:
    for one in PAGE:
        if one.deal and f'"JOB-{one.number}' in formula:
            name = f"JOB-{one.number}"
            text = HEAD.format(name=name) + one.deal
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["eval", formula])
    assert done.stdout.rstrip("\n") == result, done.output
    assert done.exit_code == (1 if result.startswith("#") else 0)


@pytest.mark.parametrize("job", [job for job in PAGE if job.deal], ids=lambda job: job.number)
def test_deals_are_read(tmp_path: Path, job: Job) -> None:
    path = tmp_path / f"JOB-{job.number}.toml"
    path.write_text(HEAD.format(name=path.stem) + job.deal, encoding="utf-8")
    assert read_terms(path).deal.name == path.stem
