"""Iterators as they were called before they were functions: `FrameIterator.create(video=t.video, fps=1)`."""

from __future__ import annotations

import importlib
import warnings
from typing import Any, ClassVar

from pixeltable.errors import ErrorCode, PixeltableDeprecationWarning, RequestError
from pixeltable.iterators.function import IteratorCall


class ComponentIterator:
    """What the deprecated classes have in common. Iterators of one's own are subclasses of `pxt.PxtIterator`."""

    _function: ClassVar[str] = ''  # module and name of what takes its place

    @classmethod
    def create(cls, **kwargs: Any) -> IteratorCall:
        """The call of the function that took the place of this class, with the same arguments. Deprecated: call that function.

        Raises:
            RequestError: as the function does; UNSUPPORTED_OPERATION for a subclass of one's own.
        """
        module, _, name = cls._function.rpartition('.')
        if not module:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{cls.__name__}.create(): declare iterators with @pxt.iterator, classes as subclasses of pxt.PxtIterator.',
            )
        warnings.warn(
            f'{cls.__name__}.create() is deprecated; call pixeltable.functions.{cls._function}().',
            PixeltableDeprecationWarning,
            stacklevel=2,
        )
        call: IteratorCall = getattr(importlib.import_module(f'pixeltable.functions.{module}'), name)(**kwargs)
        return call


class FrameIterator(ComponentIterator):
    """Deprecated: `pixeltable.functions.video.frame_iterator`."""

    _function = 'video.frame_iterator'


class VideoSplitter(ComponentIterator):
    """Deprecated: `pixeltable.functions.video.video_splitter`."""

    _function = 'video.video_splitter'


class AudioSplitter(ComponentIterator):
    """Deprecated: `pixeltable.functions.audio.audio_splitter`."""

    _function = 'audio.audio_splitter'


class DocumentSplitter(ComponentIterator):
    """Deprecated: `pixeltable.functions.document.document_splitter`."""

    _function = 'document.document_splitter'


class StringSplitter(ComponentIterator):
    """Deprecated: `pixeltable.functions.string.string_splitter`."""

    _function = 'string.string_splitter'


class TileIterator(ComponentIterator):
    """Deprecated: `pixeltable.functions.image.tile_iterator`."""

    _function = 'image.tile_iterator'
