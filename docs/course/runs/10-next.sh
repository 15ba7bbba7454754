# tolerance: 0.3

rnnlm train --config configs/hello.yaml --overwrite
rnnlm eval next --checkpoint checkpoints/hello.pkl --start "you say" --top 2
rnnlm eval next --checkpoint checkpoints/hello.pkl --start "you say goodbye and i say" --top 2
