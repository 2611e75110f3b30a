"""Images as text."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from pixeltable.udf.decorators import udf

if TYPE_CHECKING:
    Image = Any
else:
    from pixeltable.types.spelling import Image


@udf(is_method=True)
def b64_encode(img: Image, image_format: str = 'png') -> str:
    """The image as a file of `image_format`, such as `'png'` or `'jpeg'`, in base64, as many models take it."""
    file = io.BytesIO()
    img.save(file, image_format)
    return base64.b64encode(file.getvalue()).decode('ascii')
