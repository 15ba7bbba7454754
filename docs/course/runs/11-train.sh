# long: it trains on the documentation of Python
# tolerance: 0.1
rnnlm corpus python-docs --out corpora/python-docs.txt --overwrite
rnnlm train --config configs/python-docs.yaml --set training.epochs=1 --overwrite
rnnlm eval perplexity --config configs/python-docs.yaml
