"""proceeds.xlsx: proceeds and compensation of a whole offering."""
