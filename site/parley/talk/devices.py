"""Devices in words: what a browser calls itself, as a person would."""

# The mark of each, and its name. The first that is found counts: most browsers name others too, to
# be served as well as they are.
BROWSERS = (
    "Edg: Edge, OPR: Opera, SamsungBrowser: Samsung Internet, Firefox: Firefox, FxiOS: Firefox, "
    "Chrom: Chrome, CriOS: Chrome, Safari: Safari, Lynx: Lynx, w3m: w3m"
)
SYSTEMS = (
    "iPhone: an iPhone, iPad: an iPad, Android: Android, Windows: Windows, CrOS: a Chromebook, "
    "Mac OS: a Mac, Linux: Linux"
)


def in_words(agent: str) -> str:
    """Firefox on Windows; of one that says less, what it says."""
    browser, system = _first(BROWSERS, agent) or "A browser", _first(SYSTEMS, agent)
    return f"{browser} on {system}" if system else browser


def _first(names: str, agent: str) -> str:
    pairs = (one.split(": ") for one in names.split(", "))
    return next((name for mark, name in pairs if mark in agent), "")
