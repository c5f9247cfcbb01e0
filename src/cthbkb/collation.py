"""The sort order of the program, in SQL and in Python: the Unicode Collation Algorithm, with numbers sorted by value.

Texts are compared by letters, then by accents, then by case. The tables contain the order of Unicode's default table
(DUCET) for the scripts of the participating States: Latin, Greek, Cyrillic, Georgian, Armenian. Letters of other
scripts follow in code point order. The program deviates in two ways: digits sort by the number that they form, and
punctuation sorts like a space.
"""

from __future__ import annotations

__all__ = ["rank", "sort_key"]

LETTERS = (
    "abƀɓƃcȼƈdƌȡẟeɇǝəfƒgǥƣhƕiıjȷɉkƙlƚȴƛmnƞȵŋoȣpƥqɋĸrɍsȿẜẝƪtŧƫƭȶuvỽwxyɏƴỿȝzƶȥɀʒƹƺþƿƨƽƅɂ"
    "αβγδεϝͷϛζͱηθιϳκλμνξοπϻϟϙρϼσͼͻͽτυφχψωϡͳϸ"
    "ϣϥϧϩϫϭϯ"
    "аәӕбвгғӻҕӷдԁђԃҙеєжԫҗзԅԑѕӡԇиҋійјкқӄҡҟҝԟԛлӆԯԓԡљԉԕмӎнԩӊңӈԣҥњԋоөпԥҧҁрҏԗсԍҫтԏҭћуүұѹфхӽӿҳһԧѡѿѽѻцҵчԭҷӌҹҽҿџш"
    "щъыьҍѣэюяԙѥѧѫѩѭѯѱѳѵҩԝӏ"
    "აბგდევზჱთიკლმნჲოპჟრსტჳუფქღყშჩცძწჭხჴჯჰჵჶჷჸჹჺჽჾჿ"
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ"
)
"""Base letters in sort order; they differ from each other by more than an accent."""

ACCENTS = bytes.fromhex(
    "0332 0313 0314 0301 0300 0306 0302 030c 030a 0342 0308 030b 0303 0307 0338 0327 0328 0304 030d 0316 0336"
    "0335 0305 0309 030f 0310 0311 031b 0321 0322 0323 0324 0325 0326 032d 032e 0330 0331 0334 0339 0345 0358"
    "0360 0361 0483"
).decode("utf-16-be")
"""Combining marks in sort order, one per weight; all other marks sort after them."""

LIKE = {
    "ß": "s\u036fs", "æ": "a\u036fe", "ð": "d\u036f", "ø": "o\u0338", "đ": "d\u0335", "ħ": "h\u0335",
    "ŀ": "l\u036f", "ł": "l\u0335", "œ": "o\u036fe", "ſ": "s\u036f", "ǣ": "a\u036fe\u0304", "ǽ": "a\u036fe\u0301",
    "ǿ": "o\u0338\u0301", "ẛ": "s\u036f\u0307", "ς": "σ", "ϲ": "σ", "ґ": "г\u036f",
}  # fmt: skip
"""Letters without a decomposition in Unicode that sort like accented ones; U+036F stands for the last accent."""

FIRST_ACCENT, FIRST_LETTER, OTHERS = 0x40, 0x100, 0x10000
"""First code points, in a key, of accents, letters of `LETTERS` and other letters; digits come before them."""


class _Weights(dict[str, str]):
    """Maps a character to its weight, filled lazily: spaces, digits, accents and letters as characters in order."""

    def __missing__(self, char: str) -> str:
        self[char] = made = self._made(char)
        return made

    def _made(self, char: str) -> str:
        import unicodedata

        place = LETTERS.find(char)
        if place >= 0:
            return chr(FIRST_LETTER + place)
        if char.isdigit():
            return str(unicodedata.digit(char))
        parts = LIKE.get(char) or unicodedata.normalize("NFKD", char).lower()
        if parts != char:
            return "".join(map(self.__getitem__, parts))
        if unicodedata.combining(char):
            place = ACCENTS.find(char)
            return chr(FIRST_ACCENT + (place if place >= 0 else len(ACCENTS)))
        return chr(OTHERS + ord(char)) if char.isalnum() else " "


WEIGHTS = _Weights()


def sort_key(text: str) -> str:
    """Return the sort key of a text: letters before accents before case, and runs of digits as numbers."""
    lower = text.lower()
    if text.isascii():
        letters, accents = "".join(map(WEIGHTS.__getitem__, lower)), ""
    else:
        from unicodedata import normalize

        weights = "".join(map(WEIGHTS.__getitem__, normalize("NFC", lower)))
        first, last = chr(FIRST_ACCENT), chr(FIRST_LETTER)
        letters = "".join([w for w in weights if not first <= w < last])
        accents = "".join([w if first <= w < last else " " for w in weights if w > "9"]).rstrip()
    letters = " ".join(letters.split())
    if any(map(letters.__contains__, "0123456789")):
        letters = _numbered(letters)
    return f"{letters}\0{accents}\0{lower}\0{text.swapcase()}"


def _numbered(letters: str) -> str:
    """Rewrite the numbers in a key so that they sort as text."""
    made: list[str] = []
    digits = ""
    for char in letters:
        if char <= "9" and char != " ":
            digits += char
            continue
        if digits:
            made.append(_number(digits))
            digits = ""
        made.append(char)
    return "".join(made) + (_number(digits) if digits else "")


def _number(digits: str) -> str:
    """Prefix digits with their count, so that numbers sort as text."""
    bare = digits.lstrip("0") or "0"
    return f"{len(bare):04}{bare}"


def rank(cell: str | float | None) -> tuple[int, float, str]:
    """Return the sort key of a cell: None first, then numbers, then texts by `sort_key`."""
    if cell is None:
        return (0, 0, "")
    return (2, 0, sort_key(cell)) if isinstance(cell, str) else (1, cell, "")
