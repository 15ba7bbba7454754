rnnlm eval perplexity --checkpoint checkpoints/hello.pkl --corpus corpora/hello.txt | head -9
