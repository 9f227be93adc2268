"""Little worlds: what somebody did with a thing, where, when, and what is said about it.

A `Fact` is a full description; a sentence mentions some of its circumstances. The tasks of the clusters NLI and QA ask
whether something follows from what was mentioned.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from .lexicon import ACTIONS, PEOPLE, QUESTION_WORDS, THINGS, VALUES, Verb

CIRCUMSTANCES = ("agent", "place", "day", "hour", "colour")


@dataclass(frozen=True)
class Fact:
    """`verb` was done to `thing`; `values` holds the agent's name and a phrase for each other circumstance."""

    verb: Verb
    thing: str
    values: Mapping[str, str]

    def with_value(self, circumstance: str, value: str) -> Fact:
        """The fact with another value of one circumstance."""
        return replace(self, values={**self.values, circumstance: value})


def some_value(rng: random.Random, circumstance: str) -> str:
    """A specific value of a circumstance, uniform over the general phrases: 'in Paris'."""
    if circumstance == "agent":
        return rng.choice(PEOPLE)
    return rng.choice(rng.choice(list(VALUES[circumstance].values())))


def some_fact(rng: random.Random, avoid: Fact | None = None) -> Fact:
    """A random fact; with `avoid`, one that differs from that fact in the verb, the thing and every circumstance."""
    verb = rng.choice([v for v in ACTIONS if avoid is None or v != avoid.verb])
    thing = rng.choice([t for t in THINGS if avoid is None or t != avoid.thing])
    values = {c: another_value(rng, c, avoid.values[c]) if avoid else some_value(rng, c) for c in CIRCUMSTANCES}
    return Fact(verb, thing, values)


def general(circumstance: str, value: str) -> str:
    """The general phrase that follows from a value: 'in Paris' -> 'in France'. An agent is its own."""
    if circumstance == "agent":
        return value
    return next(g for g, values in VALUES[circumstance].items() if value in values or value == g)


def another_value(rng: random.Random, circumstance: str, value: str, near: bool = False) -> str:
    """A specific value that excludes `value`; with `near`, one of the same general phrase where there is one."""
    if circumstance == "agent":
        return rng.choice([p for p in PEOPLE if p != value])
    groups = VALUES[circumstance]
    own = general(circumstance, value)
    siblings = [v for v in groups[own] if v != value] if near and circumstance in ("place", "day") else []
    if siblings:
        return rng.choice(siblings)
    return rng.choice(groups[rng.choice([g for g in groups if g != own])])


def article(phrase: str) -> str:
    """The phrase with 'a' or 'an'."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def capital(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[0].upper() + sentence[1:]


def statement(fact: Fact, mention: Collection[str], *, passive: bool = False, negated: bool = False,
              definite: bool = True, front: bool = False) -> str:
    """One sentence without its full stop that mentions the given circumstances of a fact.

    Passive where the agent is not mentioned. `front` puts the time first: 'On Monday, Anna bought the lamp'.
    """
    values = fact.values
    noun = f"{values['colour']} {fact.thing}" if "colour" in mention else fact.thing
    thing = f"the {noun}" if definite else article(noun)
    if passive or "agent" not in mention:
        by = f" by {values['agent']}" if "agent" in mention else ""
        core = f"{thing} was {'not ' if negated else ''}{fact.verb.participle}{by}"
    else:
        doing = f"did not {fact.verb.base}" if negated else fact.verb.past
        core = f"{values['agent']} {doing} {thing}"
    tail = [values[c] for c in ("place", "day", "hour") if c in mention]
    if front and tail:
        return f"{tail.pop()}, {core}" + "".join(f" {t}" for t in tail)
    return core + "".join(f" {t}" for t in tail)


def about_colour(fact: Fact, *, negated: bool = False) -> str:
    """'the lamp was not red'."""
    return f"the {fact.thing} was {'not ' if negated else ''}{fact.values['colour']}"


def claim(fact: Fact, circumstance: str, *, negated: bool = False, passive: bool = False) -> str:
    """A statement about one circumstance only: 'the lamp was bought in France', 'Anna bought the lamp'."""
    if circumstance == "colour":
        return about_colour(fact, negated=negated)
    return statement(fact, {circumstance}, negated=negated, passive=passive)


def wh_question(fact: Fact, circumstance: str, *, agent: bool = False) -> str:
    """A question for one circumstance: 'Where was the lamp bought?'; with `agent`, 'Where did Anna buy the lamp?'."""
    word = QUESTION_WORDS[circumstance]
    if circumstance == "agent":
        return f"{word} {fact.verb.past} the {fact.thing}?"
    if circumstance == "colour":
        return f"{word} was the {fact.thing}?"
    if agent:
        return f"{word} did {fact.values['agent']} {fact.verb.base} the {fact.thing}?"
    return f"{word} was the {fact.thing} {fact.verb.participle}?"


def yes_no_question(fact: Fact, circumstance: str) -> str:
    """A question for one circumstance that is answered by yes or no: 'Was the lamp bought in France?'."""
    if circumstance == "colour":
        return f"Was the {fact.thing} {fact.values['colour']}?"
    if circumstance == "agent":
        return f"Did {fact.values['agent']} {fact.verb.base} the {fact.thing}?"
    return f"Was the {fact.thing} {fact.verb.participle} {fact.values[circumstance]}?"
