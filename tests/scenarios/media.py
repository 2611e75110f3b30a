"""Pictures are stored, others computed from them, and what no version needs is removed."""

from __future__ import annotations

from typing import Any

import PIL.Image

import pixeltable as pxt
from scenarios.rows import Inserts


@pxt.udf
def turned(img: pxt.Image) -> pxt.Image:
    return img.rotate(180)


class Pictures(Inserts):
    """Two pictures come; then one of them goes, and what it needed is removed."""

    def prepare(self) -> None:
        t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
        t.add_computed_column(turned=turned(t.img))

    def do(self, number: int) -> None:
        t = pxt.get_table('t')
        if number % 2 == 0:
            t.insert([{'k': k, 'img': picture(k)} for k in (number, number + 1)])
        else:
            t.delete(where=t.k == number - 1)
            t.vacuum(retain=1)

    def after(self, number: int) -> Any:
        kept = [k for step in range(0, number, 2) for k in (step, step + 1) if k % 2 or step + 1 >= number]
        return [{'k': k, 'first': (k % 256, 0, 0), 'last': (0, k % 256, 0)} for k in kept]

    def found(self) -> Any:
        rows = pxt.get_table('t').order_by(pxt.get_table('t').k).collect()
        return [
            {'k': row['k'], 'first': row['img'].getpixel((0, 0)), 'last': row['turned'].getpixel((0, 0))}
            for row in rows
        ]


def picture(k: int) -> PIL.Image.Image:
    image = PIL.Image.new('RGB', (2, 2), (0, k % 256, 0))
    image.putpixel((0, 0), (k % 256, 0, 0))
    return image
