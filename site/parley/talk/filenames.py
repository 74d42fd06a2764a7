"""Names of files: as they may be shown, put into a header, and saved on somebody's disk.

A name is only ever said; where a file lies is told by the hash of its content.
"""

import re
import unicodedata
from pathlib import PurePath

from parley.talk.kinds import BY_TYPE, KNOWN, TEXT, UNKNOWN, Kind

MOST, OCTETS = 100, 200  # characters, and bytes in UTF-8: what every file system takes
LONGEST_ENDING = 10

# Controls, and signs that are not seen or turn around what stands beside them.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u2800\u3164"
    r"\ud800-\udfff\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
# What Windows takes for a device, whatever ends it.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.I)

# Opened from where it was saved, such a file acts: as a program, or as a page that may read others.
_ACTING = re.compile(
    r"x?html?|xht|shtml|mht|mhtml|svgz?|xml|xslt?|hta|chm|m?js|jse|vb[se]|ws[cfh]|bat|cmd|com|exe"
    r"|pif|ms[cip]|msix|cpl|lnk|url|sc[frt]|reg|inf|psm?1|jar|jnlp|command|desktop|webloc|app|apk"
    r"|dmg|pkg|iso|img|vhdx?|xll|application|appref-ms|appinstaller|diagcab|(library|search)-ms"
    r"|settingcontent-ms"
)
LOOSE = ("text", "archive", "other")  # families whose files have many endings that nobody lists


def clean(name: str) -> str:
    """A file's name without folders, controls or signs that turn text around.

    At most 100 characters and 200 bytes long; never empty, and no device of Windows.
    """
    name = re.split(r"[/\\]", name[-1000:])[-1]
    # In the plain letters that a header falls back to, some signs become a slash.
    name = "".join("_" if {"/", "\\"} & {*unicodedata.normalize("NFKD", c)} else c for c in name)
    name = _UNSEEN.sub("", name)
    name = re.sub(r"\s{2,}", " ", name).strip(". ")  # an ending may be pushed out of sight
    if _DEVICE.match(name):
        name = f"_{name}"
    ending = PurePath(name).suffix
    if len(ending) > LONGEST_ENDING:
        ending = ""
    return _clip(name.removesuffix(ending), ending) or "file"


def fitting(name: str, kind: Kind) -> str:
    """A clean name with an ending that does not lie about what the file is."""
    stem, ending = PurePath(name).stem, ending_of(name)
    if ending in kind.endings:
        return name
    own = ending and ending not in KNOWN and not _ACTING.fullmatch(ending)
    if own and kind.family in LOOSE:
        return name  # as programs name their own: source code, archives, whatever is not known
    if ending in KNOWN and kind not in (TEXT, UNKNOWN):
        return _clip(stem, f".{kind.endings[0]}")
    return _clip(name, f".{kind.endings[0]}")


def played(name: str, kind: str) -> str:
    """The name of what was made of a picture, a film or a sound: of that type now."""
    return fitting(name, BY_TYPE[kind])


def ending_of(name: str) -> str:
    """What stands after the last dot, in small letters."""
    return PurePath(name).suffix[1:].lower()


def _clip(stem: str, ending: str) -> str:
    """As much of the stem as there is room for beside the ending."""
    octets = stem[: MOST - len(ending)].encode()[: OCTETS - len(ending.encode())]
    return f"{octets.decode(errors='ignore')}{ending}".rstrip(". ")
