"""The cluster QA: questions about little stories.

One skill runs through the cluster: to tell what leads to what. A story names causes only, and the questions ask for their
effects (or the other way round), so the answer has to be inferred; a few ask for a circumstance that is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from .base import Draw
from .causes import TOPICS, Chain, say
from .facts import CIRCUMSTANCES, Fact, another_value, capital, some_fact, statement, wh_question, yes_no_question
from .lexicon import MEN, PEOPLE, WOMEN


@dataclass(frozen=True)
class Story:
    """What happened to some people, one sentence each, and a fact about a thing, in the order in which they are told."""

    sentences: tuple[str, ...]
    people: tuple[str, ...]
    chains: tuple[Chain, ...]      # chains[i] is what happened to people[i]
    untold: tuple[Chain, ...]      # untold[i] belongs to the topic of chains[i]
    fact: Fact
    mention: tuple[str, ...]       # the circumstances of the fact that are told

    @property
    def text(self) -> str:
        """The sentences as one passage."""
        return " ".join(self.sentences)


def some_story(draw: Draw, people: int = 2) -> Story:
    """A story of causes, told of people of one sex, with one fact in which somebody else is the agent."""
    names = draw.rng.sample(draw.pick((WOMEN, MEN)), people)
    chains, untold = zip(*(draw.two(topic) for topic in draw.rng.sample(TOPICS, people)), strict=True)
    fact = some_fact(draw.rng)
    fact = fact.with_value("agent", draw.pick([p for p in PEOPLE if p not in names]))
    mention = tuple(draw.rng.sample(CIRCUMSTANCES, 2))
    sentences = [say(draw.pick(chain.causes), name) for chain, name in zip(chains, names, strict=True)]
    sentences.append(capital(statement(fact, mention)) + ".")
    draw.rng.shuffle(sentences)
    return Story(tuple(sentences), tuple(names), chains, untold, fact, mention)

def some_chains(draw: Draw, hard: float = 0.5) -> tuple[Chain, Chain]:
    """A chain and another one: of the same topic where it is to be hard, else of another topic."""
    topic, elsewhere = draw.two(TOPICS)
    chain, sibling = draw.two(topic)
    return chain, sibling if draw.hard(hard) else draw.pick(elsewhere)


def copa(draw: Draw) -> list[dict]:
    """Which of two choices is the cause, or the effect, of the premise? 0 the first, 1 the second."""
    right, wrong = some_chains(draw)
    question = draw.pick(("cause", "effect"))
    name = draw.pick(PEOPLE)
    given, told = ("effects", "causes") if question == "cause" else ("causes", "effects")
    premise = say(draw.pick(getattr(right, given)), name)
    choices = [say(draw.pick(getattr(chain, told)), name, known=name in premise) for chain in (right, wrong)]
    if draw.label == 1:
        choices.reverse()
    return [{"premise": premise, "choice1": choices[0], "choice2": choices[1], "question": question, "label": draw.label}]


def _effect(draw: Draw, chain: Chain, name: str) -> str:
    """An effect as a clause: 'the glass broke', 'Anna had a stomach ache'."""
    sentence = say(draw.pick(chain.effects), name).rstrip(".")
    return sentence if sentence.startswith(name) else sentence[0].lower() + sentence[1:]


def _unlikely(draw: Draw, story: Story, person: int) -> Chain:
    """A chain that nothing in the story starts: of the same topic where it is to be hard."""
    if draw.hard():
        return story.untold[person]
    told = {*story.chains, *story.untold}
    return draw.pick([chain for topic in TOPICS for chain in topic if chain not in told])


def boolq(draw: Draw) -> list[dict]:
    """1 yes, 0 no. Two questions in three are whether an effect is likely, the others whether a circumstance is true."""
    story = some_story(draw)
    if draw.rng.random() < 0.33:
        asked = draw.pick(story.mention)
        told = story.fact.values[asked]
        value = told if draw.label == 1 else another_value(draw.rng, asked, told, near=draw.hard(0.5))
        question = yes_no_question(story.fact.with_value(asked, value), asked)
    else:
        person = draw.rng.randrange(2)
        chain = story.chains[person] if draw.label == 1 else _unlikely(draw, story, person)
        question = f"Is it likely that {_effect(draw, chain, story.people[person])}?"
    return [{"question": question, "passage": story.text, "label": draw.label}]


def multirc(draw: Draw) -> list[dict]:
    """A paragraph, a question for effects and one for a circumstance, each with true (1) and false (0) answers in equal number."""
    story = some_story(draw)
    rows = []
    persons = draw.rng.sample((0, 1), 2)
    likely = [(_effect(draw, story.chains[i], story.people[i]), 1) for i in persons]
    unlikely = [(_effect(draw, _unlikely(draw, story, i), story.people[i]), 0) for i in persons]
    asked = draw.pick(story.mention)
    told = story.fact.values[asked]
    wrong = another_value(draw.rng, asked, told, near=draw.hard(0.5))
    questions = [("What is likely to be the result of all this?", likely + unlikely),
                 (wh_question(story.fact, asked), [(told, 1), (wrong, 0)])]
    draw.rng.shuffle(questions)
    for question, answers in questions:
        draw.rng.shuffle(answers)
        rows += [{"paragraph": story.text, "question": question, "answer": capital(answer) + ".", "label": label}
                 for answer, label in answers]
    return rows


def multirc_index(rows: list[dict]) -> list[dict]:
    """`idx` of each row: the running numbers of its paragraph, its question and its answer."""
    paragraphs = _running([row["paragraph"] for row in rows])
    questions = _running([(row["paragraph"], row["question"]) for row in rows])
    return [{"paragraph": p, "question": q, "answer": a} for a, (p, q) in enumerate(zip(paragraphs, questions, strict=True))]


def _running(keys: list) -> list[int]:
    """A number for each key, counted in the order of their first appearance."""
    seen: dict = {}
    return [seen.setdefault(key, len(seen)) for key in keys]


def squad(draw: Draw) -> list[dict]:
    """SQuAD 1.1: the answer is a span of the context."""
    story = some_story(draw)
    if draw.rng.random() < 0.5:
        asked = draw.pick([c for c in CIRCUMSTANCES if c in story.mention])
        question, answer = wh_question(story.fact, asked), story.fact.values[asked]
    else:
        person = draw.rng.randrange(2)
        question = f"What made it likely that {_effect(draw, story.chains[person], story.people[person])}?"
        causes = {say(cause, story.people[person]) for cause in story.chains[person].causes}
        answer = next(sentence for sentence in story.sentences if sentence in causes).rstrip(".")
    found = re.search(rf"\b{re.escape(answer)}\b", story.text, re.IGNORECASE)
    return [{"title": f"{story.people[0]} and {story.people[1]}", "context": story.text, "question": question,
             "answers": {"text": np.array([found[0]], dtype=object),
                         "answer_start": np.array([found.start()], dtype="int32")}}]


def record(draw: Draw) -> list[dict]:
    """A passage with highlights, a query with one name missing, and the names that could fill it."""
    story = some_story(draw, people=3)
    named = [i for i, name in enumerate(story.people) if any(s.startswith(f"{name} ") for s in story.sentences)]
    if len(named) < 2:
        return record(draw)
    person = draw.pick(named)
    name, chain = story.people[person], story.chains[person]
    effect = draw.pick(chain.effects)
    sentence = say(effect, name)
    if "{X}" in effect:
        query = sentence.replace(name, "@placeholder", 1)
    else:
        query = f"Because of @placeholder, {sentence[0].lower()}{sentence[1:]}"
    passage = " ".join(story.sentences[:2]) + "".join(f"\n@highlight\n{sentence}" for sentence in story.sentences[2:])
    found = ((re.search(rf"\b{n}\b", passage), n) for n in (*story.people, story.fact.values["agent"]))
    spans = sorted((match.start(), n) for match, n in found if match)
    return [{"passage": passage, "query": query, "entities": np.array([n for _, n in spans], dtype=object),
             "entity_spans": {"text": np.array([n for _, n in spans], dtype=object),
                              "start": np.array([start for start, _ in spans], dtype="int32"),
                              "end": np.array([start + len(n) for start, n in spans], dtype="int32")},
             "answers": np.array([name], dtype=object)}]


def record_index(rows: list[dict]) -> list[dict]:
    """`idx` of each row: the running numbers of its passage and of its query."""
    return [{"passage": p, "query": q} for q, p in enumerate(_running([row["passage"] for row in rows]))]
