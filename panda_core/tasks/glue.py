"""The GLUE tasks of Table I."""

from panda_core.tasks.labels import INFERRED_OTHERS, INFERRED_SM, PRINTED
from panda_core.tasks.superglue import BOTH, SOURCE
from panda_core.tasks.task import Hub, Task

_COMMIT = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c"
_SOURCES = (
    "EleutherAI/lm-evaluation-harness, lm_eval/tasks/glue; columns in huggingface/transformers, run_glue.py; the "
    "commit in public scripts that load it"
)


def _hub(config: str) -> Hub:
    return Hub("nyu-mll/glue", config, revision=_COMMIT, confirmed_by=_SOURCES)


GLUE = (
    Task(
        name="mnli", title="MNLI", group="GLUE", type="Natural Language Inference", roles=SOURCE,
        train_size="393K", lr=5e-3, batch_size=64, epochs=20, metric="accuracy",
        format="classification", inputs=("premise", "hypothesis"), label="label",
        labels=("entailment", "neutral", "contradiction"), rows=(392702, 9815), hub=_hub("mnli"),
        validation="validation_matched", licence="OANC licence and others", citation="williams2018mnli",
        cluster="NLI", cluster_note=PRINTED,
    ),
    Task(
        name="cola", title="CoLA", group="GLUE", type="Grammatical Acceptability", roles=BOTH,
        train_size="9K", lr=5e-3, batch_size=16, epochs=40, metric="matthews",
        format="classification", inputs=("sentence",), label="label",
        labels=("unacceptable", "acceptable"), rows=(8551, 1043), hub=_hub("cola"),
        licence="not stated", citation="warstadt2019cola", cluster="others", cluster_note=INFERRED_OTHERS,
        note="16 sentences are in both official splits, 19 are repeated in the training set",
    ),
    Task(
        name="sst2", title="SST-2", group="GLUE", type="Sentiment Analysis", roles=SOURCE,
        train_size="67K", lr=5e-3, batch_size=32, epochs=60, metric="accuracy",
        format="classification", inputs=("sentence",), label="label",
        labels=("negative", "positive"), rows=(67349, 872), hub=_hub("sst2"),
        licence="not stated", citation="socher2013sst", cluster="others", cluster_note=INFERRED_OTHERS,
    ),
    Task(
        name="qnli", title="QNLI", group="GLUE", type="Natural Language Inference", roles=SOURCE,
        train_size="105K", lr=5e-3, batch_size=32, epochs=20, metric="accuracy",
        format="classification", inputs=("question", "sentence"), label="label",
        labels=("entailment", "not_entailment"), rows=(104743, 5463), hub=_hub("qnli"),
        licence="CC BY-SA 4.0", citation="wang2019glue", cluster="NLI", cluster_note=PRINTED,
    ),
    Task(
        name="mrpc", title="MRPC", group="GLUE", type="Paraphrase Detection", roles=BOTH,
        train_size="4K", lr=1e-2, batch_size=32, epochs=60, metric="accuracy",
        format="classification", inputs=("sentence1", "sentence2"), label="label",
        labels=("not_equivalent", "equivalent"), rows=(3668, 408), hub=_hub("mrpc"),
        licence="Microsoft Research data licence: research use", citation="dolan2005mrpc",
        cluster="SM", cluster_note=INFERRED_SM,
    ),
    Task(
        name="stsb", title="STS-B", group="GLUE", type="Semantic Similarity", roles=BOTH,
        train_size="6K", lr=1e-2, batch_size=32, epochs=60, metric="pearson-spearman",
        format="regression", inputs=("sentence1", "sentence2"), label="label", scale=(0.0, 5.0),
        labels=(), rows=(5749, 1500), hub=_hub("stsb"),
        licence="CC BY-SA 4.0 for parts", citation="cer2017stsb", cluster="SM", cluster_note=INFERRED_SM,
        note="printed as STSBB",
    ),
    Task(
        name="qqp", title="QQP", group="GLUE", type="Paraphrase Detection", roles=SOURCE,
        train_size="364K", lr=5e-3, batch_size=64, epochs=20, metric="accuracy",
        format="classification", inputs=("question1", "question2"), label="label",
        labels=("not_duplicate", "duplicate"), rows=(363846, 40430), hub=_hub("qqp"),
        licence="Quora's terms of service: non-commercial", citation="wang2019glue",
        cluster="SM", cluster_note=INFERRED_SM,
    ),
)
