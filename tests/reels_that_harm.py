"""Films and sounds that are meant to harm whatever reads them."""

import struct

from tests.reels import RATE, SIZE, box, reel

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
