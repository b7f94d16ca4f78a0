"""The tab that the add-in adds to Excel's ribbon, as a part of its file (customUI)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import quoteattr

from xladdin.excel.vba_ribbon import NAMESPACE
from xladdin.excel.vba_wrapper import TAG

PART: Final = "customUI/customUI14.xml"
"""The part of the add-in's file with the tab."""

_RELATIONSHIP: Final = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
_RELATIONSHIPS: Final = "_rels/.rels"
_END: Final = b"</Relationships>"

_GROUPS: Final = {
    "Cell": {
        "Explain": (
            "Explain this cell",
            "FunctionWizard",
            "Write the steps and clauses behind the selected cell into a new workbook.",
        ),
        "Help": (
            "Help",
            "Help",
            "Open the page of the function in the selected cell, or the list of all functions.",
        ),
    },
    "Workbooks": {
        "Workbooks": (
            "Insert workbook",
            "FileNew",
            "Make a workbook for a deal, save it where you choose, and open it.",
        ),
        "Deals": (
            "Deals",
            "TableInsert",
            "List the deals with their terms, units and sources in a new workbook.",
        ),
    },
    "Python": {
        "Restart": (
            "Restart Python",
            "RefreshAll",
            "End Python, start it again, and calculate all open workbooks.",
        ),
        "Status": (
            "Status",
            "FileProperties",
            "Which Python runs, whether it answers, and what failed last.",
        ),
    },
}
"""Groups of the tab: of each control its label, its picture and what it does."""

_MENU: Final = "Workbooks"
"""The control whose menu is made when it is opened."""


def tab() -> bytes:
    """Write the XML of the tab."""
    groups = "".join(_group(label, controls) for label, controls in _GROUPS.items())
    return (
        f'<customUI xmlns="{NAMESPACE}"><ribbon><tabs>\n<tab id="xladdinTab" label="xladdin">\n'
        f"{groups}</tab>\n</tabs></ribbon></customUI>\n"
    ).encode()


def _group(label: str, controls: Mapping[str, tuple[str, str, str]]) -> str:
    inner = "".join(_control(name, *words) for name, words in controls.items())
    return f'<group id="xladdinGroup{label}" label={quoteattr(label)}>\n{inner}</group>\n'


def _control(name: str, label: str, picture: str, tip: str) -> str:
    kind, call = ("dynamicMenu", "getContent") if name == _MENU else ("button", "onAction")
    fresh = ' invalidateContentOnDrop="true"' if name == _MENU else ""
    return (
        f'<{kind} id="xladdin{name}" label={quoteattr(label)} size="large" imageMso="{picture}" '
        f'supertip={quoteattr(tip)} tag="{TAG}" {call}="Xladdin{name}"{fresh}/>\n'
    )


def menu(templates: Iterable[str], deals: Iterable[str]) -> str:
    """Write the menu of workbooks: of one deal its templates, of several a menu each.

    Args:
        templates: Names of the templates.
        deals: Names of the deals.
    """
    templates, deals = list(templates), list(deals)
    made = [
        "".join(
            f'<button id="xladdinInsert{place}_{number}" label={quoteattr(template)} '
            f'tag={quoteattr(f"{TAG}:{template}:{deal}")} onAction="XladdinInsert"/>'
            for number, template in enumerate(templates)
        )
        for place, deal in enumerate(deals)
    ]
    if len(deals) > 1:
        made = [
            f'<menu id="xladdinDeal{place}" label={quoteattr(deal)}>{buttons}</menu>'
            for place, (deal, buttons) in enumerate(zip(deals, made, strict=True))
        ]
    return f'<menu xmlns="{NAMESPACE}">{"".join(made)}</menu>'


def parts(relationships: bytes) -> dict[str, bytes]:
    """Make the parts of a package with the tab.

    Args:
        relationships: The package's relationships, without it.

    Returns:
        The tab, and the relationships with it. The type of XML parts is declared by default.
    """
    head, end, rest = relationships.rpartition(_END)
    assert end
    entry = f'<Relationship Id="xladdinRibbon" Type="{_RELATIONSHIP}" Target="{PART}"/>'
    return {PART: tab(), _RELATIONSHIPS: head + entry.encode() + end + rest}
