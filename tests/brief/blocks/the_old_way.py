# Section "The Old Way", verbatim.
import pandas as pd
from sentence_transformers import SentenceTransformer

# Manual pipeline
model = SentenceTransformer('all-MiniLM-L6-v2')
df = pd.read_csv('docs.csv')

# Embed all documents
df['embedding'] = df['text'].apply(lambda x: model.encode(x))

# Save to vector database
vector_db.upsert(df[['id', 'embedding']])

# Code changes? Re-run everything manually.
# Data changes? Re-embed everything manually.
# Schema changes? Rebuild from scratch.
