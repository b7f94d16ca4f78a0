"""placements.xlsx: the log of placements under one sales agreement."""
