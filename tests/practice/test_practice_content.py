"""What practice examples say is true, well formed and never shared between the splits."""

import re
import subprocess
import sys

import pytest

from panda_core.practice import SIZES, generate
from panda_core.practice.ner import CONLL03_TAGS

KEYS = {"premise", "hypothesis", "sentence", "sentence1", "sentence2", "question1", "question2", "text", "choice1", "choice2",
        "paragraph", "passage", "context"}
PROSE = {"premise", "hypothesis", "sentence", "sentence1", "sentence2", "question", "question1", "question2", "text", "choice1",
         "choice2", "paragraph", "passage", "context", "query"}
TAGGED = {"conll03": "ner_tags", "conll04": "ner_tags", "ontonotes": "ner_tags", "conll05": "tags", "conll12": "tags"}
CACHE = {}


def rows(task, split="train"):
    if (task, split) not in CACHE:
        CACHE[task, split] = generate(task, split)
    return CACHE[task, split]


def as_text(frame):
    return frame.astype(str).to_csv()


@pytest.mark.parametrize("task", SIZES)
def test_the_seed_decides_everything(task):
    first = as_text(generate(task, "train", seed=3, size=60))
    assert first == as_text(generate(task, "train", seed=3, size=60))
    assert first != as_text(generate(task, "train", seed=4, size=60))
    assert first != as_text(generate(task, "train", seed=3, size=60, difficulty=0.9))


def test_the_same_rows_in_another_process():
    code = "from panda_core.practice import generate; print(generate('mnli', 'train', size=30).to_csv())"
    run = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}).stdout for seed in ("1", "2")]
    assert run[0] == run[1] == generate("mnli", "train", size=30).to_csv() + "\n"


@pytest.mark.parametrize("task", SIZES)
def test_splits_share_no_example_even_with_other_seeds(task):
    def keys(frame):
        if "tokens" in frame:
            return {" ".join(tokens) for tokens in frame.tokens}
        own = KEYS | {"question"} if task in ("qnli", "boolq") else KEYS
        return {tuple(sorted(row)) for row in frame[[c for c in frame if c in own]].itertuples(index=False)}

    train = keys(rows(task))
    assert not train & keys(rows(task, "validation"))
    assert not train & keys(generate(task, "validation", seed=1))


@pytest.mark.parametrize("task", sorted(set(SIZES) - {"multirc", "conll03", "conll04", "ontonotes", "conll05", "conll12"}))
def test_no_example_twice(task):
    frame = rows(task)
    text = [c for c in frame if c in KEYS | {"question", "query"}]
    assert not frame.duplicated(subset=text).any()


def sentences(task, split):
    frame = rows(task, split)
    for column in frame:
        if column in PROSE and not (task == "copa" and column == "question"):
            yield from frame[column]
    if "tokens" in frame:
        yield from (" ".join(tokens) for tokens in frame.tokens)


@pytest.mark.parametrize("task", SIZES)
@pytest.mark.parametrize("split", ["train", "validation"])
def test_readable_english(task, split):
    for text in sentences(task, split):
        assert text == text.strip() and "  " not in text, text
        assert re.match(r'[A-Z"@]', text), text
        assert text[-1] in ".?", text
        broken_on_purpose = task == "cola"
        if not broken_on_purpose:
            assert not re.search(r"\b(\w+) \1\b", text), f"doubled word: {text}"
            assert not re.search(r"\b[Aa] (?=[aeioAEIO]\w)", text), f"a before a vowel: {text}"
            assert not re.search(r"\b[Aa]n (?=[b-df-gj-np-tv-zB-DF-GJ-NP-TV-Z])", text), f"an before a consonant: {text}"
            assert "was being " not in text, text
        assert not re.search(r"[{}*|]", text), text


@pytest.mark.parametrize("task", SIZES)
def test_varied(task):
    texts = list(sentences(task, "train"))
    assert len(set(texts)) > 0.3 * len(texts) or task in ("multirc", "copa")
    assert len({word for text in texts for word in text.lower().split()}) > 100


@pytest.mark.parametrize("task", ["conll03", "conll04", "ontonotes"])
def test_no_name_meets_itself(task):
    """No 'Rome beat Rome': the names of a sentence share no word."""
    for split in ("train", "validation"):
        for tokens, tags in zip(rows(task, split).tokens, rows(task, split).ner_tags):
            tags = [CONLL03_TAGS[tag] for tag in tags] if task == "conll03" else tags
            names = [word for word, tag in zip(tokens, tags) if tag != "O"]
            assert len(set(names)) == len(names), " ".join(tokens)


def test_subjects_of_passives_agree_with_were():
    """'were' is chosen by the last letter of the phrase, so the noun at its head has to have the same number."""
    from panda_core.practice.roles import FRAMES

    for thing in (thing for frame in FRAMES for thing in frame.objects):
        assert thing.endswith("s") == thing.split(" of ")[0].endswith("s"), thing


def test_nobody_reports_of_themselves():
    for tokens, tags in zip(rows("conll12").tokens, rows("conll12").tags):
        speaker, that, rest = " ".join(tokens).partition(" that ")
        if that and tags[list(tokens).index("that")] == "O":
            agent = " ".join(word for word, tag in zip(tokens, tags) if tag[2:] == "ARG0")
            assert not agent or not speaker.lower().startswith(agent.lower().removeprefix("by ")), " ".join(tokens)


def test_wic_offsets_point_at_the_word():
    for row in rows("wic").itertuples():
        assert row.sentence1[row.start1:row.end1] == row.word
        assert row.sentence2[row.start2:row.end2] == row.word
        assert row.sentence1 != row.sentence2


def test_wsc_spans_are_where_their_indices_say():
    for row in rows("wsc").itertuples():
        words = row.text.split()
        for index, span in ((row.span1_index, row.span1_text), (row.span2_index, row.span2_text)):
            assert " ".join(words[index:index + len(span.split())]) == span


def test_squad_answers_are_spans_of_the_context():
    for row in rows("squad").itertuples():
        texts, starts = row.answers["text"], row.answers["answer_start"]
        assert len(texts) == len(starts) == 1
        for text, start in zip(texts, starts):
            assert row.context[start:start + len(text)] == text
            before, after = row.context[:start][-1:], row.context[start + len(text):][:1]
            assert not before.isalnum() and not after.isalnum()
    assert rows("squad").id.is_unique


def test_record_entities_and_answers():
    for row in rows("record").itertuples():
        assert row.query.count("@placeholder") == 1
        assert len(row.answers) == 1 and set(row.answers) <= set(row.entities)
        assert len(set(row.entities)) == len(row.entities) >= 2
        spans = row.entity_spans
        assert list(spans["text"]) == list(row.entities)
        for text, start, end in zip(spans["text"], spans["start"], spans["end"]):
            assert row.passage[start:end] == text and not row.passage[end].isalnum()
        assert row.passage.count("\n@highlight\n") == 2


def test_multirc_numbers_its_paragraphs_questions_and_answers():
    frame = rows("multirc")
    assert [index["answer"] for index in frame.idx] == list(range(len(frame)))
    for key, columns in (("paragraph", ["paragraph"]), ("question", ["paragraph", "question"])):
        numbers = [index[key] for index in frame.idx]
        assert numbers == list(frame.groupby(columns, sort=False).ngroup())
    complete = frame.iloc[:600]
    assert complete.groupby([index["question"] for index in complete.idx]).label.mean().eq(0.5).all()


@pytest.mark.parametrize("task, column", TAGGED.items())
def test_tags_are_valid_bio(task, column):
    for split in ("train", "validation"):
        for tokens, tags in zip(rows(task, split).tokens, rows(task, split)[column]):
            if task == "conll03":
                tags = [CONLL03_TAGS[tag] for tag in tags]
            assert len(tokens) == len(tags)
            for before, tag in zip(["O", *tags], tags):
                assert re.fullmatch(r"O|[BI]-[A-Za-z0-9_-]+", tag)
                if tag.startswith("I-"):
                    assert before[2:] == tag[2:], f"{tokens} {tags}"


def test_conll03_tags_are_in_the_order_of_the_hub():
    assert CONLL03_TAGS == ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC")


def test_every_entity_type_occurs():
    def types(task):
        return {tag[2:] for tags in rows(task).ner_tags for tag in tags if tag != "O"}

    assert types("conll04") == {"Loc", "Org", "Peop", "Other"}
    assert types("ontonotes") == {"PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE",
                                  "DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"}


@pytest.mark.parametrize("phrase, kind", [
    ("Monday", "DATE"), ("Last night", "TIME"), ("every morning", "TIME"), ("second", "ORDINAL"), ("three", "CARDINAL"),
    ("one", "CARDINAL"),
])
def test_a_phrase_has_one_reading_in_ontonotes(phrase, kind):
    """Alone or in a longer name ('three miles'), never outside of one."""
    words, alone = phrase.split(), 0
    for tokens, tags in zip(rows("ontonotes").tokens, rows("ontonotes").ner_tags):
        for start in range(len(tokens) - len(words) + 1):
            if list(tokens[start:start + len(words)]) == words:
                found = list(tags[start:start + len(words)])
                assert "O" not in found, " ".join(tokens)
                alone += found == [f"B-{kind}"] + [f"I-{kind}"] * (len(words) - 1)
    assert alone > 10


def test_faint_praise_is_not_favourable():
    """'Not boring' is praise, 'not awful' hardly."""
    negated = rows("sst2").sentence.str.extractall(r"was (?:not(?: at all)?|anything but) (\w+)")[0]
    assert {"boring", "clumsy", "wonderful"} <= set(negated)
    assert not {"awful", "dreadful", "terrible"} & set(negated)


@pytest.mark.parametrize("task", ["conll05", "conll12"])
def test_the_predicate_is_where_its_index_says(task):
    for row in rows(task).itertuples():
        assert list(row.tags).count("B-V") == 1
        assert row.tags[int(row.index)] == "B-V"
        assert row.frame == f"{row.predicate_lemma}.01"


def test_mnli_labels_by_reading_the_words():
    """A reader of its own: the same person and time decide, and then whether the activity is the one that was told."""
    from panda_core.practice.activities import ACTIVITIES

    known = {wording: activity for activity in ACTIVITIES for wording in activity}
    when = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day (?:morning|afternoon|evening)")
    checked = 0
    for row in rows("mnli").itertuples():
        told, claimed = ([known[w] for w in known if w in text] for text in (row.premise, row.hypothesis))
        if not told or not claimed:
            continue
        names = [set(re.findall(r"[A-Z][a-z]+", when.sub("", text))) - {"All"} for text in (row.premise, row.hypothesis)]
        times = [when.search(text)[0] for text in (row.premise, row.hypothesis)]
        assert len(told) == len(claimed) == len(names[0]) == len(names[1]) == 1
        if names[0] != names[1]:
            assert times[0] != times[1] and row.label == 1, row
        else:
            assert times[0] == times[1] and row.label == (0 if told == claimed else 2), row
        checked += 1
    assert checked > 1500


def test_activities_are_told_apart_by_their_words():
    from panda_core.practice.activities import ACTIVITIES, PAIRS

    wordings = [wording for activity in ACTIVITIES for wording in activity]
    assert len(set(wordings)) == len(wordings) == 3 * len(ACTIVITIES) == 6 * len(PAIRS)
    assert not [(a, b) for a in wordings for b in wordings if a != b and a in b]


def test_facts_of_mnli_by_reading_the_words():
    """The value claimed of a circumstance is told, contradicted or not mentioned."""
    from panda_core.practice.lexicon import VALUES

    values = {v: (kind, general) for kind, groups in VALUES.items() for general, vs in groups.items() for v in (*vs, general)}
    checked = 0
    frame = generate("mnli", "train", difficulty=0.8)
    pastime = r"\b(?:spent|was \w+ing|being lost)\b|^All "
    for row in frame[~frame.hypothesis.str.contains(pastime)].itertuples():
        claimed = [v for v in values if re.search(rf"\b{v}\b", row.hypothesis) and " not " not in row.hypothesis]
        claimed = sorted(claimed, key=len)[-1:]
        if not claimed:
            continue
        kind, general = values[claimed[0]]
        told = [v for v, (k, _) in values.items() if k == kind and re.search(rf"\b{v}\b", row.premise, re.IGNORECASE)]
        told = sorted(told, key=len)[-1:]
        if not told:
            assert row.label == 1, row
        elif told == claimed or claimed == [values[told[0]][1]]:
            assert row.label == 0, row
        else:
            assert row.label == 2, row
        checked += 1
    assert checked > 100


def test_harder_means_fewer_examples_that_repeat_the_words():
    def words(text):
        return set(re.findall(r"\w+", text.lower())) - {"spent", "was", "all"}

    def repeated(difficulty):
        frame = generate("mnli", "train", size=600, difficulty=difficulty)
        frame = frame[frame.label == 0]
        return sum(words(h) <= words(p) for p, h in zip(frame.premise, frame.hypothesis)) / len(frame)

    assert repeated(0.0) > repeated(0.5) > repeated(1.0)
