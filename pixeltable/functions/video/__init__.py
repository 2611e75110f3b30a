"""Functions and methods of Video expressions. They run inside of the process, with PyAV: no other program is needed.

What is written is MP4 with H.264, unless `video_encoder` names another encoder of FFmpeg; `video_encoder_args` are its options.
Times are in seconds from the start. Rotated films are taken as they are shown, and a variable frame rate stays one.
"""

from pixeltable.functions._av.types import ContainerMetadata
from pixeltable.functions.video.aggregates import concat_videos_agg, make_video
from pixeltable.functions.video.cutting import (
    VideoSegment,
    clip,
    concat_videos,
    segment_video,
)
from pixeltable.functions.video.filters import (
    adjust_brightness,
    crop,
    fade_in,
    fade_out,
    ffmpeg_filter,
    grayscale,
    mirror_x,
    mirror_y,
    pan,
    resize,
    reverse,
    rotate,
    scroll,
    speed,
    zoom,
)
from pixeltable.functions.video.frames import Frame, FrameAttrs, extract_frame
from pixeltable.functions.video.iterators import LegacyFrame, frame_iterator, legacy_frame_iterator, video_splitter
from pixeltable.functions.video.overlays import overlay_image, overlay_text
from pixeltable.functions.video.reading import get_duration, get_metadata
from pixeltable.functions.video.scenes import (
    SceneInfo,
    scene_detect_adaptive,
    scene_detect_content,
    scene_detect_hash,
    scene_detect_histogram,
    scene_detect_threshold,
)
from pixeltable.functions.video.shorthands import audio, frame
from pixeltable.functions.video.sound import extract_audio, mix_audio, with_audio
from pixeltable.functions.video.transitions import transition

__all__ = [
    'ContainerMetadata',
    'Frame',
    'FrameAttrs',
    'LegacyFrame',
    'SceneInfo',
    'VideoSegment',
    'adjust_brightness',
    'audio',
    'clip',
    'concat_videos',
    'concat_videos_agg',
    'crop',
    'extract_audio',
    'extract_frame',
    'fade_in',
    'fade_out',
    'ffmpeg_filter',
    'frame',
    'frame_iterator',
    'get_duration',
    'get_metadata',
    'grayscale',
    'legacy_frame_iterator',
    'make_video',
    'mirror_x',
    'mirror_y',
    'mix_audio',
    'overlay_image',
    'overlay_text',
    'pan',
    'resize',
    'reverse',
    'rotate',
    'scene_detect_adaptive',
    'scene_detect_content',
    'scene_detect_hash',
    'scene_detect_histogram',
    'scene_detect_threshold',
    'scroll',
    'segment_video',
    'speed',
    'transition',
    'video_splitter',
    'with_audio',
    'zoom',
]
