rnnlm train --config configs/hello.yaml --overwrite
rnnlm eval next --start 'you say' --top 3
rnnlm eval next --start 'you say goodbye and i say' --top 3
rnnlm generate --start you --length 8 --seed 1
