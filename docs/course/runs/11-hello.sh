# tolerance: 0.3

rnnlm eval perplexity --checkpoint checkpoints/hello.pkl --corpus corpora/hello.txt | head -9
