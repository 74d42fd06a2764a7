"""Turns a film or a sound that someone sent into one that is safe to play: run by films.py.

One JSON request a line comes in, one JSON answer a line goes out, the end of the input ends it.
Pictures and sounds are copied as they are, packet by packet, into a new file that says nothing
else: no place, no tags, no cover, no chapters, no other tracks. It imports nothing of Parley.
"""

import ctypes
import errno
import json
import resource
import signal
import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from PIL import Image

MEMORY = 1536 * 2**20  # bytes of address space
ALONE = 600  # seconds; the parent gives up much sooner, this is for when it is gone
LONGEST = 7 * 24 * 3600  # seconds: what claims to play for more is broken
PIXELS = 36_000_000  # of one picture: 8K
POSTER, INTO, TRIES = 1280, 1.0, 64  # pixels, seconds into the film, pictures decoded for it

PCM = {f"pcm_{kind}" for kind in ("u8", "s16le", "s24le", "s32le", "f32le", "alaw", "mulaw")}
# What holds which codecs, with its type and ending: the first that takes all of a film's tracks.
FILMS = [
    ("webm", {"vp8", "vp9", "av1", "opus", "vorbis"}, "video/webm", "webm"),
    ("mp4", {"h264", "hevc", "av1", "vp9", "aac", "mp3", "opus", "flac"}, "video/mp4", "mp4"),
]
SOUNDS = [
    ("ogg", {"opus", "vorbis"}, "audio/ogg", "ogg"),
    ("mp4", {"aac"}, "audio/mp4", "m4a"),
    ("mp3", {"mp3"}, "audio/mpeg", "mp3"),
    ("flac", {"flac"}, "audio/flac", "flac"),
    ("wav", PCM, "audio/wav", "wav"),
]
# What no browser, or not each, plays: bare as well, but not looked at.
OTHERS = {
    "mov": ("video/quicktime", "mov"),
    "matroska": ("video/x-matroska", "mkv"),
    "ogg": ("video/ogg", "ogv"),
    "wav": ("audio/x-wav", "wav"),
    "amr": ("audio/amr", "amr"),
}
PLAYED = {codec for _, codecs, _, _ in FILMS + SOUNDS for codec in codecs}
# What cameras write between the pictures (SEI), some of them the place; and by which tag Apple's
# players know the film.
BARE = {
    "h264": ("filter_units=remove_types=6", "avc1"),
    "hevc": ("filter_units=remove_types=39-40", "hvc1"),
}
READING = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,wav,flac,mp3,aac,amr",
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(sorted(PLAYED | {"libdav1d", "mp3float"})),  # no other is tried
    "max_streams": "64",
}
WRITING = {
    "fflags": "+bitexact",  # no name and version of what wrote it
    "movflags": "+faststart",  # it plays before all of it has arrived
    "id3v2_version": "0",
}


def play(source: str, folder: str) -> dict:
    """Write the film or sound `source` into `folder`, and a poster beside it. The answer.

    Raises anything at all for what is neither.
    """
    largest = 2 * Path(source).stat().st_size + 2**20  # a small file may say a thing many times
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    with av.open(source, options=READING) as sent:
        tracks = chosen(sent)
        kind, mime, ending, plays = way(sent.format.name.split(",")[0], tracks)
        full = Path(folder, f"full.{ending}")
        copy(sent, tracks, full, kind)
    said = {"ok": True, "type": mime, "full": full.name}
    return said | (shown(full, Path(folder, "thumb.jpg")) if plays else {})


def codec(track: Any) -> str:
    """What the track is written in, by the name that is the same for all who read it."""
    return track.codec_context.codec.canonical_name


def chosen(sent: Any) -> list[Any]:
    """The film and the sound in it: of each the first that can be played, else the first."""
    found = []
    for tracks in (sent.streams.video, sent.streams.audio):
        covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
        known = [one for one in tracks if one.codec_context and not one.disposition & covers]
        known.sort(key=lambda one: codec(one) not in PLAYED)
        found += known[:1]
    if not found:
        raise ValueError("nothing that plays")
    return found


def way(kind: str, tracks: list[Any]) -> tuple[str, str, str, bool]:
    """Into what these tracks go: format, type, ending; and whether browsers play it."""
    codecs = {codec(track) for track in tracks}
    for into, takes, mime, ending in FILMS if tracks[0].type == "video" else SOUNDS:
        if codecs <= takes:
            return into, mime, ending, True
    if kind == "mov" and tracks[0].type == "audio":
        return kind, "audio/x-m4a", "m4a", False
    return kind, *OTHERS[kind], False


def copy(sent: Any, tracks: list[Any], full: Path, kind: str) -> None:
    """Write the tracks and nothing else."""
    with av.open(str(full), "w", format=kind, container_options=WRITING) as out:
        pairs = {track.index: bared(out, track) for track in tracks}
        for packet in sent.demux(tracks):
            stream, bare = pairs[packet.stream.index]
            unit = packet.time_base
            # Where recordings were joined, tags stand before a sound.
            joint = sent.format.name in ("mp3", "aac") and bytes(packet)[:1] != b"\xff"
            for left in bare.filter(packet) if packet.size and not joint else ():
                left.time_base, left.stream = unit, stream
                out.mux(left)


def bared(out: Any, track: Any) -> tuple[Any, Any]:
    """The track's place in what is written, and the filter that its packets go through."""
    keeps, tag = BARE.get(codec(track), ("null", ""))
    stream = out.add_stream_from_template(track, opaque=True)
    bare = BitStreamFilterContext(keeps, track, stream)
    stream.codec_context.codec_tag = tag or "\0\0\0\0"
    if codec(track) == "vorbis":
        stream.codec_context.extradata = without_comments(track.codec_context.extradata)
    return stream, bare


def without_comments(headers: bytes) -> bytes:
    """Vorbis' three headers, laced (RFC 5215, 3.2.1), with an empty second: that is the tags."""
    sizes, at = [], 1
    for _ in range(2):
        size = 0
        while headers[at] == 255:
            size, at = size + 255, at + 1
        sizes.append(size + headers[at])
        at += 1
    who, what = headers[at : at + sizes[0]], headers[at + sum(sizes) :]
    empty = b"\3vorbis" + bytes(8) + b"\1"
    return bytes([2, len(who), len(empty)]) + who + empty + what


def shown(full: Path, poster: Path) -> dict:
    """How long what was written plays, and how it looks: seen in the file itself."""
    with av.open(str(full), options=READING) as film:
        seconds = (film.duration or 0) / av.time_base
        if not 0 < seconds <= LONGEST:
            raise ValueError("nobody would hear the end of it")
        if not film.streams.video:
            next(film.decode(film.streams.audio[0]))
            return {"seconds": seconds}
        track = film.streams.video[0]
        if track.width * track.height > PIXELS:
            raise ValueError("too many pixels")
        track.codec_context.thread_count = 1
        frame = glimpse(film, track)
        stretched = track.width * (track.sample_aspect_ratio or 1), track.height
    width, height = sides = [max(1, round(side)) for side in stretched]
    small = [max(1, round(side * min(1, POSTER / max(sides)))) for side in sides]
    im = frame.to_image(width=small[0], height=small[1]).rotate(frame.rotation, expand=True)
    if frame.rotation % 180:
        width, height = height, width
    im.save(poster, "JPEG", quality=82, progressive=True)
    red, green, blue = im.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    seen = {"width": width, "height": height, "colour": f"#{red:02x}{green:02x}{blue:02x}"}
    return {"seconds": seconds, "thumb": poster.name, **seen}


def glimpse(film: Any, track: Any) -> Any:
    """A picture from about a second in; of what is shorter, or breaks off, the best there is."""
    with suppress(av.FFmpegError):
        film.seek(int(INTO * av.time_base))
    frame = None
    with suppress(av.FFmpegError):
        for frame in islice(film.decode(track), TRIES):
            if frame.time is not None and frame.time >= INTO:
                return frame
    if frame:
        return frame
    film.seek(0)
    return next(film.decode(track))


def answer(line: str) -> dict:
    """Do what one request asks for; whatever goes wrong is an answer, too."""
    try:
        return play(**json.loads(line))
    except Exception as error:  # noqa: BLE001 - what a broken film makes a demuxer raise has no list
        full = getattr(error, "errno", None) == errno.ENOSPC
        return {"ok": False, "error": "full" if full else "unreadable"}


def main() -> None:
    """Answer requests until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which then ends this
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a server that was killed hears no answer
    with suppress(OSError, ValueError):  # not every system allows it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        signal.alarm(ALONE)
        said = json.dumps(answer(line))
        signal.alarm(0)
        print(said, flush=True)
        with suppress(OSError, TypeError, AttributeError):  # glibc keeps what was freed otherwise
            ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
