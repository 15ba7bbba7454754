import codecs
import contextlib
import io
import re
from collections import Counter
from math import exp, log

with contextlib.redirect_stdout(io.StringIO()):
    import this  # the Zen of Python: a short text that every Python has

words = re.findall("[a-z']+", codecs.decode(this.s, "rot13").lower())
print("types kept   unknown   perplexity   without unknown")
for size in (len(set(words)), 40, 20, 10, 5, 2):
    known = {word for word, _ in Counter(words).most_common(size)}
    text = [word if word in known else "<unk>" for word in words]
    count = Counter(text)
    nats = {word: -log(count[word] / len(text)) for word in count}  # the model: how often?
    every = exp(sum(nats[word] for word in text) / len(text))
    own = [nats[word] for word in text if word != "<unk>"]
    share = 1 - len(own) / len(text)
    print(f"{size:10} {share:8.0%} {every:12.2f} {exp(sum(own) / len(own)):17.2f}")
