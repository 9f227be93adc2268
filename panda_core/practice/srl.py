"""The cluster SRL: who did what to whom, when, where and how, with PropBank's labels.

The same roles appear as active and passive, with a recipient before or after the thing given, inside relative clauses, and
next to a second predicate whose arguments are to be left alone.
"""

from __future__ import annotations

from . import roles
from .base import Draw
from .ner import as_array
from .roles import FRAMES, Frame

Part = tuple[str | None, str]  # (role, words); no role for words outside every argument


def _clause(draw: Draw, frame: Frame, subject: Part | None = None) -> list[Part]:
    """A clause around `frame` as (role, words); with `subject`, that phrase is its agent."""
    agent = subject or ("ARG0", draw.pick(roles.AGENTS))
    if frame.kind == "saying":
        return [agent, ("V", frame.past), ("ARG1", draw.pick(roles.CLAIMS))]
    thing = draw.pick(frame.objects)
    if frame.kind == "unaccusative":
        return [("ARG1", thing), *_verb(draw, frame)]
    passive = subject is None and draw.hard()
    extra: list[Part] = []
    if frame.kind == "dative":
        recipient = draw.pick(roles.RECIPIENTS)
        if not passive and draw.rng.random() < 0.5:
            return [agent, *_verb(draw, frame), ("ARG2", recipient), ("ARG1", thing)]
        extra = [("ARG2", f"to {recipient}")]
    elif frame.kind == "placing":
        extra = [("ARG2", draw.pick(roles.GOALS))]
    if not passive:
        return [agent, *_verb(draw, frame), ("ARG1", thing), *extra]
    be = "were" if thing.endswith("s") or thing.split()[0] in ("two", "three") else "was"
    by = [("ARG0", f"by {agent[1]}")] if draw.rng.random() < 0.7 else []
    negation: list[Part] = [("ARGM-NEG", "not")] if draw.hard(0.3) else []
    return [("ARG1", thing), (None, be), *negation, ("V", frame.participle), *extra, *by]


def _verb(draw: Draw, frame: Frame) -> list[Part]:
    """The active verb, at times with a modal or a negation."""
    if draw.hard(0.3):
        return [("ARGM-MOD", draw.pick(roles.MODALS)), ("V", frame.base)]
    if draw.hard(0.2):
        return [(None, "did"), ("ARGM-NEG", "not"), ("V", frame.base)]
    return [("V", frame.past)]


def _adjuncts(draw: Draw, most: int) -> list[Part]:
    choices = [("ARGM-TMP", draw.pick(roles.TIMES)), ("ARGM-LOC", draw.pick(roles.PLACES)), ("ARGM-MNR", draw.pick(roles.MANNERS))]
    return draw.rng.sample(choices, draw.rng.randrange(most + 1))


def _simple(draw: Draw) -> tuple[list[Part], Frame]:
    """One clause with adjuncts after it, or with one in front."""
    frame = draw.pick(FRAMES)
    parts = _clause(draw, frame)
    adjuncts = _adjuncts(draw, 2) if frame.kind != "saying" else []
    if adjuncts and draw.rng.random() < 0.35:
        return [adjuncts[0], (None, ","), *parts, *adjuncts[1:]], frame
    return parts + adjuncts, frame


def _coordinated(draw: Draw) -> tuple[list[Part], Frame]:
    """Two clauses joined by 'and'; the predicate may be in either."""
    inside, outside = draw.two([f for f in FRAMES if f.kind != "saying"])
    parts, other = _clause(draw, inside) + _adjuncts(draw, 1), _outside(_clause(draw, outside))
    return ([*parts, (None, ", and"), *other] if draw.rng.random() < 0.5 else [*other, (None, ", and"), *parts]), inside


def _relative(draw: Draw) -> tuple[list[Part], Frame]:
    """'the teacher who opened the window repaired the roof': the predicate in the relative clause, or the main one."""
    inner, outer = draw.two([f for f in FRAMES if f.kind == "transitive"])
    head = draw.pick(roles.AGENTS)
    who = "which" if head == "the company" else "who"
    if draw.rng.random() < 0.5:
        inside = _clause(draw, inner, ("R-ARG0", who))
        rest = [(None, outer.past), (None, draw.pick(outer.objects))]
        return [("ARG0", head), *inside, *rest], inner
    embedded = f"{who} {inner.past} {draw.pick(inner.objects)}"
    return _clause(draw, outer, ("ARG0", f"{head} {embedded}")), outer


def _reported(draw: Draw) -> tuple[list[Part], Frame]:
    """'a journalist said that the mayor opened the gate': the predicate is in the report."""
    frame = draw.pick([f for f in FRAMES if f.kind != "saying"])
    verb = draw.pick([f for f in FRAMES if f.kind == "saying"])
    clause = _clause(draw, frame)
    named = {words.removeprefix("by ") for _, words in clause}
    speaker = draw.pick([agent for agent in roles.AGENTS if agent not in named])
    return [(None, f"{speaker} {verb.past} that"), *clause, *_adjuncts(draw, 1)], frame


def _explained(draw: Draw) -> tuple[list[Part], Frame]:
    """A clause and its reason."""
    frame = draw.pick([f for f in FRAMES if f.kind != "saying"])
    return [*_clause(draw, frame), ("ARGM-CAU", draw.pick(roles.REASONS))], frame


def _outside(parts: list[Part]) -> list[Part]:
    return [(None, words) for _, words in parts]


def _row(parts: list[Part], frame: Frame) -> dict:
    """tokens, BIO tags, and the position of the predicate as a string."""
    tokens: list[str] = []
    tags: list[str] = []
    for role, words in parts:
        pieces = words.split()
        tokens += pieces
        tags += [f"{'I' if i else 'B'}-{role}" if role else "O" for i in range(len(pieces))]
    tokens[0] = tokens[0][0].upper() + tokens[0][1:]
    return {"index": str(tags.index("B-V")), "tokens": as_array([*tokens, "."]), "tags": as_array([*tags, "O"]),
            "predicate_lemma": frame.base, "frame": frame.name}


def conll05(draw: Draw) -> list[dict]:
    """Single clauses and joined ones, with the role names of CoNLL-2005 (A0, AM-TMP)."""
    parts, frame = draw.pick((_simple, _simple, _coordinated))(draw)
    return [_row([(role and role.replace("ARG", "A", 1), words) for role, words in parts], frame)]


def conll12(draw: Draw) -> list[dict]:
    """Single clauses, relative clauses, reported speech and reasons."""
    parts, frame = draw.pick((_simple, _relative, _reported, _explained))(draw)
    return [_row(parts, frame)]
