"""The course shows what is so: included code, runs, drawings and figures, in both languages.

``make course`` makes the runs again and compares them; here nothing is run.
"""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
from course_maker import figures, pages, runs  # noqa: E402
from course_maker.compare import differences  # noqa: E402
from course_maker.drawings import DRAWINGS  # noqa: E402
from course_maker.places import COURSE, LANGUAGES, OUTPUTS, PICTURES, RUNS, chapters  # noqa: E402
from course_maker.source import included  # noqa: E402

sys.path.pop(0)

ENGLISH = chapters()
OTHERS = [page for language in LANGUAGES if language != "en" for page in chapters(language)]
REMEDY = "run python docs/make_course.py --texts"


def text_of(page):
    return page.read_text(encoding="utf-8")


def name_of(page):
    return page.relative_to(ROOT / "docs").as_posix()


every_chapter = pytest.mark.parametrize("page", [*ENGLISH, *OTHERS], ids=name_of)


@every_chapter
def test_code_and_outputs_are_those_of_the_source_and_the_runs(page):
    assert pages.filled(text_of(page)) == text_of(page), REMEDY


@every_chapter
def test_all_other_blocks_are_made_too(page):
    assert "```" not in pages.by_hand(text_of(page))


@pytest.mark.parametrize("page", ENGLISH, ids=name_of)
def test_each_figure_in_the_text_is_one_that_a_run_printed(page):
    assert figures.without_source(text_of(page)) == []


@pytest.mark.parametrize("page", OTHERS, ids=name_of)
def test_a_translation_shows_and_says_the_same(page):
    original, text = text_of(COURSE / page.name), text_of(page)
    assert pages.blocks(text) == pages.blocks(original)
    assert pages.pictures_of(text) == pages.pictures_of(original)
    assert sorted(figures.figures(text)) == sorted(figures.figures(original))
    for mark in (r"^#+ ", r"^<details", r"\$\$"):
        found = [len(re.findall(mark, each, re.MULTILINE)) for each in (text, original)]
        assert found[0] == found[1], mark


@every_chapter
def test_links_lead_to_files_and_names_are_those_of_files(page):
    text = text_of(page)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert "://" in link or (page.parent / link).exists(), link
    for name in re.findall(r"`((?:rnnlm_cli|configs|tests|docs)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def test_drawings_are_those_of_their_functions():
    for name, draw in DRAWINGS.items():
        assert text_of(PICTURES / f"{name}.svg") == draw(), f"{name}: {REMEDY}"


def test_every_run_output_and_picture_has_its_place_in_a_chapter():
    named = [name for page in ENGLISH for name in pages.runs_of(text_of(page))]
    assert sorted(named) == sorted(path.stem for path in RUNS.iterdir())
    assert sorted(named) == sorted(path.stem for path in OUTPUTS.iterdir())
    shown = {name for page in ENGLISH for name in pages.pictures_of(text_of(page))}
    assert shown == {path.name for path in PICTURES.iterdir()}
    for page in ENGLISH:
        begins = {name[:2] for name in pages.runs_of(text_of(page))}
        assert begins <= {page.name[:2]}, "a run has its chapter's number"


@pytest.mark.parametrize(
    ("kept", "new", "same"),
    [
        ("loss 1.000", "loss 1.019", True),
        ("loss 1.000", "loss 1.030", False),
        ("loss 1.000", "gain 1.000", False),
        ("loss 0.001", "loss 0.002", True),  # the last digit
        ("loss -1.00", "loss 1.00", False),
        ("1.0e-07", "1.1e-07", True),
        ("1.00e-07", "1.30e-07", False),
        ("12,345 tokens", "12,400 tokens", True),
        ("12 epochs", "13 epochs", False),
        ("done 0:07, 100 tokens per second", "done 1:07, 9 tokens per second", True),
        ("a\nb", "a", False),
    ],
)
def test_what_differs_is_found(kept, new, same):
    assert (not list(differences(kept, new, 0.02))) == same


def test_where_words_may_differ_the_lines_are_counted():
    assert not list(differences("a b", "c d e", 0.02, words=False))
    assert list(differences("a\nb", "c", 0.02, words=False)) == ["- b"]


def test_code_is_included_by_its_name():
    cell = "rnnlm_cli/nn/cells/elman.py"
    shown = included(f"{cell} Elman.forward")
    assert shown.startswith(f"# {cell}: Elman.forward\ndef forward(self, from_x: Array")
    assert shown.endswith("    h = np.tanh(a)\n    return (h,), (h,)\n")
    assert '"""' not in included(f"{cell} Elman")
    part = included(f"{cell} Elman.forward from np.tanh to return")
    assert part.splitlines()[1:] == ["h = np.tanh(a)", "return (h,), (h,)"]
    for wrong in ("Elman.sideways", "Elman.forward from np.sin to return"):
        with pytest.raises(LookupError, match="no"):
            included(f"{cell} {wrong}")


def test_a_figure_without_a_run_is_found():
    made = "<!-- run: x -->\n```text\nloss 0.1234\n```\n<!-- end -->\n"
    text = f"{made}It is 0.12, which is 12.3%, not 0.13. In code `0.5`; as $0.7$.\n"
    assert figures.without_source(text) == ["0.13"]


def test_the_remarks_of_a_run_are_not_shown(tmp_path, monkeypatch):
    (tmp_path / "00-x.sh").write_text("# long: trains\n# tolerance: 0.1\n\nrnnlm help\n")
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    run = runs.load("00-x")
    assert (run.text, run.long, run.tolerance, run.kind) == ("rnnlm help\n", "trains", 0.1, "sh")
