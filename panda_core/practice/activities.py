"""What people spend their time on: pairs of activities of one kind, each in three wordings that mean the same.

Two activities exclude each other at one time, and those of a pair are the near misses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .base import Draw
from .lexicon import PEOPLE

_TABLE = """
baking bread | kneading dough for loaves and rolls | making fresh bread
cooking soup | stirring a big pot of stew | making broth with vegetables
swimming in the lake | taking a long swim | diving and splashing in the water
fishing from the pier | waiting for a trout with a rod | trying to catch some fish
playing the piano | practising a sonata at the keyboard | sitting at the grand piano
singing in the choir | rehearsing hymns with other singers | practising songs for a concert
digging in the garden | planting flower bulbs | weeding the rose beds
cutting the hedge | trimming the bushes | pruning the fruit trees
riding a horse | galloping through the fields | sitting in the saddle
milking the cows | working in the cowshed | filling buckets with fresh milk
reading a novel | getting lost in a good book | turning the pages of a thriller
writing letters | filling sheets of paper with ink | answering the post by hand
painting the fence | giving the garden fence a new colour | brushing varnish onto the wooden posts
repairing the roof | replacing broken tiles on the roof | mending a hole in the roof
playing tennis | hitting balls over a net | having a match on the tennis court
playing football | kicking a ball about with the team | shooting at the goal
climbing a mountain | going up to the summit | scrambling over steep rocks
skiing in the snow | gliding down the slopes | racing downhill on skis
washing clothes | doing the laundry | hanging wet shirts on the line
ironing shirts | getting the creases out of the linen | pressing trousers with a hot iron
sewing a dress | stitching a gown together | working at the sewing machine
knitting a scarf | working with wool and needles | knitting something warm
sleeping on the sofa | having a long nap | snoring under a blanket
watching television | sitting in front of the screen | looking at films at home
driving a lorry | delivering goods by truck | sitting at the wheel of a van
flying a plane | sitting in the cockpit | steering an aircraft
shopping for shoes | trying on boots and sandals | looking for new footwear
buying groceries | filling a trolley at the supermarket | choosing fruit and cheese at the market
teaching a class | explaining sums to pupils | standing at the blackboard
studying for an exam | revising in the library | preparing for a test
visiting a museum | looking at old statues | walking through an exhibition
visiting the zoo | looking at lions and monkeys | watching the elephants in their enclosure
"""
PAIRS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = tuple(
    zip(*[(tuple(wording.strip() for wording in line.split("|")) for line in _TABLE.strip().splitlines())] * 2, strict=True)
)
ACTIVITIES = tuple(activity for pair in PAIRS for activity in pair)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = tuple(f"{day} {part}" for day in _DAYS for part in ("morning", "afternoon", "evening"))
_SENTENCES = ("{x} spent {t} {doing}.", "{x} was {doing} all {t}.", "All {t}, {x} was {doing}.")
_QUESTIONS = ("Who was {doing} on {t}?", "When was {x} {doing}?", "Who spent {t} {doing}?")


@dataclass(frozen=True)
class Pastime:
    """Who spent what time on which activity, in one of its wordings."""

    name: str
    time: str
    activity: tuple[str, ...]
    wording: str

    def fill(self, template: str) -> str:
        """The template with name, time and wording."""
        return template.format(x=self.name, t=self.time, doing=self.wording)


def two_pastimes(draw: Draw) -> tuple[Pastime, Pastime]:
    """Two that differ in everything."""
    names, times, activities = draw.two(PEOPLE), draw.two(_TIMES), draw.two(ACTIVITIES)
    first, second = (Pastime(n, t, a, draw.pick(a)) for n, t, a in zip(names, times, activities, strict=True))
    return first, second


def reworded(draw: Draw, pastime: Pastime) -> Pastime:
    """The same in other words where it is to be hard."""
    others = [wording for wording in pastime.activity if wording != pastime.wording]
    return replace(pastime, wording=draw.pick(others)) if draw.hard(0.2) else pastime


def elsewise(draw: Draw, pastime: Pastime, other: Pastime) -> Pastime:
    """The same person spends that time on an activity of neither: on one of the same kind where it is to be hard."""
    near = next(two[two[0] == pastime.activity] for two in PAIRS if pastime.activity in two)
    far = [activity for two in PAIRS if pastime.activity not in two for activity in two if activity != other.activity]
    activity = near if draw.hard(0.2) and near != other.activity else draw.pick(far)
    return replace(pastime, activity=activity, wording=draw.pick(activity))


def spend(draw: Draw, pastime: Pastime) -> str:
    """'Anna spent Monday morning baking bread.'"""
    return pastime.fill(draw.pick(_SENTENCES))


def spend_question(draw: Draw, pastime: Pastime) -> str:
    """'Who was baking bread on Monday morning?'"""
    return pastime.fill(draw.pick(_QUESTIONS))
