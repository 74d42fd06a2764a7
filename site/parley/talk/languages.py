"""Languages in which people read times, and write. The words of Parley itself are English."""

from functools import lru_cache

from babel import Locale

# As BCP 47 names them, each as it calls itself. Written down: Babel takes a megabyte to tell one.
_NAMES = """
    ar العربية; bg български; bn বাংলা; ca català; cs čeština; cy Cymraeg; da dansk; de Deutsch;
    de-AT Deutsch (Österreich); de-CH Deutsch (Schweiz); el Ελληνικά; en English;
    en-AU English (Australia); en-CA English (Canada); en-GB English (United Kingdom);
    en-IN English (India); en-US English (United States); es español;
    es-419 español (Latinoamérica); et eesti; fa فارسی; fi suomi; fr français;
    fr-CA français (Canada); ga Gaeilge; gl galego; gu ગુજરાતી; he עברית; hi हिन्दी; hr hrvatski;
    hu magyar; hy հայերեն; id Indonesia; is íslenska; it italiano; ja 日本語; ka ქართული; kn ಕನ್ನಡ;
    ko 한국어; lt lietuvių; lv latviešu; mk македонски; ml മലയാളം; mr मराठी; ms Melayu;
    nb norsk bokmål; ne नेपाली; nl Nederlands; pa ਪੰਜਾਬੀ; pl polski; pt português;
    pt-PT português (Portugal); ro română; ru русский; sk slovenčina; sl slovenščina; sq shqip;
    sr српски; sv svenska; sw Kiswahili; ta தமிழ்; te తెలుగు; th ไทย; tr Türkçe; uk українська;
    ur اردو; uz o‘zbek; vi Tiếng Việt; zh 中文; zh-TW 中文 (繁體, 台灣)"""
OFFERED = dict(one.strip().split(" ", 1) for one in _NAMES.split(";"))
ENGLISH = "en"


def is_english(code: str) -> bool:
    """Whether it is some kind of English."""
    return code.partition("-")[0] == ENGLISH


@lru_cache(maxsize=100)
def locale(code: str) -> Locale:
    """How times are written in it; for one that is not offered, and for English of no country,
    as Europe writes them in English: the day first, 24 hours."""
    return Locale.parse(code if code in OFFERED and code != ENGLISH else "en-150", sep="-")
