"""Models that draw: pipelines of diffusers. Needs the extra `diffusers`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pixeltable._support.optional import require
from pixeltable.functions import models
from pixeltable.functions.huggingface.images import rgb
from pixeltable.functions.huggingface.loading import given_options, running
from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
    Video = str
else:
    from pixeltable.types.spelling import Image, Video

EXTRA = 'diffusers'


@udf(is_deterministic=False, cache=True)
def text_to_image(
    prompt: str,
    *,
    model_id: str,
    height: int = 512,
    width: int = 512,
    seed: int | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Image:
    """A picture of what a text says.

    Args:
        prompt: the text.
        model_id: a model such as `'stable-diffusion-v1-5/stable-diffusion-v1-5'`.
        height: in pixels.
        width: in pixels.
        seed: makes the same picture again.
        model_kwargs: parameters of the pipeline, such as `{'num_inference_steps': 20, 'guidance_scale': 7.5}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    options = {'height': height, 'width': width, **(model_kwargs or {})}
    return _drawn('AutoPipelineForText2Image', model_id, seed, prompt=prompt, **options).images[0]


@udf(is_deterministic=False, cache=True)
def image_to_image(
    image: Image, prompt: str, *, model_id: str, seed: int | None = None, model_kwargs: dict[str, Any] | None = None
) -> Image:
    """An image changed as a text says; `model_kwargs` are parameters of the pipeline, such as `{'strength': 0.5}`.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    given = {'prompt': prompt, 'image': rgb([image])[0], **(model_kwargs or {})}
    return _drawn('AutoPipelineForImage2Image', model_id, seed, **given).images[0]


@udf(is_deterministic=False, cache=True)
def image_to_video(
    image: Image,
    *,
    model_id: str,
    num_frames: int = 25,
    fps: int = 6,
    seed: int | None = None,
    model_kwargs: dict[str, Any] | None = None,
) -> Video:
    """A film that begins with an image, by a model such as `'stabilityai/stable-video-diffusion-img2vid'`.

    Args:
        image: the image.
        model_id: the model.
        num_frames: how many frames are made.
        fps: how many of them are shown a second.
        seed: makes the same film again.
        model_kwargs: parameters of the pipeline.

    Raises:
        RequestError: INVALID_CONFIGURATION if the package is not installed, INVALID_ARGUMENT if there is no such model.
    """
    given = {'image': rgb([image])[0], 'num_frames': num_frames, **(model_kwargs or {})}
    frames = _drawn('DiffusionPipeline', model_id, seed, **given).frames[0]
    return _film(frames, fps)


def _film(frames: list[Any], fps: int) -> str:
    import av

    from pixeltable.functions._av.writing import Stream

    film = Stream(Fraction(fps), frames[0].size)
    for number, frame in enumerate(rgb(frames)):
        film.add(av.VideoFrame.from_image(frame), number)
    path: str = film.finish()
    return path


def _drawn(pipeline_class: str, model_id: str, seed: int | None, **given: Any) -> Any:
    torch, diffusers = require('torch', EXTRA), require('diffusers', EXTRA)
    device = models.best_device()

    def made(place: str) -> Any:
        pipeline = getattr(diffusers, pipeline_class).from_pretrained(place, **given_options()).to(device)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    draw = models.load_once(pipeline_class, model_id, made)
    generator = None if seed is None else torch.Generator(device='cpu').manual_seed(seed)
    with running, torch.inference_mode():
        return draw(**given, generator=generator)
