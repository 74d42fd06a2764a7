"""Turns a film or a sound that someone sent into one that is safe to play: run by films.py.

One JSON request a line comes in, one JSON answer a line goes out, the end of the input ends it.
Pictures and sounds are copied as they are, packet by packet, into a new file that says nothing
else: no place, no tags, no cover, no chapters, no other tracks. Only a sound that browsers do not
play (of voice recorders, of cameras) is encoded anew. It imports nothing of Parley
but what lies beside it for such programs.
"""

import json
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.bitstream import BitStreamFilterContext
from av.video.reformatter import ColorPrimaries, ColorTrc
from PIL import Image

if TYPE_CHECKING or __name__ != "__main__":
    from parley.store import child
else:  # as a program it is isolated, and would not look beside itself
    sys.path.insert(0, str(Path(__file__).parent))
    import child

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
    ("mp4", {"aac"}, "audio/mp4", "m4a"),
    ("ogg", {"opus", "vorbis"}, "audio/ogg", "ogg"),
    ("mp3", {"mp3"}, "audio/mpeg", "mp3"),
    ("flac", {"flac"}, "audio/flac", "flac"),
    ("wav", PCM, "audio/wav", "wav"),
]
PLAYED = {codec for _, codecs, _, _ in FILMS + SOUNDS for codec in codecs}
# What recorders and cameras write and browsers do not play: encoded anew.
SPOKEN = {"amr_nb", "amr_wb", "alac", "ac3", "adpcm_ima_wav", "adpcm_ms", "pcm_s16be", "pcm_s24be"}
ENCODERS = {"mp4": "aac", "webm": "libopus"}
# Films that no browser plays: bare as well, but not looked at.
OTHERS = {
    "mov": ("video/quicktime", "mov"),
    "matroska": ("video/x-matroska", "mkv"),
    "ogg": ("video/ogg", "ogv"),
}
# What cameras write between the pictures (SEI), some of them the place; and by which tag Apple's
# players know the film.
BARE = {
    "h264": ("filter_units=remove_types=6", "avc1"),
    "hevc": ("filter_units=remove_types=39-40", "hvc1"),
}
# A picture of a film with more light than a page can show, as phones make them (BT.2100).
HDR = {ColorTrc.ARIB_STD_B67, ColorTrc.SMPTE2084}
SDR = {"dst_color_trc": ColorTrc.IEC61966_2_1, "dst_color_primaries": ColorPrimaries.BT709}
DECODERS = {"libdav1d", "mp3float", "amrnb", "amrwb"}  # of those above, by their own names
READING = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,wav,flac,mp3,aac,amr",
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(sorted(PLAYED | SPOKEN | DECODERS)),  # no other is tried
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
    # A small file may say a thing many times; an old phone's sound becomes seven times as large.
    largest = 8 * Path(source).stat().st_size + 2**20
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    with av.open(source, options=READING) as sent:
        tracks = chosen(sent)
        kind, takes, mime, ending = way(sent, tracks)
        full = Path(folder, f"full.{ending}")
        copy(sent, tracks, full, kind, takes)
    said = {"ok": True, "type": mime, "full": full.name}
    return said | (shown(full, Path(folder, "thumb.jpg")) if takes else {})


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


def way(sent: Any, tracks: list[Any]) -> tuple[str, set[str], str, str]:
    """Into what these tracks go: format, codecs as they are, type, ending.

    Without a codec where it is copied only because it says too much, and plays nowhere.
    """
    for anew in (set(), PLAYED | SPOKEN):
        for row in FILMS if tracks[0].type == "video" else SOUNDS:
            takes = {"video": row[1], "audio": row[1] | anew}
            if all(codec(one) in takes[one.type] for one in tracks):
                return row
    kind = sent.format.name.split(",")[0]
    return kind, set(), *OTHERS[kind]


def copy(sent: Any, tracks: list[Any], full: Path, kind: str, takes: set[str]) -> None:
    """Write the tracks and nothing else."""
    with av.open(str(full), "w", format=kind, container_options=WRITING) as out:
        passes = {}
        for track in tracks:
            anew = takes and codec(track) not in takes
            given = encoded(out, track, ENCODERS[kind]) if anew else bared(out, track)
            passes[track.index] = given
        for packet in sent.demux(tracks):
            out.mux(list(passes[packet.stream.index](packet)))


def bared(out: Any, track: Any) -> Callable[[Any], Iterator[Any]]:
    """Give the track its place in what is written; what is left of each of its packets."""
    keeps, tag = BARE.get(codec(track), ("null", ""))
    stream = out.add_stream_from_template(track, opaque=True)
    units = BitStreamFilterContext(keeps, track, stream)
    stream.codec_context.codec_tag = tag or "\0\0\0\0"
    if strip := {"vorbis": without_comments, "hevc": without_remarks}.get(codec(track)):
        stream.codec_context.extradata = strip(track.codec_context.extradata)
    joined = track.container.format.name in ("mp3", "aac")

    def bare(packet: Any) -> Iterator[Any]:
        unit = packet.time_base
        # Where recordings were joined, tags stand before a sound.
        joint = joined and bytes(packet)[:1] != b"\xff"
        for left in units.filter(packet) if packet.size and not joint else ():
            left.time_base, left.stream = unit, stream
            yield left

    return bare


def encoded(out: Any, track: Any, encoder: str) -> Callable[[Any], Iterator[Any]]:
    """The same for a sound that is encoded anew."""
    rate = 48000 if encoder == "libopus" else min(track.rate, 48000)
    channels = min(track.channels, 2)
    stream = out.add_stream(encoder, rate=rate, bit_rate=min(64_000, 3 * rate) * channels)
    stream.layout = "stereo" if channels == 2 else "mono"
    turns = av.AudioResampler(stream.format, stream.layout, rate, stream.frame_size or 960)

    def anew(packet: Any) -> Iterator[Any]:
        for frame in (*packet.decode(), *(() if packet.size else (None,))):
            for part in turns.resample(frame):
                yield from stream.encode(part)
        if not packet.size:
            yield from stream.encode(None)

    return anew


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


def without_remarks(head: bytes | None) -> bytes | None:
    """HEVC's head (ISO 14496-15, 8.3.3.1.2), its units behind marks, without those that talk."""
    if not head or head[0] != 1:
        return head
    bare, at = b"", 23
    for _ in range(head[22]):
        kind, many, at = head[at] & 63, int.from_bytes(head[at + 1 : at + 3], "big"), at + 3
        for _ in range(many):
            end = at + 2 + int.from_bytes(head[at : at + 2], "big")
            bare += b"" if kind in (39, 40) else b"\0\0\0\1" + head[at + 2 : end]
            at = end
    return bare


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
    colours = SDR if frame.color_trc in HDR else {}
    im = frame.to_image(width=small[0], height=small[1], **colours)
    im = im.rotate(frame.rotation, expand=True)
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
        return child.failed(error)


if __name__ == "__main__":
    child.serve(answer)
