"""Prints the shapes of what tiny models of SAM and SAM 3 find, as JSON.

A program of its own: transformers finds out once whether torchvision is there, which only these models need (see `detectors`).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import detectors
import PIL.Image
import tiny

WIDTHS = {'hidden_size': 32, 'num_attention_heads': 4, 'intermediate_size': 32}


def sam3(tmp_path: Path) -> str:
    import transformers

    eyes = {**WIDTHS, 'num_hidden_layers': 2, 'image_size': 112, 'pretrain_image_size': 112, 'patch_size': 14}
    config = transformers.Sam3Config(
        vision_config={
            'backbone_config': {'model_type': 'sam3_vit_model', **eyes, 'window_size': 4, 'global_attn_indexes': [1]},
            'fpn_hidden_size': 32, 'backbone_feature_sizes': [[32, 32], [16, 16], [8, 8]],
        },
        text_config={
            **WIDTHS, 'vocab_size': 12, 'num_hidden_layers': 1, 'max_position_embeddings': 32, 'projection_dim': 32,
            'eos_token_id': 3, 'bos_token_id': 2, 'pad_token_id': 0,
        },
        geometry_encoder_config={**WIDTHS, 'num_layers': 1}, detr_encoder_config={**WIDTHS, 'num_layers': 1},
        detr_decoder_config={**WIDTHS, 'num_layers': 1, 'num_queries': 5},
        mask_decoder_config={'hidden_size': 32, 'num_attention_heads': 4},
    )  # fmt: skip
    images = transformers.Sam3ImageProcessor(size={'height': 112, 'width': 112})
    processor = transformers.Sam3Processor(images, tiny.tokenizer())
    return tiny.saved(tmp_path / 'sam3', transformers.Sam3Model(config), processor)


def sam(tmp_path: Path) -> str:
    import transformers

    config = transformers.SamConfig(
        vision_config={
            'hidden_size': 16, 'output_channels': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2, 'image_size': 32,
            'patch_size': 8, 'window_size': 0, 'global_attn_indexes': [0], 'num_pos_feats': 4, 'mlp_dim': 16,
        },
        prompt_encoder_config={'hidden_size': 8, 'image_size': 32, 'patch_size': 8, 'mask_input_channels': 4},
        mask_decoder_config={
            'hidden_size': 8, 'mlp_dim': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2, 'iou_head_hidden_dim': 8,
            'iou_head_depth': 2,
        },
    )  # fmt: skip
    images = transformers.SamImageProcessor(
        size={'longest_edge': 32}, mask_size={'longest_edge': 8}, pad_size={'height': 32, 'width': 32},
        mask_pad_size={'height': 8, 'width': 8},
    )  # fmt: skip
    return tiny.saved(tmp_path / 'sam', transformers.SamModel(config), transformers.SamProcessor(images))


def shapes(found: dict[str, Any]) -> dict[str, list[int]]:
    return {name: list(values.shape) for name, values in found.items()}


def main() -> None:
    sys.path.insert(0, str(detectors.FOLDER))
    detectors.import_torchvision()
    from pixeltable.functions import huggingface as hf

    folder, image = Path(tempfile.mkdtemp()), PIL.Image.new('RGB', (20, 30), 'red')
    asked = {'image': image, 'model_id': sam3(folder), 'threshold': 0.0}
    everything = {'points_per_crop': 2, 'pred_iou_thresh': -1e9, 'stability_score_thresh': 0.0}
    found = {
        'text': hf.sam3_for_segmentation.py_fn(**asked, text='red fish'),
        'boxes': hf.sam3_for_segmentation.py_fn(**asked, input_boxes=[[1.0, 2.0, 10.0, 12.0]], input_boxes_labels=[1]),
        'everything': hf.sam_automatic_mask_generation.py_fn(image=image, model_id=sam(folder), **everything),
    }
    sys.stdout.write(json.dumps({name: shapes(each) for name, each in found.items()}))


if __name__ == '__main__':
    main()
