"""What a file really is: told by its content, never by its name or by what a browser says.

An own short table, because the question is a small one: which decoder a file goes to, and under
which of a few harmless types it is handed out. libmagic would be a C parser of its own for bytes
that strangers send; what it knows more is served as an attachment all the same.
"""

from dataclasses import dataclass

TAIL = 64 * 1024  # bytes at its end, where an archive lists what it holds


@dataclass(frozen=True, slots=True)
class Kind:
    """`type` as it is handed out; `endings` that fit, of which the first is put where none does.

    `family` is picture, film, sound, archive, text or other.
    """

    type: str
    endings: tuple[str, ...]
    family: str = "other"


_PICTURES = (
    PNG := Kind("image/png", ("png",), "picture"),
    JPEG := Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "picture"),
    GIF := Kind("image/gif", ("gif",), "picture"),
    WEBP := Kind("image/webp", ("webp",), "picture"),
    HEIC := Kind("image/heic", ("heic", "heif", "hif"), "picture"),
    AVIF := Kind("image/avif", ("avif",), "picture"),
)
_FILMS = (
    MP4 := Kind("video/mp4", ("mp4", "m4v"), "film"),
    MOV := Kind("video/quicktime", ("mov", "qt"), "film"),
    GPP := Kind("video/3gpp", ("3gp", "3g2"), "film"),
    WEBM := Kind("video/webm", ("webm",), "film"),
    OGV := Kind("video/ogg", ("ogv", "ogg"), "film"),
    MKV := Kind("video/x-matroska", ("mkv", "mka"), "film"),
)
_SOUNDS = (
    MP3 := Kind("audio/mpeg", ("mp3",), "sound"),
    M4A := Kind("audio/mp4", ("m4a", "m4b"), "sound"),
    AAC := Kind("audio/aac", ("aac",), "sound"),
    OGG := Kind("audio/ogg", ("ogg", "oga", "opus"), "sound"),
    WEBA := Kind("audio/webm", ("weba", "webm"), "sound"),
    WAV := Kind("audio/wav", ("wav",), "sound"),
    FLAC := Kind("audio/flac", ("flac",), "sound"),
    AMR := Kind("audio/amr", ("amr",), "sound"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_ARCHIVES = (
    ZIP := Kind("application/zip", ("zip",), "archive"),
    DOCX := Kind(f"{_OFFICE}wordprocessingml.document", ("docx",), "archive"),
    XLSX := Kind(f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), "archive"),
    PPTX := Kind(f"{_OFFICE}presentationml.presentation", ("pptx",), "archive"),
    ODT := Kind(f"{_OPEN}text", ("odt",), "archive"),
    ODS := Kind(f"{_OPEN}spreadsheet", ("ods",), "archive"),
    ODP := Kind(f"{_OPEN}presentation", ("odp",), "archive"),
    EPUB := Kind("application/epub+zip", ("epub",), "archive"),
)
_OLD_OFFICE = (  # one container (OLE), which does not say at its beginning what it holds
    DOC := Kind("application/msword", ("doc", "dot")),
    XLS := Kind("application/vnd.ms-excel", ("xls", "xlt")),
    PPT := Kind("application/vnd.ms-powerpoint", ("ppt", "pps")),
)
PDF = Kind("application/pdf", ("pdf",))
RTF = Kind("application/rtf", ("rtf", "doc"))
TEXT = Kind("text/plain", ("txt",), "text")
UNKNOWN = Kind("application/octet-stream", ("bin",))

KINDS = (*_PICTURES, *_FILMS, *_SOUNDS, *_ARCHIVES, *_OLD_OFFICE, PDF, RTF, TEXT, UNKNOWN)
BY_TYPE = {kind.type: kind for kind in KINDS}
# Of what our own programs write; a browser opens no other kind from here.
OPENED = frozenset(kind.type for kind in (PNG, JPEG, GIF, WEBP))
KNOWN = {ending for kind in KINDS for ending in kind.endings}  # a file so called is of that kind

_BEGIN = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG, b"GIF87a": GIF, b"GIF89a": GIF}
_BEGIN |= {b"ID3": MP3, b"fLaC": FLAC, b"#!AMR": AMR, b"{\\rtf": RTF}
# Of archives: names of what they hold.
_INSIDE = {b"word/document": DOCX, b"xl/workbook": XLSX, b"ppt/presentation": PPTX}


def of(head: bytes, tail: bytes, ending: str) -> Kind:
    """The kind of a file, by its first and last kilobytes.

    `ending` of its name (small letters, no dot) decides only between kinds that are packed alike.
    """
    found = next((kind for start, kind in _BEGIN.items() if head.startswith(start)), None)
    found = found or _in_boxes(head) or _in_chunks(head) or _sound(head)
    if found:
        return found
    if head.startswith((b"PK\3\4", b"PK\5\6")) and b"PK\5\6" in tail:
        return _archive(head, tail, ending)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return next((kind for kind in _OLD_OFFICE if ending in kind.endings), DOC)
    if b"%PDF-" in head[:1024]:
        return PDF
    return TEXT if _is_text(head) else UNKNOWN


def _in_boxes(head: bytes) -> Kind | None:
    """What ISO 14496-12 calls a file of boxes: the first names the brands that it follows."""
    if head[4:8] in (b"moov", b"mdat", b"wide") and head[0] == 0:  # before there were brands
        return MOV
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), 512)
    major, brands = head[8:12], {head[at : at + 4] for at in range(8, size, 4)}
    if brands & {b"avif", b"avis"}:
        return AVIF
    if major in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"):
        return HEIC
    if major in (b"M4A ", b"M4B "):
        return M4A
    if major == b"qt  ":
        return MOV
    return GPP if major[:2] == b"3g" else MP4


def _in_chunks(head: bytes) -> Kind | None:
    if head[:4] == b"OggS":
        return OGV if b"\x80theora" in head[:512] else OGG
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[:4] == b"\x1aE\xdf\xa3":  # EBML; the document's type stands near its beginning
        return WEBM if b"webm" in head[:64] else MKV
    return None


def _sound(head: bytes) -> Kind | None:
    """Frames of MPEG that nothing stands before; the header of one is four bytes."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    version, layer, rate, pace = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return MP3 if version != 1 and layer == 1 and 0 < rate < 15 and pace < 3 else None


def _archive(head: bytes, tail: bytes, ending: str) -> Kind:
    """Only bytes are compared: a list of what an archive holds may be made to fill all memory."""
    if head[30:38] == b"mimetype":
        said = head[38:138]
        for kind in (ODT, ODS, ODP, EPUB):
            rest = said.removeprefix(kind.type.encode())
            if rest != said and rest[:1] not in (b"-", b"."):
                return kind
    for name, kind in _INSIDE.items():
        if name in head or name in tail:
            return kind
    return next((kind for kind in _ARCHIVES if ending in kind.endings), ZIP)


def _is_text(head: bytes) -> bool:
    """In UTF-8, UTF-16 with its mark, or one of the old alphabets: no controls but a line's."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = set(range(32)) - {8, 9, 10, 12, 13, 27} | {127}
    return controls.isdisjoint(head)
