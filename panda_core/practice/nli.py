"""The cluster NLI: does a sentence follow from what was said?

One skill runs through the cluster: to find what the first text says about the subject of the second, and to compare the
two. Plain examples tell what somebody spent some time on, and ask whether that is what the second text says; nobody
does two things at one time. Subtle ones compare one circumstance of a fact. Words tell nothing by themselves: what a text
mentions, and what a hypothesis claims, are drawn from the same distributions under every label.
"""

from __future__ import annotations

from dataclasses import replace

from .activities import Pastime, elsewise, reworded, spend, spend_question, two_pastimes
from .base import Draw
from .coreference import TRADES, meeting
from .facts import (
    CIRCUMSTANCES,
    Fact,
    another_value,
    capital,
    claim,
    general,
    some_fact,
    statement,
    wh_question,
)
from .lexicon import MEN, PEOPLE, WOMEN, pronoun

_COREFERENCE = 0.25  # the share of examples whose point is a pronoun
_FACTS = 0.15        # times the difficulty: the share of examples that compare a circumstance of a fact

ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"

_MEETINGS = ("{a} met {b}.", "{a} travelled with {b}.", "{a} talked to {b}.", "{a} waited for {b}.", "{a} had tea with {b}.")


def mnli(draw: Draw) -> list[dict]:
    """Three classes: 0 entailment, 1 neutral, 2 contradiction."""
    relation = (ENTAILMENT, NEUTRAL, CONTRADICTION)[draw.label]
    if draw.rng.random() < _COREFERENCE:
        return [{**_who(draw, relation), "label": draw.label}]
    if draw.hard(_FACTS):
        fact, mention = some_fact(draw.rng), some_mention(draw)
        premise, claimed = tell(draw, fact, mention), hypothesis(draw, fact, mention, relation)
    else:
        told, other = two_pastimes(draw)
        premise, claimed = spend(draw, told), spend(draw, _claimed(draw, told, other, relation))
    return [{"premise": premise, "hypothesis": claimed, "label": draw.label}]


def _claimed(draw: Draw, told: Pastime, other: Pastime, relation: str) -> Pastime:
    """Entailed: what was told. Contradicted: another activity at that time. Neutral: somebody else at another time."""
    if relation == CONTRADICTION:
        return elsewise(draw, told, other)
    if relation == NEUTRAL:
        return draw.pick((other, replace(reworded(draw, told), name=other.name, time=other.time)))
    return reworded(draw, told)


def _who(draw: Draw, relation: str) -> dict[str, str]:
    """A premise with a pronoun, and a hypothesis about who did it (or, neutral, about something else)."""
    text, meant, other, did = meeting(draw)
    who = meant if relation == ENTAILMENT else other if relation == CONTRADICTION else draw.pick((meant, other))
    did = did.split(" and ")[0]
    if relation == NEUTRAL:
        did = draw.pick(TRADES[draw.pick([t for t in TRADES if t not in (meant[4:], other[4:])])])
    return {"premise": text, "hypothesis": f"{capital(who)} had {did}."}


def rte(draw: Draw) -> list[dict]:
    """Two facts in the premise. 0 entailment, 1 not_entailment: half of it contradiction, half of it neutral."""
    relation = ENTAILMENT if draw.label == 0 else draw.pick((NEUTRAL, CONTRADICTION))
    if not draw.hard(_FACTS):
        told, other = two_pastimes(draw)
        sentences = [spend(draw, told), spend(draw, other)]
        draw.rng.shuffle(sentences)
        wrong = replace(told, activity=other.activity, wording=other.wording) if draw.hard(0.2) else elsewise(draw, told, other)
        claimed = wrong if draw.label == 1 else reworded(draw, told)
        return [{"premise": " ".join(sentences), "hypothesis": spend(draw, claimed), "label": draw.label}]
    fact = some_fact(draw.rng)
    other = some_fact(draw.rng, avoid=fact)
    mention = some_mention(draw)
    told = [tell(draw, fact, mention), tell(draw, other, some_mention(draw))]
    draw.rng.shuffle(told)
    return [{"premise": " ".join(told), "hypothesis": hypothesis(draw, fact, mention, relation, other), "label": draw.label}]


_FACTIVE = ("knew", "remembered", "noticed", "saw", "found out", "was glad", "was surprised")
_NON_FACTIVE = ("thought", "hoped", "guessed", "believed", "suspected", "dreamt", "had heard")


def cb(draw: Draw) -> list[dict]:
    """A claim under a verb of knowing and one under a verb of guessing. 0 entailment, 1 contradiction, 2 neutral.

    What is known holds, so a hypothesis about it is true or false; what is only guessed stays open.
    """
    relation = (ENTAILMENT, CONTRADICTION, NEUTRAL)[draw.label]
    if draw.hard(_FACTS):
        known = some_fact(draw.rng)
        guessed = some_fact(draw.rng, avoid=known)
        names = known.values["agent"], guessed.values["agent"]
        mention, open_mention = (draw.rng.sample(CIRCUMSTANCES, 2) for _ in range(2))
        told = statement(known, mention), statement(guessed, open_mention)
        if relation == NEUTRAL:
            claimed = hypothesis(draw, guessed, open_mention, draw.pick((ENTAILMENT, CONTRADICTION)))
        else:
            claimed = hypothesis(draw, known, mention, relation)
    else:
        known, guessed = two_pastimes(draw)
        names = known.name, guessed.name
        told = tuple(spend(draw, each).rstrip(".").replace("All ", "all ", 1) for each in (known, guessed))
        claimed = spend(draw, reworded(draw, guessed) if relation == NEUTRAL else _claimed(draw, known, guessed, relation))
    speaker = draw.pick([p for p in PEOPLE if p not in names])
    clauses = [f"{draw.pick(_FACTIVE)} that {told[0]}", f"{draw.pick(_NON_FACTIVE)} that {told[1]}"]
    draw.rng.shuffle(clauses)
    return [{"premise": f"{speaker} {clauses[0]}. {capital(pronoun(speaker))} {clauses[1]}.", "hypothesis": claimed,
             "label": draw.label}]


def qnli(draw: Draw) -> list[dict]:
    """Does the sentence answer the question? 0 entailment, 1 not_entailment.

    A sentence fails by telling of something else, or by saying nothing about the circumstance that is asked for.
    """
    if not draw.hard(_FACTS):
        told, other = two_pastimes(draw)
        answer = told if draw.label == 0 else elsewise(draw, told, other)
        return [{"question": spend_question(draw, reworded(draw, told)), "sentence": spend(draw, answer), "label": draw.label}]
    fact = some_fact(draw.rng)
    asked = draw.pick(CIRCUMSTANCES)
    rest = [c for c in CIRCUMSTANCES if c != asked]
    mention = draw.rng.sample(rest, 2)
    told = fact
    if draw.label == 0 or draw.hard(0.6):
        mention[0] = asked
    if draw.label == 1 and asked in mention:
        told = Fact(some_fact(draw.rng, avoid=fact).verb if asked != "colour" else fact.verb,
                    some_fact(draw.rng, avoid=fact).thing, fact.values)
    return [{"question": wh_question(fact, asked), "sentence": tell(draw, told, mention), "label": draw.label}]


def some_mention(draw: Draw) -> list[str]:
    """The circumstances that a sentence mentions: two of five, three where it is to be harder."""
    return draw.rng.sample(CIRCUMSTANCES, 3 if draw.hard() else 2)


def tell(draw: Draw, fact: Fact, mention) -> str:
    """The fact as one sentence, or as two where the agent is a pronoun: 'Anna met Tom. She bought the lamp.'"""
    agent = fact.values["agent"]
    if "agent" in mention and draw.rng.random() < 0.35:
        companion = draw.pick(MEN if agent in WOMEN else WOMEN)
        first, second = (agent, companion) if draw.rng.random() < 0.5 else (companion, agent)
        meeting = draw.pick(_MEETINGS).format(a=first, b=second)
        return f"{meeting} {capital(statement(fact.with_value('agent', pronoun(agent)), mention))}."
    return capital(statement(fact, mention, passive=draw.hard(0.6), front=draw.rng.random() < 0.25)) + "."


def hypothesis(draw: Draw, fact: Fact, mention, relation: str, other: Fact | None = None) -> str:
    """A claim about one circumstance that stands in `relation` to a text that mentions `mention` of `fact`.

    Harder: the general phrase instead of the value told, a near miss, negation, and a false value that the text tells of
    the `other` fact.
    """
    negated = draw.hard(0.25)
    if relation == NEUTRAL:
        asked = draw.pick([c for c in CIRCUMSTANCES if c not in mention])
        true = draw.rng.random() < 0.5
    else:
        asked = draw.pick(list(mention))
        true = (relation == ENTAILMENT) != negated
    value = fact.values[asked]
    widen = draw.hard(0.7)
    if not true:
        near = not widen and draw.hard(0.5)
        value = other.values[asked] if other and draw.hard(0.5) else another_value(draw.rng, asked, value, near)
    value = general(asked, value) if widen else value
    return capital(claim(fact.with_value(asked, value), asked, negated=negated, passive=draw.hard(0.6))) + "."
