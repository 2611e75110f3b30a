"""Whether a file holds what its column says, found out with as little decoding as possible.

A file of any name is looked at by its content. What cannot be read is INVALID_DATA_FORMAT; that a file is not there, or may not
be read, is for who opens it to say.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import chain
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.media import jpeg
from pixeltable.media.images import load, open_content
from pixeltable.types.column_type import Kind

_LEAST_FRAMES = 2
"""Of what is given as a film: pictures can be opened as films of one frame."""


def validate(kind: Kind, path: str | None, content: bytes | None, *, is_made: bool = False) -> None:
    """Checks the file at `path`, or `content` if it is given. A film that a function has made may have a single frame.

    Raises:
        NotFoundError: STORAGE_NOT_FOUND, there is no such file any more.
        RequestError: INVALID_DATA_FORMAT, it cannot be read as what it should be.
    """
    try:
        if is_made and kind is Kind.VIDEO:
            _decode(path, content, 'video', 1)
        else:
            _CHECKS[kind](path, content)
    except FileNotFoundError as error:
        raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is no file {path!r} any more.') from error
    except OSError as error:
        raise RequestError(
            ErrorCode.INVALID_DATA_FORMAT, f'{_name(path)} cannot be read as {kind.value.lower()}: {_reason(error)}.'
        ) from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _name(path: str | None) -> str:
    return 'content' if path is None else repr(path)


def _image(path: str | None, content: bytes | None) -> None:
    with open(path or '', 'rb') if content is None else io.BytesIO(content) as file:
        if jpeg.is_whole(file):
            return
        file.seek(0)
        data = file.read()
    try:
        image = open_content(data)
        image.draft(image.mode, (1, 1))  # of a JPEG, this decodes an eighth of the size
        load(image)
    except RequestError as error:
        message = error.message.replace('content', _name(path), 1)
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, message) from error


def _video(path: str | None, content: bytes | None) -> None:
    _decode(path, content, 'video', _LEAST_FRAMES)


def _audio(path: str | None, content: bytes | None) -> None:
    _decode(path, content, 'audio', None)


def _decode(path: str | None, content: bytes | None, sort: str, most: int | None) -> None:
    """Decodes frames of the first stream of a sort: up to `most` of them."""
    import av

    try:
        found = _decoded(path if content is None else io.BytesIO(content), _name(path), sort, most)
    except av.FFmpegError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise RequestError(
            ErrorCode.INVALID_DATA_FORMAT, f'{_name(path)} cannot be read as {sort}: {error.strerror}.'
        ) from error
    if found < (most or 1):
        what = (
            'no samples' if sort == 'audio' else f'{found} frame{"" if found == 1 else "s"}; a video has at least two'
        )
        raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{_name(path)} cannot be read as {sort}: it has {what}.')


def _decoded(source: Any, name: str, sort: str, most: int | None) -> int:
    """How many frames, of audio samples, can be decoded; no more than `most` are."""
    import av

    from pixeltable.functions._av.reading import packets_of

    found = 0
    with av.open(source, metadata_errors='replace') as container:
        if not getattr(container.streams, sort):
            raise RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{name} has no {sort} in it.')
        packets = packets_of(container, getattr(container.streams, sort)[0])
        for frame in chain.from_iterable(packet.decode() for packet in packets):
            found += frame.samples if isinstance(frame, av.AudioFrame) else 1
            if most is not None and found >= most:
                break
    return found


def _document(path: str | None, content: bytes | None) -> None:
    from pixeltable.functions._documents.reading import check
    from pixeltable.functions._documents.sources import Source

    check(Source(path, content, path or ''))


_CHECKS: dict[Kind, Callable[[str | None, bytes | None], None]] = {
    Kind.IMAGE: _image,
    Kind.VIDEO: _video,
    Kind.AUDIO: _audio,
    Kind.DOCUMENT: _document,
}
