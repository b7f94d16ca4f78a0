"""LibreOffice Calc: the extension that lives inside it, and the process that runs it."""
