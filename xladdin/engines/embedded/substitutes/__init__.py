"""Functions of Excel computed here, since the embedded engine computes them by other rules.

Each is given what the engine would be, and returns what Excel would. Where Excel's own rule is not
known to the last digit, it raises `UnknownRuleError`, and the formula is refused.
"""
