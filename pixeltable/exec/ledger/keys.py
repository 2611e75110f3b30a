"""The key of a call: 16 bytes of the function's fingerprint, and 20 of what the call is given.

So all results of one state of a function lie side by side, and a key says whose it is. Constants bound by `using` are part of the
fingerprint, as are the types of the parameters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import repeat
from typing import Any

from pixeltable.exec.ledger.canonical import canonical, text
from pixeltable.exec.ledger.contents import FileDigests
from pixeltable.exec.limits.pool_names import pool_name
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.nodes import Field, Literal, Node
from pixeltable.types.column_type import JSON, MEDIA_KINDS, ColumnType, to_document
from pixeltable.udf.fingerprint import fingerprint
from pixeltable.udf.function import Function

OF_FUNCTION = 16
_OF_CALL = 20
_FORMAT = b'pxt-call-1'
"""To be changed when the same call is to get another key."""


def call_keys(
    function: Function,
    names: Sequence[str],
    arguments: Sequence[Vector | Literal],
    rows: Sequence[int],
    files: FileDigests,
) -> list[bytes]:
    """The key of the call for each of `rows`; `arguments` belong to `names`. Reads the files of media arguments.

    Raises:
        Error: an argument of one of the rows has no canonical bytes, or its file cannot be read.
    """
    start = bytes.fromhex(fingerprint(function))
    head = blake2b(digest_size=_OF_CALL, person=_FORMAT)
    head.update(canonical([json.dumps(to_document(_result_type(function, names, arguments))), list(names)]))
    if function.pool_rule is not None:  # which may look for the model where the user has configured it
        constants = {name: each.value for name, each in zip(names, arguments, strict=True) if isinstance(each, Literal)}
        head.update(canonical(pool_name(function, constants)))
    columns = [_encoded(function, name, each, rows, files) for name, each in zip(names, arguments, strict=True)]
    copy = head.copy
    keys: list[bytes] = []
    for parts in zip(*columns, strict=True) if columns else repeat((), len(rows)):
        digest = copy()
        digest.update(b''.join(parts))
        keys.append(start + digest.digest())
    return keys


class Occurrences:
    """Tells equal calls of one operation apart, for functions that may answer each of them differently: each has a result of its
    own, which the next operation with the same calls gets in turn."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()

    def next(self, key: bytes) -> bytes:
        """The key of the next call with this one."""
        number = self._counts[key]
        self._counts[key] += 1
        if not number:
            return key
        return key[:OF_FUNCTION] + blake2b(key + number.to_bytes(8, 'big'), digest_size=_OF_CALL).digest()


def _encoded(
    function: Function, name: str, argument: Vector | Literal, rows: Sequence[int], files: FileDigests
) -> Iterable[bytes]:
    type_ = function.signature.find(name).type
    is_media = type_ is not None and type_.kind in MEDIA_KINDS

    def encode(value: Any) -> bytes:
        if is_media and isinstance(value, str):
            return files.canonical(value)
        return canonical(value) + files.inside(value) if isinstance(value, (dict, list)) else canonical(value)

    if isinstance(argument, Literal):
        return repeat(encode(argument.value), len(rows))
    values = [argument.values[row] for row in rows]
    is_text = not is_media and set(map(type, values)) == {str}
    return map(text if is_text else encode, values)


def _result_type(function: Function, names: Sequence[str], arguments: Sequence[Vector | Literal]) -> ColumnType:
    """That of the call, but for whether it may be NULL, which does not change how a result is stored."""
    nodes: dict[str, Node] = {}
    for name, argument in zip(names, arguments, strict=True):
        type_ = function.signature.find(name).type or JSON
        nodes[name] = argument if isinstance(argument, Literal) else Field(type_, name, name)
    return function.result_type(nodes).with_nullable(True)
