"""Creating views: rows of a table, or made from them, that follow every change of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pixeltable.api.snapshots import create_snapshot
from pixeltable.api.table import Table
from pixeltable.api.view_creation import created
from pixeltable.catalog.records import TableRecord


def create_view(
    path: str,
    base: Any,
    *,
    additional_columns: Mapping[str, Any] | None = None,
    is_snapshot: bool = False,
    has_default_idxs: bool = False,
    iterator: Any = None,
    comment: str | None = None,
    custom_metadata: Any = None,
    media_validation: str = 'on_write',
    if_exists: str = 'error',
) -> Table:
    """Creates a view: a table whose rows follow from those of others, and that follows every change of them in the same commit.

    Args:
        path: where it lies among tables and directories.
        base: a table or a view, or a query over one with `where`, `select` or both: `t.where(t.score > 1).select(t.title)`; or
            a query with `join`, `group_by`, `having`, `distinct` or `limit`, whose result the view holds. `explain()` says how
            such a view follows.
        additional_columns: columns of the view itself, by name: an expression over the base (a computed column), or a nullable
            type, whose values `update` sets.
        is_snapshot: whether it stays as it is now, whatever becomes of the base; see `create_snapshot`.
        has_default_idxs: whether each column of its own that can have one gets a B-tree index.
        iterator: a call of an iterator, such as `document_splitter(t.doc, 'paragraph')`, that makes any number of rows from each
            row of the base.
        comment, custom_metadata: kept with the view; the metadata must be JSON-able.
        media_validation: `'on_write'` or `'on_read'`.
        if_exists: `'error'`; `'ignore'` returns the existing view; `'replace'` drops it first, `'replace_force'` also what
            depends on it.

    Raises:
        RequestError: TYPE_MISMATCH if `base` is neither table nor query, UNSUPPORTED_OPERATION for a query that cannot be
            followed (of past versions, with samples of other kinds than a fraction, with `order_by` and no `limit`),
            for an additional column that is not over the base, and to replace what the view is of;
            INVALID_ARGUMENT for an additional column that has no value and is not nullable, INVALID_EXPRESSION for an `iterator`
            that is no call of one; INVALID_PATH.
        AlreadyExistsError: COLUMN_ALREADY_EXISTS for a column that the base has, PATH_ALREADY_EXISTS.
        NotFoundError: DIRECTORY_NOT_FOUND.
    """
    if is_snapshot:
        return create_snapshot(
            path,
            base,
            additional_columns=additional_columns,
            iterator=iterator,
            comment=comment,
            custom_metadata=custom_metadata,
            media_validation=media_validation,
            if_exists=if_exists,
        )
    options = TableRecord('', '', 'view', (), comment or '', custom_metadata, media_validation)
    options = dataclasses.replace(options, has_default_indexes=bool(has_default_idxs))
    return created('create_view', path, base, additional_columns, iterator, options, if_exists)
