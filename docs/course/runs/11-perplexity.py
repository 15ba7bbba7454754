from math import exp, log


def perplexity(probabilities):
    return exp(-sum(log(p) for p in probabilities) / len(probabilities))


print(f"every word had 0.8:          {perplexity([0.8] * 100):6.2f}")
print(f"every word had 0.2:          {perplexity([0.2] * 100):6.2f}")
print(f"half had 0.8, half 0.2:      {perplexity([0.8, 0.2] * 50):6.2f}")
print(f"every word had 1/7:          {perplexity([1 / 7] * 100):6.2f}")
print(f"every word had 1:            {perplexity([1.0] * 100):6.2f}")
print(f"99 had 0.8, one had 1e-9:    {perplexity([0.8] * 99 + [1e-9]):6.2f}")
print(f"plain mean of 1/0.8 and 1/0.2: {(1 / 0.8 + 1 / 0.2) / 2:.3f}")
