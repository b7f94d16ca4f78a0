"""Workbooks filled at random, computed, and judged by oracles written from the specification."""
