"""The release: its number, and the day stamped into every file it makes."""

import datetime

__version__ = "0.1.0"

RELEASED = datetime.date(2026, 11, 23)
"""Day of the release. Built files carry it instead of the clock's time, so that they rebuild
byte for byte."""
