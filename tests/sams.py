"""Prints the shapes of what tiny models of SAM and SAM 3 find, as JSON.

A program of its own: transformers finds out once whether torchvision is there, which only these models need (see `detectors`).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import detectors
import films
import PIL.Image
import tiny

SIZE = {'height': 112, 'width': 112}


def detector(width: int) -> Any:
    import transformers

    widths = {'hidden_size': width, 'num_attention_heads': 4, 'intermediate_size': 32}
    eyes = {**widths, 'num_hidden_layers': 2, 'image_size': 112, 'pretrain_image_size': 112, 'patch_size': 14}
    return transformers.Sam3Config(
        vision_config={
            'backbone_config': {'model_type': 'sam3_vit_model', **eyes, 'window_size': 4, 'global_attn_indexes': [1]},
            'fpn_hidden_size': width, 'backbone_feature_sizes': [[32, 32], [16, 16], [8, 8]],
        },
        text_config={
            **widths, 'vocab_size': 12, 'num_hidden_layers': 1, 'max_position_embeddings': 32, 'projection_dim': 32,
            'eos_token_id': 3, 'bos_token_id': 2, 'pad_token_id': 0,
        },
        geometry_encoder_config={**widths, 'num_layers': 1}, detr_encoder_config={**widths, 'num_layers': 1},
        detr_decoder_config={**widths, 'num_layers': 1, 'num_queries': 5},
        mask_decoder_config={'hidden_size': width, 'num_attention_heads': 4},
    )  # fmt: skip


def sam3(tmp_path: Path) -> str:
    import transformers

    processor = transformers.Sam3Processor(transformers.Sam3ImageProcessor(size=SIZE), tiny.tokenizer())
    return tiny.saved(tmp_path / 'sam3', transformers.Sam3Model(detector(32)), processor)


def sam3_video(tmp_path: Path) -> str:
    """What it tracks with has features of length 64, whatever is asked for, which must be shorter than its others."""
    import transformers

    found = detector(128)
    tracker = transformers.Sam3TrackerVideoConfig(
        vision_config=found.vision_config.to_dict(),
        prompt_encoder_config={'hidden_size': 128, 'image_size': 112, 'mask_input_channels': 4},
        mask_decoder_config={
            'hidden_size': 128, 'mlp_dim': 32, 'num_attention_heads': 2, 'iou_head_hidden_dim': 32, 'iou_head_depth': 2,
        },
        memory_attention_hidden_size=128, memory_attention_num_layers=1, memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[8, 8], memory_encoder_hidden_size=128, memory_encoder_output_channels=64,
        mask_downsampler_embed_dim=128, memory_fuser_embed_dim=128, memory_fuser_intermediate_dim=32, memory_fuser_num_layers=1,
    )  # fmt: skip
    config = transformers.Sam3VideoConfig(
        detector_config=found, tracker_config=tracker, low_res_mask_size=32, score_threshold_detection=0.0,
        new_det_thresh=0.0, max_num_objects=2, hotstart_delay=0,
    )  # fmt: skip
    images, frames = transformers.Sam3ImageProcessor(size=SIZE), transformers.Sam2VideoVideoProcessor(size=SIZE)
    processor = transformers.Sam3VideoProcessor(images, frames, tiny.tokenizer())
    return tiny.saved(tmp_path / 'sam3_video', transformers.Sam3VideoModel(config), processor)


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
    os.environ['TORCHDYNAMO_DISABLE'] = '1'  # to compile one operator takes longer than all models
    sys.path.insert(0, str(detectors.FOLDER))
    detectors.import_torchvision()
    import torch

    from pixeltable.functions import huggingface as hf

    torch.manual_seed(0)  # with other weights a model may find another number of things

    folder, image = Path(tempfile.mkdtemp()), PIL.Image.new('RGB', (20, 30), 'red')
    asked = {'image': image, 'model_id': sam3(folder), 'threshold': 0.0}
    everything = {'points_per_crop': 2, 'pred_iou_thresh': -1e9, 'stability_score_thresh': 0.0}
    made = {
        'text': hf.sam3_for_segmentation.py_fn(**asked, text='red fish'),
        'boxes': hf.sam3_for_segmentation.py_fn(**asked, input_boxes=[[1.0, 2.0, 10.0, 12.0]], input_boxes_labels=[1]),
        'everything': hf.sam_automatic_mask_generation.py_fn(image=image, model_id=sam(folder), **everything),
    }
    film = str(films.film(folder / 'a.mp4', frames=4, sound=False))
    tracked = {'text': ['red', 'fish'], 'model_id': sam3_video(folder), 'image_size': 112}
    rows = hf.sam3_for_video_segmentation.raw(film, **tracked, max_frame_num_to_track=1)
    names = ('object_ids', 'labels', 'scores', 'boxes', 'masks')
    found: dict[str, Any] = {name: shapes(each) for name, each in made.items()}
    found['film'] = [shapes({name: row[name] for name in names}) for row in rows]
    sys.stdout.write(json.dumps(found))


if __name__ == '__main__':
    main()
