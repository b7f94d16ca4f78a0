"""One module for each place that a function runs in: arguments in, registry, results out."""
