"""Which of a segment's files counts for a column."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.catalog.records import KEY_FILTER, ROW_ID, FileRecord, Segment


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment keeps a column."""

    file: FileRecord
    name: str
    fingerprint: str | None


def locate(segment: Segment) -> dict[int, Place]:
    """Where each column id of `segment` is read. The last file counts, and ends the errors of what it replaces."""
    places: dict[int, Place] = {}
    for file in segment.files:
        for column in file.columns:
            if column.column_id > 0:
                places.pop(-column.column_id, None)
        for column in file.columns:
            places[column.column_id] = Place(file, column.name, column.fingerprint)
    if segment.first_id is not None:
        places.pop(ROW_ID, None)
    places.pop(KEY_FILTER, None)
    return places
