"""The path of a local file that also knows which reference it was opened for: a remote file lies in a cache, and may go."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote


class MediaPath(str):
    """A path; `reference` is the URL that stands for the same content."""

    __slots__ = ('reference',)
    reference: str

    @staticmethod
    def of(path: str, reference: str) -> MediaPath:
        made = MediaPath(path)
        made.reference = reference
        return made

    def __reduce__(self) -> Any:
        return MediaPath.of, (str(self), self.reference)


def reference_of(path: str) -> str:
    """The reference that a path was opened for; the `file://` URL of any other path."""
    found: str | None = getattr(path, 'reference', None)
    return found if found is not None else file_url(os.path.abspath(path))


def file_url(path: str | os.PathLike[str]) -> str:
    """The `file://` URL of an absolute path."""
    return 'file://' + quote(os.fsencode(path))
