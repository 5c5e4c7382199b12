"""Changes of a frame that a language model names, one a line; what is no change is passed over."""

from __future__ import annotations

from wunderkammer.core.contract import Cell, Lab, Sampling
from wunderkammer.domains.genie.worlds_edits import COLOURS, GRID, Edit, read
from wunderkammer.domains.genie.worlds_prompt import described
from wunderkammer.worlds.film.games import Frames


async def proposed(frame: Frames, way: str, aim: Cell | None, lab: Lab, most: int) -> list[Edit]:
    """The mutator model's changes, at most so many; none where it names none."""
    wanted = "something in it should answer to the player, and it should look like no other scene"
    if aim is not None:
        wanted = f"its pixels should move by {aim[0]} grey levels under a player's actions, and its look should change"
    values = {
        "scene": described(frame),
        "way": way or "given",
        "wanted": wanted,
        "most": most,
        "grid": GRID,
        "colours": ", ".join(COLOURS),
        "hint": lab.hint,
    }
    reply = await lab.say("mutator", "genie/edit", values, sampling=Sampling(max_tokens=32 * most + 32))
    return [edit for edit in map(read, reply.splitlines()) if edit is not None][:most]
