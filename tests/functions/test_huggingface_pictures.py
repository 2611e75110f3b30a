"""Models that draw: tiny pipelines with random weights that the real library makes and saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import films
import numpy as np
import PIL.Image
import pytest
import tiny

import pixeltable as pxt
from pixeltable.functions import huggingface as hf

pytestmark = pytest.mark.needs('diffusers')
FEW = {'num_inference_steps': 2}


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    import diffusers
    import transformers

    folder = tmp_path_factory.mktemp('diffusion')
    (folder / 'vocab.txt').write_text('\n'.join(tiny.WORDS))
    channels = {'block_out_channels': (8, 16), 'norm_num_groups': 4}
    unet = diffusers.UNet2DConditionModel(
        **channels, layers_per_block=1, sample_size=8, cross_attention_dim=8, attention_head_dim=2,
        down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D'), up_block_types=('CrossAttnUpBlock2D', 'UpBlock2D'),
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        **channels, down_block_types=('DownEncoderBlock2D',) * 2, up_block_types=('UpDecoderBlock2D',) * 2
    )
    text = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(**tiny.SIZES, vocab_size=len(tiny.WORDS), bos_token_id=2, eos_token_id=3)
    )
    scheduler = diffusers.DDIMScheduler(steps_offset=1, clip_sample=False)
    pipeline = diffusers.StableDiffusionPipeline(
        vae=vae, unet=unet, text_encoder=text, scheduler=scheduler, safety_checker=None, feature_extractor=None,
        tokenizer=transformers.BertTokenizer(str(folder / 'vocab.txt'), model_max_length=16), requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder / 'model')
    return str(folder / 'model')


@pytest.fixture
def t(home) -> pxt.Table:
    table = pxt.create_table('t', {'text': pxt.String | None, 'img': pxt.Image | None})
    table.insert([{'text': 'red fish', 'img': PIL.Image.new('RGB', (16, 16), 'red')}, {'text': None}])
    return table


def found_in(table: pxt.Table, expression: Any) -> list[Any]:
    return table.select(found=expression).order_by(table.id).collect()['found']


def test_a_picture_of_a_text(t, model) -> None:
    drawn = hf.text_to_image(t.text, model_id=model, height=16, width=24, seed=1, model_kwargs=FEW)
    (first, nothing), (again, _) = found_in(t, drawn), found_in(t, drawn)
    assert (first.size, nothing) == ((24, 16), None)
    assert np.array_equal(np.asarray(first), np.asarray(again))


def test_a_picture_changed_by_a_text(t, model) -> None:
    changed, nothing = found_in(t, hf.image_to_image(t.img, 'blue fish', model_id=model, seed=1, model_kwargs=FEW))
    assert (changed.size, nothing) == ((16, 16), None)


def test_frames_become_a_film(tmp_path: Path) -> None:
    from pixeltable.functions.huggingface.diffusion import _film

    path = _film([PIL.Image.new('RGB', (32, 24), color) for color in ('red', 'green', 'blue')], 6)
    assert (films.size(path), len(films.times(path))) == ((32, 24), 3)


def test_a_missing_model(t) -> None:
    for found in (hf.text_to_image(t.text, model_id='/no/model'), hf.image_to_video(t.img, model_id='/no/model')):
        with pytest.raises(pxt.Error, match=r"the model '/no/model' cannot be loaded"):
            found_in(t, found)
