"""HTK's lattices."""

import math

import pytest

from rnnlm_cli.data.lattice import Link
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.exchange.slf import read_slf

AT_LINKS = r"""# of HTK
VERSION=1.0
UTTERANCE="utt 1"
lmname=a lmscale=12.5 wdpenalty=-2 acscale=0.1
base=10
start=0 end=3
NODES=4   LINKS=6
I=0 t=0.00
I=1 t=0.25
I=2 t=0.26
I=3 t=1.5
J=0 S=0 E=1 W=!NULL v=0 a=-100 l=0
J=1 START=1 END=2 WORD=it's v=3 acoustic=-200.5 language=-1
J=2 S=1 E=2 W="two words" a=-201
J=3 S=2 E=3 W=\"\x a=-1e2 l=-.5
J=4 S=2 E=3 W=" a=-1
J=5 S=2 E=3 W='s' a=-1
"""

AT_NODES = """N=4 L=4
I=0 W=!SENT_START
I=1 W=#
I=2 W=the
I=3 W=</s>
J=0 S=0 E=1 a=-1
J=1 S=0 E=2 a=-2 l=-3
J=2 S=1 E=3
J=3 S=2 E=3
"""


def read(text):
    return read_slf(text.splitlines(), "u.slf")


def test_words_at_links():
    """Logs to base 10 become natural ones; scales are numbers."""
    found, log = read(AT_LINKS), math.log(10)
    assert (found.name, found.times) == ("utt 1", [0, 0.25, 0.26, 1.5])
    assert (found.start, found.ends) == (0, {3})
    assert (found.acoustic_scale, found.language_scale) == (0.1, 12.5)
    assert found.word_penalty == pytest.approx(-2 * log)
    assert [link.word for link in found.links] == [None, "it's", "two words", '"x', '"', "'s'"]
    assert found.links[1] == Link(1, 2, "it's", -200.5 * log, -log)
    assert [link.language for link in found.links] == pytest.approx([0, -log, 0, -log / 2, 0, 0])


def test_words_at_nodes_belong_to_the_links_that_enter_them():
    found = read(AT_NODES)
    assert found.links == [
        Link(0, 1, "#", -1, 0),
        Link(0, 2, "the", -2, -3),
        Link(1, 3, None),
        Link(2, 3, None),
    ]
    assert (found.name, found.start, found.ends, found.times) == ("u.slf", 0, {3}, [None] * 4)


def test_probabilities_become_logarithms():
    found = read("base=0 N=2 L=1\nJ=0 S=0 E=1 W=a a=0.5 l=1\n")
    assert found.links == [Link(0, 1, "a", pytest.approx(math.log(0.5)), 0)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("N=4", "N=3", "u.slf: has node 3, and its header says N=3"),
        ("L=4", "L=5", "u.slf: has 4 links, and its header says L=5"),
        ("N=4 L=4", "L=4", "u.slf: there is no N="),
        ("N=4 L=4", "N=4 L=4 dir=b", "u.slf: dir=b: only lattices that go forward"),
        ("N=4 L=4", "N=4 L=4 start=9", "u.slf: has not one node where paths begin"),
        ("S=2 E=3", "S=2 E=9", "u.slf: a link has node 9, and the header says N=4"),
        ("a=-1", "a=nan", "u.slf: line 6: 'nan' is not a number"),
        ("a=-1", "a=-1e13", "u.slf: line 6: a=-1e13 is not a score from"),
        ("a=-1", "and", "u.slf: line 6: 'and' is not of the form NAME=VALUE"),
        ("J=1 S=0", "J=1", "u.slf: line 7: there is no S="),
        ("J=1", "J=x", "u.slf: line 7: J=x is not a whole number"),
        ("J=1", "J=0", "u.slf: line 7: link 0 is given twice"),
        ("I=1", "I=0", "u.slf: line 3: node 0 is given twice"),
        ("I=1 W=#", "I=1 L=x", "u.slf: line 3: sub-lattices are not read"),
        ("I=1 W=#", "I=1 W=#\\", "u.slf: line 3: 'W=#\\\\' is not of the form"),
        ("N=4", "base=1 N=4", "u.slf: line 6: base=1 is not the base of a logarithm"),
        ("N=4 L=4", "N=999999999 L=4", "u.slf: N=999999999 is more nodes than 4 links"),
    ],
)
def test_what_is_wrong_is_named(old, new, said):
    with pytest.raises(CorpusError) as caught:
        read(AT_NODES.replace(old, new, 1))
    assert said in str(caught.value)
