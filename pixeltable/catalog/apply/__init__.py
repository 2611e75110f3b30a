"""Carries out changes inside a commit's transaction: one file a family of changes, one function a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pixeltable.catalog import changes
from pixeltable.catalog.apply import columns, history, paths, restore, segments
from pixeltable.catalog.transaction import Transaction

_APPLY: dict[type, Callable[[Transaction, Any], None]] = {
    changes.CreateDirectory: paths.create_directory,
    changes.DropDirectory: paths.drop_directory,
    changes.CreateTable: paths.create_table,
    changes.ReplaceTable: paths.replace_table,
    changes.DropTable: paths.drop_table,
    changes.AddColumn: columns.add_column,
    changes.ReplaceColumn: columns.replace_column,
    changes.DropColumn: columns.drop_column,
    changes.AddSegment: segments.add_segment,
    changes.EndSegment: segments.end_segment,
    changes.AddFile: segments.add_file,
    changes.ReplaceDeletes: segments.replace_deletes,
    changes.AddSnapshot: history.add_snapshot,
    changes.DropSnapshot: history.drop_snapshot,
    changes.ForgetVersion: history.forget_version,
    changes.Restore: restore.restore,
}


def apply(transaction: Transaction, change: changes.Change) -> None:
    """Carries out one change."""
    _APPLY[type(change)](transaction, change)
