"""What is laid out from weights is kept while they do not change, and no longer."""

import numpy as np

from rnnlm_cli.nn.engines.unchanged import Unchanged
from rnnlm_cli.nn.param import Param


def test_a_copy_is_kept_until_the_last_one_leaves():
    param, made = Param(np.zeros(3)), []

    def lay_out(value):
        made.append(value.copy())
        return made[-1]

    unchanged = Unchanged([param])
    with unchanged:
        first = param.laid_out("so", lay_out)
        with unchanged:  # another thread would do the same
            assert param.laid_out("so", lay_out) is first
            assert param.laid_out("otherwise", lay_out) is not first
        assert param.laid_out("so", lay_out) is first
    param.value += 1
    assert param.laid_out("so", lay_out)[0] == 1
    with unchanged:
        assert param.laid_out("so", lay_out)[0] == 1
    assert len(made) == 4
