"""How declared aggregates are kept in the metadata of tables, as functions are (`storing`): by name, or else by value.

{"aggregator": ["mymodule", "total"], "using": …}
{"aggregator": {"value": "<sha256 of the pickle>", "python": "3.11", "name": "total"}, "using": …}
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exprs import codec_values
from pixeltable.udf import lookup, storing
from pixeltable.udf.aggregator import Aggregate, Start

_loaded: dict[str, Aggregate] = {}


def encode_start(start: Start, blobs: dict[str, bytes], *, allow_by_value: bool) -> dict[str, Any]:
    """The stored form. A pickle that it needs is added to `blobs`, under its hash. Raises like `storing.encode`."""
    origin = start.origin
    using = codec_values.encode_value(dict(start.constants))
    if lookup.is_importable(origin):
        return {'aggregator': [origin.module, origin.qualname], 'using': using}
    if not allow_by_value:
        raise storing.by_value_forbidden(origin.name)
    blob = storing.dumped(origin, origin)
    digest = hashlib.sha256(blob).hexdigest()
    blobs[digest] = blob
    _loaded.setdefault(digest, origin)
    return {'aggregator': {'value': digest, 'python': storing.PYTHON, 'name': origin.qualname}, 'using': using}


def decode_start(document: dict[str, Any], load_blob: Callable[[str], bytes], *, allow_by_value: bool) -> Start:
    """The inverse of `encode_start`. Raises FUNCTION_NOT_FOUND if it is not there any more."""
    stored = document['aggregator']
    found = _by_value(stored, load_blob, allow_by_value) if isinstance(stored, dict) else lookup.resolve(*stored)
    if not isinstance(found, Aggregate):
        raise NotFoundError(
            ErrorCode.FUNCTION_NOT_FOUND, f'{".".join(stored)} is no @pxt.uda any more, but {found!r:.80}.'
        )
    return found.with_constants(codec_values.decode_value(document['using']))


def _by_value(stored: dict[str, Any], load_blob: Callable[[str], bytes], allow_by_value: bool) -> Any:
    """Unpickles each aggregate once in a process, so that one stored aggregate stays one."""
    storing.check_by_value(stored, allow_by_value=allow_by_value)
    digest = stored['value']
    if digest not in _loaded:
        _loaded.setdefault(digest, storing.loaded(stored, load_blob))
    return _loaded[digest]
