"""Many deals at once, for tests of what becomes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deals import NEOT_1

from xladdin.building import build
from xladdin.building.manifest import MANIFEST

TEXT = NEOT_1
NAMES = ("captable",)


def write_deals(folder: Path, count: int) -> list[Path]:
    """Write deals that differ in their issuer."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number in range(1, count + 1):
        path = folder / f"DEAL-{number}.toml"
        text = TEXT.replace("NEOT-2001", path.stem).replace("NeoTherapeutics", f"Issuer {number}")
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def changes(folder: Path, out: Path, **options: Any) -> dict[str, str]:
    done = build.build(NAMES, deals=[folder], out=out, **options)
    return {item.path.parent.name: item.change for item in done}


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / MANIFEST).read_text("utf-8"))
    return found


def states(out: Path) -> dict[str, str]:
    """What the manifest says of each workbook, which is true of its checks, too."""
    entries = manifest(out)["workbooks"]
    for entry in entries.values():
        assert (entry["checks_ok"] is None) == (entry["state"] not in ("built", "unchanged"))
        assert bool(entry["reason"]) == (entry["checks_ok"] is None)
    return {name: entry["state"] for name, entry in entries.items()}


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.xlsx")}
