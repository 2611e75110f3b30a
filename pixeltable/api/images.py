"""Local images opened lazily: only the header is read, and no file stays open, however many images there are."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pixeltable.errors import ErrorCode, NotFoundError, RequestError

if TYPE_CHECKING:
    from PIL import Image


def open_image(path: str) -> Image.Image:
    """The image at `path`. Its pixels are read when they are first used.

    Raises:
        NotFoundError: STORAGE_NOT_FOUND if there is no such file.
        RequestError: INVALID_DATA_FORMAT if it is not an image that can be read.
    """
    from PIL import Image

    file = _ReopenedFile(path)
    try:
        image = Image.open(cast(BinaryIO, file))
    except FileNotFoundError as error:
        raise NotFoundError(
            ErrorCode.STORAGE_NOT_FOUND,
            f'the image {path!r} is not there any more; local files are referenced, not copied.',
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} cannot be read as an image: {error}') from error
    finally:
        file.release()
    image.filename = path
    return image


class _ReopenedFile(io.RawIOBase):
    """A file that is open only while it is in use: after `release`, the next access opens it where it was left."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._file: BinaryIO | None = None
        self._position = 0

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = open(self._path, 'rb')  # noqa: SIM115 - `release` and `close` close it
            self._file.seek(self._position)
        return self._file

    def release(self) -> None:
        """Closes the file until the next access."""
        if self._file is not None:
            self._position = self._file.tell()
            self._file.close()
            self._file = None

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
