"""The functions of the comparison; in a module, because not every package stores functions that live in a script."""

import asyncio
import hashlib

import numpy as np

import pixeltable as pxt


@pxt.udf
def count_letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)


@pxt.udf
async def wait_and_shout(text: str) -> str:
    await asyncio.sleep(0.05)
    return text.upper()


@pxt.udf
def pretend_embedding(text: str) -> pxt.Array[(384,), pxt.Float]:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], 'little')
    vector = np.random.default_rng(seed).standard_normal(384, dtype=np.float32)
    return vector / np.linalg.norm(vector)
