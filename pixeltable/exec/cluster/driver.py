"""The driver's side: connects to the cluster, and gives it the rows of an insert or the segments of a table."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pyarrow as pa

from pixeltable._support.optional import require
from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import Schema
from pixeltable.config.settings import Settings
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.cluster.pool import Needs, Pool
from pixeltable.exec.cluster.work import Piece, Work, pickled, pieces
from pixeltable.exec.compute import Errors
from pixeltable.exec.evaluate import is_counted
from pixeltable.exec.pipeline import Computed
from pixeltable.exec.progress import Advance
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exprs.nodes import Call
from pixeltable.exprs.visit import walk
from pixeltable.udf.function import Function

EXTRA = 'ray'
REACH_SECONDS = 10.0


class Cluster:
    """A Ray cluster, joined when the first column is computed on it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def computed(
        self,
        schema: Schema,
        tables: Iterator[pa.Table],
        columns: Sequence[ComputedColumn],
        abort: bool | None,
        advance: Advance,
    ) -> Iterator[Computed]:
        """The rows of `tables` with `columns` added, in their order."""
        ray, pool, work = self._begun(schema, columns, abort, ())
        for reference in pool.in_order('compute_table', ((work, table) for table in tables)):
            part: Computed = ray.get(reference)
            advance(part[0].num_rows)
            yield part

    def backfill(
        self,
        source: Source,
        columns: Sequence[ComputedColumn],
        fields: Sequence[str],
        abort: bool | None,
        advance: Advance,
    ) -> Iterator[tuple[int, NewFile, int, Errors]]:
        """For each segment of `source` its id, a new file with `columns`, and how many rows were computed with which errors.

        No row passes through this process.
        """
        ray, pool, work = self._begun(source.schema, columns, abort, fields)
        tasks = list(pieces(source.contents.segments))
        results = pool.in_order('compute_pieces', ((work, task) for task in tasks))
        waiting: list[tuple[int, Any]] = []
        for task, result in zip(tasks, results, strict=True):
            for place, piece in enumerate(task):
                waiting.append((place, result))
                if piece.is_last:
                    yield self._written(ray, pool, work, piece, waiting, source)
                    waiting = []
            advance(sum(piece.rows[0][1] - piece.rows[0][0] if piece.rows else piece.segment.rows for piece in task))

    @staticmethod
    def _written(
        ray: Any, pool: Pool, work: Any, piece: Piece, parts: Sequence[tuple[int, Any]], source: Source
    ) -> tuple[int, NewFile, int, Errors]:
        uncommitted = source.store.uncommitted
        with (
            uncommitted.named() as name
        ):  # a file that another process writes must be as safe from a vacuum as one of ours
            places = [place for place, _ in parts]
            task = pool.task('write_segment', work, piece.segment, places, *(result for _, result in parts))
            file, rows, errors = ray.get(task)
        return piece.segment.id, uncommitted.follow(name, file), rows, errors

    def _begun(
        self, schema: Schema, columns: Sequence[ComputedColumn], abort: bool | None, fields: Sequence[str]
    ) -> tuple[Any, Pool, Any]:
        ray = self._joined()
        calls = (node for column in columns for node in walk(column.node) if is_counted(node))
        functions = [cast(Function, cast(Call, node).function) for node in calls]
        work = Work(self._settings, schema, pickled(columns, functions), abort, tuple(fields))
        return ray, Pool(ray, Needs(functions)), ray.put(work)

    def _joined(self) -> Any:
        ray = require('ray', EXTRA)
        if not ray.is_initialized():
            address = self._settings.ray_address or 'auto'
            try:
                _reach(address)
                ray.init(address=address, configure_logging=False, log_to_driver=False)
            except (OSError, RuntimeError, ValueError) as error:
                raise RequestError(
                    ErrorCode.INVALID_CONFIGURATION,
                    f'no Ray cluster can be joined at {address!r}: {error}. Start one with `ray start --head`, or set '
                    "ray_address; the setting executor = 'local' needs none.",
                ) from error
        hosts = {node['NodeManagerAddress'] for node in ray.nodes() if node['Alive']}
        if len(hosts) > 1 and self._settings.catalog is None:
            raise RequestError(
                ErrorCode.INVALID_CONFIGURATION,
                f'the Ray cluster has {len(hosts)} hosts, and the catalog is a file that only this one sees. Put it into '
                'PostgreSQL (setting `catalog`), and the data where all hosts see it (setting `data`).',
            )
        return ray


def _reach(address: str) -> None:
    """Raises OSError if nobody listens at `host:port`. Ray itself would try for minutes."""
    host, _, port = address.removeprefix('ray://').rpartition(':')
    if host and port.isdigit():
        socket.create_connection((host, int(port)), REACH_SECONDS).close()
