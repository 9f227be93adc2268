"""The words that the factual tasks share: people, things, verbs, and the values of the circumstances of an action.

All values of a circumstance are grouped under a more general phrase, which follows from each of them: what happened in
Paris happened in France. Two values under different general phrases exclude each other.
"""

from __future__ import annotations

from dataclasses import dataclass

WOMEN = ("Anna", "Maria", "Helen", "Laura", "Emma", "Julia", "Nina", "Clara", "Sophie", "Alice", "Rosa", "Ruth", "Diana",
         "Eva", "Martha", "Irene", "Olivia", "Grace", "Paula", "Teresa", "Nora", "Lucy", "Vera", "Amy")
MEN = ("Tom", "Peter", "David", "Simon", "Marcus", "Victor", "Hugo", "Daniel", "Oscar", "Felix", "Martin", "Robert", "Paul",
       "Adam", "George", "Henry", "Leo", "Samuel", "Ivan", "Philip", "Ralph", "Edgar", "Bruno", "Kevin")
PEOPLE = WOMEN + MEN


def pronoun(name: str) -> str:
    """'she' or 'he'."""
    return "she" if name in WOMEN else "he"


@dataclass(frozen=True)
class Verb:
    """A verb with its forms: 'buy', 'bought', 'bought'."""

    base: str
    past: str
    participle: str


def _verb(text: str) -> Verb:
    base, past, participle = text.split()
    return Verb(base, past, participle)


def _regular(base: str) -> Verb:
    past = base + "d" if base.endswith("e") else base[:-1] + "ied" if base.endswith("y") else base + "ed"
    return Verb(base, past, past)


# What a person can do with a thing.
ACTIONS = (*(_verb(v) for v in ("buy bought bought", "sell sold sold", "find found found", "lose lost lost",
                                "hide hid hidden", "steal stole stolen", "draw drew drawn")),
           *(_regular(v) for v in ("clean", "repair", "collect", "inspect", "order", "borrow", "photograph", "return",
                                   "paint", "measure", "deliver", "pack")))

THINGS = ("bicycle", "guitar", "table", "lamp", "coat", "car", "sofa", "vase", "clock", "camera", "boat", "mirror", "suitcase",
          "carpet", "piano", "tent", "helmet", "basket", "ladder", "desk", "kettle", "violin", "hat", "bench", "kite",
          "drum", "scooter", "bowl", "scarf", "wardrobe")

# circumstance -> {general phrase: the values that it follows from}
PLACES = {
    "in France": ("in Paris", "in Lyon", "in Marseille"), "in Italy": ("in Rome", "in Milan", "in Venice"),
    "in Germany": ("in Berlin", "in Munich", "in Hamburg"), "in Spain": ("in Madrid", "in Seville", "in Barcelona"),
    "in England": ("in London", "in Oxford", "in Liverpool"), "in Japan": ("in Tokyo", "in Osaka", "in Kyoto"),
    "in Canada": ("in Toronto", "in Montreal", "in Vancouver"), "in Russia": ("in Moscow", "in Saint Petersburg"),
}
DAYS = {
    "at the weekend": ("on Saturday", "on Sunday"),
    "on a working day": ("on Monday", "on Tuesday", "on Wednesday", "on Thursday"),
}
HOURS = {
    "in the morning": ("at sunrise", "before breakfast", "right after breakfast"),
    "in the afternoon": ("right after lunch", "at teatime"),
    "in the evening": ("at sunset", "right after dinner"),
}
COLOURS = {
    "red": ("crimson", "scarlet"), "blue": ("navy blue", "sky blue"), "green": ("emerald green", "olive green"),
    "white": ("snow white", "ivory"), "yellow": ("lemon yellow", "golden"), "brown": ("chestnut brown", "beige"),
}
VALUES = {"place": PLACES, "day": DAYS, "hour": HOURS, "colour": COLOURS}

QUESTION_WORDS = {"place": "Where", "day": "What day", "hour": "What time of day", "colour": "What colour",
                  "agent": "Who"}
