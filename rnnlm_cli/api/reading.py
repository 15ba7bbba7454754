"""What a model says about a text that is given."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.api.arguments import lines_of, without_end
from rnnlm_cli.api.state import State
from rnnlm_cli.checks import check_flag, check_text
from rnnlm_cli.data.lines import both_ways
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.next_token import TOP
from rnnlm_cli.evaluate.perplexity import perplexity, perplexity_of
from rnnlm_cli.evaluate.rescoring import score_hypotheses
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.generate.sampling import read_start
from rnnlm_cli.generate.start import before_start, look_up_start
from rnnlm_cli.model.trace import LayerTrace, trace_layers
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Ids

SCORE = "score from left to right"


class Score(NamedTuple):
    """Of one token: ``kenlm``'s triple."""

    log10_prob: float
    ngram_length: int  # how many tokens went into it, its own among them
    oov: bool


class Trace(NamedTuple):
    """What happened inside a model while it read ``T`` tokens."""

    tokens: list[str]
    layers: list[LayerTrace]  # the recurrent ones, bottom first


class Reading:
    """What a model says about a text that is given; a part of ``LanguageModel``."""

    model: TrainedModel

    def score(self, sentence: str, bos: bool = True, eos: bool = True) -> float:
        """Return the log10 probability of a sentence; 0 for one without a token.

        Args:
            sentence: Words, or characters.
            bos: It is at the beginning of a line: the token that ends lines is fed to the
                zero state. Without, its first token is scored by its frequency in the
                training text, for nothing is known of what comes before.
            eos: The end of the line is scored too.

        Raises:
            UsageError: The model is bidirectional, or knows no end of a line and one is asked for;
                or an argument is of the wrong type.

        >>> lm.score("you say goodbye", bos=False) > lm.score("you goodbye say", bos=False)
        True
        """
        return sum(score.log10_prob for score in self.full_scores(sentence, bos, eos))

    def full_scores(self, sentence: str, bos: bool = True, eos: bool = True) -> Iterator[Score]:
        """Return log10 probability, length and whether it is unknown, of each token.

        The arguments and errors are those of ``score``.

        >>> [score.oov for score in lm.full_scores("you shout", eos=False)]
        [False, True]
        """
        check_text("sentence", sentence)
        check_flag("bos", bos)
        check_flag("eos", eos)
        self.model.require_left_to_right(SCORE)
        ids = self._line_ids(sentence, eos)
        if bos:
            scores = score_sequences(self.model.network, [ids], self.model.line_start())[0]
        elif len(ids):
            (rest,) = score_sequences(self.model.network, [ids[1:]], int(ids[0]))
            first = self.model.vocabulary.log_frequency(int(ids[0]))
            scores = np.concatenate([[first], rest])
        else:
            scores = np.empty(0)
        unknown = self.model.vocabulary.unknown_id
        return iter(
            Score(nats / math.log(10), place + 1 + bos, k == unknown)
            for place, (k, nats) in enumerate(zip(ids.tolist(), scores.tolist(), strict=True))
        )

    def perplexity(self, text: str | Iterable[str], independent: bool = True) -> float:
        """Return the perplexity of a text, or of lines; ``evaluate`` has the whole report.

        Args:
            text: A string, which is cut into lines, or lines.
            independent: Each line is read from its beginning, as ``kenlm`` does. Else the text is
                one stream, as ``rnnlm eval perplexity`` reads it: its first token is given, and
                the state is carried from line to line.

        Raises:
            UsageError: There is nothing to score, the model is bidirectional or knows no end of a
                line, or an argument is of the wrong type.

        >>> round(lm.perplexity("you say goodbye and i say hello .", independent=False), 1)
        1.0
        """
        check_flag("independent", independent)
        lines = lines_of(text)
        self.model.require_left_to_right(SCORE)
        if not independent:
            return self._stream_perplexity(lines)
        tokens = sum(len(self._line_ids(line, eos=True)) for line in lines)
        if not tokens:
            raise UsageError("there is no line to score; give a text with a token")
        nats = -sum(log_prob for _, log_prob in score_hypotheses(self.model, lines, str))
        return perplexity(nats, tokens)

    def next(
        self, start: str, top: int = 10, allow_unknown: bool = False
    ) -> list[tuple[str, float]]:
        """Return the likeliest next tokens and their probabilities.

        Args:
            start: What comes before.
            top: How many tokens.
            allow_unknown: Take the unknown token for one that the model does not know.

        Raises:
            UsageError: The start is empty, or has a token that the model does not know; the model
                is bidirectional; or an argument is of the wrong type or out of range.

        >>> lm.next("you say", top=1)[0][0]
        'goodbye'
        """
        check_text("start", start)
        TOP.check("top", top)
        return self.state(start, allow_unknown=allow_unknown).next(top)

    def state(self, start: str | None = None, *, allow_unknown: bool = False) -> State:
        """Return the state after a text, to go on from word by word.

        Args:
            start: The text; ``None`` for the beginning of a line.
            allow_unknown: Take the unknown token for one that the model does not know.

        Raises:
            UsageError: The start is empty, or has a token that the model does not know; there is
                none, and the model knows no end of a line; or the model is bidirectional.

        >>> log10_prob, state = lm.state("you").read("say")
        >>> state
        <State after 'you say'>
        >>> state.next(top=1)[0][0]
        'goodbye'
        """
        model, network = self.model, self.model.network
        model.require_left_to_right("tell what comes next; fill() fills blanks")
        tokens = start_tokens(model, start, allow_unknown)
        ids = [*before_start(model, tokens), *model.vocabulary.ids_of(tokens).tolist()]
        after = read_start(model.next_log_probs, network.initial_state(1), ids)
        return State(model, tokens, *after)

    def trace(self, text: str) -> Trace:
        """Read a text from the zero state; return states and gates of every step, for pictures.

        A row is a token: what a layer came to when it had read it. In a bidirectional model it is
        what each side has read before and after the token, which is all that predicts it.

        Args:
            text: A line; a token that the model does not know is read as the unknown one.

        Raises:
            UsageError: It is empty, or no string, or has several lines.

        >>> trace = lm.trace("you say goodbye")
        >>> trace.tokens
        ['you', 'say', 'goodbye']
        >>> (layer,) = trace.layers
        >>> layer.gates["f"].shape, layer.states["c"].shape
        ((3, 16), (3, 16))
        """
        check_text("text", text)
        model, line = self.model, without_end(text)
        tokens = model.codec.split(line)
        if not tokens or ("\n" in line and model.codec.newline is None):
            raise UsageError("expected one line with a token", field="text", place=repr(text)[:60])
        ids = model.vocabulary.ids_of(tokens)
        if model.network.bidirectional:
            ids = both_ways(ids[:, np.newaxis], model.line_start())[..., 0]
        return Trace(tokens, trace_layers(model.network, model.config.model, ids))

    def _line_ids(self, sentence: str, eos: bool) -> Ids:
        if eos:
            self.model.line_start()  # it raises an error where there is none
        return self.model.encode(without_end(sentence), ends_line=eos)

    def _stream_perplexity(self, lines: list[str]) -> float:
        network = self.model.network
        every = [self.model.encode(line, ends_line=True) for line in lines]
        ids = np.concatenate([np.empty(0, np.int64), *every])
        if len(ids) < 2:
            raise UsageError("there is no token to predict; give a text with two at least")
        log_probs, _ = score_stream(network, ids, network.initial_state(1))
        return perplexity_of(log_probs)


def start_tokens(model: TrainedModel, start: str | None, allow_unknown: bool) -> list[str]:
    """Return the tokens that a text begins with.

    Raises:
        UsageError: It is empty or no string, or the model does not know a token; or there is none,
            and the model knows no end of a line.
    """
    check_flag("allow_unknown", allow_unknown)
    if start is not None:
        check_text("start", start, empty=False)
    return look_up_start(model, start, allow_unknown)
