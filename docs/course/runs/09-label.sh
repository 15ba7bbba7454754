# long: it trains a model
# tolerance: 0.2
for thing in film book song; do
    printf 'good\tthe %s is good\n' $thing
    printf 'bad\tthe %s is bad\n' $thing
    printf 'bad\tthe %s is not good\n' $thing
    printf 'good\tthe %s is not bad\n' $thing
done > moods.tsv
printf 'good\tthe play is good\nbad\tthe play is bad\n' >> moods.tsv
cat > moods.yaml <<'END'
task: {kind: classification}
corpus: {train: moods.tsv}
model: {cell: lstm, embedding_size: 16, hidden_size: 16}
training: {epochs: 100, batch_size: 14, optimizer: {kind: adam, learning_rate: 0.02}}
checkpoint: {path: moods.pkl}
END
rnnlm train --config moods.yaml --overwrite
rnnlm label --checkpoint moods.pkl 'the play is not good'
rnnlm label --checkpoint moods.pkl 'the play is not bad'
