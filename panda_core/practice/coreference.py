"""Who is meant by a pronoun? The part of the cluster NLI that has to be settled by knowing the world.

Two people meet, one of them is said to have done something, and only one of the two trades fits. Or a man and a woman are
told apart by the pronoun, and two women, hardest, by the reason alone.
"""

from __future__ import annotations

from .base import Draw
from .facts import capital

TRADES = {  # a trade and what somebody of that trade has just done
    "pilot": ("landed the plane", "flown over the sea", "left the cockpit"),
    "cook": ("boiled the soup", "chopped the onions", "tasted the sauce"),
    "farmer": ("milked the cows", "harvested the wheat", "fed the pigs"),
    "doctor": ("examined a patient", "treated the fever", "written a prescription"),
    "painter": ("mixed the colours", "cleaned the brushes", "finished a portrait"),
    "dentist": ("pulled out a tooth", "looked for holes in the teeth", "put the drill away"),
    "baker": ("kneaded the dough", "taken the bread out of the oven", "iced the cake"),
    "gardener": ("watered the roses", "mown the lawn", "pruned the hedge"),
    "plumber": ("repaired the leaking pipe", "unblocked the drain", "changed the tap"),
    "tailor": ("sewn a suit", "shortened the trousers", "measured the sleeves"),
    "footballer": ("scored a goal", "missed the penalty", "kicked the ball"),
    "programmer": ("fixed the software", "written the code", "tested the website"),
}
_MEETINGS = ("{x} met {y} after {p} had {did}.", "{x} called {y} after {p} had {did}.", "{x} waited for {y} until {p} had {did}.",
             "{x} had lunch with {y} after {p} had {did}.", "{x} spoke to {y} as soon as {p} had {did}.")

_FRAMES = (  # what {x} did to {y}; reasons that lie with x; reasons that lie with y
    ("{x} thanked {y}", ("had been given a lift", "had received a present"), ("had brought flowers", "had offered help")),
    ("{x} apologised to {y}", ("had been rude", "had arrived too late"), ("had been insulted", "had waited for an hour")),
    ("{x} lent {y} an umbrella", ("owned two of them", "had no need of it"), ("was getting wet", "had forgotten to bring one")),
    ("{x} paid {y}", ("had promised to do so", "had lost the bet"), ("had mended the roof", "had painted the fence")),
    ("{x} hired {y}", ("needed an assistant", "could not do the work alone"), ("had the right training", "was looking for work")),
    ("{x} envied {y}", ("had failed the test", "had never won anything"), ("had won the prize", "had become famous")),
    ("{x} waited for {y}", ("had arrived too early", "was very patient"), ("was always late", "had missed the train")),
    ("{x} borrowed money from {y}", ("was poor", "had spent everything"), ("was rich", "was known to be generous")),
    ("{x} asked {y} for advice", ("was at a loss", "did not know what to do"), ("was an expert", "had solved the same problem")),
    ("{x} punished {y}", ("was a strict judge", "had lost all patience"), ("had broken the rules", "had told a lie")),
    ("{x} praised {y}", ("was pleased with the result", "liked the new song"), ("had worked hard", "had sung beautifully")),
    ("{x} beat {y} at chess", ("had practised for months", "was the stronger player"), ("made a silly mistake", "was a beginner")),
    ("{x} visited {y} in hospital", ("had a free afternoon", "was worried"), ("had broken a leg", "was recovering from surgery")),
    ("{x} forgave {y}", ("was kind", "did not want to quarrel"), ("had said sorry", "had not meant any harm")),
    ("{x} carried {y} home", ("was strong enough", "wanted to be helpful"), ("had hurt both feet", "was too tired to walk")),
    ("{x} sold the farm to {y}", ("needed money", "wanted to move away"), ("had always wanted to own land", "had made the best offer")),
)


_WOMEN = ("woman", "girl", "aunt", "grandmother", "mother", "queen", "sister", "princess", "lady", "waitress", "actress", "widow",
          "niece", "bride", "nun", "stepmother")
_MEN = ("man", "boy", "uncle", "grandfather", "father", "king", "brother", "prince", "gentleman", "waiter", "actor", "widower",
        "nephew", "groom", "monk", "stepfather")


def _pronoun(noun: str) -> str:
    return "she" if noun in _WOMEN else "he"


def meeting(draw: Draw) -> tuple[str, str, str, str]:
    """(text, who is meant, who else is there, what was done): 'The pilot met the cook after he had landed the plane.'

    Two deeds give the trade away more plainly than one.
    """
    meant, other = draw.two(list(TRADES))
    did = draw.pick(TRADES[meant]) if draw.hard(0.2) else " and ".join(draw.two(TRADES[meant]))
    first, second = draw.two((meant, other))
    text = draw.pick(_MEETINGS).format(x=f"the {first}", y=f"the {second}", p=draw.pick(("he", "she")), did=did)
    return capital(text), f"the {meant}", f"the {other}", did


def _quarrel(draw: Draw, same_sex: bool) -> tuple[str, str, str]:
    """(text, who is meant, who else is there): 'The aunt thanked the boy because he had brought flowers.'"""
    own = draw.pick((_WOMEN, _MEN))
    first, second = draw.two(own) if same_sex else draw.two([draw.pick(_WOMEN), draw.pick(_MEN)])
    action, reasons_first, reasons_second = draw.pick(_FRAMES)
    meant, other = draw.two((first, second))
    reason = draw.pick(reasons_first if meant == first else reasons_second)
    text = f"{action.format(x=f'the {first}', y=f'the {second}')} because {_pronoun(meant)} {reason}."
    return capital(text), f"the {meant}", f"the {other}"


def wsc(draw: Draw) -> list[dict]:
    """Does the pronoun refer to the noun? 1 yes, 0 no. The indices count words.

    Plain: two trades. Subtle: a man and a woman, who are told apart by the pronoun, or two of one sex and a reason.
    """
    text, meant, other = _quarrel(draw, same_sex=draw.hard()) if draw.hard(0.2) else meeting(draw)[:3]
    span = meant if draw.label == 1 else other
    words = text.rstrip(".").lower().split()
    position = next(i for i, word in enumerate(words) if i > 2 and word in ("he", "she"))
    return [{"text": text, "span1_index": _find(words, span), "span2_index": position,
             "span1_text": capital(span) if text.startswith(capital(span)) else span, "span2_text": words[position],
             "label": draw.label}]


def _find(words: list[str], span: str) -> int:
    """The position, counted in words, at which a span starts."""
    wanted = span.lower().split()
    return next(i for i in range(len(words)) if words[i:i + len(wanted)] == wanted)
