"""The seam through which every byte of table data is written and read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MISSING_REMEDY = (
    'restore it from a backup of the home, or try pxt.repair(), which makes again what can be computed; if all files are '
    'missing, see to it that PIXELTABLE_DATA names the data root of this catalog'
)
"""What to do about an object that is gone, for the message of the error."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object as a listing shows it. `modified` is in seconds since 1970, by the store's own clock."""

    key: str
    size: int
    modified: float


class ObjectStore(Protocol):
    """A flat namespace of immutable objects. Keys are `/`-separated relative paths.

    Call order: `put` returns only when the object is durable under its final name and would survive power loss; a key
    is written once and never again, but for the same `put` after one whose outcome is unknown. `get` and `get_range` of a
    key that is not there raise `NotFoundError(STORAGE_NOT_FOUND)`. `delete` returns when the objects are gone for good; that one
    was missing is no error. `list` gives the objects whose keys begin with a prefix, in no order, and never one whose `put` has
    not finished. A store that cannot be reached raises `ServiceUnavailableError(STORE_UNAVAILABLE)`.
    """

    def put(self, key: str, data: bytes | memoryview) -> None: ...

    def get(self, key: str) -> memoryview: ...

    def get_range(self, key: str, start: int, length: int) -> memoryview: ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]: ...

    def delete(self, *keys: str) -> None: ...

    def url(self, key: str) -> str:
        """Where other programs find an object: an absolute path, or a URL."""

    def remove_unfinished(self, grace_seconds: float) -> int: ...
