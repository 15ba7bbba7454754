"""Generate text from an exported model with ONNX Runtime and NumPy alone.

rnnlm export checkpoints/hello.pkl --format onnx
python examples/generate_with_onnx.py checkpoints/hello.onnx "you say" 20
"""

import json
import sys

import numpy as np
import onnxruntime

path, start, length = sys.argv[1], sys.argv[2], int(sys.argv[3])
session = onnxruntime.InferenceSession(path)
told = session.get_modelmeta().custom_metadata_map
tokens, separator = json.loads(told["vocabulary"]), json.loads(told["separator"])
ids = {token: k for k, token in enumerate(tokens)}

names = [one.name for one in session.get_inputs()]  # ids, then the states
sizes = [one.shape[-1] for one in session.get_inputs()[1:]]
states = [np.zeros((1, 1, size), np.float32) for size in sizes]

words = start.split(separator) if separator else list(start)
known = [ids.get(word, ids[json.loads(told["unknown"])]) for word in words]
rng, read = np.random.default_rng(1), np.array(known)[:, np.newaxis]  # (steps, streams)
for _ in range(length):
    log_probs, *states = session.run(None, dict(zip(names, [read, *states], strict=True)))
    probabilities = np.exp(log_probs[-1, 0].astype(np.float64))
    chosen = rng.choice(len(tokens), p=probabilities / probabilities.sum())
    words.append(tokens[chosen])
    read = np.array([[chosen]])
print(separator.join(words))
