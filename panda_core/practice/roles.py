"""The verbs of the cluster SRL, with the roles that PropBank gives their arguments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """A verb and the phrases for its roles. `kind` says which constructions it allows."""

    kind: str                 # transitive, dative, placing, unaccusative, saying
    base: str
    past: str
    participle: str
    objects: tuple[str, ...]  # what ARG1 may be

    @property
    def name(self) -> str:
        """The frame's name in PropBank's manner."""
        return f"{self.base}.01"


AGENTS = ("the teacher", "a young doctor", "the old farmer", "the mayor", "two students", "the new manager", "a tall guard",
          "the children", "my sister", "the company", "a journalist", "the police", "our neighbours", "the tired cook")
RECIPIENTS = ("the visitors", "her brother", "a friend", "the museum", "the new pupils", "his aunt", "the winner", "the workers")
TIMES = ("yesterday", "last week", "on Monday", "in the morning", "after the meeting", "in May", "before dinner")
PLACES = ("in the kitchen", "at the station", "in Berlin", "near the bridge", "in the old hall", "at school")
MANNERS = ("quickly", "with great care", "quietly", "without a word", "gladly", "in a hurry")
GOALS = ("on the shelf", "into the box", "under the bed", "next to the door", "on the roof", "into the drawer")
CLAIMS = ("that the shop was closed", "that the train was late", "that prices would rise", "that nobody was hurt",
          "that the plan had failed")
REASONS = ("because it was late", "because of the rain", "because the door was open")
MODALS = ("will", "may", "could", "must", "would")


def _frames(kind: str, *rows: str) -> tuple[Frame, ...]:
    frames = []
    for row in rows:
        forms, objects = row.split(":")
        frames.append(Frame(kind, *forms.split(), tuple(o.strip() for o in objects.split(",") if o.strip())))
    return tuple(frames)


FRAMES = (
    *_frames("transitive", "repair repaired repaired: the roof, an old engine, the fence", "open opened opened: the window, a small shop, the gate",
             "build built built: a wooden hut, the tower, a boat", "steal stole stolen: the painting, three bicycles, a purse",
             "describe described described: the accident, the new plan, a strange bird", "clean cleaned cleaned: the kitchen, the carpet, the windows",
             "find found found: a gold coin, the lost dog, the letter", "eat ate eaten: the cake, two apples, a bowl of soup",
             "sign signed signed: the contract, a long letter, the treaty", "break broke broken: the vase, a cup, the record",
             "inspect inspected inspected: the bridge, the machines, a damaged car", "paint painted painted: the wall, a portrait, the doors"),
    *_frames("dative", "give gave given: a book, the keys, some money", "send sent sent: a parcel, the invitation, two letters",
             "show showed shown: the photographs, a map, the garden", "offer offered offered: a job, a cup of tea, the prize",
             "lend lent lent: a bicycle, an umbrella, the tent", "sell sold sold: the house, a rare stamp, the tickets"),
    *_frames("placing", "put put put: the plates, a ladder, the toy train", "hide hid hidden: the money, a diary, the presents",
             "place placed placed: the lamp, a vase, the suitcase"),
    *_frames("unaccusative", "arrive arrived arrived: the train, the guests, a heavy parcel", "fall fell fallen: the leaves, a heavy branch, the prices",
             "disappear disappeared disappeared: the cat, a valuable ring, the clouds", "melt melted melted: the snow, the butter, the ice"),
    *_frames("saying", "say said said:", "claim claimed claimed:", "report reported reported:", "deny denied denied:"),
)
