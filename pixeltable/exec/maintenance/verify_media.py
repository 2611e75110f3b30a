"""Checks stored media: that each object which a readable version needs is there, and holds what its name says."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

from pixeltable.errors import Error, ErrorCode
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import REPAIR, RESTORE, DamagedMedia, Findings
from pixeltable.exec.maintenance.media import Needed, needed
from pixeltable.exec.maintenance.verify_files import AT_ONCE, PART_BYTES
from pixeltable.exec.progress import Advance
from pixeltable.media.references import stored_digest


def check_media(engine: Engine, table_id: str, label: str, found: Findings, advance: Advance) -> None:
    """All media of a table, each once."""
    wanted = {each.key: each for each in needed(engine, table_id) if stored_digest(each.key) is not None}
    sizes: dict[str, int] = {}
    for folder in sorted({f'{key.rpartition("/")[0]}/' for key in wanted}):
        sizes |= {each.key: each.size for each in engine.context.services.library.list(folder)}

    def check(each: Needed) -> None:
        size = sizes.get(each.key)
        reason = 'is missing' if size is None else _damage(engine, each.key, size)
        advance(found.count(size or 0))
        if reason is not None:
            remedy = REPAIR if each.column.is_computed else RESTORE
            cause = DamagedMedia(table_id, each.column.id, each.key)
            what = f'what column {each.column.name!r} refers to {reason}'
            found.problem(label, what, remedy, file=repr(each.key), cause=cause)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(check, wanted.values()))


def _damage(engine: Engine, key: str, size: int) -> str | None:
    """What is wrong with an object of `size` bytes; None if it holds what its name says."""
    library, digest = engine.context.services.library, hashlib.sha256()
    try:
        for start in range(0, size, PART_BYTES):
            digest.update(library.part(key, start, min(PART_BYTES, size - start)))
    except Error as error:
        missing = error.error_code is ErrorCode.STORAGE_NOT_FOUND
        return 'is missing' if missing else f'cannot be read: {error.message}'
    return (
        None
        if digest.hexdigest() == stored_digest(key)
        else 'has changed: its content does not have the checksum in its name'
    )
