"""Names for the cluster NER. Many first names and surnames are also towns, so the sentence has to tell what they are."""

from __future__ import annotations

from .base import Draw, in_validation
from .lexicon import PEOPLE

_SURNAMES = ("Fischer", "Moreau", "Rossi", "Novak", "Lindqvist", "Okafor", "Tanaka", "Alvarez", "Murphy", "Keller", "Bauer",
             "Dubois", "Petrov", "Santos", "Hansen", "Kowalski", "Papadakis", "Sharma", "Nakamura", "Delgado", "Whitman",
             "Fletcher", "Marlowe", "Sinclair", "Vogel", "Conti", "Baptiste", "Eriksen", "Horvat", "Castillo")
_BOTH = ("Austin", "Houston", "Lincoln", "Jackson", "Hamilton", "Dallas", "Madison", "Sydney", "Florence", "Charlotte",
         "Jordan", "Chelsea", "Victoria", "Savannah", "Paris", "Lancaster", "Wellington", "Richmond", "Preston", "Sheffield")
_TOWNS = ("London", "Berlin", "Madrid", "Rome", "Vienna", "Lisbon", "Prague", "Warsaw", "Athens", "Dublin", "Oslo", "Helsinki",
          "Geneva", "Milan", "Munich", "Glasgow", "Cairo", "Nairobi", "Lima", "Bogota", "Toronto", "Chicago", "Denver",
          "Boston", "Tokyo", "Osaka", "Mumbai", "Bangkok", "Hanoi", "Brisbane")
_COUNTRIES = ("France", "Germany", "Spain", "Italy", "Norway", "Poland", "Greece", "Ireland", "Egypt", "Kenya", "Peru", "Canada",
              "Japan", "India", "Thailand", "Brazil", "Mexico", "Turkey", "Sweden", "Austria")
_FEATURES = ("Lake {}", "Mount {}", "Cape {}", "{} Island", "{} Valley", "{} Bay")
_NATIONALITIES = ("French", "German", "Spanish", "Italian", "Norwegian", "Polish", "Greek", "Irish", "Egyptian", "Kenyan",
                  "Peruvian", "Canadian", "Japanese", "Indian", "Brazilian", "Mexican", "Turkish", "Swedish", "Austrian", "Dutch")
_ORG_FORMS = ("{} Bank", "{} Motors", "{} Airlines", "{} University", "{} United", "{} Institute", "{} Press", "{} Industries",
              "{} and Sons", "{} Railways", "{} Insurance", "{} Foods")
_ACRONYMS = ("NATO", "UNESCO", "OPEC", "WHO", "IMF", "FIFA", "NASA", "BBC")
_EVENTS = ("{} Open", "{} Marathon", "{} Cup", "{} Grand Prix")
_TREATIES = ("Treaty of {}", "Peace of {}", "{} Agreement")


def _known(draw: Draw, names: tuple[str, ...]) -> str:
    """A name; for the training split never one of those kept for validation."""
    return draw.pick(names if draw.held_out else [name for name in names if not in_validation(name)])


def _name_or_town(draw: Draw, plain: tuple[str, ...]) -> str:
    return _known(draw, _BOTH if draw.hard() else plain)


def person(draw: Draw) -> str:
    """A person, by surname or by first name and surname."""
    surname = _name_or_town(draw, _SURNAMES)
    return surname if draw.rng.random() < 0.4 else f"{_known(draw, PEOPLE)} {surname}"


def town(draw: Draw) -> str:
    """A town, known or with the name of a family."""
    return _name_or_town(draw, _TOWNS)


def country(draw: Draw) -> str:
    """A country."""
    return _known(draw, _COUNTRIES)


def feature(draw: Draw) -> str:
    """A mountain, a lake, an island: 'Lake Lincoln'."""
    return draw.pick(_FEATURES).format(_name_or_town(draw, _SURNAMES))


def organisation(draw: Draw) -> str:
    """An organisation, by name or by acronym."""
    if draw.rng.random() < 0.15:
        return draw.pick(_ACRONYMS)
    form = draw.pick(_ORG_FORMS)
    return form.format(town(draw) if draw.rng.random() < 0.5 else _name_or_town(draw, _SURNAMES))


def team(draw: Draw) -> str:
    """A club that goes by the name of its town."""
    return town(draw)


def nationality(draw: Draw) -> str:
    """An adjective of nationality."""
    return _known(draw, _NATIONALITIES)


def event(draw: Draw) -> str:
    """A contest: 'Lisbon Marathon'."""
    return draw.pick(_EVENTS).format(town(draw))


def treaty(draw: Draw) -> str:
    """A treaty, named after a town."""
    return draw.pick(_TREATIES).format(town(draw))


_NUMBERS = ("two", "three", "five", "eight", "ten", "twelve", "twenty", "forty", "sixty", "ninety")
_WORKS = ("The Silent Harbour", "A Winter Abroad", "Letters to Nobody", "The Glass Orchard", "Nine Bridges", "The Long Way Home",
          "Songs of the Ferry", "The Painted Door")
_MONTHS = ("January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December")


def _one_of(*items: str):
    return lambda draw: draw.pick(items)


def _count(draw: Draw) -> str:
    return draw.pick(_NUMBERS) if draw.rng.random() < 0.5 else str(draw.rng.randrange(2, 950))


OTHER_MAKERS = {  # kinds of slot that only OntoNotes has
    "money": lambda draw: draw.pick(("{} million dollars", "{} euros", "$ {}")).format(draw.rng.randrange(2, 950)),
    "percent": lambda draw: f"{draw.rng.randrange(2, 95)} {draw.pick(('%', 'percent'))}",
    "year": lambda draw: str(draw.rng.randrange(1890, 2020)),
    "month": _one_of(*_MONTHS),
    "duration": lambda draw: f"{draw.pick(_NUMBERS)} {draw.pick(('years', 'months', 'weeks', 'days'))}",
    "clock": lambda draw: draw.pick(("noon", "midnight", "{} a.m.", "{} p.m.", "{} o'clock")).format(draw.rng.randrange(2, 12)),
    "quantity": lambda draw: f"{_count(draw)} {draw.pick(('miles', 'kilometres', 'metres'))}",
    "cardinal": _count,
    "ordinal": _one_of("first", "second", "third", "fourth", "fifth", "tenth"),
    "work": _one_of(*_WORKS),
    "product": _one_of("Falcon 300", "Aria phone", "Comet", "Tornado 7", "Luna camera", "Viking", "Delta tablet", "Model K"),
    "law": _one_of("Clean Water Act", "Data Protection Act", "Equal Pay Act", "Road Safety Act", "Open Markets Act"),
    "language": _one_of("English", "Arabic", "Latin", "Swahili", "Hindi", "Korean", "Portuguese", "Finnish"),
    "facility": lambda draw: draw.pick(("{} Bridge", "{} Museum", "{} Airport", "{} Stadium")).format(_name_or_town(draw, _SURNAMES)),
}
