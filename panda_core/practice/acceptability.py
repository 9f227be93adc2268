"""CoLA: is the sentence good English? Each construction comes with a way to break it."""

from __future__ import annotations

from .base import Draw
from .facts import capital
from .lexicon import PEOPLE, WOMEN

_NOUNS = ("teacher", "farmer", "singer", "nurse", "visitor", "neighbour", "student", "painter", "driver", "waiter",
          "child", "woman", "dog", "horse", "bird", "fox")
_PLURALS = {"child": "children", "woman": "women", "fox": "foxes"}
_ADJECTIVES = ("tall", "young", "old", "friendly", "tired", "hungry", "quiet", "clever", "small", "famous")
_INTRANSITIVE = ("sleep slept sleeping", "laugh laughed laughing", "arrive arrived arriving", "smile smiled smiling",
                 "fall fallen falling", "sing sung singing", "shiver shivered shivering", "swim swum swimming")
_TRANSITIVE = ("devour devoured the sandwich", "admire admired the picture", "build built the house",
               "mention mentioned the letter", "repair repaired the clock", "describe described the castle",
               "lock locked the door", "avoid avoided the question")
_PLACES = ("in the garden", "near the river", "at the station", "behind the school", "in the corner", "on the bridge")
_TIMES = ("every day", "in the evening", "after dinner", "on Sundays", "very often")
_NEVER_WITH_OBJECT = ("slept", "laughed", "arrived", "smiled", "shivered")
_REFLEXIVE = ("hurt", "blamed", "described", "admired", "introduced", "washed")


def _plural(noun: str) -> str:
    return _PLURALS.get(noun, noun + "s")


def _noun_phrase(draw: Draw) -> str:
    return f"the {draw.pick(_ADJECTIVES)} {draw.pick(_NOUNS)}" if draw.rng.random() < 0.5 else f"the {draw.pick(_NOUNS)}"


def _agreement(draw: Draw, good: bool) -> str:
    """The verb agrees with its subject, not with the nearer noun."""
    subject, other = draw.two(_NOUNS)
    many, other_many = draw.rng.random() < 0.5, draw.rng.random() < 0.5
    subject = _plural(subject) if many else subject
    attractor = f" near the {_plural(other) if other_many else other}" if draw.rng.random() < 0.6 else ""
    base = draw.pick(_INTRANSITIVE).split()[0]
    verb = base if many == good else base + "s"
    return f"the {subject}{attractor} {verb} {draw.pick(_TIMES)}"


def _reflexive(draw: Draw, good: bool) -> str:
    """A reflexive pronoun agrees with its subject."""
    name = draw.pick(PEOPLE)
    pronoun = "herself" if (name in WOMEN) == good else "himself"
    return f"{name} {draw.pick(_REFLEXIVE)} {pronoun} {draw.pick(_TIMES)}"


def _case(draw: Draw, good: bool) -> str:
    """A pronoun is a subject form before the verb and an object form after it."""
    verb = draw.pick(("saw", "met", "thanked", "called", "followed", "helped"))
    subject, object_ = draw.pick((("she", "him"), ("he", "her"), ("they", "us"), ("we", "them"), ("I", "them")))
    wrong = {"him": "he", "her": "she", "us": "we", "them": "they", "she": "her", "he": "him", "they": "them", "we": "us", "I": "me"}
    if not good:
        subject, object_ = (wrong[subject], object_) if draw.rng.random() < 0.5 else (subject, wrong[object_])
    return f"{subject} {verb} {object_} {draw.pick(_PLACES)}"


def _object(draw: Draw, good: bool) -> str:
    """Some verbs need an object, others take none."""
    subject = _noun_phrase(draw)
    if draw.rng.random() < 0.5:
        _, past, *thing = draw.pick(_TRANSITIVE).split()
        thing = f" {' '.join(thing)}" if good else ""
        return f"{subject} {past}{thing} {draw.pick(_TIMES)}"
    thing = "" if good else f" {' '.join(draw.pick(_TRANSITIVE).split()[2:])}"
    return f"{subject} {draw.pick(_NEVER_WITH_OBJECT)}{thing} {draw.pick(_PLACES)}"


def _auxiliary(draw: Draw, good: bool) -> str:
    """An auxiliary picks the form of the verb after it."""
    forms = draw.pick(_INTRANSITIVE).split()
    auxiliary, right = draw.pick((("will", 0), ("has", 1), ("is", 2), ("must", 0), ("was", 2)))
    form = forms[right] if good else forms[draw.pick([i for i in range(3) if i != right and not (right == 2 and i == 1)])]
    return f"{_noun_phrase(draw)} {auxiliary} {form} {draw.pick(_PLACES)}"


def _question(draw: Draw, good: bool) -> str:
    """A question puts the auxiliary before the subject."""
    base = draw.pick(_TRANSITIVE).split()[0]
    subject = _noun_phrase(draw)
    middle = f"did {subject} {base}" if good else draw.pick((f"{subject} did {base}", f"{base} {subject} did"))
    return f"what {middle} {draw.pick(_PLACES)}"


def _order(draw: Draw, good: bool) -> str:
    """The article comes first, then the adjective, then the noun."""
    words = ["the", draw.pick(_ADJECTIVES), draw.pick(_NOUNS)]
    if not good:
        words = draw.pick(([words[0], words[2], words[1]], [words[1], words[0], words[2]], [words[2], words[0], words[1]]))
    _, past, *thing = draw.pick(_TRANSITIVE).split()
    return f"{' '.join(words)} {past} {' '.join(thing)} {draw.pick(_PLACES)}"


_PLAIN = (_order, _question, _auxiliary, _object)
_SUBTLE = (_agreement, _reflexive, _case)


def cola(draw: Draw) -> list[dict]:
    """1 acceptable, 0 not. Word order, auxiliaries and objects are plain to see; agreement and case are subtle."""
    construction = draw.pick(_SUBTLE if draw.hard(0.6) else _PLAIN)
    sentence = construction(draw, draw.label == 1)
    return [{"sentence": capital(sentence) + ("?" if construction is _question else "."), "label": draw.label}]
