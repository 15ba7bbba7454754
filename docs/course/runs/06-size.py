from rnnlm_cli.nn.cells import CELLS

D = H = 100
for cell in (CELLS["rnn"], CELLS["lstm"], CELLS["gru"]):
    gates = len(cell.gates)
    weights = gates * (D * H + H * H + H) + len(cell.inner) * H
    print(f"{cell.title:10} gates {' '.join(cell.gates):7} weights of a layer {weights:,}")
