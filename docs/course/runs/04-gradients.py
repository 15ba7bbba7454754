from rnnlm_cli.report.gradients import gradient_norms

print("steps back   scale 0.5   scale 1.0   scale 1.5")
found = [gradient_norms("rnn", scale, 50, 100, 1.0, seed=1) for scale in (0.5, 1.0, 1.5)]
for step in range(0, 51, 10):
    print(f"{step:10}", *(f"{norms.dh[step]:11.2e}" for norms in found))
print("per step  ", *(f"{norms.factor:11.2f}" for norms in found))
