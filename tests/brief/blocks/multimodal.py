# Section "Multimodal Native Types", verbatim.
from pixeltable.functions import yolox, whisper
import pixeltable as pxt

# Create video table with multimodal types
videos = pxt.create_table('videos', {
    'video': pxt.Video,
    'uploaded_at': pxt.Timestamp
})

# Add computed columns for different modalities
videos.add_computed_column(
    objects=yolox(videos.frame)  # Object detection on frames
)

videos.add_computed_column(
    transcript=whisper(videos.audio)  # Speech-to-text
)

# Query across modalities
results = videos.where(
    videos.objects.contains('person')
).select(videos.video, videos.transcript).collect()
