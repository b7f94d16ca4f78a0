"""Contract arithmetic: pure functions of numbers and terms, without Excel and without files."""
