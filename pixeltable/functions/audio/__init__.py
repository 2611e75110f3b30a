"""Functions and methods of Audio expressions, with PyAV alone. What is changed is written in the format that it had."""

from pixeltable.functions.audio.changing import encode_audio, fade_in, fade_out, multiply_volume, normalize
from pixeltable.functions.audio.iterators import AudioSegment, audio_splitter
from pixeltable.functions.audio.reading import get_metadata

__all__ = [
    'AudioSegment',
    'audio_splitter',
    'encode_audio',
    'fade_in',
    'fade_out',
    'get_metadata',
    'multiply_volume',
    'normalize',
]
