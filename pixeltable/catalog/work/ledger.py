"""The entries of the ledger in the work database. Functions take a connection inside a transaction; times are microseconds.

What is counted about entries changes in the transaction that changes them: the size of the ledger is known without a scan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work.many import OverKeys
from pixeltable.catalog.work.tables import functions, ledger

OF_FUNCTION = 16
"""So many bytes at the start of a key are the fingerprint of the function."""

ENTRY_BYTES = 200
"""What an entry takes beside its value, about: its key, in the table and in the indexes."""

_EVICTED_AT_ONCE = 1000

_VALUES = OverKeys(ledger.c.key, select(ledger.c.key, ledger.c.used_at, ledger.c.value).where)
_SIZES = OverKeys(ledger.c.key, select(ledger.c.key, ledger.c.size).where)
_INSERT = ledger.insert()
_DELETE = OverKeys(ledger.c.key, delete(ledger).where)
_TOUCH = OverKeys(ledger.c.key, lambda keys: update(ledger).where(keys).values(used_at=bindparam('now')))
_OLDEST = select(ledger.c.key, ledger.c.size).order_by(ledger.c.used_at).limit(_EVICTED_AT_ONCE)

_FUNCTIONS = select(functions)
_TOTAL = select(func.coalesce(func.sum(functions.c.bytes), 0))
_COUNTED = ('entries', 'bytes', 'hits', 'misses')
_COUNT = (
    update(functions)
    .where(functions.c.fingerprint == bindparam('function'))
    .values({name: functions.c[name] + bindparam(f'more_{name}') for name in _COUNTED})
)
_INSERT_FUNCTION = functions.insert()


@dataclass(frozen=True, slots=True)
class Described:
    """A function as people know it: its full name, and its signature as text."""

    name: str
    signature: str


Functions = Mapping[bytes, Described]
"""By fingerprint."""


def unknown(fingerprint: bytes) -> Described:
    """A function whose keys another process made."""
    return Described(fingerprint.hex(), '')


@dataclass(slots=True)
class Counts:
    """What is known of a function's results, or how much of it has changed. A `hit` is a call saved, a `miss` a call made."""

    entries: int = 0
    bytes: int = 0
    hits: int = 0
    misses: int = 0

    def add(self, other: Counts) -> None:
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def _in_question() -> tuple[ColumnElement[bool], ...]:
    return (
        ledger.c.key.between(bindparam('low'), bindparam('high')),
        ledger.c.made_at < bindparam('before'),
    )


_COUNT_SOME = select(func.count(), func.coalesce(func.sum(ledger.c.size), 0)).where(*_in_question())
_DELETE_SOME = delete(ledger).where(*_in_question())


def find(connection: Connection, keys: Collection[bytes]) -> list[tuple[bytes, int, bytes]]:
    """Key, last use and value of the entries that are there."""
    return [(bytes(key), used, bytes(value)) for key, used, value in _VALUES.rows(connection, keys)]


def known(connection: Connection, keys: Collection[bytes]) -> dict[bytes, int]:
    """Those of the keys that have entries, and the sizes of these."""
    return {bytes(key): size for key, size in _SIZES.rows(connection, keys)}


def put(connection: Connection, values: Mapping[bytes, bytes], described: Functions, now: int) -> None:
    """Adds entries. One that is there stays: it is a result of the same call."""
    there = known(connection, values)
    new = {key: value for key, value in values.items() if key not in there}
    connection.execute_many(
        _INSERT,
        [
            {'key': key, 'size': len(value) + ENTRY_BYTES, 'made_at': now, 'used_at': now, 'value': value}
            for key, value in new.items()
        ],
    )
    count(connection, _counts({key: len(value) + ENTRY_BYTES for key, value in new.items()}, 1), described)


def remove(connection: Connection, keys: Collection[bytes]) -> int:
    """Removes the entries of these keys; returns how many there were."""
    there = known(connection, keys)
    _DELETE.execute(connection, list(there))
    count(connection, _counts(there, -1), {})
    return len(there)


def _counts(sizes: Mapping[bytes, int], sign: int) -> dict[bytes, Counts]:
    """By function, what is added (`sign` 1) or removed (-1) with entries of these sizes."""
    entries = Counter(key[:OF_FUNCTION] for key in sizes)
    bytes_: Counter[bytes] = Counter()
    for key, size in sizes.items():
        bytes_[key[:OF_FUNCTION]] += size
    return {function: Counts(sign * number, sign * bytes_[function]) for function, number in entries.items()}


def remove_of(connection: Connection, fingerprints: Iterable[bytes], before: int) -> int:
    """Removes what was made before that time by functions of these fingerprints; returns how many entries that were."""
    removed = 0
    for fingerprint in fingerprints:
        of_call = b'\xff' * 64  # longer than the rest of any key
        some = {'low': fingerprint, 'high': fingerprint + of_call, 'before': before}
        entries, size = connection.row(_COUNT_SOME, some)
        if entries:
            connection.execute(_DELETE_SOME, some)
            count(connection, {fingerprint: Counts(-entries, -int(size))}, {})
        removed += entries
    return removed


def touch(connection: Connection, keys: Collection[bytes], now: int) -> None:
    """Notes that the entries are used."""
    _TOUCH.execute(connection, keys, {'now': now})


def evict(connection: Connection, limit: int) -> None:
    """Removes what was not used for longest, if there is more than `limit` bytes, and some more: not at every call."""
    total = int(connection.row(_TOTAL)[0])
    if total <= limit:
        return
    surplus = total - limit + limit // 64
    while surplus > 0:
        leaving: list[bytes] = []
        oldest = connection.rows(_OLDEST)
        for key, size in oldest:
            if surplus <= 0:
                break
            leaving.append(bytes(key))
            surplus -= size
        if not leaving:
            return
        remove(connection, leaving)


def count(connection: Connection, changes: Mapping[bytes, Counts], described: Functions) -> None:
    """Adds to what is counted for functions, by fingerprint."""
    for fingerprint, change in changes.items():
        amounts: dict[str, Any] = {name: getattr(change, name) for name in _COUNTED}
        more = {f'more_{name}': amount for name, amount in amounts.items()}
        if not connection.execute(_COUNT, {'function': fingerprint, **more}):
            function = described.get(fingerprint) or unknown(fingerprint)
            amounts |= {'fingerprint': fingerprint, 'name': function.name, 'signature': function.signature}
            connection.execute(_INSERT_FUNCTION, amounts)


def counted(connection: Connection) -> list[tuple[bytes, Described, Counts]]:
    """For each state of a function's code: its fingerprint, the function, and what was counted."""
    return [
        (bytes(fingerprint), Described(name, signature), Counts(*counts))
        for fingerprint, name, signature, *counts in connection.rows(_FUNCTIONS)
    ]
