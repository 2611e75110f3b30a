"""Parts of films without decoding them."""

from __future__ import annotations

from typing import Any

import av

from pixeltable._support import temporary
from pixeltable.functions._av.reading import opened, seconds_of, video_stream


def copied(path: str, start: float, end: float | None) -> str | None:
    """The part from the last key frame before `start`, up to `end`, in seconds; None if there is nothing."""
    target = temporary.new_file('.mp4')
    with opened(path) as source:
        video = video_stream(source, path)
        length = seconds_of(video, source)
        if length is not None and start >= length:
            return None
        streams = [video, *source.streams.audio[:1]]
        source.seek(int((start + (source.start_time or 0) / av.time_base) * av.time_base), backward=True)
        with av.open(target, 'w') as container:
            outputs = {stream.index: container.add_stream_from_template(stream) for stream in streams}
            _copy(source, streams, container, outputs, end)
    return target


def _copy(source: Any, streams: list[Any], container: Any, outputs: dict[int, Any], end: float | None) -> None:
    origin: float | None = None
    ended: set[int] = set()
    for packet in source.demux(streams):
        if packet.dts is None or packet.pts is None or packet.stream.index in ended:
            continue
        moment = float(packet.dts * packet.time_base)
        if packet.stream.type == 'video' and origin is None:
            if not packet.is_keyframe:
                continue
            origin = moment
        if origin is None or moment < origin:
            continue
        if end is not None and moment >= end + (source.start_time or 0) / av.time_base:
            ended.add(packet.stream.index)
            if len(ended) == len(streams):
                return
            continue
        shift = round(origin / packet.time_base)
        packet.pts -= shift
        packet.dts -= shift
        packet.stream = outputs[packet.stream.index]
        container.mux(packet)
