"""Workbook files as packages of parts: read within limits, and changed as little as possible."""
