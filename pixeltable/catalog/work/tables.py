"""The tables of the work database: what processes on one catalog share beside the catalog, and what may be lost.

On PostgreSQL they lie in the schema of the catalog, so their names begin with `work_`. Values are plain integers, text, numbers
and bytes, as statements run on the driver's cursor; times are microseconds since 1970. Tables of a later release are added to a
database that lacks them; a change of what is here needs a new `FORMAT_VERSION`, which makes an old database begin anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

FORMAT_VERSION = 1

METADATA = MetaData()


def _integer(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


def _bytes(name: str) -> Column[Any]:
    return Column(name, LargeBinary, nullable=False)


meta = Table('work_meta', METADATA, Column('key', Text, primary_key=True), _text('value'))

# Results of calls. A key begins with the fingerprint of its function. `size` is what an entry counts for; the value is the last
# column: what comes before is read without it.
ledger = Table(
    'work_ledger',
    METADATA,
    Column('key', LargeBinary, primary_key=True),
    _integer('size'),
    _integer('made_at'),
    _integer('used_at'),
    _bytes('value'),
)

# What the ledger holds for each state of a function's code, counted, and what was asked of it: calls saved and calls made.
functions = Table(
    'work_functions',
    METADATA,
    Column('fingerprint', LargeBinary, primary_key=True),
    _text('name'),
    _integer('entries'),
    _integer('bytes'),
    _integer('hits'),
    _integer('misses'),
)

# Calls that somebody is making, and who. `place`, `pid` and `started` identify a process: see `_support.processes`.
claims = Table('work_claims', METADATA, Column('key', LargeBinary, primary_key=True), _text('owner'))
owners = Table(
    'work_owners',
    METADATA,
    Column('id', Text, primary_key=True),
    _text('place'),
    _integer('pid'),
    _text('started'),
    _integer('expires'),
)

# The parts of code that has computed something, to tell later what changed: see `work.codes`.
codes = Table(
    'work_codes', METADATA, Column('fingerprint', Text, primary_key=True), _integer('seen_at'), _text('parts')
)

Index('work_ledger_by_use', ledger.c.used_at)
