"""Contract arithmetic: numbers in, numbers out. Nothing here knows Excel or files."""
