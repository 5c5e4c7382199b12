"""The ten ways of asking the same thing: each a grammar that code draws from, and a test of its traces in a text."""

from __future__ import annotations

from wunderkammer.domains.skills.manners.adversarial import AdversarialPrefix
from wunderkammer.domains.skills.manners.code import Code
from wunderkammer.domains.skills.manners.distractors import Distractors
from wunderkammer.domains.skills.manners.foreign import ForeignLanguage
from wunderkammer.domains.skills.manners.formal import Formal
from wunderkammer.domains.skills.manners.manner import Manner, MannerName
from wunderkammer.domains.skills.manners.misspelt import Misspelt
from wunderkammer.domains.skills.manners.slang import Slang
from wunderkammer.domains.skills.manners.story import Story
from wunderkammer.domains.skills.manners.terse import Terse
from wunderkammer.domains.skills.manners.verbose import Verbose

_ALL: tuple[Manner, ...] = (
    *(Formal(), Slang(), Misspelt(), Story(), Distractors()),
    *(ForeignLanguage(), Code(), Terse(), Verbose(), AdversarialPrefix()),
)
MANNERS: dict[MannerName, Manner] = {manner.name: manner for manner in _ALL}
"""By name, in the order of the axis."""

__all__ = ["MANNERS", "Manner", "MannerName"]
