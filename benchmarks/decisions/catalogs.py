"""Decision 0002: what a durable commit costs in SQLite and in PostgreSQL, alone and with several processes writing.

    .venv/bin/python benchmarks/decisions/catalogs.py [postgresql://USER@HOST/DATABASE]     # the URL needs psycopg

A commit here is what a one-row insert does: read the last commit, add a commit row and an inlined segment of 600 bytes.
"""

from __future__ import annotations

import itertools
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from timing import median

BLOB = b'x' * 600
SCHEMA = (
    'CREATE TABLE commits (id INTEGER PRIMARY KEY, at INTEGER)',
    'CREATE TABLE segment (begin_commit INTEGER, data {blob})',
)


def sqlite(path: str, synchronous: str) -> Callable[[], Any]:
    """A function that commits once, on its own connection."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute('PRAGMA journal_mode=WAL')
    connection.execute(f'PRAGMA synchronous={synchronous}')

    def commit() -> None:
        connection.execute('BEGIN IMMEDIATE')
        (last,) = connection.execute('SELECT coalesce(max(id), 0) FROM commits').fetchone()
        connection.execute('INSERT INTO commits VALUES (?, 0)', (last + 1,))
        connection.execute('INSERT INTO segment VALUES (?, ?)', (last + 1, BLOB))
        connection.execute('COMMIT')

    return commit


def postgres(url: str, synchronous: str) -> Callable[[], Any]:
    """The same; an advisory lock gives one writer at a time, as SQLite's BEGIN IMMEDIATE does."""
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    connection.execute(f'SET synchronous_commit = {synchronous}')

    def commit() -> None:
        with connection.transaction():
            connection.execute('SELECT pg_advisory_xact_lock(1)')
            (last,) = connection.execute('SELECT coalesce(max(id), 0) FROM commits').fetchone()
            connection.execute('INSERT INTO commits VALUES (%s, 0)', (last + 1,))
            connection.execute('INSERT INTO segment VALUES (%s, %s)', (last + 1, BLOB))

    return commit


def write(connect: Callable[[str, str], Callable[[], Any]], where: str, synchronous: str, count: int) -> None:
    commit = connect(where, synchronous)
    for _ in range(count):
        commit()


def measure(name: str, connect: Callable[[str, str], Callable[[], Any]], where: str, synchronous: str) -> None:
    commit = connect(where, synchronous)
    commit()
    print(f'{name} synchronous={synchronous}: one writer {median(commit, 300) * 1e3:.3f} ms a commit')
    for writers in (2, 4):
        count = 200
        processes = [
            multiprocessing.Process(target=write, args=(connect, where, synchronous, count)) for _ in range(writers)
        ]
        start = time.perf_counter()
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert all(process.exitcode == 0 for process in processes), 'a writer failed'
        rate = writers * count / (time.perf_counter() - start)
        print(f'{name} synchronous={synchronous}: {writers} writing processes {rate:,.0f} commits/s, none failed')


def prepare(execute: Callable[[str], Any], blob: str) -> None:
    for statement in ('DROP TABLE IF EXISTS commits', 'DROP TABLE IF EXISTS segment', *SCHEMA):
        execute(statement.format(blob=blob))


def main(urls: list[str]) -> None:
    for synchronous in ('FULL', 'NORMAL'):
        with tempfile.TemporaryDirectory(dir='.') as folder:
            path = str(Path(folder) / 'catalog.db')
            with sqlite3.connect(path) as connection:
                prepare(connection.execute, 'BLOB')
            measure('sqlite', sqlite, path, synchronous)
    for url, synchronous in itertools.product(urls, ('on', 'off')):
        import psycopg

        with psycopg.connect(url) as server:
            prepare(server.execute, 'BYTEA')
        measure('postgres', postgres, url, synchronous)


if __name__ == '__main__':
    main(sys.argv[1:])
