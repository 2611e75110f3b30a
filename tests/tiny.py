"""Tiny models that the real libraries make and save. Weights are random, but for Whisper's: it always hears the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'red', 'blue', 'fish', 'one', 'two']
SIZES = {'hidden_size': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2, 'intermediate_size': 8}
HEARD = ' Hello world.'


def saved(folder: Path, *parts: Any) -> str:
    for part in parts:
        part.save_pretrained(folder)
    return str(folder)


def halved(model: str, kind: str) -> str:
    """The model saved again in half precision, in its place; `kind` is its class in transformers."""
    import torch
    import transformers

    getattr(transformers, kind).from_pretrained(model).to(torch.float16).save_pretrained(model)
    return model


def tokenizer() -> Any:
    """Of `WORDS`."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token='[UNK]'))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, pad_token='[PAD]', unk_token='[UNK]')


def clip(folder: Path) -> str:
    """With embeddings of length 6."""
    import transformers

    config = transformers.CLIPConfig(
        text_config={**SIZES, 'vocab_size': 12, 'projection_dim': 6, 'eos_token_id': 3, 'max_position_embeddings': 16},
        vision_config={**SIZES, 'image_size': 16, 'patch_size': 8, 'projection_dim': 6},
        projection_dim=6,
    )
    images = transformers.CLIPImageProcessor(size={'shortest_edge': 16}, crop_size={'height': 16, 'width': 16})
    return saved(folder, transformers.CLIPModel(config), transformers.CLIPProcessor(images, tokenizer()))


def detr(folder: Path, kind: str = 'DetrForObjectDetection') -> str:
    """With the classes `cat` and `dog`."""
    import transformers

    backbone = transformers.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        out_features=['stage1', 'stage2', 'stage3', 'stage4'],
    )
    config = transformers.DetrConfig(
        use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=backbone, d_model=64,
        num_queries=4, encoder_layers=1, decoder_layers=1, encoder_attention_heads=8, decoder_attention_heads=8,
        encoder_ffn_dim=8, decoder_ffn_dim=8, id2label={0: 'cat', 1: 'dog'}, label2id={'cat': 0, 'dog': 1},
    )  # fmt: skip
    images = transformers.DetrImageProcessor(size={'shortest_edge': 32, 'longest_edge': 64})
    return saved(folder, getattr(transformers, kind)(config), images)


def bert(folder: Path, kind: str, **config: Any) -> str:
    """A model of a kind that is made of BERT, and its tokenizer."""
    import transformers

    folder.mkdir(exist_ok=True)
    (folder / 'vocab.txt').write_text('\n'.join(WORDS))
    made = transformers.BertConfig(vocab_size=len(WORDS), **SIZES, **config)
    tokens = transformers.BertTokenizerFast(str(folder / 'vocab.txt'))
    return saved(folder, getattr(transformers, kind)(made), tokens)


def captioner(folder: Path) -> str:
    """Writes words of `WORDS`."""
    import transformers

    folder.mkdir()
    (folder / 'vocab.txt').write_text('\n'.join(WORDS))
    encoder = transformers.ViTConfig(**SIZES, image_size=16, patch_size=8)
    decoder = transformers.BertConfig(vocab_size=len(WORDS), **SIZES, is_decoder=True, add_cross_attention=True)
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        encoder, decoder, decoder_start_token_id=2, pad_token_id=0, eos_token_id=3
    )
    images = transformers.ViTImageProcessor(size={'height': 16, 'width': 16})
    tokens = transformers.BertTokenizerFast(str(folder / 'vocab.txt'))
    return saved(folder, transformers.VisionEncoderDecoderModel(config), images, tokens)


def vit(folder: Path) -> str:
    """With three classes."""
    import transformers

    config = transformers.ViTConfig(**SIZES, image_size=16, patch_size=8, num_labels=3)
    images = transformers.ViTImageProcessor(size={'height': 16, 'width': 16})
    return saved(folder, transformers.ViTForImageClassification(config), images)


def whisper(folder: Path) -> str:
    """The file of a model that hears `HEARD` in every recording: only its place in the text decides which token comes next."""
    import torch
    from whisper.model import ModelDimensions, Whisper
    from whisper.tokenizer import get_tokenizer

    letters = get_tokenizer(multilingual=False)
    said = [letters.timestamp_begin, *letters.encode(HEARD), letters.timestamp_begin + 50, letters.eot]
    dimensions = ModelDimensions(80, 1500, 16, 2, 1, 51864, 448, 16, 2, 1)
    model = Whisper(dimensions)
    with torch.no_grad():
        decoder = model.decoder
        decoder.token_embedding.weight.zero_()
        decoder.positional_embedding.zero_()
        for place, token in enumerate(said):
            decoder.token_embedding.weight[token, place] = 10.0
            decoder.positional_embedding[place, place] = 1000.0
        for block in decoder.blocks:
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                layer.weight.zero_()
                layer.bias.zero_()
    path = folder / 'tiny.pt'
    torch.save({'dims': vars(dimensions), 'model_state_dict': model.state_dict()}, path)
    return str(path)
