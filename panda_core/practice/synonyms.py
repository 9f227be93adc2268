"""Words that mean the same, for the cluster SM: each entry lists ways to say one thing, and no two entries agree."""

from __future__ import annotations


def _entries(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word.strip() for word in entry.split("/")) for entry in text.split(","))


ROLES = _entries("doctor/physician, teacher/schoolmaster, lawyer/attorney, child/kid, writer/author, sailor/seaman, "
                 "cook/chef, thief/robber, guest/visitor, priest/clergyman, king/monarch, boy/lad, student/pupil, "
                 "lady/woman, soldier/trooper, painter/artist, shopkeeper/merchant, detective/investigator")
THINGS = _entries("car/automobile, sofa/couch, bicycle/bike, gift/present, rug/carpet, cup/mug, stone/rock, jewel/gem, "
                  "bag/sack, film/movie, ship/vessel, telephone/phone, plane/aircraft, sweater/pullover, "
                  "biscuit/cookie, fridge/refrigerator, cap/hat, letter/note, stool/footstool, picture/image")
SIZES = _entries("big/large, small/little, expensive/costly, strange/odd, pretty/beautiful, broken/damaged, "
                 "dirty/filthy, famous/well-known")
MOODS = _entries("clever/smart, sick/ill, angry/furious, rich/wealthy, brave/courageous, tired/weary, happy/glad, "
                 "lazy/idle, polite/courteous")
MANNERS = _entries("quickly/rapidly, on purpose/deliberately, without help/alone, quietly/silently, gladly/happily, "
                   "at once/immediately, carefully/cautiously, by accident/accidentally, in secret/secretly")
TIMES = _entries("last year/a year ago, last week/a week ago, last month/a month ago, in the fall/in autumn, "
                 "at noon/at midday, at dawn/at sunrise, at sunset/at dusk")

# base, past form, participle of each wording
DEEDS_TO_PEOPLE = (
    (("help", "helped", "helped"), ("assist", "assisted", "assisted")),
    (("phone", "phoned", "phoned"), ("call", "called", "called")),
    (("question", "questioned", "questioned"), ("interrogate", "interrogated", "interrogated")),
    (("scold", "scolded", "scolded"), ("reprimand", "reprimanded", "reprimanded")),
    (("hire", "hired", "hired"), ("employ", "employed", "employed")),
    (("rescue", "rescued", "rescued"), ("save", "saved", "saved")),
    (("chase", "chased", "chased"), ("pursue", "pursued", "pursued")),
    (("greet", "greeted", "greeted"), ("welcome", "welcomed", "welcomed")),
    (("frighten", "frightened", "frightened"), ("scare", "scared", "scared")),
    (("annoy", "annoyed", "annoyed"), ("irritate", "irritated", "irritated")),
    (("trick", "tricked", "tricked"), ("deceive", "deceived", "deceived")),
    (("observe", "observed", "observed"), ("watch", "watched", "watched")),
    (("hurt", "hurt", "hurt"), ("injure", "injured", "injured")),
)
DEEDS_TO_THINGS = (
    (("buy", "bought", "bought"), ("purchase", "purchased", "purchased")),
    (("repair", "repaired", "repaired"), ("fix", "fixed", "fixed")),
    (("hide", "hid", "hidden"), ("conceal", "concealed", "concealed")),
    (("choose", "chose", "chosen"), ("select", "selected", "selected")),
    (("examine", "examined", "examined"), ("inspect", "inspected", "inspected")),
    (("clean", "cleaned", "cleaned"), ("wash", "washed", "washed")),
    (("carry", "carried", "carried"), ("transport", "transported", "transported")),
    (("steal", "stole", "stolen"), ("swipe", "swiped", "swiped")),
    (("describe", "described", "described"), ("portray", "portrayed", "portrayed")),
    (("lift", "lifted", "lifted"), ("raise", "raised", "raised")),
    (("draw", "drew", "drawn"), ("sketch", "sketched", "sketched")),
)
