"""Formulas as text: their tokens, their syntax trees, and what their references mean."""
