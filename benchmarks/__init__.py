"""What is measured, and against whom: ``python -m benchmarks``; see README.md beside this file."""
