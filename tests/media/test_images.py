from __future__ import annotations

import PIL.Image
from PIL import _imaging

from pixeltable.media.images import keep_memory


def test_memory_of_pictures_is_used_again_as_far_as_nobody_else_says_how() -> None:
    before = _imaging.get_blocks_max()
    try:
        _imaging.set_blocks_max(0)
        keep_memory.__wrapped__()
        reused = _imaging.get_stats()['reused_blocks']
        for _ in range(3):
            PIL.Image.new('RGB', (2000, 2000))  # which is gone at once
        assert _imaging.get_stats()['reused_blocks'] > reused
        _imaging.set_blocks_max(3)
        keep_memory.__wrapped__()
        assert _imaging.get_blocks_max() == 3
    finally:
        _imaging.set_blocks_max(before)
