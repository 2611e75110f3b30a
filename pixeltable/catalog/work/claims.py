"""Who is making which calls, in the work database. Functions take a connection inside a transaction; times are microseconds.

A claim names its owner, and an owner says in its own row until when it can be believed to live: to renew that is one small
write, however many claims it holds. The claims of an owner that is dead go all at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update

from pixeltable._support.processes import Process, is_gone, is_near
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work.many import OverKeys
from pixeltable.catalog.work.tables import claims, owners

LEASE_US = 15_000_000
"""So long an owner counts as alive after it was last heard of."""

NEAR_US = 60_000_000
"""And so long again if its process can be seen to run: it may be waiting for a lock, or hold that of the interpreter."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who makes claims: one ledger in one process."""

    id: str
    process: Process


_HOLDERS = OverKeys(
    claims.c.key,
    lambda keys: (
        select(claims.c.key, claims.c.owner, owners.c.place, owners.c.pid, owners.c.started, owners.c.expires)
        .select_from(claims.outerjoin(owners, owners.c.id == claims.c.owner))
        .where(keys)
    ),
)
_RENEW = update(owners).where(owners.c.id == bindparam('owner')).values(expires=bindparam('until'))
_INSERT_OWNER = owners.insert()
_INSERT = claims.insert()
_DELETE = OverKeys(claims.c.key, lambda keys: delete(claims).where(keys, claims.c.owner == bindparam('held_by')))
_DELETE_ALL = delete(claims).where(claims.c.owner == bindparam('held_by'))
_DELETE_OWNER = delete(owners).where(owners.c.id == bindparam('owner'))
_EXPIRED = select(owners.c.id).where(owners.c.expires < bindparam('before'))


def renew(connection: Connection, owner: Owner, now: int) -> None:
    """Says that `owner` is alive. Records one that is new or was taken for dead, and removes those that are long dead."""
    until = now + LEASE_US
    if connection.execute(_RENEW, {'owner': owner.id, 'until': until}):
        return
    for (dead,) in connection.rows(_EXPIRED, {'before': now - NEAR_US}):
        bury(connection, dead)
    process = owner.process
    row = {'id': owner.id, 'place': process.place, 'pid': process.pid, 'started': process.started, 'expires': until}
    connection.execute(_INSERT_OWNER, row)


def take(connection: Connection, keys: Collection[bytes], owner: Owner, now: int) -> set[bytes]:
    """Claims those of the keys that nobody living has claimed; returns those that are the owner's now."""
    held = _held(connection, keys, now)
    for holder in {holder for holder, is_dead in held.values() if is_dead}:
        bury(connection, holder)
    others = {key for key, (holder, is_dead) in held.items() if not is_dead and holder != owner.id}
    new = [key for key in keys if key not in held or held[key][1]]
    connection.execute_many(_INSERT, [{'key': key, 'owner': owner.id} for key in new])
    return set(keys) - others


def living(connection: Connection, keys: Collection[bytes], now: int) -> set[bytes]:
    """Those of the keys that somebody living has claimed."""
    return {key for key, (_, is_dead) in _held(connection, keys, now).items() if not is_dead}


def end(connection: Connection, keys: Collection[bytes], owner: Owner) -> None:
    """Ends the claims of `owner` on these keys."""
    _DELETE.execute(connection, keys, {'held_by': owner.id})


def bury(connection: Connection, owner_id: str) -> None:
    """Ends all claims of an owner."""
    connection.execute(_DELETE_ALL, {'held_by': owner_id})
    connection.execute(_DELETE_OWNER, {'owner': owner_id})


def _held(connection: Connection, keys: Collection[bytes], now: int) -> dict[bytes, tuple[str, bool]]:
    """For those of the keys that are claimed: the owner, and whether it is dead."""
    dead: dict[str, bool] = {}
    held: dict[bytes, tuple[str, bool]] = {}
    for key, owner_id, place, pid, started, expires in _HOLDERS.rows(connection, keys):
        if owner_id not in dead:
            dead[owner_id] = expires is None or _is_dead(Process(place, pid, started), expires, now)
        held[bytes(key)] = owner_id, dead[owner_id]
    return held


def _is_dead(process: Process, expires: int, now: int) -> bool:
    if not is_near(process):
        return expires < now
    return is_gone(process) or expires + NEAR_US < now
