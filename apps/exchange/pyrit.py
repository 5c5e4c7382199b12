"""PyRIT: a SeedDataset in YAML.

`SeedDataset.from_yaml_file` takes the file for trusted and renders each value with Jinja2, so every value is escaped.
It forbids fields that it does not know; what is ours stands in `metadata`, which it keeps as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from wunderkammer.apps.exchange.document import labels, listing, mapping, quoted, read_yaml, words
from wunderkammer.apps.exchange.entry import Exported, Imported, card_text, origin, storable
from wunderkammer.apps.exchange.template import escape, unescape

_HEAD = """\
dataset_name: wunderkammer
description: Test prompts of an archive, for auditing a model of one's own.
source: Wunderkammer
data_type: text
seed_type: prompt
"""


def write(entries: Iterable[Exported], stream: IO[str]) -> int:
    """One seed per entry, as they come; how many. (PyRIT itself refuses a data set without seeds.)"""
    stream.write(_HEAD)
    count = 0
    for entry in entries:
        seed = {
            "value": escape(entry.prompt),
            "name": entry.id,
            "data_type": "text",
            "harm_categories": list((entry.cell or ())[:1]),
            "metadata": {
                "domain": entry.domain,
                "cell": " / ".join(entry.cell or ()),
                "wunderkammer": card_text(entry),
            },
        }
        stream.write(("" if count else "seeds:\n") + quoted([seed]))
        count += 1
    if not count:
        stream.write("seeds: []\n")
    return count


def read(stream: IO[str], where: str) -> Iterator[Imported]:
    """The value of each seed, with its harm categories as tags. Both `seeds` and the older `prompts` are understood."""
    whole = mapping(read_yaml(stream.read(), where), where)
    name = "seeds" if "seeds" in whole else "prompts"
    shared = labels(whole.get("harm_categories"))
    for number, value in enumerate(listing(whole.get(name), f"{where}, field {name}"), 1):
        place = f"{where}, seed {number}"
        seed = mapping(value, place)
        entry = origin(mapping(seed.get("metadata") or {}, f"{place}, field metadata"), place)
        tags = () if entry else (*shared, *labels(seed.get("harm_categories")))
        prompt = storable(unescape(words(seed.get("value"), f"{place}, field value")))
        yield Imported(prompt=prompt, right=entry.right if entry else None, tags=tags, origin=entry)
