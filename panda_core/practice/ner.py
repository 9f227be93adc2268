"""The cluster NER: spans of names with a type. The name's form and its place in the sentence decide together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from . import names
from .base import Draw

# A slot is {kind}; the sentences of the three tasks share kinds, each task has its own types.
_SENTENCES = (
    "{person} was born in {town} and later moved to {country} .",
    "{person} , the {nationality} writer , lives in {town} .",
    "{organisation} opened a new office in {town} on Monday .",
    "{organisation} named {person} as its new president .",
    "The {nationality} minister met {person} in {town} .",
    "{team} beat {team} by three goals to one at home .",
    "{person} scored twice for {team} in the second half .",
    "The coach of {team} praised {person} after the match .",
    "Police in {town} said that {person} had left {country} .",
    "{person} won the {event} for the second time .",
    "The {event} was shown on television in {country} .",
    "Heavy rain fell on {feature} and in {town} .",
    "{person} climbed {feature} together with {person} .",
    "A ferry runs from {town} to {feature} every morning .",
    "Shares in {organisation} rose after a report from {town} .",
    "{organisation} and {organisation} agreed to work together in {country} .",
    "{person} told reporters that {organisation} would pay .",
    "Farmers in {country} sell their fruit to {nationality} firms .",
    "Last night {team} lost to {team} .",
    "{person} works for {organisation} in {country} .",
    "According to {organisation} , trade between {country} and {country} grew .",
    "The train from {town} to {town} was late again .",
    "{person} spoke in front of {nationality} students .",
    "Dr. {person} and Professor {person} were married in {town} .",
    "The mayor of {town} thanked {organisation} for its help .",
    "Nobody was hurt when the storm reached {town} .",
    "{nationality} troops crossed the border of {country} near {feature} .",
    "{person} signed the {treaty} in {town} .",
    "Visitors to the {event} came from {country} and from {town} .",
)
_MAKERS: Mapping[str, Callable[[Draw], str]] = {
    "person": names.person, "town": names.town, "country": names.country, "feature": names.feature, "team": names.team,
    "organisation": names.organisation, "nationality": names.nationality, "event": names.event, "treaty": names.treaty,
}
_ONTONOTES_SENTENCES = (
    "{organisation} paid {money} for a plant in {town} .",
    "{person} published \" {work} \" in {year} .",
    "Sales of the {product} fell by {percent} in {month} .",
    "The road from {town} to {town} is {quantity} long .",
    "{person} speaks {language} and lives near {feature} .",
    "Judges in {country} said that the {law} was clear .",
    "The {facility} in {town} opens at {clock} .",
    "{person} finished {ordinal} in the {event} .",
    "In {year} , {cardinal} people came to {town} .",
    "The {nationality} team lost for the {ordinal} time in {month} .",
    "{organisation} sold {cardinal} copies of \" {work} \" .",
    "A ticket for the {facility} costs {money} .",
    "In {month} {organisation} will show the new {product} .",
    "{person} was born in {town} in {year} .",
    "Prices in {country} rose {percent} within {duration} .",
    "{person} read the news in {language} on {organisation} radio .",
    "After {duration} the {event} came back to {country} .",
    "The {treaty} was signed by {nationality} ministers in {year} .",
    "{person} walked {quantity} along {feature} .",
    "At {clock} {person} left for {town} .",
)
_TYPES_ONTONOTES = {
    "person": "PERSON", "town": "GPE", "country": "GPE", "feature": "LOC", "team": "ORG", "organisation": "ORG",
    "nationality": "NORP", "event": "EVENT", "treaty": "LAW", "law": "LAW", "money": "MONEY", "work": "WORK_OF_ART",
    "year": "DATE", "month": "DATE", "duration": "DATE", "product": "PRODUCT", "percent": "PERCENT", "clock": "TIME",
    "quantity": "QUANTITY", "language": "LANGUAGE", "facility": "FAC", "ordinal": "ORDINAL", "cardinal": "CARDINAL",
}
# Phrases of _SENTENCES that only OntoNotes has types for.
_FIXED_ONTONOTES = {
    "Monday": "DATE", "Last night": "TIME", "every morning": "TIME", "second": "ORDINAL", "three": "CARDINAL", "one": "CARDINAL",
}
_TYPES_03 = {"person": "PER", "town": "LOC", "country": "LOC", "feature": "LOC", "team": "ORG", "organisation": "ORG",
             "nationality": "MISC", "event": "MISC", "treaty": "MISC"}
_TYPES_04 = {"person": "Peop", "town": "Loc", "country": "Loc", "feature": "Loc", "team": "Org", "organisation": "Org",
             "nationality": "Other", "event": "Other", "treaty": "Other"}
CONLL03_TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")


def write(draw: Draw, sentence: str, types: Mapping[str, str],
          makers: Mapping[str, Callable[[Draw], str]] = _MAKERS) -> tuple[list[str], list[str]]:
    """(tokens, BIO tags) of a sentence with its slots filled; no two names in it share a word."""
    tokens, tags, used = [], [], set()
    for piece in sentence.split():
        slot = re.fullmatch(r"\{(\w+)\}", piece)
        words = makers[slot[1]](draw).split() if slot else [piece]
        while slot and not used.isdisjoint(words):
            words = makers[slot[1]](draw).split()
        used.update(words if slot else ())
        tokens += words
        tags += bio(types[slot[1]], len(words)) if slot else ["O"]
    return tokens, tags


def bio(kind: str, length: int) -> list[str]:
    """The BIO tags of one span: B-kind, then I-kind."""
    return [f"B-{kind}"] + [f"I-{kind}"] * (length - 1)


def ontonotes(draw: Draw) -> list[dict]:
    """The eighteen types of OntoNotes as string BIO tags; half of the sentences are of the kind that CoNLL has too."""
    sentences = _SENTENCES if draw.rng.random() < 0.5 else _ONTONOTES_SENTENCES
    tokens, tags = write(draw, draw.pick(sentences), _TYPES_ONTONOTES, {**_MAKERS, **names.OTHER_MAKERS})
    for phrase, kind in _FIXED_ONTONOTES.items():
        words = phrase.split()
        for start in range(len(tokens) - len(words) + 1):
            span = slice(start, start + len(words))
            if tokens[span] == words and set(tags[span]) == {"O"}:
                tags[span] = bio(kind, len(words))
    return [{"tokens": as_array(tokens), "ner_tags": as_array(tags)}]


def as_array(items: list[str]) -> np.ndarray:
    """Strings as parquet gives them back: an object array [T]."""
    return np.array(items, dtype=object)


def conll04(draw: Draw) -> list[dict]:
    """Loc, Org, Peop and Other as string BIO tags."""
    tokens, tags = write(draw, draw.pick(_SENTENCES), _TYPES_04)
    return [{"tokens": as_array(tokens), "ner_tags": as_array(tags)}]


def conll03(draw: Draw) -> list[dict]:
    """PER, ORG, LOC and MISC as integers in the hub's order."""
    tokens, tags = write(draw, draw.pick(_SENTENCES), _TYPES_03)
    return [{"tokens": as_array(tokens), "ner_tags": np.array([CONLL03_TAGS.index(tag) for tag in tags])}]
