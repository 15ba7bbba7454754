"""Whole searches: several processes, stops and kills, trials that fail, and what is left."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from rnnlm_cli import checkpoint
from rnnlm_cli.config import load_config
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.evaluate.measure import ACCURACY, PERPLEXITY
from rnnlm_cli.report.search import search_table
from rnnlm_cli.search.records import Objective
from rnnlm_cli.search.run import Search
from rnnlm_cli.search.trial import MOST_KILLS
from rnnlm_cli.train.events import Ended
from rnnlm_cli.train.poll import Stopped, go_on
from rnnlm_cli.train.start import Start, begin

best_of = Objective("valid perplexity", PERPLEXITY).best_of
RATE = "training.optimizer.learning_rate"
SEARCHED = (f"{RATE}=log:1e-2..10", "model.hidden_size=2..6")


def without_seconds(records):
    return [replace(r, outcome=replace(r.outcome, seconds=0)) for r in records]


def files(directory="s"):
    return sorted(path.name for path in Path(directory).iterdir())


class Killed(BaseException):
    """As if the process had ended there: nothing is saved, locks are released."""


def after(polls, error):
    """Return a poll that raises an error when it has been called so many times."""
    left = iter(range(polls))

    def poll():
        if next(left, None) is None:
            raise error

    return poll


def test_tasks_are_not_compared_with_each_other(search, tmp_path):
    Path("labels.tsv").write_text("a\tw1 w2\nb\tw3 w4\n" * 20, encoding="utf-8")
    sets = ["corpus.train=labels.tsv", "task={kind: classification}"]
    with pytest.raises(UsageError, match="task: its values have different measures"):
        search("task={kind: classification},{kind: description}", wanted=2, sets=sets)


def test_a_search_repeats_itself_and_leaves_little(search):
    records = search(*SEARCHED, wanted=2)
    best = best_of(records)
    assert [record.number for record in records] == [0, 1]
    assert len({record.outcome.value for record in records}) == 2
    logs = [f"trial-{number:04}.jsonl" for number in range(2)]
    model = f"trial-{best.number:04}.pkl"
    assert files() == sorted(["best.yaml", "rnnlm.schema.json", "study.journal", *logs, model])
    again = search(*SEARCHED, wanted=2, directory="t", keep_models=True)
    assert without_seconds(again) == without_seconds(records)
    assert len([name for name in files("t") if name.endswith(".pkl")]) == 2
    other = search(*SEARCHED, wanted=1, directory="u", seed=2)
    assert other[0].values != records[0].values


def test_the_best_config_trains_to_the_same_figure(search):
    sets = ["training.schedule.kind=cosine", "checkpoint.path=models/x.pkl"]
    best = best_of(search(*SEARCHED, "model.cell=rnn,gru", wanted=2, sets=sets))
    text = Path("s/best.yaml").read_text(encoding="utf-8")
    config = load_config("s/best.yaml")
    assert (config.checkpoint.path, config.corpus.train) == ("models/x.pkl", "train.txt")
    *_, ended = begin(config).events()
    assert isinstance(ended, Ended)
    assert ended.valid == best.outcome.value
    weights = [
        {name: param.value.tolist() for name, param in loaded.network.params.items()}
        for loaded in (
            checkpoint.load(path).model
            for path in ("models/x.pkl", f"s/trial-{best.number:04}.pkl")
        )
    ]
    assert weights[0] == weights[1]
    assert text.startswith("# yaml-language-server: $schema=rnnlm.schema.json\n# Found by")
    assert f"  cell: {best.values['model.cell']}  # searched: rnn,gru\n" in text
    assert f"{best.outcome.value:.6g}" in text


@pytest.mark.parametrize("error", [Stopped, Killed])
def test_a_search_that_is_stopped_or_killed_anywhere_ends_as_one_that_is_not(search, error):
    whole = search(*SEARCHED, wanted=2, directory="whole")
    start, stops = Start.NEW, [1, 6, 3, 10]
    for polls in stops:
        with pytest.raises(error):
            search(*SEARCHED, wanted=2, start=start, poll=after(polls, error))
        start = Start.RESUME
    found = search(*SEARCHED, wanted=2, start=start)
    assert without_seconds(found) == without_seconds(whole)
    assert [n for n in files() if n != "study.journal"] == [
        n for n in files("whole") if n != "study.journal"
    ]


@pytest.mark.parametrize("place", ["_complete", "_is_pruned"])
def test_a_kill_between_a_training_and_its_report_loses_nothing(search, monkeypatch, place):
    from rnnlm_cli.search.trial import Trial

    whole = search(*SEARCHED, wanted=1, directory="whole")

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Trial, place, killed)
        with pytest.raises(Killed):
            search(*SEARCHED, wanted=1)
    found = search(*SEARCHED, wanted=1, start=Start.RESUME)
    assert without_seconds(found) == without_seconds(whole)


def test_two_processes_share_the_trials(plan, trained):
    one, other = (Search(plan(*SEARCHED, wanted=3), Start.RESUME, go_on) for _ in range(2))
    assert (one.is_new, other.is_new) == (True, False)
    seen = []

    def run(trial):
        """While this trial runs, another process begins the next."""
        assert one.plan.directory.is_held(trial.number)
        seen.append((trial.number, trial.is_resumed))
        if len(seen) % 2:
            other.next(run)
            states = {r.number: r.state for r in other.records()}
            assert states[trial.number] == "running"
        trained(trial)

    while one.next(run) is not None:
        pass
    assert other.next(run) is None
    assert seen == [(number, False) for number in range(3)]
    assert (
        [r.state for r in one.records()] == ["complete"] * 3 == [r.state for r in other.records()]
    )


def test_of_four_processes_one_is_killed_and_no_trial_is_lost_or_done_twice(plan, trained):
    workers = [Search(plan(*SEARCHED, wanted=6), Start.RESUME, go_on) for _ in range(4)]
    seen, ended = [], []

    def beside(number):
        """Run a trial while the next process begins one; the last process is killed."""

        def run(trial):
            seen.append((trial.number, trial.is_resumed))
            if number == 2:
                with pytest.raises(Killed):
                    workers[3].next(beside(3))
            elif number < 2:
                workers[number + 1].next(beside(number + 1))
            trained(trial, after(1, Killed) if number == 3 else go_on)
            ended.append(trial.number)

        return run

    def alone(trial):
        seen.append((trial.number, trial.is_resumed))
        trained(trial)
        ended.append(trial.number)

    workers[0].next(beside(0))
    assert [record.state for record in workers[0].records()] == ["complete"] * 3 + ["stopped"]
    left = workers[:3]
    while left:
        left = [worker for worker in left if worker.next(alone) is not None]
    again = [(number, False) for number in range(4)] + [(3, True), (4, False), (5, False)]
    assert seen == again
    assert sorted(ended) == list(range(6))
    assert [record.state for record in workers[1].records()] == ["complete"] * 6


def test_trials_that_diverge_or_do_not_fit_are_not_the_end(search):
    searched = (f"{RATE}=1e29,0.5", "training.batch_size=4,9000")
    records = search(*searched, sampler="grid", sets=["training.clip_norm=null"])
    states = {(r.values[RATE], r.values["training.batch_size"]): r for r in records}
    assert states[1e29, 4].state == "diverged"
    assert "epoch 1, step 2: the loss" in states[1e29, 4].outcome.reason
    assert states[0.5, 4].state == "complete"
    assert {states[rate, 9000].state for rate in (1e29, 0.5)} == {"failed"}
    assert "cannot fill 9000 streams" in states[0.5, 9000].outcome.reason
    assert best_of(records) == states[0.5, 4]


def test_a_text_that_no_trial_could_read_is_the_end(search):
    Path("train.txt").write_bytes(b"\xff\xfe a b\n" * 40)
    with pytest.raises(RnnlmError, match=r"train\.txt"):
        search("model.hidden_size=2,3")


BAD_LAST = f"{RATE}=1,0.9,0.8,0.7,0.6,1e-20"


def test_a_bad_trial_ends_early_also_within_an_epoch(search):
    """The median pruner compares with five complete trials."""
    sets = ["training.validate_every=2"]
    records = search(BAD_LAST, sampler="grid", sets=sets)
    assert [r.state for r in records] == [*["complete"] * 5, "pruned"]
    assert records[-1].outcome.epochs == 0.33
    assert records[-1].outcome.value > best_of(records).outcome.value


def test_halving_compares_with_two_trials(search):
    records = search(f"{RATE}=1,1e-20", sampler="grid", pruner="halving")
    assert [r.state for r in records] == ["complete", "pruned"]
    assert [r.outcome.epochs for r in records] == [2, 1]


def test_few_combinations_are_tried_once_each(search):
    records = search("model.hidden_size=2,3", "model.layers=1..2", sets=["training.epochs=1"])
    tried = [(r.values["model.hidden_size"], r.values["model.layers"]) for r in records]
    assert sorted(tried) == [(2, 1), (2, 2), (3, 1), (3, 2)]


def test_a_trial_whose_process_is_always_killed_at_one_step_fails(search):
    start = Start.NEW
    for _ in range(MOST_KILLS):
        with pytest.raises(Killed):
            search(*SEARCHED, wanted=1, start=start, poll=after(1, Killed))
        start = Start.RESUME
    (record,) = search(*SEARCHED, wanted=1, start=start)
    assert record.state == "failed"
    assert record.outcome.reason == "its process was killed 5 times at step 0"


def test_bits_per_byte_compare_subwords(search):
    sets = ["corpus.unit=subword", "corpus.normalize=nfc", "training.epochs=1"]
    Path("train.txt").write_text("말하다 the word\n" * 60, encoding="utf-8")
    records = search("corpus.subword.size=300,301", sets=sets)
    assert all(0 < r.outcome.value < 10 for r in records)


def test_a_study_is_continued_only_as_it_was_begun(search, plan):
    search(*SEARCHED, wanted=1)
    with pytest.raises(UsageError, match=r"study\.journal: already exists; use resume=True"):
        search(*SEARCHED, wanted=1)
    for change in (
        {"seed": 2},
        {"pruner": "none"},
        {"sets": ["training.epochs=3"]},
        {"sampler": "random"},
    ):
        (key,) = change
        named = "training.epochs was 2 and is 3" if key == "sets" else f"{key} was"
        with pytest.raises(UsageError, match=named):
            search(*SEARCHED, wanted=1, start=Start.RESUME, **change)
    with pytest.raises(UsageError, match=r"model.hidden_size was 2\.\.6 and is 2\.\.7"):
        search(SEARCHED[0], "model.hidden_size=2..7", start=Start.RESUME)
    free = ["training.threads=1", "checkpoint.path=other.pkl"]
    assert len(search(*SEARCHED, wanted=2, start=Start.RESUME, sets=free)) == 2
    with open("train.txt", "a", encoding="utf-8") as file:
        file.write("a d c b\n")
    with pytest.raises(UsageError, match="the texts have changed since the study began"):
        search(*SEARCHED, wanted=3, start=Start.RESUME)


def test_starting_over_removes_the_study_and_nothing_else(search, plan):
    search(*SEARCHED, wanted=2)
    Path("s/notes.txt").write_text("mine", encoding="utf-8")
    held = plan(*SEARCHED).directory.hold(1)
    with pytest.raises(UsageError, match="another process works on this study"):
        search(*SEARCHED, wanted=1, start=Start.OVERWRITE)
    held.close()
    search(*SEARCHED, wanted=1, start=Start.OVERWRITE)
    assert "notes.txt" in files()
    assert [name for name in files() if name.startswith("trial-0001")] == []


def test_a_damaged_study_is_an_error_with_its_name(search):
    search(*SEARCHED, wanted=1)
    with open("s/study.journal", "ab") as file:
        file.write(b"{\n{}\n")
    with pytest.raises(RnnlmError, match=r"s/study\.journal: cannot be used as a study"):
        search(*SEARCHED, wanted=2, start=Start.RESUME)


def test_a_line_that_a_kill_cut_short_is_written_again(search):
    search(*SEARCHED, wanted=1)
    whole = Path("s/study.journal").read_bytes()
    Path("s/study.journal").write_bytes(whole[:-7])  # the trial's end is missing
    (record,) = search(*SEARCHED, wanted=1, start=Start.RESUME)
    assert record.state == "complete"
    assert len(search(*SEARCHED, wanted=2, start=Start.RESUME)) == 2


def test_sqlite_holds_a_study_too(search):
    first = search(*SEARCHED, wanted=1, storage="sqlite")
    assert search(*SEARCHED, wanted=1, start=Start.RESUME) == first
    assert os.path.exists("s/study.db")
    assert not os.path.exists("s/study.journal")


@pytest.mark.parametrize(
    ("searched", "options", "message"),
    [
        (["model.hidden_size=2,0"], {}, "search model.hidden_size=0: .*0 is not allowed"),
        (["model.hiden_size=2,3"], {}, "did you mean model.hidden_size"),
        ([f"{RATE}=0..1"], {}, r"learning_rate: 0\.0 is not allowed"),
        ([f"{RATE}=1..2"], {"sampler": "grid"}, "sampler grid: needs lists of values"),
        (["training.optimizer.momentum=0.1,0.2"], {}, "only for kind: momentum|would use it"),
        (["training.bptt=4,5"], {"sets": ["corpus.valid=null"]}, "corpus.valid is not given"),
        (["model.layers=1,2", "model.freeze=[layer2],[]"], {}, "names a layer that"),
    ],
)
def test_everything_is_checked_before_the_first_trial(plan, searched, options, message):
    with pytest.raises(UsageError, match=message):
        plan(*searched, **options)


def test_classifiers_are_compared_by_accuracy_and_the_highest_is_the_best(search, plan):
    lines = Path("train.txt").read_text(encoding="utf-8").splitlines()
    rows = "".join(f"{'ab'[line[0] == 'a']}\t{line[0]}\n" for line in lines)
    Path("labels.tsv").write_text(rows, encoding="utf-8")
    sets = [
        "task={kind: classification}",
        "corpus.train=labels.tsv",
        "training.epochs=5",
        "training.optimizer={kind: adam}",
    ]
    rates = f"{RATE}=1.0e-09,0.1"
    records = search(rates, sets=sets, sampler="grid", seed=3)
    values = [record.outcome.value for record in records]
    assert len(set(values)) == 2
    assert max(values) == 1.0
    best = Objective("valid accuracy", ACCURACY).best_of(records)
    assert (best.outcome.value, best.values) == (1.0, {RATE: 0.1})
    table = search_table(plan(rates, sets=sets, sampler="grid", seed=3), records)
    assert "valid accuracy" in table[0]
    assert "100.00%" in table[-1]
