# long: it needs the model of chapter 11
# words differ: a sample depends on the last digits of the weights
for temperature in 0 0.5 1 2; do
    echo "temperature $temperature:"
    rnnlm generate --config configs/python-docs.yaml --start you --length 30 --skip '<unk>' \
        --temperature $temperature --seed 1
done
