import numpy as np

from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.text.corpus import Corpus

text = Corpus("a text", np.arange(1000), 0, 0)  # 1,000 tokens, numbered from 0
blocks = list(Blocks(text, streams=2, steps=10))
for number in (0, 1, len(blocks) - 1):
    print(f"block {number}")
    for row in range(2):
        print("  reads   ", *blocks[number].inputs[:, row])
        print("  predicts", *blocks[number].targets[:, row])
