"""The template workbooks: a folder each, over a small sheet-writing layer."""
