# long: it trains a model
# words differ: a sample depends on the last digits of the weights
printf 'cat\tthe cat drinks milk\ndog\tthe dog eats meat\ncow\tthe cow eats grass\n' > facts.tsv
cat > facts.yaml <<'END'
task: {kind: description}
corpus: {train: facts.tsv}
model: {cell: lstm, embedding_size: 16, hidden_size: 16}
training: {epochs: 100, batch_size: 3, optimizer: {kind: adam, learning_rate: 0.02}}
checkpoint: {path: facts.pkl}
END
rnnlm train --config facts.yaml --overwrite
rnnlm generate --checkpoint facts.pkl --given cow --temperature 0 --seed 1
rnnlm generate --checkpoint facts.pkl --given dog --temperature 0 --seed 1
