"""LibreOffice as an engine: a safe copy that it imports, and the values that it computes."""
