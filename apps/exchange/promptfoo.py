"""promptfoo: a YAML list of test cases, for `tests: file://NAME.yaml` with the prompt `{{prompt}}`.

promptfoo renders variables as templates, fills in `{{env.NAME}}` and loads `file://` addresses from them, so every text
that a model wrote is escaped. A right answer becomes an `icontains` assertion; where there is none, add your own to
`defaultTest`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from wunderkammer.apps.exchange.document import Record, listing, mapping, quoted, read_yaml, words
from wunderkammer.apps.exchange.entry import Exported, Imported, card_text, origin, storable
from wunderkammer.apps.exchange.template import escape, unescape
from wunderkammer.core.errors import ConfigError


def write(entries: Iterable[Exported], stream: IO[str]) -> int:
    """One test case per entry, as they come; how many."""
    count = 0
    for entry in entries:
        case: dict[str, object] = {
            "description": f"{entry.domain} {entry.id}",
            "vars": {"prompt": escape(entry.prompt)},
            "metadata": {
                "domain": entry.domain,
                "cell": " / ".join(entry.cell or ()),
                "wunderkammer": escape(card_text(entry)),
            },
        }
        if entry.right is not None:
            case["assert"] = [{"type": "icontains", "value": escape(entry.right)}]
        stream.write(quoted([case]))
        count += 1
    if not count:
        stream.write("[]\n")
    return count


def read(stream: IO[str], where: str) -> Iterator[Imported]:
    """The variable `prompt` of each test case, or its only variable. A whole configuration with `tests` will do too."""
    whole = read_yaml(stream.read(), where)
    tests = whole.get("tests") if isinstance(whole, dict) else whole
    for number, value in enumerate(listing(tests, f"{where}, tests"), 1):
        place = f"{where}, test {number}"
        case = mapping(value, place)
        metadata = mapping(case.get("metadata") or {}, f"{place}, field metadata")
        ours = metadata.get("wunderkammer")
        entry = origin({"wunderkammer": unescape(ours) if isinstance(ours, str) else ours}, place)
        prompt = storable(unescape(_prompt(mapping(case.get("vars") or {}, f"{place}, field vars"), place)))
        yield Imported(prompt=prompt, right=entry.right if entry else None, tags=_tags(metadata), origin=entry)


def _prompt(variables: Record, place: str) -> str:
    if "prompt" in variables:
        return words(variables["prompt"], f"{place}, variable prompt")
    if len(variables) != 1:
        raise ConfigError(f"{place}: needs a variable named prompt, or one variable only")
    ((name, value),) = variables.items()
    return words(value, f"{place}, variable {name}")


def _tags(metadata: Record) -> tuple[str, ...]:
    """What promptfoo's own red-team generator notes of a case."""
    found = (metadata.get(name) for name in ("pluginId", "strategyId", "harmCategory"))
    return tuple(tag for tag in found if isinstance(tag, str))
