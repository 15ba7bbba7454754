from math import exp, log, log2

print(f"perplexity {exp(5):.1f}, {log2(exp(5)):.2f} bits per word")
print(f"words, of 5.5 characters: {log(100) / 5.5:.2f} nats per character")
print(f"letters: {log(3):.2f} nats per character")
