"""The practice suite: one declaration per task of Table I. To add a task, write its `sample` and declare it here."""

from __future__ import annotations

from . import acceptability, coreference, matching, ner, nli, qa, sentiment, srl, wordsense
from .base import PracticeTask

_PAIR = {"idx": "int32", "label": "int64"}
_GLUE = {"label": "int64", "idx": "int32"}
_SRL = {"id": "str", "index": "str", "tokens": "object", "tags": "object", "predicate_lemma": "str", "frame": "str",
        "sent_id": "str"}
_HALVES = {0: 0.5, 1: 0.5}

_DECLARED = (
    PracticeTask("cb", "NLI", (400, 200), {"premise": "str", "hypothesis": "str", **_PAIR}, ("premise", "hypothesis"),
                 nli.cb, {"compare": 0.4, "pairing": 0.3, "commitment": 0.3}, {0: 0.45, 1: 0.45, 2: 0.10}),
    PracticeTask("rte", "NLI", (500, 200), {"premise": "str", "hypothesis": "str", **_PAIR}, ("premise", "hypothesis"),
                 nli.rte, {"compare": 0.7, "pairing": 0.3}, _HALVES),
    PracticeTask("mnli", "NLI", (3000, 300), {"premise": "str", "hypothesis": "str", **_GLUE}, ("premise", "hypothesis"),
                 nli.mnli, {"compare": 0.5, "pairing": 0.3, "coreference": 0.2}, {0: 1 / 3, 1: 1 / 3, 2: 1 / 3}),
    PracticeTask("qnli", "NLI", (2500, 300), {"question": "str", "sentence": "str", **_GLUE}, ("question", "sentence"),
                 nli.qnli, {"compare": 0.5, "pairing": 0.3, "coreference": 0.2}, _HALVES),
    PracticeTask("wsc", "NLI", (500, 200), {"text": "str", "span1_index": "int32", "span2_index": "int32",
                                            "span1_text": "str", "span2_text": "str", **_PAIR}, ("text",),
                 coreference.wsc, {"coreference": 1.0}, _HALVES),
    PracticeTask("copa", "QA", (300, 200), {"premise": "str", "choice1": "str", "choice2": "str", "question": "str", **_PAIR},
                 ("premise", "choice1", "choice2"), qa.copa, {"cause": 1.0}, _HALVES),
    PracticeTask("boolq", "QA", (2000, 300), {"question": "str", "passage": "str", **_PAIR}, ("question", "passage"),
                 qa.boolq, {"cause": 0.7, "compare": 0.3}, _HALVES),
    PracticeTask("multirc", "QA", (2400, 300), {"paragraph": "str", "question": "str", "answer": "str", "idx": "object",
                                                "label": "int64"}, ("paragraph",),
                 qa.multirc, {"cause": 0.7, "compare": 0.3}, index=qa.multirc_index),
    PracticeTask("record", "QA", (1500, 200), {"passage": "str", "query": "str", "entities": "object", "entity_spans": "object",
                                               "answers": "object", "idx": "object"}, ("passage",),
                 qa.record, {"cause": 1.0}, index=qa.record_index),
    PracticeTask("squad", "QA", (1500, 200), {"id": "str", "title": "str", "context": "str", "question": "str",
                                              "answers": "object"}, ("context",),
                 qa.squad, {"cause": 0.5, "compare": 0.5}),
    PracticeTask("mrpc", "SM", (400, 200), {"sentence1": "str", "sentence2": "str", **_GLUE}, ("sentence1", "sentence2"),
                 matching.mrpc, {"synonymy": 0.7, "pairing": 0.3}, _HALVES),
    PracticeTask("stsb", "SM", (500, 200), {"sentence1": "str", "sentence2": "str", "label": "float32", "idx": "int32"},
                 ("sentence1", "sentence2"), matching.stsb, {"synonymy": 0.7, "pairing": 0.3}),
    PracticeTask("qqp", "SM", (2500, 300), {"question1": "str", "question2": "str", **_GLUE}, ("question1", "question2"),
                 matching.qqp, {"synonymy": 0.7, "pairing": 0.3}, _HALVES),
    PracticeTask("conll03", "NER", (1500, 300), {"id": "str", "tokens": "object", "ner_tags": "object"}, ("tokens",),
                 ner.conll03, {"names": 1.0}),
    PracticeTask("conll04", "NER", (300, 200), {"id": "str", "tokens": "object", "ner_tags": "object", "orig_id": "int64"},
                 ("tokens",), ner.conll04, {"names": 1.0}),
    PracticeTask("ontonotes", "NER", (1500, 300), {"id": "str", "tokens": "object", "ner_tags": "object"}, ("tokens",),
                 ner.ontonotes, {"names": 1.0}),
    PracticeTask("conll05", "SRL", (2000, 300), _SRL, ("tokens",), srl.conll05, {"roles": 1.0}),
    PracticeTask("conll12", "SRL", (2000, 300), _SRL, ("tokens",), srl.conll12, {"roles": 1.0}),
    PracticeTask("wic", "others", (500, 200), {"word": "str", "sentence1": "str", "sentence2": "str", "start1": "int32",
                                               "start2": "int32", "end1": "int32", "end2": "int32", **_PAIR},
                 ("sentence1", "sentence2"), wordsense.wic, {"sense": 0.7, "pairing": 0.3}, _HALVES),
    PracticeTask("cola", "others", (500, 200), {"sentence": "str", **_GLUE}, ("sentence",),
                 acceptability.cola, {"form": 1.0}, _HALVES),
    PracticeTask("sst2", "others", (2000, 300), {"sentence": "str", **_GLUE}, ("sentence",),
                 sentiment.sst2, {"sentiment": 1.0}, _HALVES),
)
TASKS = {task.name: task for task in _DECLARED}
