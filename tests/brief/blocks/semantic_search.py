# Section "Built-in Semantic Search", verbatim.
from pixeltable.functions.huggingface import clip
import PIL.Image

# Add image embedding index
images = pxt.create_table('images', {'img': pxt.Image})
images.add_embedding_index(
    'img',
    embedding=clip.using(model_id='openai/clip-vit-base-patch32')
)

# Search (always up-to-date)
query_img = PIL.Image.open('search.jpg')
sim = images.img.similarity(query_img)

results = (
    images
    .order_by(sim, asc=False)
    .where(images.id != 6)  # Metadata filtering
    .limit(5)
    .select(images.img, sim)
    .collect()
)
