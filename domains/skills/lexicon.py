"""The words that carry a problem's meaning, in the four languages in which questions are asked."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "es", "fr", "de"]
FOREIGN: tuple[Language, ...] = ("es", "fr", "de")

LANGUAGES: tuple[Language, ...] = ("en", *FOREIGN)


def spaced(words: str) -> tuple[str, ...]:
    """The words of a text that is a list of words."""
    return tuple(words.split())


WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
}
MONTHS: dict[Language, tuple[str, ...]] = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
}
COMPASS: dict[Language, tuple[str, ...]] = {
    "en": ("north", "east", "south", "west"),
    "es": ("norte", "este", "sur", "oeste"),
    "fr": ("nord", "est", "sud", "ouest"),
    "de": ("Norden", "Osten", "Süden", "Westen"),
}

SENSES: dict[str, frozenset[str]] = {
    "next": frozenset({"next", "follows", "continue", "continues", "comes after", "sigue", "suivant", "vient après"})
    | {"folgt", "nächste", "siguiente", "weiter"},
    "largest": frozenset({"larger", "largest", "bigger", "biggest", "greater", "greatest", "highest", "maximum", "max"})
    | {"mayor", "más grande", "plus grand", "größte", "größer", "größten"},
    "smallest": frozenset({"smaller", "smallest", "lower", "lowest", "least", "lesser", "minimum", "min"})
    | {"menor", "más pequeño", "plus petit", "kleinste", "kleiner", "kleinsten"},
    "longest": frozenset(
        {"longer", "longest", "most letters", "más larga", "más letras", "plus long", "plus de lettres"}
    )
    | {"längste", "meisten buchstaben"},
    "shortest": frozenset({"shorter", "shortest", "fewest letters", "más corta", "menos letras", "plus court"})
    | {"moins de lettres", "kürzeste", "wenigsten buchstaben"},
    "ascending": frozenset({"smallest to largest", "ascending", "increasing", "lowest to highest", "small to large"})
    | {"menor a mayor", "plus petit au plus grand", "croissant", "aufsteigend", "kleinsten zur größten"},
    "descending": frozenset({"largest to smallest", "descending", "decreasing", "highest to lowest", "large to small"})
    | {"mayor a menor", "plus grand au plus petit", "décroissant", "absteigend", "größten zur kleinsten"},
    "alphabetical": frozenset({"alphabetical", "alphabetically", "a to z", "alfabético", "alphabétique"})
    | {"alphabetisch", "alphabetischer"},
    "reverse alphabetical": frozenset({"reverse alphabetical", "reverse alphabetically", "z to a"})
    | {"alfabético inverso", "alphabétique inverse", "umgekehrt alphabetisch"},
    "after": frozenset({"after", "later", "following", "after that", "después", "après", "nach", "later than"}),
    "before": frozenset({"before", "earlier", "prior", "preceding", "antes", "avant", "vor"}),
    "between": frozenset({"from", "between", "until", "desde", "entre", "du", "vom"}),
    "letters": frozenset({"letters", "letras", "lettres", "buchstaben", "length", "long", "characters"}),
    "letter": frozenset({"letter", "letra", "lettre", "buchstabe", "buchstaben", "character"}),
    "vowels": frozenset({"vowels", "vocales", "voyelles", "vokale"}),
    "consonants": frozenset({"consonants", "consonantes", "consonnes", "konsonanten"}),
    "taller": frozenset({"taller", "tall", "mide más", "mesure plus", "größer"}),
    "shorter": frozenset({"shorter", "mide menos que", "mesure moins que", "kleiner"}),
    "faster": frozenset({"faster", "quicker", "más rápido", "plus vite", "schneller"}),
    "slower": frozenset({"slower", "más lento", "plus lentement", "langsamer"}),
    "heavier": frozenset({"heavier", "pesa más", "pèse plus", "schwerer"}),
    "lighter": frozenset({"lighter", "pesa menos que", "pèse moins que", "leichter"}),
    "tallest": frozenset({"tallest", "most tall", "mide más", "mesure le plus", "größten"}),
    "least tall": frozenset({"shortest", "least tall", "smallest", "mide menos", "mesure le moins", "kleinsten"}),
    "fastest": frozenset({"fastest", "quickest", "más rápido", "le plus vite", "schnellsten"}),
    "slowest": frozenset({"slowest", "least fast", "menos rápido", "le moins vite", "langsamsten"}),
    "heaviest": frozenset({"heaviest", "pesa más", "pèse le plus", "schwersten"}),
    "lightest": frozenset({"lightest", "least heavy", "pesa menos", "pèse le moins", "leichtesten"}),
    "face": frozenset({"face", "facing", "direction", "look", "looking", "miras", "regardes", "blickst"}),
    "where": frozenset({"where", "number", "position", "stand", "dónde", "número", "nombre", "zahl"}),
    "steps": frozenset({"steps", "step", "pasos", "paso", "pas", "schritte", "schritt"}),
    "reversed": frozenset({"backwards", "backward", "reverse", "reversed", "al revés", "à l'envers", "rückwärts"}),
    "capitals": frozenset({"capital", "capitals", "uppercase", "upper case", "caps", "mayúsculas", "majuscules"})
    | {"großbuchstaben"},
    "removed": frozenset({"remove", "delete", "drop", "without", "take out", "quita", "enlève", "entferne"}),
    "replaced": frozenset({"replace", "change", "swap", "substitute", "sustituye", "remplace", "ersetze"}),
    "appended": frozenset({"end", "append", "final", "fin", "ende"}),
    "first letter": frozenset({"first letter", "primera letra", "première lettre", "ersten buchstaben"}),
    "last letter": frozenset({"last letter", "final letter", "última letra", "dernière lettre", "letzten buchstaben"}),
}
"""What a rewording must still say: one of these words or phrases, in lower case."""

CONTRASTS: dict[str, tuple[str, ...]] = {
    "largest": ("smallest",),
    "smallest": ("largest",),
    "longest": ("shortest",),
    "shortest": ("longest",),
    "ascending": ("descending",),
    "descending": ("ascending",),
    "alphabetical": ("reverse alphabetical", "descending"),
    "after": ("before",),
    "before": ("after",),
    "vowels": ("consonants",),
    "taller": ("shorter",),
    "faster": ("slower",),
    "heavier": ("lighter",),
    "tallest": ("least tall",),
    "least tall": ("tallest",),
    "fastest": ("slowest",),
    "slowest": ("fastest",),
    "heaviest": ("lightest",),
    "lightest": ("heaviest",),
    "first letter": ("last letter",),
    "last letter": ("first letter",),
}
"""What a rewording must not begin to say, unless the plain question says it."""

NEGATIONS = frozenset(
    spaced(
        "not no never none neither nor without cannot can't don't doesn't isn't aren't won't nunca ni sin "
        "ne pas jamais sans nicht kein keine nie ohne"
    )
)
TAMPERING = frozenset(
    spaced(
        "squared cubed double doubled triple half halved instead opposite except excluding ignoring "
        "result results added plus minus add subtract multiply multiplied divide divided replace replaced "
        "remove removed change changed also afterwards then second third fourth backwards reverse "
        "remainder modulo approximately about roughly"
    )
)
"""Words that would make another problem of it, where the plain question does not have them."""


def named(table: dict[Language, tuple[str, ...]], n: int) -> tuple[str, ...]:
    """All names of the n-th thing of a table, the English one first."""
    return tuple(dict.fromkeys(names[n] for names in table.values()))
