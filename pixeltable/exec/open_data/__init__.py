"""SQL with which plain DuckDB reads a table from its files: the statement, and values as literals, one file each."""
