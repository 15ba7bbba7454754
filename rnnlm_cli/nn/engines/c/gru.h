/* Gated recurrent unit, as in nn/cells/gru.py, with the gates' columns in the order r, z, n:

   r, z = sigmoid(x W_ih + b + h' W_hh)
   n    = tanh(x W_in + b_in + r h_n)    with h_n = h' W_hn + b_hn
   h    = (1 - z) n + z h'

   h_n is saved for backward, which replaces it by its gradient. */

#include "recurrence.h"

INLINE void gru_forward_units(const Place *p, Products from_x, Products from_h)
{
    const Block *block = p->block;
    long size = block->size;
    float *gates = gates_at(p, 3), *saved = at(p, block->saved, p->t);
    float *after = at(p, block->h, p->t + 1);
    const float *before = at(p, block->h, p->t), *inner = block->inner + p->unit;
    const float *bias = block->bias + p->unit;
    for (long u = 0; u < p->units; u += LANES) {
        long k = p->units - u;
        vec a[3];
#pragma GCC unroll 3
        for (int gate = 0; gate < 3; gate++)
            a[gate] = load(from_x.of + gate * from_x.apart + u, k) + load(bias + gate * size + u, k);
        vec r = sigmoid(a[0] + load(from_h.of + u, k));
        vec z = sigmoid(a[1] + load(from_h.of + from_h.apart + u, k));
        vec h_n = load(from_h.of + 2 * from_h.apart + u, k) + load(inner + u, k);
        vec n = tanh_of(a[2] + r * h_n);
        store(saved + u, h_n, k);
        store(after + u, n + z * (load(before + u, k) - n), k);
        store(gates + u, r, k);
        store(gates + size + u, z, k);
        store(gates + 2 * size + u, n, k);
    }
}

INLINE void gru_backward_units(const Place *p, const float *from_above, float *direct, float *dc)
{
    const Block *block = p->block;
    long size = block->size;
    float *gates = gates_at(p, 3), *saved = at(p, block->saved, p->t);
    const float *before = at(p, block->h, p->t);
    (void)dc;
    for (long u = 0; u < p->units; u += LANES) {
        long k = p->units - u;
        vec r = load(gates + u, k), z = load(gates + size + u, k), n = load(gates + 2 * size + u, k);
        vec h_n = load(saved + u, k), dh = load(from_above + u, LANES);
        vec da_n = dh * (1.0f - z) * (1.0f - n * n);
        store(gates + u, da_n * h_n * r * (1.0f - r), k);
        store(gates + size + u, dh * (load(before + u, k) - n) * z * (1.0f - z), k);
        store(gates + 2 * size + u, da_n, k);
        store(saved + u, da_n * r, k);
        store(direct + u, dh * z, k);
    }
}
