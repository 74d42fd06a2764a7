"""Films and sounds that say where they were made, each in another way."""

import io
import struct
from fractions import Fraction

import av
from PIL import Image

from tests.reels import FORMATS, SIZE, add_audio, add_video, box, reel, tones

PLACE = "+47.3769+008.5417"  # what no output may hold


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


def with_words_in_its_head() -> bytes:
    """A film whose encoder has said what it did in the head, too: here it says the place."""
    film = reel("hevc", 1)
    at = film.index(b"x265 (build", film.index(b"hvcC"))
    return film[:at] + PLACE.encode() + film[at + len(PLACE) :]


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
        "hevc, head": with_words_in_its_head(),
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
