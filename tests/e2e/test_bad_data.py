"""Bad files as a person meets them: `panda run --data real` ends with one line that names file, row and column."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from panda_core.cli import main
from panda_core.practice import generate

LATIN = "Il était là.".encode("latin-1")


def changed(column, row, value):
    """A change of one value of a file's rows."""
    def change(frame):
        values = frame[column].tolist()
        values[row] = value
        return frame.assign(**{column: pd.Series(values, dtype=object)})

    return change


def in_latin_1(frame):
    """The rows with one premise in another encoding, as bytes that claim to be text."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    texts = [text.encode() for text in frame["premise"]]
    texts[7] = LATIN
    return table.set_column(table.column_names.index("premise"), "premise", pa.array(texts).view(pa.string()))


BAD = [
    ("cb", changed("label", 5, 3), "cb/train.parquet: row 5, column label: 3 is not a label from 0 to 2"),
    ("cb", changed("premise", 4, "  "), "cb/train.parquet: row 4, column premise: the text is empty"),
    ("cb", changed("idx", 9, 2), "cb/train.parquet: row 9, column idx: the id 2 is that of row 2 already"),
    ("cb", lambda frame: frame.drop(columns="premise"), "cb/train.parquet: column premise is missing; cb needs"),
    ("cb", in_latin_1, "cb/train.parquet: row 7, column premise: the text is not UTF-8"),
    ("cb", lambda frame: b"PAR1 and no more", "cb/train.parquet: not a readable parquet file"),
    ("conll04", changed("ner_tags", 3, ["O"]), "row 3, column ner_tags: 1 tags for the"),
    ("conll04", changed("tokens", 2, []), "row 2, column tokens: there are no words"),
    ("copa", changed("question", 6, "why"), "copa/train.parquet: row 6, column question: 'why' is neither cause nor"),
    ("stsb", changed("label", 1, float("nan")), "stsb/train.parquet: row 1, column label: nan is not a finite number"),
]


@pytest.fixture
def run(tiny_plm, store_folder, tmp_path, monkeypatch):
    """`run(task, change)` runs the command line on practice rows as a mirror, the training file changed."""
    monkeypatch.setenv("PANDA_DATA", str(tmp_path))

    def call(task, change=lambda frame: frame, command=("run", "--method", "p-tuning-v2")):
        (tmp_path / task).mkdir(exist_ok=True)
        generate(task, "validation", size=10).to_parquet(tmp_path / task / "validation.parquet", index=False)
        path, made = tmp_path / task / "train.parquet", change(generate(task, "train", size=20))
        if isinstance(made, bytes):
            path.write_bytes(made)
        elif isinstance(made, pa.Table):
            pq.write_table(made, path)
        else:
            made.to_parquet(path, index=False)
        words = [*command, "--plm", tiny_plm, "--target", task, "--data", "real", "--json"]
        return CliRunner().invoke(main, [*words, "--set", "training.steps=2", "--set", "training.evaluations=1"])

    return call


@pytest.mark.parametrize(("task", "change", "message"), BAD)
def test_a_bad_file_is_one_line_and_leaves_nothing(run, store_folder, task, change, message):
    done = run(task, change)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("running: ")]
    assert done.exit_code == 1 and done.stdout == ""
    assert len(lines) == 1 and lines[0].startswith("panda: ") and message in lines[0], done.stderr
    assert not [path for path in store_folder.rglob("*") if path.is_file()]


def test_a_text_of_ten_thousand_characters_is_cut_and_the_run_is_made(run, store_folder):
    done = run("cb", changed("premise", 0, "word " * 2000))
    assert done.exit_code == 0, done.stderr
    assert len(list(store_folder.rglob("records/*/*.json"))) == 1


def test_scores_of_other_rows_are_told_apart(run, caplog):
    """A record stays what it is when the folder's rows change; whoever asks for it, or adds to it, is told."""
    assert run("cb").exit_code == run("cb").exit_code == 0
    assert "other rows" not in caplog.text
    assert run("cb", changed("label", 0, 2)).exit_code == 0
    assert "made from other rows of cb than are named now" in caplog.text
    grid = ("grid", "table-02", "--tier", "smoke", "--seed", "0", "--method", "p-tuning-v2", "--method", "prompt-tuning")
    done = run("cb", changed("label", 0, 2), grid)
    assert done.exit_code == 0 and json.loads(done.stdout)["made"] == 1, done.stderr
    assert "1 of the runs that are there were made from other rows than are named now (cb)" in done.stderr
