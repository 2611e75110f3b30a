"""Images opened lazily: only the header is read, and no file stays open, however many images there are."""

from __future__ import annotations

import functools
import io
import os
import stat
import struct
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pixeltable._support.disk import Version, version_of
from pixeltable._support.optional import require
from pixeltable.errors import ErrorCode, NotFoundError, RequestError

if TYPE_CHECKING:
    from PIL import Image

BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, struct.error)
"""What Pillow raises for files that are damaged or are no images."""

_HEIF_BRANDS = frozenset({b'heic', b'heix', b'heim', b'heis', b'hevc', b'hevx', b'mif1', b'msf1'})
MODE = 'pixeltable:mode'
"""The text of a PNG file that says which mode its three channels are of: no format has a place for HSV."""

KEPT_BLOCKS = 16
"""Blocks of memory, each of up to 16 MiB, in which Pillow makes one picture after the other."""


@functools.cache
def keep_memory() -> None:
    """Has Pillow use memory again, as with PILLOW_BLOCKS_MAX in the environment: see "Block allocator" in its manual.

    By default it returns that of each picture at once, and gets it anew from the system for the next one, which takes a third of
    the time of decoding where several threads do so. What somebody else has set stays.
    """
    from PIL import _imaging

    if not _imaging.get_blocks_max():
        _imaging.set_blocks_max(KEPT_BLOCKS)


def open_image(path: str) -> Image.Image:
    """The image at `path`. Its pixels are read when they are first used.

    Raises:
        NotFoundError: STORAGE_NOT_FOUND if there is no such file.
        RequestError: INVALID_DATA_FORMAT if it is not an image that can be read.
    """
    file = _ReopenedFile(path)
    try:
        image = _opened(cast(BinaryIO, file), repr(path))
    finally:
        file.release()
    image.filename = path  # type: ignore[attr-defined]
    return image


def open_content(content: bytes) -> Image.Image:
    """The image that `content` is a file of. Raises INVALID_DATA_FORMAT if it is none that can be read."""
    return _opened(io.BytesIO(content), 'content')


def _opened(file: BinaryIO, name: str) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        try:
            image = Image.open(file)
            return Image.frombytes('HSV', image.size, image.tobytes()) if image.info.get(MODE) == 'HSV' else image
        except UnidentifiedImageError:
            if not _is_heif(file):
                raise
            require('pillow_heif', 'heif').register_heif_opener()
            return Image.open(file)
    except FileNotFoundError as error:
        raise NotFoundError(
            ErrorCode.STORAGE_NOT_FOUND,
            f'the image {name} is not there any more; local files are referenced, not copied.',
        ) from error
    except UnidentifiedImageError as error:
        raise RequestError(
            ErrorCode.INVALID_DATA_FORMAT, f'{name} cannot be read as an image: its format is not known.'
        ) from error
    except (*BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{name} cannot be read as an image: {error}') from error


def _is_heif(file: BinaryIO) -> bool:
    """Whether it is a picture as phones make them, which Pillow needs help to read."""
    file.seek(0)
    start = file.read(12)
    file.seek(0)
    return start[4:8] == b'ftyp' and start[8:12] in _HEIF_BRANDS


def load(image: Image.Image) -> Image.Image:
    """Reads the pixels of an opened image. Raises INVALID_DATA_FORMAT if they are damaged or missing."""
    try:
        image.load()
    except BROKEN as error:
        name = repr(getattr(image, 'filename', '') or 'content')
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{name} cannot be read as an image: {error}') from error
    return image


def _open(path: str) -> BinaryIO:
    """Opens a file. A pipe, whose writer may never come, is refused without waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError('it is not a file')
    return os.fdopen(descriptor, 'rb')


class _ReopenedFile(io.RawIOBase):
    """A file that is open only while it is in use: after `release`, the next access opens it where it was left.

    What was changed in between is an error: a picture would be made of parts of two.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._file: BinaryIO | None = None
        self._version: Version | None = None
        self._position = 0

    def _opened(self) -> BinaryIO:
        if self._file is None:
            file = _open(self._path)
            version = version_of(file.fileno())
            if self._version not in (None, version):
                file.close()
                raise OSError('the file was changed while it was read')
            self._version = version
            file.seek(self._position)
            # Headers are read in a hundred small steps, which until the release need no Python in between.
            vars(self).update(_file=file, read=file.read, seek=file.seek, tell=file.tell)
        return cast(BinaryIO, self._file)

    def release(self) -> None:
        """Closes the file until the next access."""
        if self._file is not None:
            self._position = self._file.tell()
            self._file.close()
            self._file = None
            for direct in ('read', 'seek', 'tell'):
                del vars(self)[direct]

    def close(self) -> None:
        self.release()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._opened().readinto(buffer)  # type: ignore[attr-defined,no-any-return]

    def read(self, size: int = -1) -> bytes:
        return self._opened().read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._opened().seek(offset, whence)

    def tell(self) -> int:
        return self._position if self._file is None else self._file.tell()
