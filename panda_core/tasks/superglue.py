"""The SuperGLUE tasks of Table I."""

from panda_core.tasks.labels import INFERRED_OTHERS, PRINTED
from panda_core.tasks.task import Hub, Task

SOURCE, BOTH = ("source",), ("source", "target")
_COMMIT = "3de24cf8022e94f4ee4b9d55a6f539891524d646"
_HARNESS = "EleutherAI/lm-evaluation-harness, lm_eval/tasks/super_glue; the commit in public scripts that load it"


def _hub(config: str, confirmed_by: str = _HARNESS) -> Hub:
    return Hub("aps/super_glue", config, revision=_COMMIT, confirmed_by=confirmed_by)


SUPERGLUE = (
    Task(
        name="boolq", title="BoolQ", group="SuperGLUE", type="Question Answering", roles=SOURCE,
        train_size="9K", lr=5e-3, batch_size=32, epochs=100, metric="accuracy",
        format="classification", inputs=("question", "passage"), label="label", labels=("False", "True"),
        rows=(9427, 3270), hub=_hub("boolq"), licence="CC BY-SA 3.0", citation="clark2019boolq",
        cluster="QA", cluster_note=PRINTED,
    ),
    Task(
        name="cb", title="CB", group="SuperGLUE", type="Natural Language Inference", roles=BOTH,
        train_size="250", lr=1e-2, batch_size=16, epochs=100, metric="accuracy",
        format="classification", inputs=("premise", "hypothesis"), label="label",
        labels=("entailment", "contradiction", "neutral"), rows=(250, 56), hub=_hub("cb"),
        licence="SuperGLUE: research use", citation="demarneffe2019commitmentbank",
        cluster="NLI", cluster_note=PRINTED,
    ),
    Task(
        name="rte", title="RTE", group="SuperGLUE", type="Natural Language Inference", roles=BOTH,
        train_size="2K", lr=1e-2, batch_size=32, epochs=60, metric="accuracy",
        format="classification", inputs=("premise", "hypothesis"), label="label",
        labels=("entailment", "not_entailment"), rows=(2490, 277), hub=_hub("rte"),
        licence="not stated; SuperGLUE: research use", citation="dagan2006rte",
        cluster="NLI", cluster_note=PRINTED,
    ),
    Task(
        name="wic", title="WiC", group="SuperGLUE", type="Word Sense Disambiguation", roles=BOTH,
        train_size="5K", lr=1e-2, batch_size=16, epochs=80, metric="accuracy",
        format="classification", inputs=("word", "sentence1", "sentence2"), label="label", labels=("False", "True"),
        template=("{sentence1} {sentence2} Does {word} have the same meaning in both sentences?",),
        rows=(5428, 638), hub=_hub("wic"), licence="CC BY-NC 4.0", citation="pilehvar2019wic",
        cluster="others", cluster_note=INFERRED_OTHERS,
    ),
    Task(
        name="wsc", title="WSC", group="SuperGLUE", type="Natural Language Inference", roles=BOTH,
        train_size="554", lr=5e-3, batch_size=16, epochs=80, metric="accuracy",
        format="classification", inputs=("text", "span1_text", "span2_text"), label="label", labels=("False", "True"),
        template=("{span2_text}: {text}", "{span1_text}"),
        rows=(554, 104), hub=_hub("wsc", "public scripts that load this configuration and this commit"),
        licence="CC BY 4.0", citation="levesque2012wsc",
        cluster="NLI", cluster_note=PRINTED,
    ),
    Task(
        name="copa", title="COPA", group="SuperGLUE", type="Question Answering", roles=BOTH,
        train_size="400", lr=1e-2, batch_size=16, epochs=80, metric="accuracy",
        format="multiple-choice", inputs=("premise", "question", "choice1", "choice2"), label="label",
        labels=("choice1", "choice2"), rows=(400, 100), hub=_hub("copa"),
        licence="BSD 2-clause", citation="roemmele2011copa", cluster="QA", cluster_note=PRINTED,
    ),
    Task(
        name="multirc", title="MultiRC", group="SuperGLUE", type="Question Answering", roles=SOURCE,
        train_size="27K", lr=5e-3, batch_size=32, epochs=40, metric="f1",
        format="classification", inputs=("paragraph", "question", "answer"), label="label", labels=("False", "True"),
        template=("{paragraph}", "{question} {answer}"), may_be_empty=("answer",),
        rows=(27243, 4848), hub=_hub("multirc"), licence="SuperGLUE: research use", citation="khashabi2018multirc",
        cluster="QA", cluster_note=PRINTED,
        note="three answers of the training set are empty in the original; F1 over all answers (SuperGLUE's F1a)",
    ),
    Task(
        name="record", title="ReCoRD", group="SuperGLUE", type="Question Answering", roles=SOURCE,
        train_size="25K", lr=5e-3, batch_size=16, epochs=5, metric="answer-f1",
        format="record", inputs=("passage", "query", "entities"), label="answers", labels=("False", "True"),
        rows=(100730, 10000), hub=_hub("record"), licence="Apache 2.0", citation="zhang2018record",
        cluster="QA", cluster_note=PRINTED,
        note="Table I prints 25K training examples; the official training set has 100,730 queries",
    ),
)
