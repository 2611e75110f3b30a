"""Two tiny models that the demo trains, as no model hub may be reached: one embeds pictures and texts, one writes captions.

They know a dozen words and shapes. The libraries, the files and the code that loads them are those of the large models.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import shapes
import torch
import transformers
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from tokenizers.processors import TemplateProcessing

WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', *shapes.COLORS, *shapes.SHAPES]
START, END = WORDS.index('[CLS]'), WORDS.index('[SEP]')
SIDE = 32  # pixels of what the models see
SIZES = {'hidden_size': 64, 'num_hidden_layers': 2, 'num_attention_heads': 4, 'intermediate_size': 128}
STEPS = 400


def train(folder: Path, steps: int = STEPS) -> dict[str, str]:
    """The folders of both models, which are trained if they are not there yet."""
    places = {'clip': folder / 'clip', 'captions': folder / 'captions'}
    if not all(place.exists() for place in places.values()):
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        torch.manual_seed(0)
        torch.set_num_threads(1)  # more threads would mostly wait for each other
        batches = _batches(random.Random(0), steps)
        eyes = _train_clip(places['clip'], batches)
        _train_captions(places['captions'], batches[: len(batches) // 2], eyes)
    return {name: str(place) for name, place in places.items()}


def _batches(chance: random.Random, steps: int) -> list[tuple[Any, Any]]:
    """Pixels, and the tokens of their captions; each batch holds every kind."""
    kinds = shapes.KINDS
    tokens = torch.tensor([[START, *map(WORDS.index, shapes.caption(*kind).split()), END] for kind in kinds])
    return [(torch.stack([_pixels(shapes.picture(*kind, chance)) for kind in kinds]), tokens) for _ in range(steps)]


def _pixels(picture: Any) -> Any:
    """What `_images` makes of a picture, without checks that take longer than the training."""
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float32)
    return torch.from_numpy(small).permute(2, 0, 1) / 127.5 - 1


def _images(kind: Any) -> Any:
    """What makes pixels of a picture: the whole of it, small."""
    return kind(
        size={'height': SIDE, 'width': SIDE},
        do_center_crop=False,
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
        resample=3,
    )


def _tokens() -> Any:
    made = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token='[UNK]'))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = TemplateProcessing(single='[CLS] $A [SEP]', special_tokens=[('[CLS]', START), ('[SEP]', END)])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token='[PAD]',
        unk_token='[UNK]',
        cls_token='[CLS]',
        sep_token='[SEP]',
        eos_token='[SEP]',
    )


def _train_clip(folder: Path, batches: list[tuple[Any, Any]]) -> Any:
    """The part of the model that sees."""
    config = transformers.CLIPConfig(
        text_config={
            **SIZES,
            'vocab_size': len(WORDS),
            'max_position_embeddings': 16,
            'eos_token_id': END,
            'bos_token_id': START,
            'pad_token_id': 0,
        },
        vision_config={**SIZES, 'image_size': SIDE, 'patch_size': 8},
        projection_dim=32,
    )
    model = transformers.CLIPModel(config)
    _fit(model, batches, lambda pixels, tokens: model(input_ids=tokens, pixel_values=pixels, return_loss=True).loss)
    model.save_pretrained(folder)
    transformers.CLIPProcessor(_images(transformers.CLIPImageProcessor), _tokens()).save_pretrained(folder)
    return model.vision_model


def _train_captions(folder: Path, batches: list[tuple[Any, Any]], eyes: Any) -> None:
    """Only what writes is trained; what sees is there already."""
    decoder = transformers.BertConfig(
        vocab_size=len(WORDS), **SIZES, max_position_embeddings=16, is_decoder=True, add_cross_attention=True
    )
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        eyes.config, decoder, decoder_start_token_id=START, pad_token_id=0, eos_token_id=END
    )
    model = transformers.VisionEncoderDecoderModel(config)
    model.encoder.load_state_dict(eyes.state_dict())
    model.encoder.requires_grad_(False)
    _fit(model, batches, lambda pixels, tokens: model(pixel_values=pixels, labels=tokens[:, 1:]).loss)
    model.save_pretrained(folder)
    _images(transformers.CLIPImageProcessor).save_pretrained(folder)
    _tokens().save_pretrained(folder)


def _fit(model: Any, batches: list[tuple[Any, Any]], loss_of: Any) -> None:
    optimizer = torch.optim.AdamW(model.parameters())
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=len(batches))
    for pixels, tokens in batches:
        loss = loss_of(pixels, tokens)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        pace.step()
