"""The sheet-writing layer: what every template needs from openpyxl."""
