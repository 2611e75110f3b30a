"""The footer of a Parquet file, parsed once: where its row groups and columns lie, and what is known of their values."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import pyarrow as pa
import pyarrow.parquet as pq

from pixeltable.storage import stats
from pixeltable.storage.ranges import Ranges
from pixeltable.storage.stats import Bounds

TAIL_BYTES = 8
"""What a Parquet file ends with: the length of the footer, and `PAR1`."""

_OVERHEAD = 8
"""A parsed footer takes several times the memory of its bytes."""


@dataclass(frozen=True, slots=True)
class Footer:
    """`starts` has the number of the first row of each row group, and the number of rows; `leaves` the primitive columns of each
    field. Only `read` makes one."""

    metadata: pq.FileMetaData
    schema: pa.Schema
    starts: tuple[int, ...]
    leaves: dict[str, tuple[int, ...]]

    @staticmethod
    def read(buffer: pa.Buffer) -> Footer:
        """The footer of the file in `buffer`, of which only the end need be there. Raises ArrowException if it is damaged."""
        with pq.ParquetFile(buffer) as file:
            metadata, schema = file.metadata, file.schema_arrow
        leaves: dict[str, list[int]] = {name: [] for name in schema.names}
        for leaf in range(metadata.num_columns):
            leaves[_field_of(metadata.schema.column(leaf).path, leaves)].append(leaf)
        rows = (metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
        return Footer(
            metadata, schema, tuple(accumulate(rows, initial=0)), {name: tuple(found) for name, found in leaves.items()}
        )

    @property
    def nbytes(self) -> int:
        return int(self.metadata.serialized_size) * _OVERHEAD

    @property
    def rows(self) -> int:
        return self.starts[-1]

    def groups(self, ranges: Ranges | None) -> list[int]:
        """The row groups that hold rows of `ranges`; None stands for all rows."""
        if ranges is None:
            return list(range(len(self.starts) - 1))
        found: dict[int, None] = {}
        for start, end in ranges:
            first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)
            found |= dict.fromkeys(range(first, last))
        return list(found)

    def byte_ranges(self, groups: Iterable[int], names: Iterable[str]) -> Iterator[tuple[int, int]]:
        """Where in the file the columns `names` of row groups lie."""
        leaves = [leaf for name in names for leaf in self.leaves.get(name, ())]
        for group in groups:
            row_group = self.metadata.row_group(group)
            for leaf in leaves:
                chunk = row_group.column(leaf)
                start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
                yield start, start + chunk.total_compressed_size

    def bounds(self, group: int, name: str) -> Bounds:
        """What is known of a column in one row group."""
        if len(self.leaves[name]) != 1:
            return Bounds()
        return stats.of_row_group(self.metadata, group, self.leaves[name][0], self.schema.field(name).type)


def footer_range(tail: bytes | memoryview, size: int) -> tuple[int, int]:
    """Where the footer of a file of `size` bytes lies; `tail` is its last bytes."""
    (length,) = struct.unpack_from('<I', tail, len(tail) - TAIL_BYTES)
    return max(0, size - TAIL_BYTES - int(length)), size


def _field_of(path: str, names: Iterable[str]) -> str:
    """The field that a leaf belongs to. Names may hold dots, so a path alone does not tell."""
    if path in names:
        return path
    return max((name for name in names if path.startswith(f'{name}.')), key=len)
