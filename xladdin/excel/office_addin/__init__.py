"""The add-in for Excel in a browser and on a Mac: a folder of static files for any web server.

`folder` collects the files, `metadata` and `manifest` describe the functions to Excel, `calls` is
the part that runs in the browser's own Python, Pyodide. There is no server program, and nothing of
xlwings.
"""
