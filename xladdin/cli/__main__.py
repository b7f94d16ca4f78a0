"""``python -m xladdin.cli``."""

from xladdin.cli import main

main(prog_name="xladdin")
