"""SST-2: is an opinion favourable? Some adjectives praise one thing and blame another, so the noun has to be read too."""

from __future__ import annotations

from .base import Draw
from .facts import capital

_THINGS = ("acting", "story", "music", "ending", "service", "dessert", "breakfast", "camera work", "dialogue", "singing",
           "decoration", "location", "staff", "main course", "first act", "translation")
_GOOD = ("wonderful", "delightful", "charming", "superb", "brilliant", "moving", "impressive", "lovely", "excellent",
         "enjoyable", "refreshing", "perfect", "splendid", "touching")
_MILDLY_BAD = ("boring", "clumsy", "annoying", "disappointing", "tedious", "poor", "painful", "lifeless", "sloppy", "dull",
               "unpleasant")
_BAD = ("awful", "dreadful", "terrible", *_MILDLY_BAD)
# adjective: what it praises; what it blames
_DEPENDS = {
    "cold": (("beer", "lemonade", "ice cream"), ("coffee", "soup", "welcome")),
    "hot": (("tea", "soup", "shower"), ("train", "waiting room", "lemonade")),
    "long": (("applause", "beach", "holiday"), ("queue", "delay", "wait")),
    "short": (("queue", "delay", "wait"), ("applause", "holiday", "performance")),
    "sharp": (("kitchen knife", "photograph", "wit"), ("pain", "smell", "quarrel")),
    "thin": (("laptop", "pancake", "pizza crust"), ("plot", "excuse", "mattress")),
    "soft": (("bed", "pillow", "light"), ("apple", "ice cream", "biscuit")),
    "high": (("quality", "standard", "spirit"), ("price", "rent", "fee")),
    "low": (("price", "rent", "fee"), ("quality", "standard", "turnout")),
    "quick": (("answer", "delivery", "check-in"), ("collapse", "decline", "surrender")),
    "predictable": (("bus service", "timetable", "delivery"), ("plot", "ending", "joke")),
    "dry": (("towel", "weather", "cellar"), ("cake", "lecture", "roast")),
    "strong": (("team", "cast", "coffee"), ("smell", "pain", "draught")),
    "light": (("suitcase", "traffic", "laptop"), ("turnout", "applause", "harvest")),
}
_DEGREES = ("really ", "quite ", "truly ", "very ", "")
_DEGREES_OF_EXTREMES = ("really ", "truly ", "simply ", "")


def _verdict(draw: Draw, good: bool) -> str:
    """'the story was really charming', or 'the story was not at all boring'. 'Not awful' would be faint praise."""
    if draw.hard(0.5):
        adjective = draw.pick(list(_DEPENDS))
        return f"the {draw.pick(_DEPENDS[adjective][0 if good else 1])} was {draw.pick(_DEGREES)}{adjective}"
    negated = draw.hard(0.5)
    word = draw.pick(_GOOD if good != negated else _MILDLY_BAD if negated else _BAD)
    degree = draw.pick(("not ", "not at all ", "anything but ") if negated else _DEGREES_OF_EXTREMES)
    return f"the {draw.pick(_THINGS)} was {degree}{word}"


def sst2(draw: Draw) -> list[dict]:
    """0 negative, 1 positive. In a contrast the last word counts."""
    good = draw.label == 1
    verdict = _verdict(draw, good)
    if draw.hard(0.4):
        other = _verdict(draw, not good)
        sentence = draw.pick((f"{other}, but in the end {verdict}", f"although {other}, {verdict}, and that is what counts"))
    else:
        sentence = draw.pick((f"{verdict}", f"I must say that {verdict}", f"all in all, {verdict}", f"{verdict} this time",
                              f"we agreed that {verdict}"))
    return [{"sentence": capital(sentence) + ".", "label": draw.label}]
