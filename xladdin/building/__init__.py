"""Making workbooks: rendered, compared with what is there, and saved."""
