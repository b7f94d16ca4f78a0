"""The embedded engine: formulas rewritten for it, judged by what is proved, and computed."""
