"""The tables of the work database: what processes on one catalog share beside the catalog, and what may be lost.

On PostgreSQL they lie in the schema of the catalog, so their names begin with `work_`. Values are plain integers, text, numbers
and bytes, as statements run on the driver's cursor; times are microseconds since 1970. Tables of a later release are added to a
database that lacks them; a change of what is here needs a new `FORMAT_VERSION`, which makes an old database begin anew.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

FORMAT_VERSION = 1

METADATA = MetaData()


def _integer(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


meta = Table('work_meta', METADATA, Column('key', Text, primary_key=True), _text('value'))
