"""``rnnlm eval tune rescore``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rnnlm_cli.commands.shared.lists import SLF, Reader, as_rescored, decoded
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.dealing import Deal
from rnnlm_cli.evaluate.lattices import LatticeDecoder, Search
from rnnlm_cli.evaluate.rescore_tuning import (
    Candidate,
    Lists,
    TriedRescoring,
    best_last,
    tune_rescoring,
)
from rnnlm_cli.evaluate.word_errors import WordErrors, summed, word_errors
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, Rescored
from rnnlm_cli.exchange.references import read_references
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.report.word_errors import ERRORS_HEADER, errors_row, errors_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import display_name
from rnnlm_cli.train.dealing import deal_of
from rnnlm_cli.train.group import Group

SHOWN = 10
"""Settings that the table has; JSON has all of them."""

BOTH = Search(weight=0.5)
"""Finds paths that are good by the earlier language model, and paths that are good by this one."""


def tune_rescore(
    model: TrainedModel,
    paths: Sequence[str],
    references: str,
    form: str | None,
    context: str | None,
    encoding: str | None,
    settings: tuple[Sequence[float], Sequence[float]],
    as_json: bool,
    group: Group,
) -> None:
    """Try weights with word penalties, and print the word errors of each.

    Raises:
        UsageError: A list has no reference.
    """
    reader = Reader(model, encoding)
    state, deal = group.first(lambda: reader.state(context)), deal_of(group)
    name = form or DEFAULT
    by_id = name == SLF or FORMATS[name].has_ids
    texts = group.first(
        lambda: read_references(reader.lines(references), by_id, display_name(references))
    )
    lists, before, missing = list[list[Candidate]](), list[WordErrors](), dict.fromkeys(texts)
    for list_id, rescored in groups(reader, model, paths, name, state, deal):
        if list_id not in texts:
            raise UsageError(
                f"has no line for the list {list_id[:40]!r}; add one", place=references
            )
        missing.pop(list_id, None)
        wanted = texts[list_id]
        lists.append([candidate(one, wanted) for one in rescored])
        first = max(rescored, key=lambda one: one._replace(weight=0.0).score)
        before.append(candidate(first, wanted).errors)
    if missing:
        note(f"{references}: {len(missing):,} of {len(texts):,} lines belong to no list")
    show(summed(before), Lists(lists), settings, as_json)


def groups(
    reader: Reader,
    model: TrainedModel,
    paths: Sequence[str],
    form: str,
    state: State | None,
    deal: Deal,
) -> Iterator[tuple[str, list[Rescored]]]:
    """Yield the id of each list, and its hypotheses."""
    if form == SLF:
        decoder = LatticeDecoder(model, BOTH, state)
        for lattice, best in decoded(reader, decoder, paths, deal):
            yield lattice.name, [as_rescored(lattice, one, BOTH) for one in best]
        return
    for number, path in enumerate(paths):
        scored = reader.scored(path, form, state, deal)
        for group, found in groupby(scored, key=lambda pair: pair[0].group):
            rescored = [Rescored(own, log10_prob, 1.0) for own, log10_prob in found]
            yield group or str(number), rescored


def candidate(one: Rescored, wanted: Sequence[str]) -> Candidate:
    """Return a hypothesis with its errors."""
    own, words = one.hypothesis, one.hypothesis.text.split()
    errors = word_errors(wanted, words)
    return Candidate(own.fixed, own.old, one.log10_prob, len(words), errors)


def show(
    before: WordErrors,
    lists: Lists,
    settings: tuple[Sequence[float], Sequence[float]],
    as_json: bool,
) -> None:
    """Print the errors before and with each setting, the best last."""
    tried = best_last(tune_rescoring(lists, *settings))
    if as_json:
        print_result(json_line({"how": "before", **errors_values(before)}))
        for one in tried:
            settings_of = {"weight": one.weight, "word_penalty": one.word_penalty}
            values = {"how": option_of(one), **settings_of, **errors_values(one.errors)}
            print_result(json_line(values))
        return
    print_result(ERRORS_HEADER)
    print_result(errors_row(before, "before, by the older scores"))
    for one in tried[-SHOWN:]:
        print_result(errors_row(one.errors, option_of(one)))
    note(errors_row(lists.fewest(), "if the best hypothesis of each list were chosen"))


def option_of(tried: TriedRescoring) -> str:
    """Return the options to give to ``rnnlm eval rescore``."""
    return f"--weight {tried.weight:g} --word-penalty {tried.word_penalty:g}"
