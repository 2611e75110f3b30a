"""Which rows of a segment can meet conditions at all: decided by the catalog first, then by the footers of its files.

What remains still has to be filtered; what is left out is certain not to match. Deleted rows count like others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pixeltable.catalog.records import ROW_ID, FileRecord, Segment
from pixeltable.exprs.conditions import Condition
from pixeltable.storage import stats
from pixeltable.storage.footers import Footer
from pixeltable.storage.places import Place
from pixeltable.storage.ranges import Ranges, common, merged
from pixeltable.storage.stats import Bounds, may_match

Conditions = Mapping[int, Sequence[Condition]]
"""By column id."""


def may_hold(segment: Segment, conditions: Conditions) -> bool:
    """Whether the segment may have matching rows, as far as the catalog knows. Reads nothing."""
    return all(
        may_match(bounds, segment.rows, condition)
        for column_id, wanted in conditions.items()
        if (bounds := _bounds(segment, column_id)) is not None
        for condition in wanted
    )


def matching_ranges(
    segment: Segment, places: Mapping[int, Place], conditions: Conditions, footer: Callable[[FileRecord], Footer]
) -> Ranges | None:
    """The rows that may match, None for all. Reads the footers of files with more than one row group."""
    kept: Ranges | None = None
    for column_id, wanted in conditions.items():
        place = places.get(column_id)
        if column_id == ROW_ID and place is None:
            found = [_ids(segment, condition) for condition in wanted]
        elif place is not None and place.file.path is not None:
            found = [_in_groups(place, column_id, footer(place.file), condition) for condition in wanted]
        else:
            found = []
        for ranges in found:
            if ranges is not None:
                kept = ranges if kept is None else common(kept, ranges)
    return None if kept is None else merged(kept)


def _bounds(segment: Segment, column_id: int) -> Bounds | None:
    if column_id == ROW_ID:
        return Bounds(segment.min_id, segment.max_id, 0, may_be_nan=False)
    for file in reversed(segment.files):  # the last one counts
        if any(column.column_id == column_id for column in file.columns):
            return None if file.stats is None else stats.parse(file.stats).get(column_id)
    return Bounds(nulls=segment.rows)  # no file holds the column


def _ids(segment: Segment, condition: Condition) -> Ranges | None:
    """The positions whose row id meets the condition, where ids count up from `first_id`."""
    first = segment.first_id
    if condition.op in ('is_null', 'is_not_null'):
        return [] if condition.op == 'is_null' else None
    if first is None or any(not isinstance(value, int) for value in condition.values):
        return None
    at = [int(value) - first for value in condition.values]
    match condition.op:
        case 'lt':
            found = [(0, at[0])]
        case 'le':
            found = [(0, at[0] + 1)]
        case 'gt':
            found = [(at[0] + 1, segment.rows)]
        case 'ge':
            found = [(at[0], segment.rows)]
        case _:
            found = [(position, position + 1) for position in dict.fromkeys(at)]
    inside = ((max(0, start), min(segment.rows, end)) for start, end in found)
    return [(start, end) for start, end in inside if start < end]


def _in_groups(place: Place, column_id: int, footer: Footer, condition: Condition) -> Ranges | None:
    groups = len(footer.starts) - 1
    if groups < 2 or place.name not in footer.leaves:  # a file that lacks its column is refused when it is read
        return None
    file = None if place.file.stats is None else stats.parse(place.file.stats).get(column_id)
    kept = []
    for group in range(groups):
        start, end = footer.starts[group], footer.starts[group + 1]
        if may_match(stats.with_nan_of(footer.bounds(group, place.name), file), end - start, condition):
            kept.append((start, end))
    return kept
