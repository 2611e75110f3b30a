"""Ways to say which past state of a table is meant: a version number, the name of a snapshot, a time."""

from __future__ import annotations

import datetime
import operator
from typing import Any

from pixeltable.catalog.records import Version
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.session import Session

Moment = int | str | datetime.datetime


def version_of(session: Session, table_id: str, moment: Any) -> Version:
    """The version that `moment` means. A time means the last version committed by then; without a zone it is the session's.

    Raises PATH_NOT_FOUND if there is none or it was vacuumed, INVALID_ARGUMENT for anything that is no moment.
    """
    catalog = session.catalog
    if isinstance(moment, datetime.datetime):
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=session.settings.time_zone)
        return catalog.version_at(table_id, zoned)
    if isinstance(moment, str):
        pin = next((pin for pin in catalog.pins(table_id) if pin.name == moment), None)
        return catalog.version(table_id, (pin or catalog.snapshot(table_id, moment)).version)
    if hasattr(moment, '__index__') and not isinstance(moment, bool):
        return catalog.version(table_id, operator.index(moment))
    raise RequestError(
        ErrorCode.INVALID_ARGUMENT, f'{moment!r} is neither a version number nor the name of a snapshot nor a datetime.'
    )
