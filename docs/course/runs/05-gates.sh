# long: it needs a model of the run before
# tolerance: 0.2
rnnlm plot gates 'a . . . . . . . . . . . . . . . . a' --checkpoint open-16.pkl --out 05-gates.svg
