"""Two sound tracks as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pixeltable.functions._av.applying import written
from pixeltable.functions._av.filters import Filter, filtered
from pixeltable.functions._av.joining import resampled
from pixeltable.functions._av.sources import duration, pictures, sounds


@dataclass(frozen=True, slots=True)
class Mix:
    """How much of each of two tracks, and how long; see `video.mix_audio`."""

    original_volume: float
    audio_volume: float
    audio_start: float
    length: str
    normalize: bool
    dropout: float
    align: str


def mixed(path: str, audio: str, mix: Mix, encoder: str | None, options: dict[str, Any] | None) -> str:
    """The film with `audio` mixed into its own sound."""
    own, added = sounds(path), sounds(audio, mix.audio_start)
    length = duration(path)
    track: Iterator[Any] | None
    if own is None or added is None:
        volume = mix.audio_volume if own is None else mix.original_volume
        only = added if own is None else own
        track = None if only is None else filtered(resampled(only), f'volume={volume}', is_video=False)
    else:
        track = _both(own, added, mix)
    if track is not None and length is not None:
        fit = {'trim': f'atrim=end={length}', 'pad': f'apad=whole_dur={length}', 'none': ''}[mix.align]
        track = filtered(track, fit, is_video=False)
    return written(path, pictures(path), track, encoder, options)


def _both(own: Iterator[Any], added: Iterator[Any], mix: Mix) -> Iterator[Any]:
    tracks = [
        filtered(resampled(track), f'volume={volume}', is_video=False)
        for track, volume in ((own, mix.original_volume), (added, mix.audio_volume))
    ]
    heads = [next(track, None) for track in tracks]
    if None in heads:
        yield from (
            frame for head, track in zip(heads, tracks, strict=True) if head is not None for frame in (head, *track)
        )
        return
    options = f'duration={mix.length}:normalize={int(mix.normalize)}:dropout_transition={mix.dropout}'
    graph = Filter('', f'amix=inputs=2:{options}', is_video=False)
    graph.start(*heads)
    for source, head in enumerate(heads):
        yield from graph.push(head, source)
    open_tracks = dict(enumerate(tracks))
    while open_tracks:  # in turns, so that little is held
        for source, track in list(open_tracks.items()):
            frame = next(track, None)
            if frame is None:
                del open_tracks[source]
                yield from graph.end(source)
            else:
                yield from graph.push(frame, source)
