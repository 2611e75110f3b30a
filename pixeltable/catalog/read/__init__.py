"""Reads what a commit sees: paths, schemas, contents and history, one file each."""
