"""A document as it was given, and what sort it is: by its content first and its name second."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from pixeltable.errors import ErrorCode, RequestError

SORTS = ('pdf', 'docx', 'pptx', 'xlsx', 'html', 'md', 'xml', 'txt')
MAIN_PARTS = {'docx': 'word/document.xml', 'pptx': 'ppt/presentation.xml', 'xlsx': 'xl/workbook.xml'}

_HEAD = 1024
_SUFFIXES = {
    '.html': 'html',
    '.htm': 'html',
    '.xhtml': 'html',
    '.md': 'md',
    '.markdown': 'md',
    '.xml': 'xml',
}
_CHARSET = re.compile(rb'<meta[^>]{0,200}charset\s*=\s*["\']?([\w.:-]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or content without one.

    Attributes:
        name: what messages call it, and whose ending says what text is that says nothing itself.
    """

    path: str | None
    content: bytes | None = None
    name: str = ''

    def file(self) -> BinaryIO:
        """The content as a file that the caller closes."""
        return open(self.path or '', 'rb') if self.content is None else io.BytesIO(self.content)

    def read(self) -> bytes:
        """All of the content."""
        if self.content is not None:
            return self.content
        with self.file() as file:
            return file.read()

    def broken(self, reason: object) -> RequestError:
        """The error for a document that cannot be read."""
        shown = repr(self.name or self.path) if self.name or self.path else 'content'
        return RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{shown} cannot be read as a document: {reason}.')


def is_pdf(source: Source) -> bool:
    """Whether it begins as a PDF does, maybe after something else."""
    return b'%PDF-' in _head(source)


def sort_of(source: Source) -> str:
    """One of `SORTS`. Raises INVALID_DATA_FORMAT for anything else."""
    if is_pdf(source):
        return 'pdf'
    if _head(source).startswith(b'PK\x03\x04'):
        return _office(source)
    text = text_of(source)
    if not text.strip():
        raise source.broken('it is empty')
    start = text[:_HEAD].lstrip().lower()
    suffix = _SUFFIXES.get(PurePath(source.name or source.path or '').suffix.lower())
    if start.startswith(('<!doctype html', '<html')):
        return 'html'
    if start.startswith('<?xml'):
        return 'html' if '<html' in start else 'xml'
    return suffix or 'txt'


def text_of(source: Source) -> str:
    """The text of a document in UTF-8, in UTF-16 that says so, or in what an HTML page says. Raises INVALID_DATA_FORMAT."""
    text = _decoded(source, source.read())
    if '\0' in text:
        raise source.broken('it is no PDF, no office document, and no text: it has NUL characters')
    return text


def _head(source: Source) -> bytes:
    with source.file() as file:
        return file.read(_HEAD)


def _decoded(source: Source, content: bytes) -> str:
    declared = _CHARSET.search(content[:_HEAD])
    is_wide = content[:2] in (b'\xff\xfe', b'\xfe\xff')
    try:
        return content.decode('utf-16' if is_wide else 'utf-8-sig')
    except UnicodeDecodeError as error:
        if declared is None:
            raise source.broken(f'it is no PDF, no office document, and no text in UTF-8: {error}') from error
    name = declared[1].decode()
    try:
        return content.decode(name)
    except (LookupError, UnicodeDecodeError) as error:
        raise source.broken(f'it is not in {name}, as it says') from error


def _office(source: Source) -> str:
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise source.broken(f'it is a damaged archive: {error}') from error
    for sort, part in MAIN_PARTS.items():
        if part in names:
            return sort
    raise source.broken('it is an archive, but no Word, PowerPoint or Excel document')
