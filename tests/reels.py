"""Small films and sounds, made in memory: good ones of every kind, talkative ones, broken ones.

Each function gives the bytes of one file. Nothing here is of Parley.
"""

import io
import math
import os
import struct
from array import array
from fractions import Fraction
from typing import Any

import av
from PIL import Image

PLACE = "+47.3769+008.5417"  # what no output may hold
os.environ["SVT_LOG"] = "1"  # its encoder has nothing to say but errors
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
    `between`, these units before each picture.
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
            for frame in (*frames, None):
                for packet in track.encode(frame):
                    film.mux(preceded(packet, more.get("between", b"")))
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
    track.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
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


def pictures(seconds: float, size: tuple[int, int]):
    """The frames of a film; the lower half is black, to know up from down."""
    for number in range(round(seconds * RATE)):
        im = Image.new("RGB", size, BLUE if number >= RATE else RED)
        im.paste((0, 0, 0), (0, size[1] // 2, *size))
        frame = av.VideoFrame.from_image(im)
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


# ---- Talkative ones: each holds PLACE in the way of its kind


def copied(
    data: bytes, kind: str, beside: bytes = b"", attached: str = "", header: bytes = b""
) -> bytes:
    """The same in another container, with subtitles, an attachment, or Vorbis' second header."""
    out = io.BytesIO()
    with av.open(io.BytesIO(data)) as film, av.open(out, "w", format=kind) as new:
        sources = [film, *([av.open(io.BytesIO(beside), format="srt")] if beside else [])]
        tracks = [
            (source, {it: new.add_stream_from_template(it, opaque=True) for it in source.streams})
            for source in sources
        ]
        for track in new.streams.audio if header else ():
            track.codec_context.extradata = replaced(track.codec_context.extradata, header)
        if attached:
            new.add_attachment("place.txt", "text/plain", attached.encode())
            new.set_chapters([{"id": 1, "start": 0, "end": 1000, "time_base": Fraction(1, 1000),
                               "metadata": {"title": attached}}])  # fmt: skip
        for source, pairs in tracks:
            for packet in source.demux():
                if packet.size:
                    packet.stream = pairs[packet.stream]
                    new.mux(packet)
    return out.getvalue()


def replaced(headers: bytes, second: bytes) -> bytes:
    """Vorbis' headers, which Matroska keeps laced, with another one for its tags."""
    first, third = headers[3 : 3 + headers[1]], headers[headers.index(b"\5vorbis") :]
    return bytes([2, len(first), len(second)]) + first + second + third


def with_cover(kind: str) -> bytes:
    """A sound with a picture as a player shows it, that says where it was taken."""
    out, cover = io.BytesIO(), io.BytesIO()
    Image.new("RGB", SIZE).save(cover, "JPEG", comment=PLACE.encode())
    with av.open(out, "w", format={"m4a": "mp4"}.get(kind, kind)) as film:
        sound = add_audio(film, FORMATS[kind][1])
        picture = add_video(film, "mjpeg", SIZE, 0)
        picture.disposition = 0x400
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts, packet.is_keyframe = picture, 0, 0, True
        film.mux(packet)
        for frame in (*tones(sound, 1), None):
            film.mux(sound.encode(frame))
    return out.getvalue()


def with_timed_places() -> bytes:
    """A film of an iPhone, which has a track that says where it was at each moment."""
    film = reel("mov", audio="pcm_s16le", metadata={"make": "Apple"})
    sound = film.index(b"hdlr") and av.open(io.BytesIO(film)).streams.audio[0]
    first = next(sound.container.demux(sound))
    film = film.replace(bytes(first), (PLACE.encode() * len(bytes(first)))[: first.size])
    return film.replace(b"soun", b"meta").replace(b"sowt", b"mebx")


def box(kind: bytes, content: bytes) -> bytes:
    """A part of an MP4 (ISO 14496-12)."""
    return struct.pack(">I", len(content) + 8) + kind + content


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a RIFF file."""
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def id3(*frames: tuple[bytes, bytes]) -> bytes:
    """An ID3v2 tag."""
    inside = b"".join(kind + struct.pack(">IH", len(it), 0) + it for kind, it in frames)
    size = bytes((len(inside) >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + inside


def sei(first: bytes) -> bytes:
    """What a camera writes before a picture: user data, unregistered (H.264, D.1.6)."""
    said = bytes(16) + PLACE.encode()
    return b"\0\0\0\1" + first + bytes([5, len(said)]) + said + b"\x80"


def talkative() -> dict[str, bytes]:
    """Films and sounds that say where they were made, by the way in which they do."""
    here = PLACE.encode()
    tags = {"title": PLACE, "comment": PLACE, "location": f"{PLACE}/", "artist": PLACE}
    apple = {"com.apple.quicktime.location.ISO6709": f"{PLACE}/"}
    keys = {"movflags": "use_metadata_tags"}
    mp4, mp3, wav, flac = reel("mp4", 1), reel("mp3", 1), reel("wav", 1), reel("flac", 1)
    srt = b"1\n00:00:00,000 --> 00:00:01,000\n" + here + b"\n\n"
    ape = b"APETAGEX" + struct.pack("<IIII8x", 2000, len(here) + 45, 1, 0xA0000000)
    ape += struct.pack("<II", len(here), 0) + b"Place\0" + here
    ape += b"APETAGEX" + struct.pack("<IIII8x", 2000, len(here) + 45, 1, 0x80000000)
    tag = id3((b"TXXX", b"\0place\0" + here), (b"GEOB", b"\0text/plain\0\0\0" + here))
    comments = b"\3vorbis" + struct.pack("<III", 0, 1, len(here) + 6) + b"PLACE=" + here + b"\1"
    listed = chunk(b"bext", here.ljust(602, b"\0")) + chunk(b"iXML", here) + chunk(b"id3 ", tag)
    found = {kind: reel(kind, 1, metadata=tags) for kind in FORMATS if kind not in ("aac", "amr")}
    return found | {
        "mov, keys": reel("mov", 1, metadata=apple, options=keys),
        "mov, track": reel("mov", 1, track={"handler_name": PLACE}),
        "mov, timed": with_timed_places(),
        "mp4, uuid": mp4 + box(b"uuid", b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8" + bytes(8) + here),
        "mp4, free": mp4 + box(b"free", here) + box(b"skip", here) + box(b"meta", bytes(4) + here),
        "mp4, brand": mp4.replace(b"isom", here[:4]) + box(b"GPS ", here),
        "h264, between": reel("mp4", 1, between=sei(b"\x06")),
        "hevc, between": reel("hevc", 1, between=sei(b"\x4e\x01")),
        "mkv, subtitles": copied(mp4, "matroska", srt, PLACE),
        "webm, vorbis": copied(reel("vp8", 1), "webm", header=comments),
        "m4a, cover": with_cover("m4a"),
        "flac, cover": with_cover("flac"),
        "flac, block": flac[:42]
        + b"\2"
        + struct.pack(">I", len(here) + 4)[1:]
        + b"Test"
        + here
        + flac[42:],
        "mp3, id3": tag + mp3,
        "mp3, id3 twice": mp3 + tag + mp3,
        "mp3, id3v1": mp3 + b"TAG" + here.ljust(125, b"\0"),
        "mp3, ape": mp3 + ape,
        "mp3, ape and id3v1": mp3 + ape + b"TAG" + here.ljust(125, b"\0"),
        "aac, id3 twice": (tag + reel("aac", 1)) * 2,
        "wav, chunks": wav[:4] + struct.pack("<I", len(wav) - 8 + len(listed)) + wav[8:] + listed,
    }


# ---- Ones that are meant to harm

INSIDE = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def edited(film: bytes, **parts: bytes) -> bytes:
    """An MP4 with another content in all its parts of these names."""
    made, at = b"", 0
    while at < len(film):
        size, kind = struct.unpack(">I4s", film[at : at + 8])
        content = film[at + 8 : at + size]
        if kind in INSIDE:
            content = edited(content, **parts)
        made += box(kind, parts.get(kind.decode(errors="replace"), content))
        at += size
    return made


def endless() -> bytes:
    """A film each of whose pictures is said to be shown for 68 years."""
    film = reel("mp4", 1, audio="")
    clock = bytes(12) + struct.pack(">II4x", 1, RATE)
    return edited(film, mdhd=clock, stts=bytes(4) + struct.pack(">III", 1, RATE, 2**31 - 1))


def crowded() -> bytes:
    """A film of a hundred thousand tracks."""
    film = reel("mp4", 1)
    at = film.index(b"moov") - 4
    return film[:at] + box(b"moov", film[at + 8 :] + box(b"trak", b"") * 100_000)


def vast() -> bytes:
    """A film whose pictures are said to be 16383 pixels wide and high."""
    film = reel("vp8", 1, audio="")
    true, said = struct.pack("<HH", *SIZE), struct.pack("<HH", 16383, 16383)
    return film.replace(b"\x9d\x01\x2a" + true, b"\x9d\x01\x2a" + said)


def echoing() -> bytes:
    """A sound of 200 kB, which says the same thing so often that it would fill 8 GB."""
    sound = reel("mov", 1, video="", audio="pcm_s16le")
    times, whole = 40_000, bytes(4)
    samples = (len(sound) - 2_000) // 2
    return edited(
        sound,
        stts=whole + struct.pack(">III", 1, times * samples, 1),
        stsc=whole + struct.pack(">IIII", 1, 1, samples, 1),
        stsz=whole + struct.pack(">II", 2, times * samples),
        stco=whole + struct.pack(">I", times) + struct.pack(">I", 100) * times,
    )


def curious(path: str) -> dict[str, bytes]:
    """Texts that make a player open other files: this one."""
    return {
        "a playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{path}\n".encode(),
        "a list": f"ffconcat version 1.0\nfile '{path}'\n".encode(),
        "a session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 96\n",
        "a manifest": f'<MPD type="static"><BaseURL>{path}</BaseURL></MPD>'.encode(),
    }
