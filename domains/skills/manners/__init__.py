"""The ten ways of asking the same thing: each a grammar that code draws from, and a test of its traces in a text."""

from __future__ import annotations

from wunderkammer.domains.skills.manners.adversarial import ADVERSARIAL
from wunderkammer.domains.skills.manners.code import CODE
from wunderkammer.domains.skills.manners.distractors import DISTRACTORS
from wunderkammer.domains.skills.manners.formal import FORMAL
from wunderkammer.domains.skills.manners.foreign import FOREIGN_LANGUAGE
from wunderkammer.domains.skills.manners.manner import Manner, MannerName
from wunderkammer.domains.skills.manners.misspelt import MISSPELT
from wunderkammer.domains.skills.manners.slang import SLANG
from wunderkammer.domains.skills.manners.story import STORY
from wunderkammer.domains.skills.manners.terse import TERSE
from wunderkammer.domains.skills.manners.verbose import VERBOSE

MANNERS: dict[MannerName, Manner] = {
    m.name: m
    for m in (
        *(FORMAL, SLANG, MISSPELT, STORY, DISTRACTORS),
        *(FOREIGN_LANGUAGE, CODE, TERSE, VERBOSE, ADVERSARIAL),
    )
}

__all__ = ["MANNERS", "Manner", "MannerName"]
