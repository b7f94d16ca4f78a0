"""What computes workbooks: the embedded engine, LibreOffice, and what each may compute."""
