"""floating.xlsx: Class B and debenture prices from a table of closing bids."""
