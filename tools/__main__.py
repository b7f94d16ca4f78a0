"""Write all documents and modules that are generated from others: ``python -m tools``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

COMMANDS: Final = (
    ("-m", "xladdin.reference"),
    ("-m", "tools.generate_api"),
    ("-m", "tools.generate_command_line"),
    ("tests/hosts/routes.py",),
)
"""The generators, as arguments of Python in the root of a checkout."""

for command in COMMANDS:
    subprocess.run([sys.executable, *command], check=True, cwd=Path(__file__).parents[1])
