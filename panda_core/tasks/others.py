"""The tasks that Table I lists under Others: reading comprehension, named entities, semantic roles."""

from panda_core.tasks.labels import CONLL05_ROLES, CONLL12_ROLES, ONTONOTES_TYPES, PRINTED, bio
from panda_core.tasks.superglue import BOTH, SOURCE
from panda_core.tasks.task import Hub, Licence, Task

_ONTONOTES = Licence(
    ask="OntoNotes Release 5.0, LDC2013T19, from the Linguistic Data Consortium (catalog.ldc.upenn.edu)",
    files="the *_gold_conll files that the CoNLL-2012 scripts make of it, in train/ and development/",
    stand_in="wnut17",
)

OTHERS = (
    Task(
        name="squad", title="SQuAD", group="Others", type="Question Answering", roles=SOURCE,
        train_size="88K", lr=5e-3, batch_size=8, epochs=10, metric="answer-f1",
        format="span", inputs=("question", "context"), label="answers", labels=(), rows=(87599, 10570),
        hub=Hub(
            "rajpurkar/squad", "plain_text", revision="7b6d24c440a36b6815f21b70d25016731768db1f",
            confirmed_by="the card of the data set at this commit",
        ),
        licence="CC BY-SA 4.0", citation="rajpurkar2016squad", cluster="QA", cluster_note=PRINTED,
        note="version 1.1: the printed size is that of its training set",
    ),
    Task(
        name="conll03", title="CoNLL03", group="Others", type="Named Entity Recognition", roles=SOURCE,
        train_size="14K", lr=3e-2, batch_size=16, epochs=30, metric="span-f1",
        format="tagging", inputs=("tokens",), label="ner_tags", labels=bio("PER", "ORG", "LOC", "MISC"),
        rows=(14041, 3250),
        hub=Hub(
            "eriktks/conll2003", "conll2003", branch="refs/convert/parquet",
            confirmed_by="public scripts that load this branch and read these columns",
        ),
        licence="annotations free for research; the Reuters text is under NIST's RCV1 agreement",
        citation="tjongkimsang2003conll03", cluster="NER", cluster_note=PRINTED,
    ),
    Task(
        name="conll04", title="CoNLL04", group="Others", type="Named Entity Recognition", roles=BOTH,
        train_size="928", lr=2e-2, batch_size=32, epochs=40, metric="span-f1",
        format="tagging", inputs=("tokens",), label="ner_tags", labels=bio("Loc", "Org", "Peop", "Other"),
        rows=(922, 231), hub=Hub("DFKI-SLT/conll04", confirmed_by="the card of the data set"),
        licence="not stated; research use", citation="roth2004conll04", cluster="NER", cluster_note=PRINTED,
        note="neither public split (922 and 231, or 910 and 243) has the 928 training sentences that Table I prints",
    ),
    Task(
        name="conll05", title="CoNLL05", group="Others", type="Semantic Role Labeling", roles=SOURCE,
        train_size="90K", lr=6e-3, batch_size=16, epochs=15, metric="role-f1",
        format="srl", inputs=("tokens", "index"), label="tags", labels=bio(*CONLL05_ROLES), rows=(90750, 3248),
        hub=None, validation="devel",
        licensed=Licence(
            ask="Treebank-3, LDC99T42, from the Linguistic Data Consortium (catalog.ldc.upenn.edu) for the words",
            files="the shared task's words/*.words.gz and props/*.props.gz, in train/ and devel/",
            stand_in="propbank_ewt_srl",
        ),
        licence="the words are the Penn Treebank's: LDC user agreement", citation="carreras2005conll05",
        cluster="SRL", cluster_note=PRINTED,
    ),
    Task(
        name="conll12", title="CoNLL12", group="Others", type="Semantic Role Labeling", roles=SOURCE,
        train_size="82K", lr=5e-3, batch_size=16, epochs=45, metric="role-f1",
        format="srl", inputs=("tokens", "index"), label="tags", labels=bio(*CONLL12_ROLES), rows=(None, None),
        hub=None, validation="development",
        licensed=Licence(_ONTONOTES.ask, _ONTONOTES.files, "propbank_ewt_srl"),
        licence="LDC user agreement", citation="pradhan2012conll12", cluster="SRL", cluster_note=PRINTED,
        note="one example per predicate; no public source of the size that Table I prints was found",
    ),
    Task(
        name="ontonotes", title="OntoNotes", group="Others", type="Named Entity Recognition", roles=SOURCE,
        train_size="60K", lr=1e-2, batch_size=16, epochs=30, metric="span-f1",
        format="tagging", inputs=("tokens",), label="ner_tags", labels=bio(*ONTONOTES_TYPES), rows=(59924, 8528),
        hub=None, validation="development", licensed=_ONTONOTES,
        licence="LDC user agreement", citation="weischedel2013ontonotes", cluster="NER", cluster_note=PRINTED,
        note="without the New Testament, whose names are not annotated",
    ),
)
