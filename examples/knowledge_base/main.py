"""A knowledge base that keeps itself current: the standard library, READMEs of installed packages, decisions of this project.

    python main.py          # what `make demo` runs

Read it from top to bottom: it uses most of what Pixeltable has. The first run embeds every text; later ones embed what changed.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import screen
import sources
from knowledge import heading, is_adr, passage

import pixeltable as pxt
from pixeltable.functions.huggingface import sentence_transformer
from pixeltable.functions.string import count

MODEL = 'sentence-transformers/all-MiniLM-L6-v2'
HOME = Path(__file__).resolve().parent / '.home'

QUESTIONS = (
    'How do I read the files in a zip archive?',
    'start another program and capture its output',
    'random numbers for passwords and secrets',
    'show a progress bar in the terminal',
    'Why is the metadata kept in SQLite?',
)


def declare() -> Any:
    """The table, its computed columns and its index. Declaring what exists already changes nothing."""
    kb = pxt.create_table(
        'org_knowledge',
        {'type': pxt.String, 'content': pxt.String, 'path': pxt.String, 'created_at': pxt.Timestamp},
        if_exists='ignore',
    )
    kb.add_computed_column(is_adr=is_adr(kb.path, kb.content), if_exists='ignore')
    kb.add_computed_column(lines=count(kb.content, '\n') + 1, if_exists='ignore')
    kb.add_computed_column(heading=heading(kb.type, kb.content), if_exists='ignore')
    kb.add_computed_column(passage=passage(kb.type, kb.path, kb.content), if_exists='ignore')
    kb.add_embedding_index(
        'passage', idx_name='passages', string_embed=sentence_transformer.using(model_id=MODEL), if_exists='ignore'
    )
    return kb


def synchronize(kb: Any, files: list[dict[str, Any]]) -> str:
    """Makes the table hold `files`, touching only the rows that differ. Returns what it did."""
    stored = {row['path']: row['content'] for row in kb.select(kb.path, kb.content).collect()}
    new = [file for file in files if file['path'] not in stored]
    changed = [file for file in files if stored.get(file['path'], file['content']) != file['content']]
    gone = sorted(stored.keys() - {file['path'] for file in files})
    if new:
        kb.insert(new)
    for file in changed:
        kb.update({'content': file['content'], 'created_at': file['created_at']}, where=kb.path == file['path'])
    if gone:
        kb.delete(where=kb.path.isin(gone))
    same = len(files) - len(new) - len(changed)
    return f'{len(new)} new, {len(changed)} changed, {len(gone)} gone, {same} as they were'


def nearest(kb: Any, question: str, n: int = 2, condition: Any = None) -> list[dict[str, Any]]:
    """The `n` rows whose passages are most like the question, of those that meet the condition."""
    similarity = kb.passage.similarity(question)
    query = kb.order_by(similarity, asc=False).limit(n).select(kb.type, kb.path, score=similarity)
    return list((query if condition is None else query.where(condition)).collect())


def look_around(kb: Any) -> None:
    """Statistics by SQL, and the cells that failed."""
    screen.section('Query it')
    numbers = kb.group_by(kb.type).order_by(kb.type)
    functions = pxt.functions
    screen.table(
        numbers.select(
            kb.type,
            rows=functions.count(),
            lines=functions.sum(kb.lines),
            longest=functions.max(kb.lines),
        ).collect()
    )
    decisions = kb.where(kb.is_adr).count()
    screen.say(f'`kb.where(kb.is_adr).count()` finds {decisions} architectural decisions.')

    screen.section('What failed is a cell, not an exception')
    failed = kb.where(kb.heading.errortype != None)  # noqa: E711
    screen.say(f'`heading()` raised in {failed.count()} of {kb.count()} rows; these rows are stored all the same.')
    screen.table(failed.select(kb.path, error=kb.heading.errortype, message=kb.heading.errormsg).limit(3).collect())


def ask(kb: Any) -> None:
    """Search by meaning, alone and with a filter."""
    screen.section('Ask it')
    answers = []
    for question in QUESTIONS:
        for rank, found in enumerate(nearest(kb, question)):
            answers.append({'question': '' if rank else question, 'answer': found['path'], 'score': found['score']})
    screen.table(answers)

    screen.section('Search and filter in one query')
    screen.say("`where((kb.type == 'document') & (kb.lines > 20))`: “a client for the web”")
    screen.table(nearest(kb, 'a client for the web', 3, (kb.type == 'document') & (kb.lines > 20)))


def edit(kb: Any, meter: Any) -> None:
    """An update computes again what depends on it, for one row; a revert computes nothing."""
    screen.section('Edit one row')
    path = kb.order_by(kb.path).head(1)[0, 'path']
    meter.since_last()
    status = kb.update({'content': '"""How to brew a pot of green tea."""'}, where=kb.path == path)
    screen.say(f'`{path}` is about tea now. {status}. {meter.since_last()}.')
    screen.table(nearest(kb, 'making a hot drink', 1))
    meter.since_last()
    kb.revert()
    screen.say(f'`kb.revert()` brings the old text and its embedding back: {meter.since_last()}.')


def break_and_restore(kb: Any, meter: Any) -> None:
    """A snapshot is a name for a version: nothing is copied, and nothing is lost."""
    screen.section('Snapshot, break, restore')
    before = nearest(kb, QUESTIONS[0])
    meter.since_last()
    pxt.snapshot('org_knowledge', name='before-cleanup', tags=['stable'], if_exists='replace')
    rows = kb.count()
    status = kb.delete(where=kb.type == 'code')
    kb.drop_embedding_index(idx_name='passages')
    kb.drop_column('is_adr')
    screen.say(
        f'A snapshot, then a mistake: {status}, the index and `is_adr` dropped; {kb.count()} of {rows} rows left.'
    )
    pxt.restore('org_knowledge', snapshot='before-cleanup')
    screen.say(f'`pxt.restore(…)`: {kb.count()} rows, columns and index are back; {meter.since_last()}.')
    same = 'the same answers as before' if nearest(kb, QUESTIONS[0]) == before else 'OTHER ANSWERS THAN BEFORE'
    screen.say(f'“{QUESTIONS[0]}” gives {same}.')
    screen.say('Every step is in the history:')
    versions = kb.get_versions(5)
    kinds = ('inserts', 'updates', 'deletes', 'schema_change')
    screen.table([{'version': v['version'], **{kind: v[kind] or '' for kind in kinds}} for v in versions])


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--home', type=Path, default=HOME, help='where the data is kept (default: %(default)s)')
    parser.add_argument('--limit', type=int, help='take at most this many rows of each type')
    parser.add_argument('--svg', type=Path, help='write a picture of the output to this file')
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    pxt.init({'pixeltable.home': options.home, 'pixeltable.verbosity': 0})
    warnings.simplefilter('ignore', pxt.PixeltableWarning)  # the demo shows the failed cells itself

    screen.section('Declare a table, computed columns and an index')
    with screen.waiting('load the embedding model'):
        from meter import Meter

        meter = Meter()
        kb = declare()
    screen.say(f'`org_knowledge` in {os.path.relpath(options.home)}')
    screen.table({'column': name, 'type': str(type_)} for name, type_ in kb.select().schema.items())

    screen.section('Fill it with real files')
    files = sources.rows(options.limit)
    screen.say(f'{len(files)} files: {synchronize(kb, files)}.')
    note = 'A second run embeds what has changed.' if meter.texts else 'Nothing has changed since the last run.'
    screen.say(f'{meter.since_last()}; {time.perf_counter() - started:.0f} s so far. {note}')

    look_around(kb)
    ask(kb)
    edit(kb, meter)
    break_and_restore(kb, meter)
    screen.console.print()
    screen.say(f'Done in {time.perf_counter() - started:.0f} s.')
    if options.svg:
        screen.save_picture(options.svg)


if __name__ == '__main__':
    main()
