"""SAM 3 over films: things that a text asks for are followed from frame to frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from pixeltable._support.optional import require
from pixeltable.functions import models
from pixeltable.functions.huggingface.loading import EXTRA, Loaded, given_options, running
from pixeltable.functions.huggingface.segments import SAM, Boxes, Masks, Scores
from pixeltable.functions.video.frames import FrameAttrs, positions
from pixeltable.iterators.decorators import iterator
from pixeltable.types.fragments import frame_reference
from pixeltable.types.media_paths import reference_of

if TYPE_CHECKING:
    Image = Any
    Labels = Any
    Numbers = Any
    Video = str
else:
    from pixeltable.types.spelling import Array, Image, Int, String, Video

    Numbers, Labels = Array[(None,), Int], Array[(None,), String]


class Sam3VideoSegmentationFrame(TypedDict):
    """A frame and what is seen in it: `object_ids` stay the same from frame to frame, `labels` are the texts that asked for them,
    boxes are `[x1, y1, x2, y2]` in pixels, and masks have the shape `(things, height, width)`."""

    frame: Image
    frame_attrs: FrameAttrs
    object_ids: Numbers
    labels: Labels
    scores: Scores
    boxes: Boxes
    masks: Masks


@iterator
def sam3_for_video_segmentation(
    video: Video,
    *,
    text: list[str],
    model_id: str = SAM,
    fps: float | None = None,
    max_frame_num_to_track: int | None = None,
    image_size: int = 1008,
    revision: str | None = None,
) -> Iterator[Sam3VideoSegmentationFrame]:
    """A row for each frame of a film, with all things in it that the texts ask for.

    The frames that are looked at are held in memory at once.

    Args:
        video: the film.
        text: what is looked for, such as `['person', 'yellow bus']`.
        model_id: a model such as SAM 3.
        fps: so many frames a second; all of them if it is left out.
        max_frame_num_to_track: how many frames are looked at after the first one.
        image_size: pixels on each side of what the model sees.
        revision: of the model, on the hub.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    torch, loaded = require('torch', EXTRA), _model(model_id, image_size, revision)
    film, chosen = reference_of(video), [each for each in positions(video, fps=fps) if each['pts'] is not None]
    if max_frame_num_to_track is not None:
        chosen = chosen[: max_frame_num_to_track + 1]  # the first one is found, the others are tracked
    with running, torch.inference_mode():
        session = loaded.processor.init_video_session(
            video=_pictures(video, chosen), inference_device=loaded.device, dtype=loaded.model.dtype
        )
        session = loaded.processor.add_text_prompt(session, text)
        for output in loaded.model.propagate_in_video_iterator(session, max_frame_num_to_track=max_frame_num_to_track):
            found = loaded.processor.postprocess_outputs(session, output)
            yield _row(film, chosen[output.frame_idx], found)


sam3_for_video_segmentation.references = frozenset({'frame'})


def _model(model_id: str, image_size: int, revision: str | None) -> Loaded:
    transformers, options = require('transformers', EXTRA), given_options(revision)
    device = models.best_device()

    def made(place: str) -> Loaded:
        config = transformers.Sam3VideoConfig.from_pretrained(place, **options)
        config.image_size = image_size
        model = transformers.Sam3VideoModel.from_pretrained(place, config=config, **options)
        size = {'height': image_size, 'width': image_size}
        processor = transformers.Sam3VideoProcessor.from_pretrained(place, size=size, **options)
        return Loaded(model.eval().to(device), processor, device)

    return models.load_once(f'sam3_for_video_segmentation {image_size} {revision}', model_id, made)


def _pictures(video: str, chosen: list[FrameAttrs]) -> list[Any]:
    from pixeltable.functions._av.reading import decoded, opened, picture, video_stream

    wanted = {each['pts'] for each in chosen}
    with opened(video) as container:
        frames = decoded(container, video_stream(container, video))
        return [picture(frame).convert('RGB') for frame in frames if frame.pts in wanted]


def _row(film: str, where: FrameAttrs, found: Any) -> Sam3VideoSegmentationFrame:
    import numpy as np

    ids = found['object_ids'].cpu().numpy().astype(np.int64)
    asked = {number: text for text, numbers in found['prompt_to_obj_ids'].items() for number in numbers}
    return {
        'frame': frame_reference(film, where['pts']),
        'frame_attrs': where,
        'object_ids': ids,
        'labels': np.array([asked.get(int(number), '') for number in ids], dtype=np.str_),
        'scores': found['scores'].cpu().numpy().astype(np.float32),
        'boxes': found['boxes'].cpu().numpy().astype(np.float32).reshape(-1, 4),
        'masks': found['masks'].cpu().numpy().astype(bool),
    }
