rnnlm generate --checkpoint checkpoints/hello.pkl --start you --length 7 --seed 1
