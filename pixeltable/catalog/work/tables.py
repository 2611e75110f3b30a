"""The tables of the work database: what processes on one catalog share beside the catalog, and what may be lost.

On PostgreSQL they lie in the schema of the catalog, so their names begin with `work_`. Values are plain integers, text, numbers
and bytes, as statements run on the driver's cursor; times are microseconds since 1970. Tables of a later release are added to a
database that lacks them; a change of what is here needs a new `FORMAT_VERSION`, which makes an old database begin anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, LargeBinary, MetaData, Table, Text

FORMAT_VERSION = 2

METADATA = MetaData()


def _integer(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


def _number(name: str) -> Column[Any]:
    return Column(name, Double, nullable=False)


def _bytes(name: str) -> Column[Any]:
    return Column(name, LargeBinary, nullable=False)


meta = Table('work_meta', METADATA, Column('key', Text, primary_key=True), _text('value'))

usage = Table(
    'work_usage',
    METADATA,
    Column('day', Text, primary_key=True),  # in UTC, as in 2026-01-31
    Column('table_id', Text, primary_key=True),
    Column('column_name', Text, primary_key=True),  # empty for what a query calls
    Column('operation', Text, primary_key=True),
    Column('function', Text, primary_key=True),
    _text('path'),  # of the table when it was last written
    _integer('calls'),
    _integer('hits'),
    _integer('errors'),
    _integer('input_tokens'),
    _integer('output_tokens'),
    Column('seconds', Double, nullable=False),
    Column('cost', Double),  # NULL once a part of it is not known
)

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
    _text('signature'),
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

# What processes share about a resource pool: one row each, and one for each process that uses it.
pools = Table(
    'work_pools',
    METADATA,
    Column('name', Text, primary_key=True),
    _integer('generation'),
    _integer('requests_at'),
    _integer('tokens_at'),
    _integer('blocked_until'),
    _integer('cut_at'),
    _integer('strikes'),
    _number('rate'),
    _number('proven'),
    _integer('window_size'),
    _integer('ramped'),
    _integer('widened_at'),
    _text('history'),
    _integer('counted_from'),
    _number('learned_requests'),
    _number('learned_tokens'),
    _number('mean_tokens'),
    _integer('measured'),
    _integer('synced_at'),
)
pool_members = Table(
    'work_pool_members',
    METADATA,
    Column('pool', Text, primary_key=True),
    Column('member', Text, primary_key=True),
    _text('place'),
    _integer('pid'),
    _text('started'),
    _integer('wanted'),
    _integer('granted'),
    _integer('seen_at'),
)
