"""The page: stands alone, shows what the report says, and stays whole whatever a model wrote."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stage.skeleton import HOSTILE, Skeleton
from wunderkammer.apps.report import Ancestor, Fates, Holder, Niche, RoleCalls, RunReport, render_html
from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Verdict
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Finding


def written_by_models(word: str) -> RunReport:
    """A report in which everything that a model can write is `word`."""
    ancestor = Ancestor(id="1" * 24, text=word, cell=("a", "x"), fitness=0.1)
    elite = Holder(
        id="2" * 24, text=word, response=word, right=word, fitness=0.5, notes={"said": word, "why": word},
        verdict=Verdict(votes=("challenger", "tie")), lineage=(ancestor,), generation=1,
    )  # fmt: skip
    plain = word.encode("utf-8", "replace").decode()  # what the ledger gives back
    return RunReport(
        run="r1", title="Title", plan=SearchPlan(domain="d", options={"prompt": plain}), status="failed", reason=plain,
        axes={"one": ("a", "b"), "two": ("x", "y")}, niches=(Niche(cell=("a", "x"), elite=elite),),
        fates=Fates(elite=1),
        findings=(Finding(run="r1", claim=plain or "-", comment=plain or "-", refuted_by=plain or "-"),),
        sections=(Section(title=plain, text=plain or "-", columns=("c", "n"), rows=((plain, 1.5),)),),
        calls=(RoleCalls(role="target", model=plain, calls=1),),
        environment={"model": plain}, command=plain or "-",
    )  # fmt: skip


HARMLESS = Skeleton(render_html(written_by_models("harmless")))


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word[:24]))
def test_words_of_models_make_no_element_and_no_attribute(word: str) -> None:
    page = render_html(written_by_models(word))
    seen = Skeleton(page)
    assert seen.elements == HARMLESS.elements
    assert not seen.open
    assert not seen.strays
    assert len(page.encode("utf-8")) < 200_000
    assert "\x00" not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]", page)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("<>\"'&/=!-{}%# \n\0s"), st.characters()), max_size=60))
def test_any_text_is_only_text(word: str) -> None:
    assert Skeleton(render_html(written_by_models(word))).elements == HARMLESS.elements


def test_pictures_travel_inside_and_through_json() -> None:
    picture = Picture(media="image/gif", data=b"GIF89a\xff\x00", caption='a "match"')
    shown = written_by_models("fine")
    shown = shown.model_copy(update={"sections": (Section(title="t", pictures=(picture,)),)})
    (attributes,) = Skeleton(render_html(shown)).all("img")
    assert attributes == {"src": "data:image/gif;base64,R0lGODlh/wA=", "alt": picture.caption}
    assert RunReport.model_validate_json(shown.model_dump_json()).sections[0].pictures == (picture,)


def test_hidden_characters_are_shown() -> None:
    text = Skeleton(render_html(written_by_models("abc\u202edef\x00\U000e0041"))).text
    assert "abc⟨U+202E⟩def⟨U+0000⟩⟨U+E0041⟩" in text


def test_the_policy_allows_one_style_sheet_and_pictures_of_the_file_and_nothing_else(report: RunReport) -> None:
    page = render_html(report)
    seen = Skeleton(page)
    policy = next(m["content"] for m in seen.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    assert policy == f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    assert page.count("<style>") == 1
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert not {tag for tag, _ in seen.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "form",
        "base",
        "image",
    }
    for _, attributes in seen.elements:
        for name, value in attributes:
            assert name not in {"style", "src", "srcset", "action", "xlink:href"}
            assert not name.startswith("on")
            assert name != "href" or (value or "").startswith("#")
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_somewhere_and_every_name_is_given_once(report: RunReport) -> None:
    seen = Skeleton(render_html(report))
    names = [dict(attrs)["id"] for _, attrs in seen.elements if "id" in dict(attrs)]
    assert len(names) == len(set(names))
    assert {a["href"].removeprefix("#") for a in seen.all("a") if a["href"]} <= set(names)


def test_the_archive_is_a_table_whose_squares_open_their_elites(report: RunReport) -> None:
    page = render_html(report)
    table = page.split('<table class="heat')[1].split("</table>")[0]
    assert table.count('scope="row"') == 10
    assert table.count('scope="col"') == 10
    assert table.count("<td") == 101  # and the corner
    assert table.count('href="#e') == report.filled
    assert table.count("<i>empty</i>") == report.cells - report.filled
    strongest = max(report.niches, key=lambda n: n.elite.fitness or 0)
    sheet = page.split('id="e0"')[1].split("</article>")[0]
    assert strongest.elite.id in sheet
    assert " × ".join(strongest.cell) in sheet


def test_ten_by_ten_stays_light() -> None:
    axes = {"risk": tuple(f"Risk number {i}" for i in range(10)), "style": tuple(f"Style {i}" for i in range(10))}
    cell, said = ("Risk number 1", "Style 2"), "An ancestor that went on and on. " * 30
    back = tuple(Ancestor(id=f"{i:024x}", text=said, cell=cell) for i in range(30))
    elite = Holder(
        id="0" * 24, text="word " * 1_000, response="reply " * 5_000, fitness=0.5, lineage=back, generation=30
    )
    niches = tuple(Niche(cell=(a, b), elite=elite) for a in axes["risk"] for b in axes["style"])
    page = render_html(
        RunReport(run="r", title="t", plan=SearchPlan(domain="d"), status="finished", axes=axes, niches=niches)
    )
    assert len(page.encode()) < 400_000
    assert "more characters)" in page


@pytest.mark.parametrize(
    ("told", "generation", "numbers", "gaps"),
    [
        (0, 0, [], []),
        (2, 2, [1, 2], []),
        (6, 6, [1, 2, 3, 4, 5, 6], []),
        (9, 9, [1, 2, 3, 4, 5, 9], ["3 between"]),
        (7, 20, [1, 2, 3, 4, 5, 7], ["1 between", "13 before, not told here"]),
        (0, 3, [], ["3 before, not told here"]),
    ],
)
def test_a_long_lineage_says_what_it_leaves_out(
    told: int, generation: int, numbers: list[int], gaps: list[str]
) -> None:
    back = tuple(Ancestor(id=str(i), text=f"ancestor {i}") for i in range(told))
    elite = Holder(id="1", text="t", lineage=back, generation=generation)
    page = render_html(
        RunReport(run="r", title="t", plan=SearchPlan(domain="d"), status="finished", axes={"x": ("a",)},
                  niches=(Niche(cell=("a",), elite=elite),))
    )  # fmt: skip
    assert [int(n) for n in re.findall(r'<li dir="auto" value="(\d+)">', page)] == numbers
    assert re.findall(r'<li class="gap">([^<]*)</li>', page) == gaps


def test_the_same_report_gives_the_same_page(report: RunReport) -> None:
    again = RunReport.model_validate_json(report.model_dump_json())
    assert render_html(again) == render_html(report)


def without_axes(report: RunReport) -> RunReport:
    niche = report.niches[0].model_copy(update={"cell": ()})
    return report.model_copy(update={"axes": {}, "niches": (niche,), "evaluations": ()})


def bare(report: RunReport) -> RunReport:
    return RunReport(run=report.run, title=report.title, plan=report.plan, status="running")


def unranked(report: RunReport) -> RunReport:
    blank = {"fitness": None, "score": None}
    niches = tuple(n.model_copy(update={"elite": n.elite.model_copy(update=blank)}) for n in report.niches)
    return report.model_copy(update={"niches": niches})


def three_axes(report: RunReport) -> RunReport:
    axes = {**report.axes, "Length": ("short", "long")}
    niches = tuple(n.model_copy(update={"cell": (*n.cell, "long")}) for n in report.niches)
    return report.model_copy(update={"axes": axes, "niches": niches})


@pytest.mark.parametrize("change", [without_axes, bare, unranked, three_axes])
def test_what_is_missing_is_left_out(report: RunReport, change: Callable[[RunReport], RunReport]) -> None:
    seen = Skeleton(render_html(change(report)))
    assert not seen.open
    assert "None" not in seen.text
    assert "nan" not in seen.text.split()


def test_three_axes_become_small_multiples(report: RunReport) -> None:
    page = render_html(three_axes(report))
    captions = re.findall(r"<caption>Length: <b>(\w+)</b></caption>", page)
    assert captions == ["short", "long"]


def test_errors_are_counted_apart(report: RunReport) -> None:
    text = " ".join(" ".join(Skeleton(render_html(report)).words).split())
    assert "Errors, counted apart 27" in text
    assert "counted neither as success nor as failure" in text
