# tolerance: 0.1
import rnnlm_cli

lm = rnnlm_cli.load("checkpoints/hello.pkl")  # of chapter 10
state = lm.state("you say")
_, after_goodbye = state.read("goodbye")
_, after_hello = state.read("hello")
for each in (after_goodbye, after_hello, state):
    (word, probability), *_ = each.next(1)
    print(each, "comes", word, f"{probability:.2f}")
