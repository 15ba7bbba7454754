"""Texts in other encodings and forms, from the command line and from Python."""

import json
import sys
import unicodedata
from io import BytesIO
from types import SimpleNamespace

import pytest

import rnnlm_cli
from rnnlm_cli import checkpoint
from rnnlm_cli.commands.main import run
from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.text_encodings import canonical, near_encodings
from rnnlm_cli.system.width import around, display_width

TEXT = "나는 학교에 간다\n너는 집에 간다 é\n나는 집에 간다\n" * 6
DECOMPOSED = unicodedata.normalize("NFD", TEXT)
CONFIG = """\
corpus: {train: a.txt, encoding: auto}
model: {embedding_size: 4, hidden_size: 4}
training: {epochs: 2, batch_size: 2, bptt: 4, optimizer: {kind: adam}}
checkpoint: {path: m.pkl}
"""
CP949 = TEXT.replace("é", "e")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of a text in cp949, and one that leaves text as it is."""
    folder = tmp_path_factory.mktemp("encodings")
    (folder / "a.txt").write_bytes(CP949.encode("cp949"))
    for name, text in (("nfc", TEXT), ("nfd", DECOMPOSED), ("fr", "un café noir à\n" * 5)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    (folder / "c.yaml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "--config", "c.yaml"]) == 0
        french = ["--set", "corpus.train=fr.txt", "--set", "checkpoint.path=fr.pkl"]
        assert run(["train", "--config", "c.yaml", *french]) == 0
        plain = [*("--set", "corpus.train=nfc.txt"), *("--set", "checkpoint.path=plain.pkl")]
        plain += ["--set", "corpus.normalize=null", "--set", "training.epochs=1"]
        assert run(["train", "--config", "c.yaml", *plain]) == 0
    return folder


@pytest.fixture(autouse=True)
def there(folder, monkeypatch):
    monkeypatch.chdir(folder)


def figures(capsys, *args):
    assert run(["eval", "perplexity", "--json", *args]) == 0
    return json.loads(capsys.readouterr().out)


def test_one_text_in_four_encodings_has_one_perplexity(capsys, tmp_path):
    found = [figures(capsys, "--checkpoint", "m.pkl")]
    for name in ("utf-8", "cp949", "utf-16", "iso2022_kr"):
        path = tmp_path / f"{name}.txt"
        path.write_bytes(CP949.encode(name))
        for encoding in (name, "auto"):
            args = ["--checkpoint", "m.pkl", "--corpus", str(path), "--encoding", encoding]
            found.append(figures(capsys, *args))
    same = ["perplexity", "oov", "tokens", "bits_per_byte", "bits_per_character"]
    assert {tuple(one[key] for key in same) for one in found} == {tuple(found[0][k] for k in same)}
    assert found[0]["oov"] == 0


@pytest.mark.parametrize(("model", "text"), [("m", CP949), ("fr", "un café noir à\n" * 5)])
def test_a_decomposed_text_scores_as_its_composed_form(capsys, tmp_path, model, text):
    values = {}
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        (tmp_path / "t.txt").write_text(written, encoding="utf-8")
        one = figures(capsys, "--checkpoint", f"{model}.pkl", "--corpus", str(tmp_path / "t.txt"))
        values[form] = one
        bits = one["bits_per_token"] * one["tokens"]
        first = unicodedata.normalize(form, text.split()[0])  # is given
        size = len(written.encode()) - len(first.encode())
        assert one["bits_per_byte"] == pytest.approx(bits / size)
        assert one["bits_per_character"] == pytest.approx(bits / (len(written) - len(first)))
    assert values["NFC"]["perplexity"] == values["NFD"]["perplexity"]
    assert values["NFD"]["oov"] == 0


def test_a_wrong_encoding_is_one_line_with_the_remedy(capsys, monkeypatch):
    for args in (["--corpus", "a.txt"], ["--corpus", "-"]):
        data = BytesIO(CP949.encode("cp949"))
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data, isatty=lambda: False))
        assert run(["eval", "sentences", "--checkpoint", "m.pkl", *args]) == 1
        name = "standard input" if args[1] == "-" else "a.txt"
        assert capsys.readouterr().err == (
            f"Error: {name}: line 1, byte 1 (0xb3): not UTF-8; it reads well as cp949 "
            "'나는 학교에 간다'; use --encoding cp949\n"
        )
    args = ["--set", "corpus.encoding=utf-8", "--set", "checkpoint.path=new.pkl"]
    assert run(["train", "--config", "c.yaml", *args]) == 1
    assert capsys.readouterr().err.endswith("; set corpus.encoding: cp949\n")


def test_what_was_found_is_told(capsys):
    args = ["--checkpoint", "m.pkl", "--corpus", "a.txt", "--encoding", "auto"]
    for command in ("perplexity", "sentences"):
        assert run(["eval", command, *args]) == 0
        assert "a.txt: read as cp949, which was found in the text" in capsys.readouterr().err
    assert run(["train", "--config", "c.yaml", "--dry-run"]) == 0
    assert "a.txt: read as cp949" in capsys.readouterr().err


def test_the_files_of_a_directory_and_their_records_have_the_encoding(capsys, tmp_path):
    lines = CP949.splitlines()
    found = []
    for encoding in ("utf-8", "cp949"):
        directory = tmp_path / encoding
        directory.mkdir()
        records = [json.dumps({"본문": line}, ensure_ascii=False) for line in lines]
        files = {
            "a.txt": lines,
            "b.jsonl": records,
            "c.csv": ["번호,본문", *(f"1,{k}" for k in lines)],
        }
        for name, content in files.items():
            (directory / name).write_bytes("\n".join([*content, ""]).encode(encoding))
        for how in (encoding, "auto"):
            args = ["--corpus", str(directory), "--field", "본문", "--encoding", how]
            assert run(["eval", "sentences", "--checkpoint", "m.pkl", *args]) == 0
            out, err = capsys.readouterr()
            found.append(out)
            names = ", ".join(f"{directory}/{name}" for name in files)
            assert (f"{names}: read as {encoding}, which was" in err) == (how == "auto")
    assert len(set(found)) == 1
    assert found[0].count("\n") == 3 * len(lines) + 1
    assert run(["eval", "sentences", "--checkpoint", "m.pkl", *args[:4]]) == 1
    assert "a.txt: line 1, byte 1 (0xb3): not UTF-8; it reads well" in capsys.readouterr().err


def test_lines_in_nbest_lists_and_starts_have_an_encoding(capsys, monkeypatch, tmp_path):
    start, lists = tmp_path / "s.txt", tmp_path / "n.txt"
    start.write_bytes("나는 집에".encode("cp949"))
    lists.write_bytes("1 나는 집에 간다\n1 간다 나는 나는\n".encode("cp949"))
    encoded = ["--checkpoint", "m.pkl", "--encoding", "cp949"]
    assert run(["eval", "rescore", str(lists), *encoded]) == 0
    assert capsys.readouterr().out.startswith("1 ")
    assert run(["generate", "--start-file", str(start), *encoded, "--length", "1"]) == 0
    assert capsys.readouterr().out.startswith("나는 집에")
    data = BytesIO("나는\n/quit\n".encode("cp949"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data, isatty=lambda: False))
    assert run(["interactive", *encoded]) == 0
    assert capsys.readouterr().out.startswith("나는")


def test_tokens_of_every_option_are_normalised(capsys):
    me, goes = (unicodedata.normalize("NFD", word) for word in ("나는", "간다"))
    assert run(["eval", "next", "--checkpoint", "m.pkl", "--start", me, "--top", "1"]) == 0
    args = ["--start", me, "--skip", goes, "--stop", goes, "--seed", "1", "--length", "3"]
    assert run(["generate", "--checkpoint", "m.pkl", *args]) == 0
    out, err = capsys.readouterr()
    assert "not in the vocabulary" not in err
    assert "간다" not in out.split("\n")[-2]
    assert run(["fill", "--checkpoint", "m.pkl", f"{me} ___ {goes}", "--top", "1"]) == 0
    lm = rnnlm_cli.load("m.pkl")
    assert me in lm
    assert lm.score(f"{me} {goes}") == lm.score("나는 간다")
    assert lm.evaluate(text=DECOMPOSED).perplexity == lm.evaluate(text=TEXT).perplexity
    assert lm.evaluate("a.txt", encoding="cp949").oov == 0
    with pytest.raises(UsageError, match=r"'cp9494': is not auto .*; did you mean cp949"):
        lm.evaluate("a.txt", encoding="cp9494")


def test_a_model_that_leaves_text_as_it_is_warns_of_another_form(capsys):
    for args in (["perplexity"], ["sentences"]):
        assert run(["eval", *args, "--checkpoint", "plain.pkl", "--corpus", "nfd.txt"]) == 0
        assert "warning: nfd.txt: most words may be unknown" in capsys.readouterr().err
        assert run(["eval", *args, "--checkpoint", "plain.pkl", "--corpus", "nfc.txt"]) == 0
        assert "most words" not in capsys.readouterr().err
    start = unicodedata.normalize("NFD", "나는")
    assert run(["generate", "--checkpoint", "plain.pkl", "--start", start]) == 2
    assert "separate characters (NFD)" in capsys.readouterr().err


def test_whoever_trains_a_model_further_keeps_its_form(capsys):
    more = ["--set", "training.epochs=2", "--resume"]
    of_plain = ["--set", "corpus.train=nfc.txt", "--set", "checkpoint.path=plain.pkl"]
    assert run(["train", "--config", "c.yaml", *of_plain, *more]) == 0  # corpus.normalize: nfc
    assert "corpus.normalize is null in this model, and stays so" in capsys.readouterr().err
    assert checkpoint.load("plain.pkl").model.codec.normalize is None
    tuned = ["--set", "training.init_from=plain.pkl", "--set", "checkpoint.path=tuned.pkl"]
    assert run(["train", "--config", "c.yaml", *tuned]) == 0
    assert checkpoint.load("tuned.pkl").model.codec.normalize is None


def test_a_text_that_was_converted_is_the_same_on_resume(capsys, folder):
    (folder / "utf8.txt").write_text(CP949, encoding="utf-8")
    args = ["--set", "corpus.train=utf8.txt", "--set", "corpus.encoding=utf-8", "--resume"]
    assert run(["train", "--config", "c.yaml", *args]) == 0
    assert "training is finished" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [("cp9494", "did you mean cp949?"), ("base64", "expected: auto, utf-8"), ("rot13", "allowed")],
)
def test_what_is_no_encoding_is_refused(capsys, name, said):
    assert run(["train", "--config", "c.yaml", "--set", f"corpus.encoding={name}"]) == 2
    err = capsys.readouterr().err
    assert f'"{name}" is not allowed' in err
    assert said in err
    assert run(["eval", "perplexity", "--encoding", name]) == 2
    assert "is not auto or an encoding that Python knows" in capsys.readouterr().err


def test_names_of_encodings():
    assert [canonical(n) for n in ("UTF8", "ks_c_5601", "ms949")] == ["utf-8", "euc_kr", "cp949"]
    others = (
        "base64",
        "rot13",
        "idna",
        "punycode",
        "undefined",
        "zip",
        "unicode_escape",
        "",
        "a b",
    )
    assert {canonical(name) for name in others} == {None}
    assert [near_encodings(n) for n in ("cp9494", "auot", "zzzz")] == [["cp949"], ["auto"], []]


def test_columns_count_wide_letters():
    assert [display_width(t) for t in ("abc", "한국어", "e\u0301", "ｱ")] == [3, 6, 1, 1]
    assert around("a short line", 8, 20) == "a short line"
    for place in (0, 7, 99):
        part = around("가나다라 abcdefg 마바사아 hijklmn", place, 16)
        assert display_width(part) <= 16
    assert around("0123456789" * 9, 45, 14) == "...123456789..."[:3] + "12345678" + "..."
