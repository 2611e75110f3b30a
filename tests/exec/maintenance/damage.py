"""A small home with files of each kind, and ways to damage it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pixeltable as pxt

ROWS = 9000  # so many that a column of numbers is not inlined


def make_table() -> pxt.Table:
    """A table `t` with Parquet files of plain columns, of a computed one, and of a filter over keys; inlined files; deletes."""
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String, 'f': pxt.Float | None}, primary_key='k')
    chance = np.random.default_rng(0)
    t.insert({'k': k, 's': f'text {chance.integers(1000)}', 'f': float(chance.random())} for k in range(ROWS))
    t.add_computed_column(twice=t.f * 2)
    t.add_computed_column(length=t.s.len())
    pxt.snapshot(t, name='before')
    t.delete(where=t.k == 7)
    t.update({'s': 'updated'}, where=t.k == 9)
    t.insert([{'k': ROWS, 's': 'last', 'f': None}])
    return t


def objects(home: Path) -> list[Path]:
    return sorted(path for path in (home / 'data' / 'tables').rglob('*') if path.is_file())


def flip(content: bytes, at: int, bit: int = 2) -> bytes:
    changed = bytearray(content)
    changed[at] ^= 1 << bit
    return bytes(changed)


@contextlib.contextmanager
def changed(path: Path, content: bytes | None) -> Iterator[None]:
    """The file holds `content`, or is gone, for as long as the block lasts."""
    before = path.read_bytes()
    try:
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        yield
    finally:
        path.write_bytes(before)


def sql(home: Path, statement: str, *parameters: Any) -> list[Any]:
    """Runs a statement on the catalog behind everybody's back."""
    with contextlib.closing(sqlite3.connect(home / 'catalog.db', timeout=10)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()


def contents() -> list[Any]:
    """All rows of all versions of `t`."""
    t = pxt.get_table('t')
    return [pxt.get_table(f't:{each["version"]}').collect().to_arrow() for each in t.get_versions()]
