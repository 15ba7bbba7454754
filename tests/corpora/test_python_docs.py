import sysconfig
from pathlib import Path

import pytest

from rnnlm_cli.corpora.python_docs import documents, python_docs
from rnnlm_cli.errors import RnnlmError


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def library(tmp_path):
    topics = {f"t{k}": f"This is topic number {k} of them." for k in range(40)}
    write(tmp_path, "pydoc_data/topics.py", f"topics = {topics!r}")
    write(tmp_path, "bad.py", "def (")
    write(tmp_path, "test/test_x.py", '"""This must be left out here."""')
    write(tmp_path, "m.py", 'raise SystemExit\nclass A:\n    """You see a class here."""\n')
    return tmp_path


def test_documents_are_read_from_sources_and_never_run(library):
    found = list(documents(library))
    assert found[0] == "This is topic number 0 of them."
    assert "You see a class here." in found
    assert not any("left out" in document for document in found)


def test_every_twentieth_document_is_for_validation_and_the_next_for_test(library):
    split = python_docs(library)
    assert split.valid == ["This is topic number 18 of them .", "This is topic number 38 of them ."]
    assert split.test == ["This is topic number 19 of them .", "This is topic number 39 of them ."]
    assert "You see a class here ." in split.train


def test_no_sentence_occurs_twice(library):
    write(library, "n.py", '"""You see a class here. You see a class here."""')
    assert python_docs(library).train.count("You see a class here .") == 1


def test_a_python_without_sources_is_an_error(tmp_path):
    with pytest.raises(RnnlmError, match="holds no documentation; install"):
        python_docs(tmp_path)


def test_the_topics_and_few_sources_of_the_running_python_have_many_words(tmp_path, monkeypatch):
    """All have 236,000 (Python 3.11); to parse every source takes many times as long."""
    library = Path(sysconfig.get_path("stdlib"))
    if not (library / "pydoc_data/topics.py").is_file():
        pytest.skip(f"{library} holds no sources")
    for part in (library / "pydoc_data", *library.glob("[a-e]*.py")):
        (tmp_path / part.name).symlink_to(part)
    monkeypatch.setattr(sysconfig, "get_path", {"stdlib": str(tmp_path)}.__getitem__)
    split = python_docs()
    tokens = [token for line in split.train for token in line.split()]
    assert len(tokens) > 50_000
    assert {"you", "the", "."} <= set(tokens)
    assert not set(split.train) & set(split.test)
    assert not set(split.train) & set(split.valid)
