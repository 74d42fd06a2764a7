"""Small films and sounds, made in memory: good ones of every kind, talkative ones, broken ones.

Each function gives the bytes of one file. Nothing here is of Parley.
"""

import io
import math
import struct
from array import array
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from PIL import Image

PLACE = "+47.3769+008.5417"  # what no output may hold
SIZE, RATE = (64, 48), 24
RED, BLUE = (200, 30, 40), (30, 40, 200)
X265 = {"x265-params": "log-level=none:keyint=24"}
VIDEO = {
    "h264": ("libx264", {"preset": "ultrafast"}),
    "hevc": ("libx265", {"preset": "ultrafast", **X265}),
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
    "av1": ("libsvtav1", {"preset": "12", "svtav1-params": "lp=1"}),
    "mjpeg": ("mjpeg", {"color_range": "pc"}),
}
AUDIO = {"opus": "libopus", "mp3": "libmp3lame"}
FORMATS = {"mp4": ("h264", "aac"), "webm": ("vp9", "opus"), "mov": ("h264", "aac"),
           "m4a": ("", "aac"), "mp3": ("", "mp3"), "ogg": ("", "opus"), "wav": ("", "pcm_s16le"),
           "flac": ("", "flac"), "mkv": ("h264", "aac"), "aac": ("", "aac"), "weba": ("", "opus"),
           "vorbis": ("", "vorbis"), "hevc": ("hevc", "aac"), "vp8": ("vp8", "vorbis"),
           "av1": ("av1", "opus")}  # fmt: skip
MUXERS = {"m4a": "ipod", "mkv": "matroska", "weba": "webm", "aac": "adts", "vorbis": "ogg",
          "hevc": "mp4", "vp8": "webm", "av1": "mp4"}  # fmt: skip


def reel(kind: str, seconds: float = 2, size: tuple[int, int] = SIZE, **more: Any) -> bytes:
    """A film that is red and, after its first second, blue; or a sound, by what FORMATS says.

    With `video` and `audio` (codecs), `rotation`, `metadata`, `options` of the container.
    """
    video, audio = more.get("video", FORMATS[kind][0]), more.get("audio", FORMATS[kind][1])
    out = io.BytesIO()
    told = {"format": MUXERS.get(kind, kind), "container_options": more.get("options", {})}
    with av.open(out, "w", **told) as film:
        film.metadata.update(more.get("metadata", {}))
        tracks = [add_video(film, video, size, more.get("rotation", 0))] if video else []
        tracks += [add_audio(film, one) for one in audio.split()]
        for track in tracks:
            track.metadata.update(more.get("track", {}))
        for track in tracks:
            frames = pictures(seconds, size) if track.type == "video" else tones(track, seconds)
            for frame in frames:
                film.mux(track.encode(frame))
        for track in tracks:
            film.mux(track.encode(None))
    return out.getvalue()


def add_video(film: Any, codec: str, size: tuple[int, int], rotation: int) -> Any:
    """A track for pictures."""
    name, options = VIDEO[codec]
    track = film.add_stream(name, rate=RATE, options=dict(options))
    track.width, track.height = size
    track.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    if rotation:
        track.set_display_rotation(rotation)
    return track


def add_audio(film: Any, codec: str) -> Any:
    """A track for sound."""
    track = film.add_stream(AUDIO.get(codec, codec), rate=48000)
    track.layout = "stereo" if codec == "vorbis" else "mono"
    if codec == "vorbis":
        track.options = {"strict": "-2"}
    return track


def pictures(seconds: float, size: tuple[int, int]):
    """The frames of a film."""
    for number in range(round(seconds * RATE)):
        frame = av.VideoFrame.from_image(Image.new("RGB", size, BLUE if number >= RATE else RED))
        frame.pts = number
        yield frame


def tones(track: Any, seconds: float):
    """The frames of a sound: a quiet hum."""
    channels = len(track.layout.channels)
    turns = av.AudioResampler(format=track.format, layout=track.layout, rate=48000,
                              frame_size=track.frame_size or 1024)  # fmt: skip
    for at in range(0, round(seconds * 48000), 4800):
        hum = (round(3000 * math.sin((at + n) / 30)) for n in range(4800) for _ in range(channels))
        frame = av.AudioFrame(format="s16", layout=track.layout, samples=4800)
        frame.planes[0].update(array("h", hum).tobytes())
        frame.sample_rate, frame.pts = 48000, at
        yield from turns.resample(frame)
    yield from turns.resample(None)
