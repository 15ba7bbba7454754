import numpy as np

for probabilities in ([0.8], [0.2], [0.8, 0.2], [0.5, 0.5, 0.5, 0.5], [1.0, 1.0]):
    loss = np.log(1 / np.array(probabilities)).mean()
    print(probabilities, f"mean loss {loss:.4f}, perplexity {np.exp(loss):.2f}")
