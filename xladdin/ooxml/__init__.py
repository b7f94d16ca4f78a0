"""Workbook files as packages of parts: read with care, changed as little as can be, saved whole."""
