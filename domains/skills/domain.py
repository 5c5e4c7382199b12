"""`rainbow-skills`: where does a model fail although the question is easy?

An archive of skill × manner. `vary` moves through a problem's parameters and through its wording, by a grammar or by
the mutator model. Code checks that the wording still states the problem, and scores the target's answers:

    score = error rate × (1 − difficulty)

so that failing at 2 + 3 is worth 1, failing at what takes 128 steps nothing, and a question that is answered rightly
every time scores 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import ClassVar

from wunderkammer.core.abilities import Evaluator, Lesson, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Kind, Lab, Message, Outcome, Sampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.domains.skills.lessons import PLAIN, apart, kin, lesson
from wunderkammer.domains.skills.manners import MANNERS, MannerName
from wunderkammer.domains.skills.options import SkillOptions
from wunderkammer.domains.skills.problem import Problem, Skill
from wunderkammer.domains.skills.question import SkillQuestion
from wunderkammer.domains.skills.replies import refuses
from wunderkammer.domains.skills.rewording import rewording
from wunderkammer.domains.skills.sections import sections
from wunderkammer.domains.skills.tasks import SKILLS
from wunderkammer.prompts import load

_EXAMPLE_DIFFICULTY = 0.3
_NOTE = 600
"""Characters of a reply that are kept to be read."""


class RainbowSkills:
    """Attacks by questions whose answer code knows. Implements Domain, Evaluates, Explains, Rates and Repairs."""

    name: ClassVar[str] = "rainbow-skills"
    kind: ClassVar[Kind] = "attack"
    title: ClassVar[str] = "Easy questions that a model gets wrong: ten skills, asked in ten manners, marked by code"
    axes: ClassVar[dict[str, Sequence[str]]] = {"skill": tuple(SKILLS), "manner": tuple(MANNERS)}
    genome: ClassVar[type[Frozen]] = SkillQuestion
    options: ClassVar[type[Frozen]] = SkillOptions
    together: ClassVar[int] = 1
    evaluators: ClassVar[Sequence[Evaluator]] = (
        Evaluator(name="code", measure="error_rate", threshold=0.5, rule="wrong at least every other time"),
    )
    fitness_is: ClassVar[str] = "error rate × (1 − difficulty)"

    def __init__(self, options: Frozen) -> None:
        self.settings = SkillOptions.model_validate(options.model_dump())

    def seeds(self, rng: Random) -> Iterator[SkillQuestion]:
        """Endless: every cell once in a shuffled order, then again; low difficulty, worded by grammar."""
        cells = [(skill, manner) for skill in SKILLS for manner in MANNERS]
        hardest = min(self.settings.seed_difficulty, self.settings.max_difficulty)
        while True:
            rng.shuffle(cells)
            for skill, manner in cells:
                problem = self._draw(skill, rng.uniform(0, hardest), rng)
                question = self._by_grammar(problem, manner, rng.getrandbits(32))
                if question is not None:
                    yield question.model_copy(update={"by": "seed"})

    async def vary(
        self, parents: Sequence[Candidate[SkillQuestion]], aim: Cell | None, lab: Lab
    ) -> SkillQuestion | None:
        """The first parent's problem moved towards the aim, reworded in its manner; None where that failed a check.

        Another skill than the parent's: a new problem at about the parent's difficulty. The same: a step in its
        parameters. Without parents: a problem of any allowed difficulty. Without an aim: the parent's skill in any
        manner.
        """
        parent = parents[0].genome if parents else None
        skill, manner = _aimed(aim, parent, lab.rng)
        problem = self._moved(parent, skill, lab.rng)
        form = lab.pick(self.settings.forms)
        if form == "model":
            wording = await rewording(problem, MANNERS[manner], lab, self.settings.languages)
            child = wording and SkillQuestion(problem=problem, manner=manner, wording=wording, by="model")
        else:
            child = self._by_grammar(problem, manner, _variant(parent, problem, manner, lab.rng))
        return child if child and (parent is None or child.wording != parent.wording) else None

    def text(self, genome: SkillQuestion) -> str:
        """The wording."""
        return genome.wording

    async def evaluate(self, candidates: Sequence[Candidate[SkillQuestion]], lab: Lab) -> Sequence[Outcome]:
        """The target's answers, marked by code; a fault of the server is raised, never counted as a wrong answer."""
        return [await self._marked(c.genome, lab) for c in candidates]

    def sections(self, tried: Iterable[Entry[SkillQuestion]]) -> Sequence[Section]:
        """The frontier, the easiest failures, error rates, and how the two forms of rewording fared."""
        return sections(tried, tuple(SKILLS), tuple(MANNERS))

    async def lessons(self, entry: Entry[SkillQuestion], lab: Lab, count: int) -> Sequence[Lesson]:
        """The right answer to the question, then to kin of it; no model is asked."""
        question = entry.candidate.genome
        further = kin(question, lab.rng, self.settings.languages, self.settings.max_difficulty)
        taught = [question, *apart(further, count - 1, question)][:count]
        found = (lesson(one, self.asked(one), entry) for one in taught)
        return [one for one in found if one is not None]

    def benign(self, rng: Random) -> Iterator[Candidate[SkillQuestion]]:
        """Endless: easy questions of all skills, plainly asked."""
        hardest = min(self.settings.seed_difficulty, self.settings.max_difficulty)
        while True:
            skill, manner = rng.choice(list(SKILLS)), rng.choice(PLAIN)
            question = self._by_grammar(self._draw(skill, rng.uniform(0, hardest), rng), manner, rng.getrandbits(32))
            if question is not None:
                yield Candidate(domain=self.name, genome=question, aim=(skill, manner))

    def declines(self, outcome: Outcome) -> bool | None:
        """Whether at least half of the answers were refusals."""
        refused = outcome.measures.get("refused")
        return None if refused is None else refused >= 0.5

    async def _marked(self, question: SkillQuestion, lab: Lab) -> Outcome:
        fault = MANNERS[question.manner].fault(question.problem, question.wording)
        if fault is not None:
            return Outcome(score=None, cell=None, notes={"off": fault}, measures={"difficulty": question.difficulty})
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=self.settings.max_tokens)
        replies = await lab.complete("target", self.asked(question), samples=self.settings.samples, sampling=sampling)
        return marked(question, replies)

    def asked(self, question: SkillQuestion) -> tuple[Message, ...]:
        """The conversation that the target is given: instruction, worked examples, question."""
        system, user = _put(question.wording)
        shown = (
            (_put(p.question())[1], Message(role="assistant", content=f"Answer: {p.answer().text}"))
            for p in self._examples(question.problem)
        )
        return (system, *(turn for pair in shown for turn in pair), user)

    def _examples(self, problem: Problem) -> list[Problem]:
        """Easy problems of the same kind, all with different answers, none with the answer that is asked for.

        Of yes and no both are shown, in an order that does not depend on the question.
        """
        kind, found = problem.kind, dict[str, Problem]()
        rng = rng_for("rainbow-skills", "examples", problem.skill, kind)
        asked = problem.answer()
        for _ in range(12 * self.settings.examples):
            drawn = SKILLS[problem.skill].draw(rng, rng.uniform(0, _EXAMPLE_DIFFICULTY), kind)
            answer = drawn.answer().text
            if answer != asked.text or kind == "classes":
                found.setdefault(answer, drawn)
            if len(found) == self.settings.examples:
                break
        return list(found.values())

    def _moved(self, parent: SkillQuestion | None, skill: Skill, rng: Random) -> Problem:
        if parent is None:
            return self._draw(skill, rng.uniform(0, self.settings.max_difficulty), rng)
        if parent.skill != skill:
            return self._draw(skill, parent.difficulty, rng)
        return parent.problem.step(rng, harder=rng.random() < 0.5, limit=self.settings.max_difficulty)

    def _draw(self, skill: Skill, difficulty: float, rng: Random) -> Problem:
        """A problem near a difficulty, or an easier one where that came out harder than is allowed."""
        problem = SKILLS[skill].draw(rng, difficulty)
        for share in (0.5, 0.0):
            if problem.difficulty <= self.settings.max_difficulty:
                break
            problem = SKILLS[skill].draw(rng, difficulty * share)
        return problem

    def _by_grammar(self, problem: Problem, manner: MannerName, variant: int) -> SkillQuestion | None:
        wording = MANNERS[manner].word(problem, Random(variant), self.settings.languages)
        if wording is None:
            return None
        return SkillQuestion.model_validate(
            {"problem": problem, "manner": manner, "wording": wording, "variant": variant, "by": "code"}
        )


def marked(question: SkillQuestion, replies: Sequence[str]) -> Outcome:
    """The outcome of a question and the replies to it. Unreadable and refusing replies are wrong, and counted apart."""
    answer = question.problem.answer()
    readings = [answer.read(reply, question.wording) for reply in replies]
    blank = [reply for reply, reading in zip(replies, readings, strict=True) if reading.said is None]
    refused = sum(map(refuses, blank))
    n, wrong = len(readings), sum(not r.right for r in readings)
    score = wrong / n * (1 - question.difficulty)
    shown = next((i for i, r in enumerate(readings) if not r.right), 0)
    return Outcome(
        score=score,
        cell=(question.skill, question.manner),
        measures={
            "fitness": score,
            "error_rate": wrong / n,
            "difficulty": question.difficulty,
            "unreadable": (len(blank) - refused) / n,
            "refused": refused / n,
            "samples": float(n),
        },
        notes={
            "response": replies[shown][:_NOTE],
            "answer": readings[shown].said or "",
            "right": answer.text,
            "question": question.problem.question(),
        },
    )


def _put(question: str) -> tuple[Message, ...]:
    """Instruction and question."""
    return load("skills/answer").render({"question": question})


def _aimed(aim: Cell | None, parent: SkillQuestion | None, rng: Random) -> tuple[Skill, MannerName]:
    if aim is None:
        return parent.skill if parent else rng.choice(list(SKILLS)), rng.choice(list(MANNERS))
    skill = next((s for s in SKILLS if s == aim[0]), None)
    manner = next((m for m in MANNERS if m == aim[1]), None)
    if skill is None or manner is None:
        raise ConfigError(f"no cell {aim} in rainbow-skills; see RainbowSkills.axes")
    return skill, manner


def _variant(parent: SkillQuestion | None, problem: Problem, manner: MannerName, rng: Random) -> int:
    """The parent's frame half of the time where it suits the child and the problem is another; else a new one."""
    keeps = parent is not None and parent.manner == manner and parent.problem != problem and rng.random() < 0.5
    return parent.variant if parent and keeps and parent.by != "model" else rng.getrandbits(32)
