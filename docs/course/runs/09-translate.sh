# long: it trains a translation
# words differ: it may not learn each line
for x in a b c d; do for y in a b c d; do for z in a b c d; do for w in a b c d; do
    printf '%s %s %s %s\t%s %s %s %s\n' $x $y $z $w $w $z $y $x
done; done; done; done > all.tsv
grep -v '^a d c' all.tsv > turned.tsv  # lines that begin so are kept for the test
cat > turned.yaml <<'END'
task: {kind: translation}
corpus: {train: turned.tsv}
model: {cell: lstm, embedding_size: 16, hidden_size: 32}
training: {epochs: 100, batch_size: 36, optimizer: {kind: adam, learning_rate: 0.01}}
checkpoint: {path: turned.pkl}
END
rnnlm train --config turned.yaml --overwrite
rnnlm translate --checkpoint turned.pkl 'a d c b'
rnnlm translate --checkpoint turned.pkl 'a d c d'
