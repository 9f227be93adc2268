"""WiC: does a word mean the same in two sentences?"""

from __future__ import annotations

from .base import Draw
from .lexicon import PEOPLE
from .senses import SENSES

_OPENINGS = ("", "Everybody knows that ", "I heard that ", "It is true that ", "They say that ")


def wic(draw: Draw) -> list[dict]:
    """1 the same sense, 0 different senses. `start` and `end` are the character offsets of the word.

    The same sense is easily seen where both sentences tell of the same thing, less so where they do not.
    """
    word = draw.pick(list(SENSES))
    first, second = draw.two(SENSES[word])
    if draw.label == 0:
        contexts = [draw.pick(first), draw.pick(second)]
    else:
        contexts = draw.two(first) if draw.hard(0.5) else [draw.pick(first)] * 2
    row: dict = {"word": word}
    for number, (context, name, opening) in enumerate(zip(contexts, draw.two(PEOPLE), draw.two(_OPENINGS), strict=True), start=1):
        context = opening + (context if not opening or context.startswith("{X}") else context[0].lower() + context[1:])
        before, inside, after = context.format(X=name).split("*")
        row[f"sentence{number}"] = f"{before}{inside}{after}."
        row[f"start{number}"], row[f"end{number}"] = len(before), len(before) + len(inside)
    return [{**row, "label": draw.label}]
