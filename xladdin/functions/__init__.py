"""The worksheet functions: their declarations, and how they are evaluated."""
