"""Where the media of new columns are stored: the destination that was given, or that of the settings. It is tried out first."""

from __future__ import annotations

from collections.abc import Iterable

from pixeltable.catalog.records import ColumnRecord, TableRecord
from pixeltable.errors import Error
from pixeltable.exec.media.saving import Place, at
from pixeltable.session import Session


def placed(current: Session, table: TableRecord, columns: Iterable[ColumnRecord]) -> list[ColumnRecord]:
    """New columns of a table; those of media with the place for what is stored of them.

    Raises what the store raises, naming the column, if nothing can be written there.
    """
    found = [_with_default(current, table, column) for column in columns]
    for destination, column in {each.media.destination: each for each in reversed(found)}.items():
        if destination is not None:
            _try(current, table, column)
    return found


def _with_default(current: Session, table: TableRecord, column: ColumnRecord) -> ColumnRecord:
    if not column.type.is_media or not column.stored or column.media.destination is not None:
        return column
    settings = current.settings
    is_made = column.is_computed or (table.view is not None and column.id in table.view.outputs)
    default = settings.output_media_dest if is_made else settings.input_media_dest
    return at(column, default)


def _try(current: Session, table: TableRecord, column: ColumnRecord) -> None:
    """Writes and deletes an empty object. If this process ends in between, it is for a vacuum, as other media are."""
    library = current.engine.context.services.library
    try:
        library.delete(library.put(Place.of(table, column).folder, b'', ''))
    except Error as error:
        place = f'column {column.name!r}: nothing can be stored at its destination {column.media.destination!r}'
        raise type(error)(error.error_code, f'{place}: {error.message}') from error
