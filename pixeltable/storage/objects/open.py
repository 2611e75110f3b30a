"""Which store holds an object: the one place that knows all implementations.

A key without a scheme lies in the data root of the home. A table with a root of its own has whole URLs as keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.storage.objects import ObjectInfo, ObjectStore
from pixeltable.storage.objects.local import LocalStore

_OBJECTS = '/tables/'
"""Where the URL of an object parts into its root and the rest, which never holds this again."""


def open_store(root: str) -> ObjectStore:
    """The store of a data root, a URL as `config.data_root` spells it. Nothing is sent or made yet."""
    if root.startswith('file://'):
        return LocalStore(Path(unquote(root.removeprefix('file://'))))
    from pixeltable.storage.objects.remote import RemoteStore  # it loads obstore, which only buckets need

    return RemoteStore(root)


class Stores:
    """An `ObjectStore` over all data roots: that of the home, `root`, and those that the keys name. Each is opened on first use.

    Threads share it.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._opened: dict[str, ObjectStore] = {}

    def put(self, key: str, data: bytes | memoryview) -> None:
        store, rest = self._place(key)
        store.put(rest, data)

    def get(self, key: str) -> memoryview:
        store, rest = self._place(key)
        return store.get(rest)

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        store, rest = self._place(key)
        return store.get_range(rest, start, length)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        store, rest = self._place(prefix)
        own_root = prefix.removesuffix(rest)
        return (replace(found, key=f'{own_root}{found.key}') for found in store.list(rest))

    def delete(self, *keys: str) -> None:
        places = [self._place(key) for key in keys]
        for store in {store for store, _ in places}:
            store.delete(*(rest for each, rest in places if each is store))

    def remove_unfinished(self, grace_seconds: float) -> int:
        """In the root of the home and in every other root that was used so far."""
        self._store(self._root)
        return sum(store.remove_unfinished(grace_seconds) for store in list(self._opened.values()))

    def url(self, key: str) -> str:
        store, rest = self._place(key)
        return store.url(rest)

    def _place(self, key: str) -> tuple[ObjectStore, str]:
        """The store of an object, and its key there."""
        if '://' not in key:
            return self._store(self._root), key
        root, found, rest = key.rpartition(_OBJECTS)
        if not found:
            raise RequestError(ErrorCode.INVALID_PATH, f'{key!r} is not a key: it has no part {_OBJECTS!r}')
        return self._store(root), f'{_OBJECTS[1:]}{rest}'

    def _store(self, root: str) -> ObjectStore:
        store = self._opened.get(root)
        if store is None:  # two threads may open it twice, and one wins
            store = self._opened.setdefault(root, open_store(root))
        return store
