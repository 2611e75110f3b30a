"""Verification: everything that a home holds, against itself. It changes nothing, and goes on after whatever it finds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pixeltable._support.words import counted
from pixeltable.catalog import documents
from pixeltable.catalog.read.audit import Audit, TableAudit
from pixeltable.catalog.records import TableRecord
from pixeltable.errors import Error
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import Findings, VerifyReport
from pixeltable.exec.maintenance.verify_catalog import CHECKS, RESTORE_CATALOG, TableCheck, check_paths
from pixeltable.exec.maintenance.verify_derived import check_derived
from pixeltable.exec.maintenance.verify_files import check_files
from pixeltable.exec.maintenance.verify_media import check_media
from pixeltable.exec.maintenance.verify_rows import check_rows
from pixeltable.exec.maintenance.verify_views import check_query
from pixeltable.exec.progress import Advance, Progress
from pixeltable.media.library import FOLDER

Result = TypeVar('Result')

SAMPLE = 10
"""Cells of each computed column that are computed again."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is computed again: so many cells of each computed column; and of views, queries that call functions, too."""

    sample: int
    may_call: bool


def verify(engine: Engine, table_id: str | None, depth: Depth) -> VerifyReport:
    """Checks the catalog and all tables, or one table."""
    started = time.perf_counter()
    found, audit = Findings(), engine.catalog.audit()
    for what in _guarded(found, 'the database cannot be read', audit.integrity) or []:
        found.problem(None, f'the database is damaged: {what}', RESTORE_CATALOG)
    ids = [table_id] if table_id is not None else _guarded(found, 'its tables cannot be listed', audit.table_ids)
    megabytes = _guarded(found, 'its files cannot be listed', lambda: audit.total_bytes(table_id) >> 20)
    roots: set[str] = set()
    with contextlib.closing(Progress('verify', engine.context.display, 'MB')) as progress:
        progress.expect(megabytes or 0)
        for each in ids or []:
            rows = _guarded(found, f'table {each} cannot be read', partial(_rows, audit, each))
            if rows is not None:
                look = partial(_table, engine, audit, rows, depth, found, progress.calls)
                roots |= _guarded(found, f'table {each} cannot be looked at', look) or set()
    if table_id is None:
        _catalog(audit, found)
        roots.add('tables/')
    _guarded(found, 'the store cannot be listed', lambda: _orphans(engine, audit, roots, found))
    return VerifyReport(
        tuple(found.problems),
        tuple(found.notes),
        found.tables,
        found.segments,
        found.files,
        found.bytes,
        found.cells,
        time.perf_counter() - started,
    )


def _guarded(found: Findings, what: str, read: Callable[[], Result]) -> Result | None:
    """What `read` gives; None, and a problem, if it raises."""
    try:
        return read()
    except Error as error:
        reason = error.message
    except Exception as error:  # noqa: BLE001  a catalog that does not agree with itself breaks what any code relies on
        reason = f'{type(error).__name__}: {error}'
    found.problem(None, f'{what}: {reason}', RESTORE_CATALOG)
    return None


def _rows(audit: Audit, table_id: str) -> TableAudit | None:
    rows = audit.table(table_id)
    return rows if rows.records else None


def _table(engine: Engine, audit: Audit, rows: TableAudit, depth: Depth, found: Findings, advance: Advance) -> set[str]:
    """All checks of one table. Returns the prefixes of the keys of its objects."""
    check = TableCheck(rows, found)
    found.tables += check.record is not None and check.record.kind == 'table'
    found.segments += len(rows.segments)
    for look in CHECKS:
        _guarded(found, f'the rows of table {check.label!r} do not agree', partial(look, check))
    prefixes = {record.folder for record in _records(rows)}
    sizes = _guarded(found, 'the store cannot be listed', partial(_sizes, engine, prefixes)) or {}
    check_files(check, audit, engine.context.store.objects, sizes, advance)
    if check.is_live:
        look = partial(check_media, engine, rows.table_id, check.label, found, advance)
        _guarded(found, f'the media of table {check.label!r} cannot be looked at', look)
    if check.is_live and check.record is not None:
        if check.record.base is None:
            _contents(engine, check, depth)
        else:
            _base(engine, check, *check.record.base)
    return prefixes


def _sizes(engine: Engine, prefixes: set[str]) -> dict[str, int]:
    """The objects below `prefixes`."""
    return {each.key: each.size for prefix in sorted(prefixes) for each in engine.context.store.objects.list(prefix)}


def _records(rows: TableAudit) -> list[TableRecord]:
    found = []
    for row in rows.records:
        with contextlib.suppress(Error):  # each is a problem already
            found.append(documents.table_record(row.id, row.path, row.schema_version, row.doc))
    return found


def _contents(engine: Engine, check: TableCheck, depth: Depth) -> None:
    """What the newest commit sees of a table, and what its snapshots do."""
    pinned: dict[int | None, str] = {
        row.commit_id: f', snapshot {row.name}' for row in check.audit.snapshots if row.end is None
    }
    for commit, name in (pinned | {None: ''}).items():
        label = f'{check.label}{name}'

        def look(commit: int | None = commit, label: str = label) -> None:
            source = engine.source(check.audit.table_id, commit)
            check_rows(engine, label, source, check.found)
            if commit is None:
                check_derived(engine, label, source, depth.sample, check.found)
                check_query(engine, label, source, check.found, may_call=depth.may_call)

        _guarded(check.found, f'the contents of table {label!r} cannot be looked at', look)


def _base(engine: Engine, check: TableCheck, base_id: str, version: int) -> None:
    """What a snapshot with a path of its own stands for."""
    try:
        engine.catalog.version(base_id, version)
    except Error as error:
        check.problem(f'it is a snapshot of version {version} of a table, which cannot be read: {error.message}')


def _catalog(audit: Audit, found: Findings) -> None:
    """What belongs to no single table."""
    tables, directories = _guarded(found, 'its paths cannot be listed', audit.paths) or ([], [])
    check_paths(tables, directories, found)
    for name in _guarded(found, 'its functions cannot be read', audit.damaged_functions) or []:
        remedy = 'declare it again, and replace the columns that use it'
        found.problem(None, f'the stored code of function {name!r} has changed', remedy)


def _orphans(engine: Engine, audit: Audit, prefixes: set[str], found: Findings) -> None:
    """Notes the objects that no commit names. Objects are listed first: what is committed meanwhile is none of them."""
    listed = _sizes(engine, prefixes)
    named = audit.objects()
    orphans = sorted(key for key in listed if key not in named and f'/{FOLDER}' not in key)  # media are named by values
    if orphans:
        size = sum(listed[key] for key in orphans)
        found.note(
            f'{counted(len(orphans), "object")} of {size / 1e6:,.1f} MB in the store, such as {orphans[0]!r}, that no commit '
            'names: they are being written now, or writers that crashed left them, which pxt.vacuum() removes'
        )
