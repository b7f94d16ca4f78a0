"""equityline.xlsx: advances, purchases and conversions at prices that follow quotations."""
