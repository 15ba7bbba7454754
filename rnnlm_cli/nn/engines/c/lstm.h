/* Long short-term memory, as in nn/cells/lstm.py, with the gates' columns in the order i, f, g, o:

   i, f, o = sigmoid(a)    g = tanh(a)    with a = x W_ih + b + h' W_hh
   c = f c' + i g
   h = o tanh(c) */

#ifndef RNNLM_LSTM_H
#define RNNLM_LSTM_H

#include "recurrence.h"

INLINE void lstm_forward_units(const Place *p, Products from_x, Products from_h)
{
    const Block *block = p->block;
    long size = block->size;
    float *gates = gates_at(p, 4), *h = at(p, block->h, p->t + 1), *c = at(p, block->c, p->t + 1);
    const float *before = at(p, block->c, p->t), *bias = block->bias + p->unit;
    for (long u = 0; u < p->units; u += LANES) {
        long n = p->units - u;
        vec a[4];
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++)
            a[k] = load(from_x.of + k * from_x.apart + u, n) + load(bias + k * size + u, n) +
                   load(from_h.of + k * from_h.apart + u, n);
        vec i = sigmoid(a[0]), f = sigmoid(a[1]), g = tanh_of(a[2]), o = sigmoid(a[3]);
        vec now = f * load(before + u, n) + i * g;
        store(c + u, now, n);
        store(h + u, o * tanh_of(now), n);
        store(gates + u, i, n);
        store(gates + size + u, f, n);
        store(gates + 2 * size + u, g, n);
        store(gates + 3 * size + u, o, n);
    }
}

INLINE void lstm_backward_units(const Place *p, const float *from_above, float *direct, float *from_c)
{
    const Block *block = p->block;
    long size = block->size;
    float *gates = gates_at(p, 4);
    const float *before = at(p, block->c, p->t), *after = at(p, block->c, p->t + 1);
    for (long u = 0; u < p->units; u += LANES) {
        long n = p->units - u;
        vec i = load(gates + u, n), f = load(gates + size + u, n);
        vec g = load(gates + 2 * size + u, n), o = load(gates + 3 * size + u, n);
        vec tanh_c = tanh_of(load(after + u, n));
        vec dh = load(from_above + u, LANES);
        vec dc = load(from_c + u, n) + dh * o * (1.0f - tanh_c * tanh_c);
        store(gates + u, dc * g * i * (1.0f - i), n); /* da of i, f, g and o */
        store(gates + size + u, dc * load(before + u, n) * f * (1.0f - f), n);
        store(gates + 2 * size + u, dc * i * (1.0f - g * g), n);
        store(gates + 3 * size + u, dh * tanh_c * o * (1.0f - o), n);
        store(from_c + u, dc * f, n);
        store(direct + u, all(0.0f), n);
    }
}

#endif
