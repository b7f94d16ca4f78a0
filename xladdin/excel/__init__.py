"""Excel: classic xlwings, Office.js, the VBA of the add-in and macro workbooks."""
