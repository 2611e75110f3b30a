"""The archives that Word, PowerPoint and Excel documents are: looked through before a library unpacks them."""

from __future__ import annotations

import zipfile
import zlib

from pixeltable.functions._documents.sources import Source

MOST_UNPACKED = 1 << 30
"""Bytes that a document may unpack to, by what it says: more is no document, but an attempt to fill the memory."""

MOST_MARKUP = 1 << 28
"""Bytes of one part that is XML, and so becomes many times as large in memory."""

_MARKUP = ('.xml', '.rels')
_PIECE = 1 << 16


def check(source: Source) -> None:
    """Raises INVALID_DATA_FORMAT for an archive that is damaged, or unpacks to more than it may or than it says.

    What is XML is unpacked piece by piece, so that sums are checked; pictures in the document are not looked at.
    """
    try:
        with source.file() as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise source.broken(f'it unpacks to more than {MOST_UNPACKED >> 20} MiB')
            for member in (each for each in members if each.filename.endswith(_MARKUP)):
                _check_markup(source, archive, member)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise source.broken(f'it is a damaged archive: {error}') from error


def _check_markup(source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if member.file_size > MOST_MARKUP:
        raise source.broken(f'its part {member.filename!r} unpacks to more than {MOST_MARKUP >> 20} MiB')
    with archive.open(member) as part:  # which gives no more than the archive says, and then compares the sum
        while part.read(_PIECE):
            pass
