"""What gives a view any number of rows for each row of its base.

Here are the names of older programs; `pxt.iterator` and the functions of `pixeltable.functions` took their place.
"""

from pixeltable.iterators.legacy import (
    AudioSplitter,
    ComponentIterator,
    DocumentSplitter,
    FrameIterator,
    StringSplitter,
    TileIterator,
    VideoSplitter,
)

__all__ = [
    'AudioSplitter',
    'ComponentIterator',
    'DocumentSplitter',
    'FrameIterator',
    'StringSplitter',
    'TileIterator',
    'VideoSplitter',
]
