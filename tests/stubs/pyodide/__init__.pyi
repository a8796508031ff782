"""The part of Pyodide that the engine uses."""
