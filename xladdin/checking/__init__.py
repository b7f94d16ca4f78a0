"""What is right or wrong in a workbook: entries, checks, and values computed anew and compared."""
