"""Carries out changes inside a commit's transaction: one file a family of changes, one function a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, cast

from pixeltable.catalog import changes, removals, returns
from pixeltable.catalog import jobs as job_changes
from pixeltable.catalog import repairs as repair_changes
from pixeltable.catalog.apply import columns, history, jobs, paths, purge, repairs, restore, segments, vacuum
from pixeltable.catalog.transaction import Transaction

_APPLY: dict[type, Callable[[Transaction, Any], None]] = {
    changes.CreateDirectory: paths.create_directory,
    changes.DropDirectory: paths.drop_directory,
    changes.CreateTable: paths.create_table,
    changes.ReplaceTable: paths.replace_table,
    changes.DropTable: paths.drop_table,
    returns.RestoreTable: paths.restore_table,
    changes.AddColumn: columns.add_column,
    changes.ReplaceColumn: columns.replace_column,
    changes.DropColumn: columns.drop_column,
    changes.AddSegment: segments.add_segment,
    changes.AddFile: segments.add_file,
    changes.ReplaceDeletes: segments.replace_deletes,
    returns.AddSnapshot: history.add_snapshot,
    returns.DropSnapshot: history.drop_snapshot,
    returns.ForgetVersion: history.forget_version,
    returns.Restore: restore.restore,
    removals.Vacuum: vacuum.vacuum,
    removals.Purge: purge.purge,
    removals.RemoveTable: vacuum.remove_table,
    repair_changes.ReplaceFile: repairs.replace_file,
    repair_changes.ForgetAside: repairs.forget_aside,
    repair_changes.RaiseCounter: repairs.raise_counter,
    job_changes.StartJob: jobs.start_job,
    job_changes.AdvanceJob: jobs.advance_job,
}


def apply(transaction: Transaction, all_: Iterable[changes.Change]) -> None:
    """Carries out changes in their order; ends of segments, of which a flush has a hundred in a row, together."""
    for kind, alike in groupby(all_, type):
        if kind is changes.EndSegment:
            segments.end_segments(transaction, cast(Iterable[changes.EndSegment], alike))
        else:
            for change in alike:
                _APPLY[kind](transaction, change)
