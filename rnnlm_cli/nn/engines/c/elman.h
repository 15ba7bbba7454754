/* The simple recurrent network, as in nn/cells/elman.py:

   h = tanh(a)    with a = x W_ih + b + h' W_hh */

#include "recurrence.h"

INLINE void elman_forward_units(const Place *p, Products from_x, Products from_h)
{
    float *gates = gates_at(p, 1), *h = at(p, p->block->h, p->t + 1);
    const float *bias = p->block->bias + p->unit;
    for (long u = 0; u < p->units; u += LANES) {
        long n = p->units - u;
        vec a = load(from_x.of + u, n) + load(bias + u, n) + load(from_h.of + u, n);
        vec y = tanh_of(a);
        store(h + u, y, n);
        store(gates + u, y, n);
    }
}

INLINE void elman_backward_units(const Place *p, const float *dh, float *direct, float *dc)
{
    float *gates = gates_at(p, 1);
    (void)dc;
    for (long u = 0; u < p->units; u += LANES) {
        long n = p->units - u;
        vec h = load(gates + u, n);
        store(gates + u, load(dh + u, LANES) * (1.0f - h * h), n); /* da */
        store(direct + u, all(0.0f), n);
    }
}
