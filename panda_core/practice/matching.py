"""The cluster SM (semantic matching): do two sentences say the same?

An event is a choice of one entry for each slot; a wording picks one word of each entry and a construction. The same event
in two wordings is a paraphrase; change one entry, or let agent and patient change places, and it is not. Words and
constructions are drawn alike in both cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .base import Draw
from .facts import article, capital
from .synonyms import DEEDS_TO_PEOPLE, DEEDS_TO_THINGS, MANNERS, MOODS, ROLES, SIZES, THINGS, TIMES


@dataclass(frozen=True)
class Event:
    """Who (mood, agent) did what (deed) to whom (trait, patient), how and when; each an entry of `synonyms`."""

    mood: tuple
    agent: tuple
    deed: tuple
    trait: tuple
    patient: tuple
    manner: tuple
    time: tuple

    @property
    def slots(self) -> dict[str, tuple]:
        """slot -> the entries that may fill it in an event of this kind."""
        personal = self.deed in DEEDS_TO_PEOPLE
        return {"mood": MOODS, "agent": ROLES, "deed": DEEDS_TO_PEOPLE if personal else DEEDS_TO_THINGS,
                "trait": MOODS if personal else SIZES, "patient": ROLES if personal else THINGS,
                "manner": MANNERS, "time": TIMES}


def some_event(draw: Draw, personal: bool) -> Event:
    """A random event, done to a person or to a thing, with no entry used twice."""
    mood, other_mood = draw.two(MOODS)
    agent, other = draw.two(ROLES)
    deed = draw.pick(DEEDS_TO_PEOPLE if personal else DEEDS_TO_THINGS)
    trait, patient = (other_mood, other) if personal else (draw.pick(SIZES), draw.pick(THINGS))
    return Event(mood, agent, deed, trait, patient, draw.pick(MANNERS), draw.pick(TIMES))


def change(draw: Draw, event: Event, slot: str) -> Event:
    """The event with another entry in one slot."""
    used = tuple(getattr(event, name) for name in event.slots)
    return replace(event, **{slot: draw.pick([entry for entry in event.slots[slot] if entry not in used])})


def swap(event: Event) -> Event:
    """Agent and patient change places."""
    return replace(event, agent=event.patient, patient=event.agent)


def word(draw: Draw, event: Event, mention) -> str:
    """The event as a sentence; `mention` names the optional slots that are said (mood, trait, manner, time)."""
    def phrase(trait: tuple, noun: tuple, said: bool) -> str:
        return f"the {draw.pick(trait)} {draw.pick(noun)}" if said else f"the {draw.pick(noun)}"

    agent = phrase(event.mood, event.agent, "mood" in mention)
    patient = phrase(event.trait, event.patient, "trait" in mention)
    _, past, participle = draw.pick(event.deed)
    core = f"{patient} was {participle} by {agent}" if draw.hard(0.7) else f"{agent} {past} {patient}"
    manner = f" {draw.pick(event.manner)}" if "manner" in mention else ""
    time = draw.pick(event.time) if "time" in mention else ""
    if time and draw.rng.random() < 0.4:
        return capital(f"{time}, {core}{manner}.")
    return capital(f"{core}{manner}{' ' if time else ''}{time}.")


_OPTIONAL = ("mood", "trait", "manner", "time")


def mrpc(draw: Draw) -> list[dict]:
    """1 the sentences are paraphrases, 0 they are not."""
    event = some_event(draw, draw.rng.random() < 0.5)
    mention = draw.rng.sample(_OPTIONAL, 2)
    other = event if draw.label == 1 else _different(draw, event, mention)
    return [{"sentence1": word(draw, event, mention), "sentence2": word(draw, other, mention), "label": draw.label}]


def _different(draw: Draw, event: Event, mention) -> Event:
    """Another event in the same words but a few: four entries changed, one where it is hard, or the roles swapped."""
    if event.deed in DEEDS_TO_PEOPLE and draw.hard(0.1):
        return swap(event)
    for slot in draw.rng.sample(["agent", "deed", "patient", *mention], 1 if draw.hard(0.2) else 4):
        event = change(draw, event, slot)
    return event


def stsb(draw: Draw) -> list[dict]:
    """Similarity from 0 to 5: what share of agent, deed, patient and two circumstances is the same.

    Agent, deed and patient count 1.2 each, a circumstance 0.7; swapped roles leave half of agent and patient.
    """
    event = some_event(draw, draw.rng.random() < 0.5)
    mention = draw.rng.sample(_OPTIONAL, 2)
    weights = {"agent": 1.2, "deed": 1.2, "patient": 1.2, **dict.fromkeys(mention, 0.7)}
    changed = draw.rng.sample(list(weights), draw.rng.randrange(len(weights) + 1))
    score = 5.0 - sum(weights[slot] for slot in changed)
    other = event
    for slot in changed:
        other = change(draw, other, slot)
    if event.deed in DEEDS_TO_PEOPLE and not {"agent", "patient"} & set(changed) and draw.hard(0.3):
        other = swap(other)
        score -= 1.2
    return [{"sentence1": word(draw, event, mention), "sentence2": word(draw, other, mention), "label": round(max(score, 0.0), 2)}]


_INTENTS = (  # ways to ask for one thing; {verb}, {thing} and {manner} are filled alike
    ("How can I {verb} {thing}?", "What is the best way to {verb} {thing}?", "How does one {verb} {thing}?"),
    ("Where can I {verb} {thing}?", "What is a good place to {verb} {thing}?", "Which place is right to {verb} {thing}?"),
    ("How much does it cost to {verb} {thing}?", "What is the price if I {verb} {thing}?", "How much must I pay to {verb} {thing}?"),
    ("Why do people {verb} {thing}?", "For what reason would anyone {verb} {thing}?", "What makes people {verb} {thing}?"),
    ("When should I {verb} {thing}?", "What is a good time to {verb} {thing}?", "Which time is right to {verb} {thing}?"),
    ("Who can {verb} {thing} for me?", "Which person could {verb} {thing} for me?", "Whom can I ask to {verb} {thing}?"),
)


def qqp(draw: Draw) -> list[dict]:
    """1 the questions ask the same, 0 they do not."""
    slots = {"intent": _INTENTS, "deed": DEEDS_TO_THINGS, "trait": SIZES, "thing": THINGS}
    asked = {slot: draw.pick(entries) for slot, entries in slots.items()}
    other = dict(asked)
    if draw.label == 0:
        for slot in draw.rng.sample(list(slots), 1 if draw.hard(0.2) else 3):
            other[slot] = draw.pick([entry for entry in slots[slot] if entry != asked[slot]])
    questions = [draw.pick(q["intent"]).format(verb=draw.pick(q["deed"])[0],
                                               thing=article(f"{draw.pick(q['trait'])} {draw.pick(q['thing'])}"))
                 for q in (asked, other)]
    return [{"question1": questions[0], "question2": questions[1], "label": draw.label}]
