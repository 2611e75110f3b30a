"""Parts of films without decoding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av

from pixeltable._support import temporary
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.functions._av.reading import opened, packets_from, packets_of, seconds_of, shown_until, video_stream


def key_times(path: str) -> list[float]:
    """When the frames are shown from which a part may begin, in seconds from the start of the film."""
    with opened(path) as source:
        video = video_stream(source, path)
        start = video.start_time or 0
        found = [packet.pts for packet in packets_of(source, video) if packet.is_keyframe and packet.pts is not None]
        return [float((pts - start) * video.time_base) for pts in found]


def copied(path: str, start: float, end: float | None) -> str | None:
    """The part from the last key frame at or before `start` on, up to `end`, in seconds; None if there is nothing."""
    with opened(path) as source:
        video = video_stream(source, path)
        length = seconds_of(video, source)
        if length is not None and start >= length and start >= shown_until(path):
            return None
        streams = [video, *source.streams.audio[:1]]
        first = video.start_time or 0
        begin = first + round(start / video.time_base)
        stop = None if end is None else float((first + round(end / video.time_base)) * video.time_base)
        packets = _from_last_key(packets_from(source, video, begin, *streams[1:]), video.index, begin)
        target = temporary.new_file(_suffix(path, {stream.codec.canonical_name for stream in streams}))
        with av.open(target, 'w') as container:
            outputs = {each.index: container.add_stream_from_template(each, opaque=True) for each in streams}
            is_empty = not _copy(_until(packets, video.index, stop, len(streams)), video.index, container, outputs)
    if is_empty:
        temporary.remove(target)
    return None if is_empty else target


def _suffix(path: str, codecs: set[str]) -> str:
    """That of the first format which takes these codecs."""
    for suffix in ('.mp4', '.mkv'):
        with av.open(temporary.new_file(suffix), 'w') as container:
            if codecs <= container.supported_codecs:
                return suffix
    raise RequestError(
        ErrorCode.INVALID_DATA_FORMAT,
        f"parts of {path!r} cannot be copied: MP4 and Matroska take no {' with '.join(sorted(codecs))}; mode='accurate' encodes.",
    )


def _from_last_key(packets: Iterator[Any], video: int, begin: int) -> Iterator[Any]:
    """The packets from the last key frame at or before `begin` on, or from the first one, if it comes later."""
    waiting: list[Any] = []
    for packet in packets:
        if packet.pts is None:
            continue
        if packet.stream.index == video and packet.is_keyframe and (packet.pts <= begin or not waiting):
            waiting = []
        if waiting or packet.stream.index == video:
            waiting.append(packet)
        if packet.stream.index == video and (packet.dts or packet.pts) > begin:
            break
    yield from waiting
    yield from (packet for packet in packets if packet.pts is not None)


def _until(packets: Iterator[Any], video: int, stop: float | None, streams: int) -> Iterator[Any]:
    """The packets of what is shown before `stop`, with what is needed to decode that."""
    ended: set[int] = set()
    for packet in packets:
        is_key = packet.stream.index == video and packet.is_keyframe
        moment = packet.pts if is_key or packet.dts is None else packet.dts
        if stop is not None and float(moment * packet.time_base) >= stop - 1e-6:
            ended.add(packet.stream.index)
            if len(ended) == streams:
                return
        if packet.stream.index not in ended:
            yield packet


def _copy(packets: Iterator[Any], video: int, container: Any, outputs: dict[int, Any]) -> bool:
    """Whether there was a packet of video. The first is shown at time 0."""
    origin: float | None = None
    for packet in _with_decoding_times(packets, video):
        if origin is None:
            if packet.stream.index != video:
                continue
            origin = float(packet.pts * packet.time_base)
        shift = round(origin / packet.time_base)
        if packet.pts < shift:  # frames before the key frame, which are decoded after it, or sound
            continue
        packet.pts -= shift
        packet.dts = min(packet.dts - shift, packet.pts)
        packet.stream = outputs[packet.stream.index]
        container.mux(packet)
    return origin is not None


def _with_decoding_times(packets: Iterator[Any], video: int) -> Iterator[Any]:
    """Matroska does not say when the first frames are decoded: before those of which it does."""
    unknown: list[Any] = []
    for packet in packets:
        if packet.stream.index == video and packet.dts is None:
            unknown.append(packet)
            continue
        if packet.stream.index == video and unknown:
            yield from _dated(unknown, packet.dts)
            unknown = []
        if packet.dts is None:
            packet.dts = packet.pts
        yield packet
    yield from _dated(unknown, unknown[0].pts if unknown else 0)


def _dated(packets: list[Any], dts: int) -> Iterator[Any]:
    step = max(1, packets[0].duration or 1) if packets else 0
    for place, packet in enumerate(packets):
        packet.dts = dts - (len(packets) - place) * step
        yield packet
