"""What leads to what: topics with two chains each, a chain being a cause and its effect, each in two wordings.

`{X}` is a person (a name, or a pronoun where the name was said before), always the subject at the start, and `{his}` agrees
with it. The two chains of a topic speak of the same things, so that a shared topic does not tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from .facts import capital
from .lexicon import WOMEN, pronoun


@dataclass(frozen=True)
class Chain:
    """A cause and its effect, in two wordings each."""

    causes: tuple[str, str]
    effects: tuple[str, str]


def say(template: str, name: str, known: bool = False) -> str:
    """The sentence for a person, with a pronoun where the name is `known`: 'She dropped the glass.'"""
    subject = pronoun(name) if known else name
    return capital(template.format(X=subject, his="her" if name in WOMEN else "his")) + "."


_TABLE = """
{X} dropped the glass on the stones | {X} let the glass slip out of {his} hand => The glass broke | There were pieces of glass everywhere
{X} dried the glass with a towel | {X} wiped the glass => The glass was clean | The glass shone in the light
{X} forgot to water the plant | {X} gave the plant no water for weeks => The plant died | The leaves of the plant turned brown
{X} watered the plant every day | {X} put the plant into the sun => The plant grew tall | The plant had new leaves
{X} left the bread in the oven for too long | {X} set the oven much too hot => The bread burned | The kitchen was full of smoke
{X} took the bread out of the oven in time | {X} followed the recipe for bread exactly => The bread tasted wonderful | Everybody asked for more bread
The alarm clock did not ring | {X} forgot to set the alarm clock => {X} came to work late | {X} overslept
The alarm clock rang very early | {X} set the alarm clock for five => {X} was awake before sunrise | {X} was the first at work
It rained all day | Dark clouds gathered over the town => The streets were wet | {X} opened {his} umbrella
The sun shone all day | There was not a cloud in the sky => {X} got a sunburn | {X} put on {his} sunglasses
The car ran out of petrol | {X} forgot to fill the tank of the car => The car stopped on the road | {X} had to push the car
{X} filled the tank of the car | {X} had the engine of the car repaired => The car ran without trouble | {X} drove a long way in the car
{X} studied hard for the exam | {X} learned every chapter by heart => {X} passed the exam | {X} got the best mark in class
{X} did not study for the exam | {X} skipped every lesson => {X} failed the exam | {X} had to take the exam again
{X} ate too many sweets | {X} emptied a whole box of chocolates => {X} had a stomach ache | {X} felt sick
{X} had nothing to eat all day | {X} missed lunch and dinner => {X} was very hungry | {X} heard {his} stomach rumble
The dog smelled the meat | {X} held out a bone to the dog => The dog wagged its tail | The dog came running
{X} stepped on the paw of the dog | {X} shouted at the dog => The dog barked angrily | The dog ran away
{X} told a funny joke | {X} slipped on a banana skin => Everybody laughed | The children giggled
{X} told a sad story | {X} brought terrible news => Everybody cried | The children were in tears
The wind blew the candle out | The candle burned down => The room went dark | {X} could see nothing in the room
{X} switched on the lamp | {X} opened the curtains => The room became bright | There was light in the room
{X} left the window open in winter | The heating broke down in winter => The room was cold | {X} shivered in the room
{X} lit a fire in the stove | {X} turned the heating up => The room became warm | {X} took off {his} sweater
{X} left the gate of the field open | The fence of the field fell down => The sheep escaped | The sheep were found on the road
{X} closed the gate of the field | {X} mended the fence of the field => The sheep stayed in the field | No sheep got lost
{X} fell off the ladder | {X} tripped on the stairs => {X} broke {his} leg | {X} needed a doctor
{X} held on to the ladder firmly | {X} walked down the stairs carefully => {X} came down safely | {X} did not get hurt
{X} ran the whole way | {X} climbed ten flights of stairs => {X} was out of breath | {X} was covered in sweat
{X} slept until noon | {X} took a long nap => {X} felt rested | {X} was full of energy
{X} lost {his} ticket | {X} did not buy a ticket => {X} was not let into the theatre | {X} was sent away from the theatre
{X} won two tickets | {X} showed {his} ticket at the door => {X} saw the play in the theatre | {X} took a seat in the first row
{X} lost {his} key | {X} left {his} key at the office => {X} could not get into the house | {X} stood before a locked door
{X} found {his} key again | {X} had a second key made => {X} opened the door of the house | {X} went into the house
{X} was robbed of {his} purse | {X} had a hole in {his} purse => {X} had no money left | {X} could not pay the bill
{X} found a purse full of coins | {X} was paid {his} wages => {X} had plenty of money | {X} could pay all the bills
{X} put too much salt into the soup | {X} spilled salt into the soup => Nobody wanted the soup | The soup tasted awful
{X} cooked the soup with fresh herbs | {X} learned to make soup from a chef => Everybody praised the soup | The soup was soon finished
{X} forgot the birthday of {his} friend | {X} told the secret of {his} friend => {X} lost {his} friend | {X} quarrelled with {his} friend
{X} helped {his} friend with the work | {X} gave {his} friend a present => {X} made {his} friend happy | {X} got a letter of thanks from {his} friend
Snow fell all night | A snowstorm came over the hills => The children built a snowman | The roads were covered in snow
The weather grew warm in spring | The ice began to melt => The snow disappeared | The lake was free of ice
{X} overheated the milk | {X} left the milk on the stove => The milk boiled over | There was milk all over the stove
{X} kept the milk in the sun | {X} forgot to put the milk into the fridge => The milk turned sour | {X} poured the spoilt milk away
The baby was hungry | A loud noise woke the baby => The baby started to cry | {X} picked up the screaming baby
{X} sang the baby a lullaby | {X} rocked the baby gently => The baby fell asleep | The baby closed its eyes
{X} left the tap running | The water pipe burst => The bathroom was flooded | There was water on the bathroom floor
{X} turned off the tap | A plumber mended the pipe => No more water came out | The dripping stopped
{X} practised the violin every day | {X} had a good violin teacher => {X} played in the concert | {X} got a lot of applause
{X} never practised the violin | A string of the violin snapped => {X} played wrong notes | The audience left the concert
"""


def _chain(line: str) -> Chain:
    causes, effects = (tuple(part.strip() for part in side.split("|")) for side in line.split("=>"))
    return Chain(causes, effects)


_CHAINS = [_chain(line) for line in _TABLE.strip().splitlines()]
TOPICS: tuple[tuple[Chain, Chain], ...] = tuple(zip(_CHAINS[::2], _CHAINS[1::2], strict=True))
