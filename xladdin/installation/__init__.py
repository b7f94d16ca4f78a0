"""Putting the add-in into Excel on this machine, taking it out, and saying what is missing."""
