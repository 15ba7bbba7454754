/* Simple recurrent unit, as in nn/cells/sru.py. There is no product with h', so that all products
   are done before; gates come gate by gate, as in blocked.py, and a step reads arrays in order:

   f, r = sigmoid(a + v c')    c = f c' + (1 - f) g    h = r c + (1 - r) s */

#ifndef RNNLM_SRU_H
#define RNNLM_SRU_H

#include "vector.h"

/* One block. `T`, `B`, `H`: its steps, its streams, the hidden size. */
typedef struct {
    long streams, size;
    float *g, *f, *r, *s;     /* (T, B, H): products, then the gates; s times the scale */
    float *h, *c;             /* (T+1, B, H); index 0 is the state before the block */
    const float *v;           /* (2, H): of f and r */
    float *dg, *df, *dr, *ds; /* (T, B, H): the gradients of the products */
    float *dv;                /* (B, 2, H): those of v are added */
    float scale;
} SruBlock;

/* Steps `from` to `to` of the streams `first` to `last`. */
INLINE void run_sru(const SruBlock *p, long from, long to, long first, long last)
{
    long size = p->size, row = p->streams * size;
    for (long t = from; t < to; t++)
        for (long b = first; b < last; b++)
            for (long u = 0; u < size; u += LANES) {
                long at = (t * p->streams + b) * size + u, n = size - u;
                vec before = load(p->c + at, n), g = load(p->g + at, n);
                vec f = sigmoid(load(p->f + at, n) + load(p->v + u, n) * before);
                vec r = sigmoid(load(p->r + at, n) + load(p->v + size + u, n) * before);
                vec s = load(p->s + at, n) * p->scale, c = g + f * (before - g);
                store(p->f + at, f, n);
                store(p->r + at, r, n);
                store(p->s + at, s, n);
                store(p->c + at + row, c, n);
                store(p->h + at + row, s + r * (c - s), n);
            }
}

/* Steps `to` - 1 down to `from`; dy (to - from, B, H) comes from above, dh (B, H) too, at the last
   step. `dc` (B, H) is the gradient of c after on entry, of c before on exit. */
INLINE void run_sru_back(const SruBlock *p, const float *dy, const float *dh_last, float *dc_all,
                         long from, long to, long first, long last)
{
    long size = p->size, row = p->streams * size;
    for (long t = to - 1; t >= from; t--)
        for (long b = first; b < last; b++)
            for (long u = 0; u < size; u += LANES) {
                long in = b * size + u, at = t * row + in, n = size - u;
                vec dh = load(dy + (t - from) * row + in, n);
                if (t == to - 1)
                    dh += load(dh_last + in, n);
                vec g = load(p->g + at, n), f = load(p->f + at, n), r = load(p->r + at, n);
                vec s = load(p->s + at, n), before = load(p->c + at, n);
                vec dc = load(dc_all + in, n) + dh * r;
                vec dr = dh * (load(p->c + at + row, n) - s) * r * (1.0f - r);
                vec df = dc * (before - g) * f * (1.0f - f);
                float *dv = p->dv + 2 * b * size + u;
                store(p->dg + at, dc * (1.0f - f), n);
                store(p->df + at, df, n);
                store(p->dr + at, dr, n);
                store(p->ds + at, dh * (1.0f - r) * p->scale, n);
                store(dv, load(dv, n) + df * before, n);
                store(dv + size, load(dv + size, n) + dr * before, n);
                store(dc_all + in, dc * f + df * load(p->v + u, n) + dr * load(p->v + size + u, n), n);
            }
}

#endif
