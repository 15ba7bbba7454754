# long: it reads all of Python's documentation
rnnlm corpus python-docs --out corpora/python-docs.txt --overwrite
