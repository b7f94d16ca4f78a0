"""Generators of what is checked in; none of them is shipped."""
