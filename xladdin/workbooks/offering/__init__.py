"""offering.xlsx: one offering of shares, its costs, and what it does to the issuer's books."""
