"""Where the scenes of a film begin, found in five ways. Each gives a list of scenes in order, that cover all of the film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Video = str
else:
    from pixeltable.types.spelling import Video


class SceneInfo(TypedDict):
    """When a scene begins and how long it lasts, in seconds, and its first frame's time as the file counts it."""

    start_time: float
    start_pts: int
    duration: float


@udf(is_method=True)
def scene_detect_adaptive(
    video: Video,
    *,
    fps: float | None = None,
    adaptive_threshold: float = 3.0,
    min_scene_len: int = 15,
    window_width: int = 2,
    min_content_val: float = 15.0,
    delta_hue: float = 1.0,
    delta_sat: float = 1.0,
    delta_lum: float = 1.0,
    delta_edges: float = 0.0,
    luma_only: bool = False,
    kernel_size: int | None = None,
) -> list[SceneInfo]:
    """By frames that change much more than those around them, which camera movements do not mislead.

    Args:
        fps: how many frames a second are looked at; all of them by default.
        adaptive_threshold: how many times the change of a frame's neighbours its own must be.
        min_scene_len: the least number of frames of a scene.
        window_width: how many neighbours count on each side.
        min_content_val: the least change of a cut, as in `scene_detect_content`.
    """
    from pixeltable.functions._av import scenes

    weights = _weights(delta_hue, delta_sat, delta_lum, delta_edges, luma_only, kernel_size)
    changes = scenes.differences(scenes.looks(video, fps), weights)
    found = scenes.adaptive_cuts(changes, adaptive_threshold, min_scene_len, window_width, min_content_val)
    return scenes.scenes(video, *found)  # type: ignore[return-value]


@udf(is_method=True)
def scene_detect_content(
    video: Video,
    *,
    fps: float | None = None,
    threshold: float = 27.0,
    min_scene_len: int = 15,
    delta_hue: float = 1.0,
    delta_sat: float = 1.0,
    delta_lum: float = 1.0,
    delta_edges: float = 0.0,
    luma_only: bool = False,
    kernel_size: int | None = None,
    filter_mode: Literal['merge', 'suppress'] = 'merge',
) -> list[SceneInfo]:
    """By frames in which hue, saturation and brightness change by `threshold` on average, weighted by the deltas.

    Cuts closer than `min_scene_len` frames are merged into the last of them, or all but the first suppressed.
    """
    from pixeltable.functions._av import scenes

    weights = _weights(delta_hue, delta_sat, delta_lum, delta_edges, luma_only, kernel_size)
    changes = scenes.differences(scenes.looks(video, fps), weights)
    found = scenes.cuts_above(changes, threshold, min_scene_len, merge=filter_mode == 'merge')
    return scenes.scenes(video, *found)  # type: ignore[return-value]


@udf(is_method=True)
def scene_detect_threshold(
    video: Video,
    *,
    fps: float | None = None,
    threshold: float = 12.0,
    min_scene_len: int = 15,
    fade_bias: float = 0.0,
    add_final_scene: bool = False,
    method: Literal['ceiling', 'floor'] = 'floor',
) -> list[SceneInfo]:
    """By fades: the film gets darker than `threshold` (or brighter, for `'ceiling'`) and comes back.

    `fade_bias`, from -1.0 to 1.0, says where between going and coming the cut is.
    """
    from pixeltable.functions._av import scenes

    looks = scenes.looks(video, fps)
    found = scenes.fades(looks, threshold, min_scene_len, fade_bias, method == 'floor', add_final_scene)
    return scenes.scenes(video, *found)  # type: ignore[return-value]


@udf(is_method=True)
def scene_detect_histogram(
    video: Video, *, fps: float | None = None, threshold: float = 0.05, bins: int = 256, min_scene_len: int = 15
) -> list[SceneInfo]:
    """By frames whose distribution of brightness differs by `threshold` from the one before, from 0.0 to 1.0."""
    from pixeltable.functions._av import scenes

    looks = scenes.looks(video, fps)
    changes = scenes.by_pairs(looks, scenes.unlikeness, lambda look: scenes.histogram(look, bins))
    return scenes.scenes(video, *scenes.cuts_above(changes, threshold, min_scene_len))  # type: ignore[return-value]


@udf(is_method=True)
def scene_detect_hash(
    video: Video,
    *,
    fps: float | None = None,
    threshold: float = 0.395,
    size: int = 16,
    lowpass: int = 2,
    min_scene_len: int = 15,
) -> list[SceneInfo]:
    """By frames whose perceptual hash, of `size` times `size` bits, differs in a share of `threshold` from the one before."""
    from pixeltable.functions._av import scenes

    looks = scenes.looks(video, fps)
    changes = scenes.by_pairs(looks, scenes.changed_share, lambda look: scenes.fingerprint(look, size, lowpass))
    return scenes.scenes(video, *scenes.cuts_above(changes, threshold, min_scene_len))  # type: ignore[return-value]


def _weights(hue: float, sat: float, lum: float, edges: float, luma_only: bool, kernel: int | None) -> Any:
    from pixeltable.functions._av.scenes import Weights

    return Weights(0.0, 0.0, 1.0, 0.0, None) if luma_only else Weights(hue, sat, lum, edges, kernel)
