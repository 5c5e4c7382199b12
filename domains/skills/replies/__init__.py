"""What a target said, read by code: the final answer in free text, and whether it is the right one."""

from __future__ import annotations

from wunderkammer.domains.skills.replies.answer import Answer, Reading, refuses
from wunderkammer.domains.skills.replies.choices import Choice
from wunderkammer.domains.skills.replies.dates import Day
from wunderkammer.domains.skills.replies.listings import Listing
from wunderkammer.domains.skills.replies.numbers import Number
from wunderkammer.domains.skills.replies.texts import Text

__all__ = ["Answer", "Choice", "Day", "Listing", "Number", "Reading", "Text", "refuses"]
