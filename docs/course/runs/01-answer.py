factor = (4.98e-13 / 2.10e-03) ** (1 / 30)
print(f"{factor:.2f} per step, {4.98e-13 * factor**60:.0e} after 100 steps")
