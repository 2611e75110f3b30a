"""The tables of the work database: what processes on one catalog share beside the catalog, and what may be lost.

On PostgreSQL they lie in the schema of the catalog, so their names begin with `work_`. Values are plain integers, text, numbers
and bytes, as statements run on the driver's cursor; times are microseconds since 1970. Tables of a later release are added to a
database that lacks them; a change of what is here needs a new `FORMAT_VERSION`, which makes an old database begin anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, MetaData, Table, Text

FORMAT_VERSION = 1

METADATA = MetaData()


def _integer(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


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
    Column('cost', Double, nullable=False),
)
