"""Spanish, French or German, by templates."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import FOREIGN, Language, spaced
from wunderkammer.domains.skills.manners.manner import Manner
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import fold, tokens

_BEFORE: dict[Language, tuple[str, ...]] = {
    "es": ("", "", "Hola.", "Por favor, responde.", "Una pregunta:", "Buenos días."),
    "fr": ("", "", "Bonjour.", "Une question :", "Réponds, je te prie.", "Dis-moi :"),
    "de": ("", "", "Hallo.", "Eine Frage:", "Bitte antworte.", "Grüß dich."),
}
_AFTER: dict[Language, tuple[str, ...]] = {
    "es": ("", "", "Gracias.", "Responde brevemente."),
    "fr": ("", "", "Merci.", "Réponds brièvement."),
    "de": ("", "", "Danke.", "Antworte kurz."),
}
_COMMON: dict[Language, frozenset[str]] = {
    "en": frozenset(spaced("the is are what which how many of in from and to you do does with put sort this these")),
    "es": frozenset(spaced("el la los las es cuánto qué cuál cuántos cuántas de en un una son al del número convierte"))
    | {"calcula", "ordena", "estos", "estas", "quién", "más", "que", "hay", "y", "sigue", "toma", "palabra", "todo"},
    "fr": frozenset(
        spaced("le la les est quel quelle combien de en un une sont au du nombre font calcule trie ces qui")
    )
    | {"convertis", "range", "mots", "plus", "que", "et", "suivant", "prends", "mot", "tu", "vient", "tout", "jour"},
    "de": frozenset(
        spaced("der die das ist wie viel viele was welche welcher welches von in ein eine sind zahl berechne")
    )
    | {
        "sortiere",
        "diese",
        "wer",
        "als",
        "und",
        "folgt",
        "nimm",
        "wort",
        "du",
        "rechne",
        "jeder",
        "hat",
        "nach",
        "vor",
    },
}


class ForeignLanguage(Manner):
    """In a language other than English."""

    name = "another language"
    about = "in Spanish, translated faithfully"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        language = rng.choice([x for x in languages if x != "en"] or list(FOREIGN))
        core = rng.choice(problem.phrasings(language))
        return " ".join(p for p in (rng.choice(_BEFORE[language]), core, rng.choice(_AFTER[language])) if p)

    def shows(self, text: str, problem: Problem) -> bool:
        """More of the commonest words of another language than of English."""
        words = tokens(fold(text))
        common = {language: sum(w in kept for w in words) for language, kept in _COMMON.items()}
        return max(common[language] for language in FOREIGN) > common["en"]
