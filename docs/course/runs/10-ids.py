text = "you say goodbye and i say hello ."
tokens = text.split()
vocabulary = list(dict.fromkeys(tokens))  # each word once, in the order of appearance
ids = [vocabulary.index(token) for token in tokens]
print("vocabulary", vocabulary)
print("input     ", ids[:-1])
print("target    ", ids[1:])
