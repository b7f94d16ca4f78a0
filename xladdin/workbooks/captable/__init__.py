"""captable.xlsx: what is outstanding, what may be added to it, and within which limits."""
