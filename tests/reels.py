"""Small films and sounds, made in memory: good ones of every kind, talkative ones, broken ones.

Each function gives the bytes of one file. Nothing here is of Parley.
"""

import io
import math
import os
import struct
from array import array
from typing import Any

import av
from PIL import Image

os.environ["SVT_LOG"] = "1"  # its encoder has nothing to say but errors
SIZE, RATE = (64, 48), 24
RED, BLUE = (200, 30, 40), (30, 40, 200)
X265 = {"x265-params": "log-level=none:keyint=24"}
HLG = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
DEPTH = {"mjpeg": "yuvj420p", "hlg": "yuv420p10le"}
VIDEO = {
    "h264": ("libx264", {"preset": "ultrafast"}),
    "hevc": ("libx265", {"preset": "ultrafast", **X265}),
    "hlg": ("libx265", {"preset": "ultrafast", "x265-params": HLG}),
    "vp8": ("libvpx", {"deadline": "realtime", "cpu-used": "8"}),
    "vp9": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
    "av1": ("libsvtav1", {"preset": "12", "svtav1-params": "lp=1"}),
    "mjpeg": ("mjpeg", {"color_range": "pc"}),
}
AUDIO = {"opus": "libopus", "mp3": "libmp3lame", "amr_nb": "libopencore_amrnb"}
FORMATS = {"mp4": ("h264", "aac"), "webm": ("vp9", "opus"), "mov": ("h264", "aac"),
           "m4a": ("", "aac"), "mp3": ("", "mp3"), "ogg": ("", "opus"), "wav": ("", "pcm_s16le"),
           "flac": ("", "flac"), "mkv": ("h264", "aac"), "aac": ("", "aac"), "weba": ("", "opus"),
           "vorbis": ("", "vorbis"), "amr": ("", "amr_nb"), "hevc": ("hevc", "aac"),
           "vp8": ("vp8", "vorbis"), "av1": ("av1", "opus")}  # fmt: skip
MUXERS = {"m4a": "ipod", "mkv": "matroska", "weba": "webm", "aac": "adts", "vorbis": "ogg",
          "hevc": "mp4", "vp8": "webm", "av1": "mp4"}  # fmt: skip


def reel(kind: str, seconds: float = 2, size: tuple[int, int] = SIZE, **more: Any) -> bytes:
    """A film that is red and, after its first second, blue; or a sound, by what FORMATS says.

    With `video` and `audio` (codecs), `rotation`, `metadata`, `options` of the container; with
    `between`, these units before each picture; with `shots`, these pictures,
    the last of them to the end.
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
            if track.type == "video":
                frames = pictures(seconds, more.get("shots") or two(size))
            else:
                frames = tones(track, seconds)
            for frame in (*frames, None):
                for packet in track.encode(frame):
                    film.mux(preceded(packet, more.get("between", b"")))
    if video == "av1" and hasattr(os, "SCHED_OTHER"):
        # Its encoder goes before everything else on the machine where it may, and stays there.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return out.getvalue()


def preceded(packet: Any, units: bytes) -> Any:
    """The packet of a picture with this before it."""
    if not units or packet.stream.type != "video":
        return packet
    new = av.Packet(units + bytes(packet))
    new.pts, new.dts, new.time_base = packet.pts, packet.dts, packet.time_base
    new.stream, new.is_keyframe = packet.stream, packet.is_keyframe
    return new


def add_video(film: Any, codec: str, size: tuple[int, int], rotation: int) -> Any:
    """A track for pictures."""
    name, options = VIDEO[codec]
    track = film.add_stream(name, rate=RATE, options=dict(options))
    track.width, track.height = size
    track.pix_fmt = DEPTH.get(codec, "yuv420p")
    if rotation:
        track.set_display_rotation(rotation)
    return track


def add_audio(film: Any, codec: str) -> Any:
    """A track for sound."""
    track = film.add_stream(AUDIO.get(codec, codec), rate=8000 if codec == "amr_nb" else 48000)
    track.layout = "stereo" if codec == "vorbis" else "mono"
    if codec == "vorbis":
        track.options = {"strict": "-2"}
    return track


def two(size: tuple[int, int]) -> list[Image.Image]:
    """A second in red, then blue; the lower half is black, to know up from down."""
    shots = [Image.new("RGB", size, colour) for colour in [RED] * RATE + [BLUE]]
    for im in shots:
        im.paste((0, 0, 0), (0, size[1] // 2, *size))
    return shots


def pictures(seconds: float, shots: list[Image.Image]):
    """The frames of a film."""
    for number in range(round(seconds * RATE)):
        frame = av.VideoFrame.from_image(shots[min(number, len(shots) - 1)])
        frame.pts = number
        yield frame


def tones(track: Any, seconds: float):
    """The frames of a sound: a quiet hum."""
    channels = len(track.layout.channels)
    turns = av.AudioResampler(format=track.format, layout=track.layout, rate=track.rate,
                              frame_size=track.frame_size or 1024)  # fmt: skip
    for at in range(0, round(seconds * 48000), 4800):
        hum = (round(3000 * math.sin((at + n) / 30)) for n in range(4800) for _ in range(channels))
        frame = av.AudioFrame(format="s16", layout=track.layout, samples=4800)
        frame.planes[0].update(array("h", hum).tobytes())
        frame.sample_rate, frame.pts = 48000, at
        yield from turns.resample(frame)
    yield from turns.resample(None)


def box(kind: bytes, content: bytes) -> bytes:
    """A part of an MP4 (ISO 14496-12)."""
    return struct.pack(">I", len(content) + 8) + kind + content
