"""What fingerprints were made of, in the work database: so that a change of code can be told in words.

Nothing else depends on it. If it is lost, a stale column is known as such, and not which helper changed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, select

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work.tables import codes

_ONE = select(codes.c.parts).where(codes.c.fingerprint == bindparam('key'))
_INSERT = codes.insert()


def find(connection: Connection, fingerprints: Collection[str]) -> dict[str, dict[str, str]]:
    """The parts of those of the fingerprints that are known."""
    rows = {fingerprint: connection.row(_ONE, {'key': fingerprint}) for fingerprint in fingerprints}
    return {fingerprint: json.loads(row[0]) for fingerprint, row in rows.items() if row is not None}


def put(connection: Connection, fingerprint: str, parts: Mapping[str, str], now: int) -> None:
    """Adds a fingerprint, if it is new."""
    if connection.row(_ONE, {'key': fingerprint}) is None:
        connection.execute(_INSERT, {'fingerprint': fingerprint, 'seen_at': now, 'parts': json.dumps(parts)})
