rnnlm plot gradients --cell rnn --out 04-gradients.svg
