"""What a worker is told: it has no catalog, which may be a file on another host, so all that it needs of it comes along."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pixeltable.catalog.records import Schema, Segment
from pixeltable.config.settings import Settings
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.storage.ranges import Ranges
from pixeltable.udf import storing
from pixeltable.udf.function import Function

PIECE_ROWS = 2048
"""Rows of one piece of work. What a node that dies had not finished is done again."""


@dataclass(frozen=True, slots=True)
class Work:
    """Columns that are to be computed, pickled with their functions, and the table, fields and settings for it."""

    settings: Settings
    schema: Schema
    columns: bytes
    abort: bool | None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a segment, all if `rows` is None."""

    segment: Segment
    rows: Ranges | None
    is_last: bool


def pieces(segments: Sequence[Segment]) -> Iterator[list[Piece]]:
    """Small segments together, large ones in parts: each list is the work of one task."""
    waiting: list[Piece] = []
    for segment in segments:
        if segment.rows > PIECE_ROWS and not segment.is_inlined:
            for start in range(0, segment.rows, PIECE_ROWS):
                end = min(start + PIECE_ROWS, segment.rows)
                yield [Piece(segment, [(start, end)], end == segment.rows)]
            continue
        waiting.append(Piece(segment, None, is_last=True))
        if sum(piece.segment.rows for piece in waiting) >= PIECE_ROWS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def pickled(columns: Sequence[ComputedColumn], functions: Sequence[Function]) -> bytes:
    """The columns as a worker gets them. Raises UNSUPPORTED_OPERATION for a function that cannot be copied."""
    import cloudpickle

    with contextlib.ExitStack() as stack:
        for function in functions:
            stack.enter_context(storing.own_modules_by_value(function.origin))
        try:
            data: bytes = cloudpickle.dumps(list(columns))
        except Exception as error:
            names = ', '.join(function.name for function in functions)
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{names} cannot run on a cluster: {error}. It reads something that cannot be copied, such as an open '
                'connection; create that inside the function.',
            ) from error
        return data
