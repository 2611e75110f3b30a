"""Pictures, films and documents that describe themselves, are searched by a picture and by words, and end in a gallery.

    python gallery.py          # what `make demo-media` runs

Read it from top to bottom. All files are made here, and so are the two tiny models, which know shapes and colours. The first run
looks at every file; later ones look at what is new.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import papers
import shapes

import pixeltable as pxt
from pixeltable.functions.document import document_splitter
from pixeltable.functions.huggingface import clip, image_captioning, sentence_transformer
from pixeltable.functions.video import frame_iterator

sys.path.append(str(Path(__file__).resolve().parent.parent / 'knowledge_base'))
import screen  # that of the other demo

HOME = Path(__file__).resolve().parent / '.home'
MINI = 'sentence-transformers/all-MiniLM-L6-v2'
WORDS = {'max_new_tokens': 6}


def make_files(folder: Path, pictures: int, limit: int | None) -> None:
    """A folder of pictures, films with sound, and PDFs, unless it is there already."""
    if folder.exists():
        return
    chance = random.Random(1)
    for kind in ('pictures', 'films', 'papers'):
        (folder / kind).mkdir(parents=True)
    shapes.save_pictures(folder / 'pictures', pictures, chance)
    for number in range(0, min(pictures, 12), 3):
        kinds = shapes.KINDS[number : number + 3]
        shapes.save_film(folder / 'films' / f'{kinds[0][0]}.mp4', kinds, 6, chance)
    papers.save_papers(folder / 'papers', limit)


def declare(models: dict[str, str]) -> tuple[Any, Any, Any, Any]:
    """The tables, and all that is derived from what will be put into them. Declaring what exists already changes nothing."""
    say = image_captioning.using(model_id=models['captions'], model_kwargs=WORDS)
    embed = clip.using(model_id=models['clip'])

    pictures = pxt.create_table('pictures', {'img': pxt.Image}, if_exists='ignore')
    pictures.add_computed_column(thumbnail=pictures.img.thumbnail((96, 96)), if_exists='ignore')
    pictures.add_computed_column(caption=say(pictures.img), if_exists='ignore')
    pictures.add_embedding_index('img', embedding=embed, if_exists='ignore')

    films = pxt.create_table('films', {'video': pxt.Video}, if_exists='ignore')
    films.add_computed_column(seen=say(films.frame), if_exists='ignore')
    films.add_computed_column(cover=films.video.extract_frame(timestamp=0.5), if_exists='ignore')
    frames = pxt.create_view('frames', films, iterator=frame_iterator(films.video, fps=1), if_exists='ignore')
    frames.add_embedding_index('frame', embedding=embed, if_exists='ignore')

    documents = pxt.create_table('documents', {'document': pxt.Document}, if_exists='ignore')
    split = document_splitter(documents.document, 'page,char_limit', limit=500, overlap=50, metadata='page')
    chunks = pxt.create_view('chunks', documents, iterator=split, if_exists='ignore')
    chunks.add_embedding_index('text', string_embed=sentence_transformer.using(model_id=MINI), if_exists='ignore')
    return pictures, films, frames, chunks


def fill(folder: Path) -> str:
    """Inserts the files that are not there yet. Returns what it did."""
    done = []
    for table, column, kind in (
        ('pictures', 'img', 'pictures'),
        ('films', 'video', 'films'),
        ('documents', 'document', 'papers'),
    ):
        held: Any = pxt.get_table(table)
        known = set(held.select(path=held[column].localpath).collect()['path'])
        new = [{column: str(path)} for path in sorted((folder / kind).iterdir()) if str(path) not in known]
        if new:
            held.insert(new)
        done.append(f'{len(new)} {kind}')
    return ', '.join(done)


def search(pictures: Any, films: Any, frames: Any, chunks: Any) -> Any:
    """By a picture, by words, by what is seen in films, and by meaning. Returns what was found for the picture."""
    screen.section('Search pictures by a picture')
    wanted = shapes.picture('blue', 'circle', random.Random(7))
    by_picture = pictures.img.similarity(wanted)
    query = pictures.order_by(by_picture, asc=False).limit(3)
    screen.table(_named(query.select(file=pictures.img.localpath, caption=pictures.caption, score=by_picture)))

    screen.section('Search pictures and frames by words')
    words = 'a yellow triangle'
    sim = pictures.img.similarity(words)
    screen.say(f'`pictures.img.similarity({words!r})`')
    screen.table(_named(pictures.order_by(sim, asc=False).limit(3).select(file=pictures.img.localpath, score=sim)))
    sim = frames.frame.similarity(words)
    found = frames.order_by(sim, asc=False).limit(3)
    screen.table(_named(found.select(file=frames.video.localpath, second=frames.frame_attrs.time, score=sim)))

    screen.section('Ask what a film shows')
    what = 'a green square'
    screen.say(f'`films.where(films.seen.contains({what!r}))`')
    rows = _named(films.where(films.seen.contains(what)).select(file=films.video.localpath, seen=films.seen))
    screen.table(
        {'file': row['file'], 'seconds': [n for n, seen in enumerate(row['seen']) if seen == what]} for row in rows
    )

    screen.section('Search documents by meaning')
    question = 'Why is the metadata kept in SQLite?'
    sim = chunks.text.similarity(question)
    screen.say(f'“{question}”')
    best = chunks.order_by(sim, asc=False).limit(3)
    screen.table(_named(best.select(file=chunks.document.localpath, page=chunks.page, score=sim)))
    return query.select(pictures.img, pictures.caption, score=by_picture)


def _named(query: Any) -> list[dict[str, Any]]:
    """The rows with names of files in place of their paths."""
    return [{**row, 'file': Path(row['file']).name} for row in query.collect()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--home', type=Path, default=HOME, help='where everything is kept (default: %(default)s)')
    parser.add_argument('--pictures', type=int, default=60, help='how many pictures are made (default: %(default)s)')
    parser.add_argument('--papers', type=int, help='take at most this many documents')
    parser.add_argument('--steps', type=int, default=400, help='how long the models are trained (default: %(default)s)')
    options = parser.parse_args(arguments)
    home: Path = options.home.resolve()
    started = time.perf_counter()
    pxt.init({'pixeltable.home': home / 'data', 'pixeltable.verbosity': 0})

    screen.section('Make files and models')
    with screen.waiting('draw pictures, film them, write PDFs'):
        make_files(home / 'files', options.pictures, options.papers)
    with screen.waiting('train a model that embeds and one that writes captions'):
        import tiny_models

        models = tiny_models.train(home / 'models', options.steps)

    screen.section('Declare what is derived, and fill in files')
    pictures, films, frames, chunks = declare(models)
    with screen.waiting('thumbnails, captions, frames, parts of documents, embeddings'):
        inserted = fill(home / 'files')
    screen.say(f'New: {inserted}. {frames.count()} frames and {chunks.count()} parts of documents follow from them.')

    found = search(pictures, films, frames, chunks)

    screen.section('Look at it')
    for name, query in {
        'pictures': pictures.select(pictures.thumbnail, pictures.caption),
        'films': films.select(films.video, films.cover, films.seen),
        'found': found,
    }.items():
        page = home / f'{name}.html'
        query.collect().to_html(page)
        screen.say(f'{os.path.relpath(page)}: {page.stat().st_size // 1024} KB')
    screen.say(f'Done in {time.perf_counter() - started:.0f} s.')


if __name__ == '__main__':
    main()
