"""What common texts are made of, to tell which encoding bytes are in: letters by frequency.

A table of languages, not a dictionary: each has its frequent letters beyond ASCII, the most
frequent first, and says which others it also has. ``plausible.py`` makes probabilities of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Language(NamedTuple):
    """The letters of a language, or of several that share an encoding.

    Attributes:
        frequent: Its frequent letters, the most frequent first.
        share: Their share of its letters beyond ASCII.
        others: Whether it also has a letter.
        other_count: How many such others there are.
    """

    frequent: str
    share: float
    others: Callable[[str], bool]
    other_count: int


def _of(letters: str) -> Callable[[str], bool]:
    return frozenset(letters).__contains__


def _leads(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Whether a character's first byte in an encoding is within limits: standards sort by use."""

    def within(character: str) -> bool:
        try:
            return first <= character.encode(encoding)[0] <= last
        except UnicodeEncodeError:
            return False

    return within


HANGUL = (
    "이다는을의에가고하지은사를한로기어자리도서나인대시수정해보그스일장으아구여부전게상제안원라주만면조선할성용수"
    "동과비모문있된우공요들위관습니것수경세유치진개신오방니행생무소중적내했미트식드교데타호학연때각합회되러거너우"
    "습까음마말않없래같며든당입르와살업분차화저체려국발점명년예속본계반력술실결등불물금료약감민간재난영현형설단통"
)
KANJI = (
    "日人一大年本中国出会時上行見分生前間事者地自手後小社学場今部長方気新同下月入"
    "話高言語思何三的書家子名物"
)
SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
    "家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把"
    "机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身"
)
TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然"
    "家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把"
)
KANA = (
    "のにはをたがでとしてれさいあるなかもらりっすうこそけくまよつん"
    "スンルトラクシイタアリドカマプロジメテナレサバフ"
)
SIGNS = frozenset("“”‘’„‚–—…«»‹›·•°§€£©®™№¿¡´¨×½¼²³ªº")
CJK_SIGNS = frozenset("、。，．！？：；（）「」『』《》〈〉【】・ー…“”‘’　～〜·％")

_kana = _of("".join(map(chr, [*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)])))
_japanese, _chinese = _leads("euc_jp", 0xB0, 0xCF), _leads("gb2312", 0xB0, 0xD7)

LANGUAGES = {
    "Korean": Language(HANGUL, 0.8, _leads("euc_kr", 0xB0, 0xC8), 2350),
    "Japanese": Language(KANA + KANJI, 0.75, lambda c: _kana(c) or _japanese(c), 3100),
    "Chinese, simplified": Language(SIMPLIFIED, 0.5, _chinese, 3755),
    "Chinese, traditional": Language(TRADITIONAL, 0.45, _leads("big5", 0xA4, 0xC6), 5401),
    "Western": Language(
        "éèàäüöçêßñáíóùâîôúûëïåæøœãõòì¿¡«»ÉÀÈÖÄÜÇÑÅØÊ", 0.99, _of("ÿýðþÁÍÓÚÂÎÔÛËÏÆŒÃÕÒÌÙ"), 25
    ),
    "Central European": Language(
        "íáěéřčšýžůłąęóśżćńźőűúťďňđâăîșțşţ", 0.95, _of("ŘČŠŽÝŁŚŻĆŹĎŤŇÚÁÉÍÓĐŐŰöüäß"), 30
    ),
    "Turkish": Language("ıüşğçöİŞÇÖÜ", 0.97, _of("âîûĞ"), 5),
    "Baltic": Language("āšėīųžūčēļņģķõąįęüäöŠŽ", 0.97, _of("ĀĖĪŲŪČĒĻŅĢĶ"), 15),
    "Russian": Language(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъіїєґё",
        0.93,
        _of("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁІЇЄҐђјљњћџў"),
        45,
    ),
    "Greek": Language(
        "αοιετνσρκπμηλςυωάίόέήδγθχφώβύξζψ", 0.93, _of("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏϊϋΐΰ"), 35
    ),
    "Hebrew": Language("יוהלאתרשבמנדקםעחפגזסכןטצךףץ", 0.99, _of("־׳״"), 10),
    "Arabic": Language("اليمنرتبوةدعفسهكقحجأشصىخطإضذزءئغظثؤآ", 0.98, _of("،؛؟ًٌٍَُِّْـپچژگ"), 20),
    "Thai": Language("านรกเง่อมยวลตสท้ปดคหะีิใแไัื็พบขจชผูุ์ำโซถฟศธณญษึ", 0.98, _of("ฉฌฎฏฐฑฒฆฃฅฝภฮฬฤๆฯๅ๊๋ํ"), 25),
    "Vietnamese": Language(
        "đàáảãạăâêôơưéèíìóòúùý", 0.75, _of("\u0300\u0301\u0303\u0309\u0323ĐÂÊÔƠƯ"), 12
    ),
}
"""The languages that encodings other than UTF-8 were made for."""
