"""What containers say of themselves."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pixeltable.functions._av.reading import opened
from pixeltable.functions._av.types import CodecMetadata, ContainerMetadata, StreamMetadata


def of_file(path: str) -> ContainerMetadata:
    """The metadata of the container at `path` and of its streams."""
    with opened(path) as container:
        return {
            'bit_exact': bool(container.flags & 0x400),
            'bit_rate': container.bit_rate,
            'size': container.size,
            'metadata': dict(container.metadata),
            'streams': [_stream(stream) for stream in container.streams],
        }


def _stream(stream: Any) -> StreamMetadata:
    found: StreamMetadata = {
        'type': stream.type,
        'duration': stream.duration,
        'time_base': _number(stream.time_base),
        'duration_seconds': None
        if stream.duration is None or stream.time_base is None
        else float(stream.duration * stream.time_base),
        'frames': stream.frames,
        'metadata': dict(stream.metadata),
        'codec_context': _codec(stream),
    }
    if stream.type == 'video':
        found |= {
            'width': stream.codec_context.width,
            'height': stream.codec_context.height,
            'average_rate': _number(stream.average_rate),
            'base_rate': _number(stream.base_rate),
            'guessed_rate': _number(stream.guessed_rate),
        }
    return found


def _number(fraction: Fraction | None) -> float | None:
    return None if fraction is None else float(fraction)


def _codec(stream: Any) -> CodecMetadata | None:
    context = getattr(stream, 'codec_context', None)
    if context is None:
        return None
    found: CodecMetadata = {
        'name': context.name,
        'profile': context.profile,
        'codec_tag': context.codec_tag.encode('unicode_escape').decode(),
    }
    if stream.type == 'video':
        found['pix_fmt'] = context.pix_fmt
    elif stream.type == 'audio':
        found |= {'channels': context.channels, 'sample_rate': context.sample_rate}
    return found
