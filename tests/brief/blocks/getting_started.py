# Section "Getting Started", verbatim.
# 1. Install
# pip install pixeltable

# 2. Create table with schema
import pixeltable as pxt

docs = pxt.create_table('documents', {
    'title': pxt.String,
    'content': pxt.String,
    'created_at': pxt.Timestamp
})

# 3. Add transformations as computed columns
from pixeltable.functions.huggingface import sentence_transformer

docs.add_embedding_index(
    'content',
    string_embed=sentence_transformer.using(
        model_id='sentence-transformers/all-MiniLM-L6-v2'
    )
)

# 4. Insert data (transformations run automatically)
docs.insert([{
    'title': 'First Doc',
    'content': 'AI infrastructure for multimodal data',
    'created_at': pxt.now()
}])

# 5. Query with semantic search
from datetime import datetime
sim = docs.content.similarity('machine learning storage')

results = (
    docs
    .order_by(sim, asc=False)
    .limit(5)
    .select(docs.title, docs.content, sim)
    .collect()
)
