"""What sort of document a file is, by its content first and its name second, and whether it can be opened."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Any

from pixeltable.errors import ErrorCode, RequestError

_OFFICE = {'word/': 'docx', 'ppt/': 'pptx', 'xl/': 'xlsx'}
_TEXTS = {
    '.html': 'html',
    '.htm': 'html',
    '.xhtml': 'html',
    '.md': 'md',
    '.markdown': 'md',
    '.xml': 'xml',
    '.txt': 'txt',
}
MOST_UNPACKED = 1 << 30
"""Bytes that an office document may unpack to: more is no document, but an attempt to fill the memory."""


def sort_of(name: str, content: bytes) -> str:
    """`pdf`, `docx`, `pptx`, `xlsx`, `html`, `md`, `xml` or `txt`. Raises INVALID_DATA_FORMAT for anything else."""
    if b'%PDF-' in content[:1024]:
        return 'pdf'
    if content.startswith(b'PK\x03\x04'):
        return _office(name, content)
    if not content.strip():
        raise _broken(name, 'it is empty')
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        if content[:2] in (b'\xff\xfe', b'\xfe\xff'):
            text = content.decode('utf-16', 'replace')
        else:
            raise _broken(name, f'it is no PDF, no office document, and no text in UTF-8: {error}') from error
    start = text[:1024].lstrip().lower()
    if start.startswith(('<!doctype html', '<html')):
        return 'html'
    known = _TEXTS.get(PurePath(name).suffix.lower())
    if known is not None:
        return known
    return 'xml' if start.startswith('<?xml') else 'txt'


def check(name: str, content: bytes) -> str:
    """What sort of document it is, after opening it. Raises INVALID_DATA_FORMAT if it cannot be opened."""
    sort = sort_of(name, content)
    if sort == 'pdf':
        _check_pdf(name, content)
    elif sort == 'xml':
        _check_xml(name, content)
    return sort


def _office(name: str, content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _broken(name, f'it is a damaged archive: {error}') from error
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise _broken(name, f'it unpacks to more than {MOST_UNPACKED >> 20} MiB')
    for member in members:
        for folder, sort in _OFFICE.items():
            if member.filename.startswith(folder):
                return sort
    raise _broken(name, 'it is an archive, but no Word, PowerPoint or Excel document')


def _check_pdf(name: str, content: bytes) -> None:
    """Opens a PDF if the reader is installed; without it the end mark must do."""
    try:
        import pypdfium2 as pdfium
    except ImportError:
        if b'%%EOF' not in content[-2048:]:
            raise _broken(name, 'it is a PDF without an end') from None
        return
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        reason = 'it is encrypted' if 'password' in str(error).lower() else str(error)
        raise _broken(name, reason) from error
    try:
        if len(document) == 0:
            raise _broken(name, 'it has no pages')
    finally:
        document.close()


def _check_xml(name: str, content: bytes) -> None:
    from xml.etree.ElementTree import ParseError, XMLPullParser

    if b'<!ENTITY' in content:
        raise _broken(name, 'it declares entities, which may stand for any amount of text')
    parser: XMLPullParser[Any] = XMLPullParser(events=())
    try:
        parser.feed(content)
        parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise _broken(name, str(error)) from error


def _broken(name: str, reason: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{name or "content"!r} cannot be read as a document: {reason}.')
