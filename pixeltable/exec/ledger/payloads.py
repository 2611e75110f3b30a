"""Results as bytes and back: a checksum, and one row of Arrow's IPC format in the storage type of the result.

So what comes back is what a column would store and read, and nothing is ever unpickled. The type is part of the key, and not of
the bytes.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from pixeltable._support import temporary
from pixeltable.errors import RequestError
from pixeltable.media.data_urls import to_data_url
from pixeltable.media.references import to_reference
from pixeltable.types.arrow import decode, storage_type
from pixeltable.types.coerce import column_to_arrow
from pixeltable.types.column_type import MEDIA_KINDS, ColumnType, Kind

_CHECKSUM = 8
_NAME = 'result'

_log = logging.getLogger('pixeltable')


def to_payloads(values: Sequence[Any], type_: ColumnType, zone: datetime.tzinfo) -> list[bytes | None]:
    """The bytes of each value; None for one that a column of `type_` cannot hold, which is an error of its cell. A time without a
    zone is one in `zone`."""
    try:
        whole = [_content(value, type_.kind) for value in values] if type_.kind in MEDIA_KINDS else values
        array = column_to_arrow(whole, type_.with_nullable(True), column=_NAME, zone=zone, more_keys=True)
    except RequestError:
        if len(values) > 1:
            return [payload for value in values for payload in to_payloads([value], type_, zone)]
        return [None]
    schema = _schema(type_)
    return [_sealed(array.slice(row, 1), schema) for row in range(len(values))]


def from_payloads(payloads: Sequence[bytes], type_: ColumnType, zone: datetime.tzinfo) -> list[Any]:
    """The values, timestamps in `zone`. The payloads must be sound: see `is_sound`."""
    if not payloads:
        return []
    schema = _schema(type_)
    arrays = [pa.ipc.read_record_batch(pa.py_buffer(each).slice(_CHECKSUM), schema).column(0) for each in payloads]
    return decode(arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays), type_, zone)


def is_sound(payload: bytes) -> bool:
    """Whether the bytes are those that were written."""
    sound = payload[:_CHECKSUM] == blake2b(payload[_CHECKSUM:], digest_size=_CHECKSUM).digest()
    if not sound:
        _log.warning('a result in the ledger is damaged; it is forgotten, and its call is made again')
    return sound


def _content(value: Any, kind: Kind) -> Any:
    """Media as a URL that holds them: a picture has no place yet, and a temporary file goes."""
    if isinstance(value, (str, PurePath)):
        return to_data_url(Path(value).read_bytes()) if temporary.is_temporary(str(value)) else value
    return None if value is None else to_reference(value, kind, column=_NAME, row=0)


def _schema(type_: ColumnType) -> pa.Schema:
    return pa.schema([(_NAME, storage_type(type_))])


def _sealed(row: pa.Array, schema: pa.Schema) -> bytes:
    # A copy: Arrow pads the buffers of a slice with what lies behind them, the values of other rows.
    data = pa.RecordBatch.from_arrays([pa.concat_arrays([row])], schema=schema).serialize()
    return blake2b(data, digest_size=_CHECKSUM).digest() + memoryview(data)
