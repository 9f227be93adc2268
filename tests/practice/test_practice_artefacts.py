"""Where a task is about how two texts relate, counting words must not solve it.

A logistic regression on word counts is trained on 1600 examples and tried on 600 others, once on all texts of an example and
once on its last text alone. It may beat the majority class by at most MARGIN.
"""

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from panda_core.practice import generate

MARGIN = 0.07  # about three standard errors of an accuracy on 600 examples
RELATIONAL = {
    "cb": ("premise", "hypothesis"), "rte": ("premise", "hypothesis"), "mnli": ("premise", "hypothesis"),
    "qnli": ("question", "sentence"), "qqp": ("question1", "question2"), "mrpc": ("sentence1", "sentence2"),
    "wic": ("sentence1", "sentence2"), "wsc": ("text",), "copa": ("premise", "choice1", "choice2"),
    "boolq": ("question", "passage"), "multirc": ("paragraph", "question", "answer"),
}


def advantage(task: str, columns, difficulty: float) -> float:
    """Validation accuracy of a bag of words minus that of the majority class."""
    def text(frame):
        return frame[list(columns)].agg(" ".join, axis=1)

    train, validation = (generate(task, split, size=size, difficulty=difficulty, seed=11)
                         for split, size in (("train", 1600), ("validation", 600)))
    model = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1000, C=0.3)).fit(text(train), train.label)
    return model.score(text(validation), validation.label) - validation.label.value_counts(normalize=True).max()


@pytest.mark.parametrize("difficulty", [0.0, 0.5])
@pytest.mark.parametrize("task", RELATIONAL)
def test_a_bag_of_words_stays_close_to_the_majority_class(task, difficulty):
    assert advantage(task, RELATIONAL[task], difficulty) < MARGIN


@pytest.mark.parametrize("task", RELATIONAL)
def test_the_last_text_alone_stays_close_to_the_majority_class(task):
    assert advantage(task, RELATIONAL[task][-1:], 0.5) < MARGIN


def test_the_bag_of_words_can_learn_where_words_do_tell():
    assert advantage("sst2", ("sentence",), 0.0) > 0.3
