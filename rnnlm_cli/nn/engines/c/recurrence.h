/* The loop over time, forward and backward, for any cell: `plain.py` in C.

   The streams of a block do not depend on each other: each core takes some of them through all
   steps, without waiting for another core. Gates are side by side, (T, B, G*H), in one array:
   first it holds the input product x W_ih; forward replaces it by the gates, backward replaces
   these by the gradients of their pre-activations. */

#ifndef RNNLM_RECURRENCE_H
#define RNNLM_RECURRENCE_H

#include "product.h"

/* One block of a layer. `T`, `B`, `H`: its steps, its streams, the hidden size. */
typedef struct {
    long steps, streams, size;
    float *gates;          /* (T, B, G*H) */
    const float *from_x;   /* (rows, G*H): x W_ih; `gates` itself, or one row for each token */
    const int64_t *row;    /* (T, B): which row of from_x; NULL if from_x is `gates` */
    long inputs;           /* D */
    const float *x;        /* (T, B, D): where few steps are read, instead of from_x; else NULL */
    const float *input;    /* W_ih, packed gate by gate: (D, H) each; with x */
    const float *bias;     /* (G*H,) */
    const float *inner;    /* (H,): added to the last gate's recurrent product; GRU */
    const float *forward;  /* W_hh, packed gate by gate: (H, H) each */
    const float *backward; /* W_hh transposed, packed: (G*H, H) */
    const float *mask;     /* (B, H): multiplies h before the recurrent product; or NULL */
    float *h;              /* (T+1, B, H); index 0 is the state before the block */
    float *c;              /* the same; LSTM */
    float *read;           /* (T+1, B, H): h as the recurrent product reads it; `h` without mask */
    float *saved;          /* (T, B, H): GRU, the recurrent product of n, then its gradient */
} Block;

/* Where a cell works: one stream at one step, `units` units from `unit`. */
typedef struct {
    const Block *block;
    long t, b, unit, units;
} Place;

INLINE float *at(const Place *p, float *array, long t)
{
    return array + (t * p->block->streams + p->b) * p->block->size + p->unit;
}

INLINE float *gates_at(const Place *p, int count)
{
    const Block *block = p->block;
    return block->gates + (p->t * block->streams + p->b) * block->size * count + p->unit;
}

INLINE const float *from_x_at(const Place *p, int count)
{
    const Block *block = p->block;
    long row = p->t * block->streams + p->b;
    if (block->row)
        row = block->row[row];
    return block->from_x + row * block->size * count + p->unit;
}

/* The product of each gate for the units of one place; gates are `apart` floats apart. */
typedef struct {
    const float *of;
    long apart;
} Products;

/* A cell's step for the units of one place. forward: from x, before the bias, and from h. backward: `dh` is the gradient of h from above and
   from the step after; `direct` and `dc` are those of the states before, on entry and on exit, `direct`
   without the way through the recurrent product. */
typedef void (*ForwardUnits)(const Place *, Products x, Products h);
typedef void (*BackwardUnits)(const Place *, const float *dh, float *direct, float *dc);

/* Write h after each step into `read`, times the mask. */
INLINE void read_masked(const Place *p, long t)
{
    const float *h = at(p, p->block->h, t), *mask = p->block->mask + p->b * p->block->size + p->unit;
    float *read = at(p, p->block->read, t);
    for (long u = 0; u < p->units; u++)
        read[u] = h[u] * mask[u];
}

/* The products of `rows` rows (depth) with one panel of each gate's weights, TOGETHER rows apart. */
INLINE void gate_products(long rows, const float *x, long depth, const float *packed, long size,
                          long unit, int count, float *out)
{
    for (int gate = 0; gate < count; gate++)
        panel_product(rows, x, depth, depth,
                      panel_of(packed + gate * depth * padded(size), depth, unit),
                      least(PANEL, size - unit), out + gate * TOGETHER * PANEL, 0);
}

/* Steps `from` to `to` of the streams `first` to `last` and the units `begin` to `end`. Steps wait for
   all units of the one before: several steps have all units. */
INLINE void run_forward(const Block *block, long from, long to, long first, long last, long begin,
                        long end, int count, ForwardUnits units)
{
    long size = block->size, inputs = block->inputs, apart = TOGETHER * PANEL;
    float from_h[4 * TOGETHER * PANEL] __attribute__((aligned(64)));
    float from_x[4 * TOGETHER * PANEL] __attribute__((aligned(64)));
    for (long t = from; t < to; t++)
        for (long b = first; b < last; b += TOGETHER) {
            long rows = least(TOGETHER, last - b), row = t * block->streams + b;
            for (long unit = begin; unit < end; unit += PANEL) {
                gate_products(rows, block->read + row * size, size, block->forward, size, unit,
                              count, from_h);
                if (block->x)
                    gate_products(rows, block->x + row * inputs, inputs, block->input, size, unit,
                                  count, from_x);
                for (long r = 0; r < rows; r++) {
                    Place place = {block, t, b + r, unit, least(PANEL, size - unit)};
                    Products x = {from_x + r * PANEL, apart}, h = {from_h + r * PANEL, apart};
                    if (!block->x)
                        x = (Products){from_x_at(&place, count), size};
                    units(&place, x, h);
                    if (block->mask)
                        read_masked(&place, t + 1);
                }
            }
        }
}

/* The gradient of h before step t, for `rows` streams from `b` and one panel of units: da W_hh^T.
   `separate` of the `count` gates have their gradients in `saved`, since it is not that of x W_ih. */
INLINE void through_weights(const Block *block, long t, long b, long rows, long unit, long width,
                            int count, int separate, float *dh)
{
    long size = block->size, row = t * block->streams + b, depth = (count - separate) * size;
    const float *panel = panel_of(block->backward, count * size, unit);
    panel_product(rows, block->gates + row * count * size, count * size, depth, panel, width, dh, 0);
    if (separate)
        panel_product(rows, block->saved + row * size, size, size, panel + depth * padded(width),
                      width, dh, 1);
    if (block->mask)
        for (long r = 0; r < rows; r++)
            for (long u = 0; u < width; u++)
                dh[r * PANEL + u] *= block->mask[(b + r) * size + unit + u];
}

/* Steps `to` - 1 down to `from`; dy (to - from, B, H) comes from above. `dh` and `dc` (B, H) are the
   gradients of the state after on entry, of the state before on exit. */
INLINE void run_backward(const Block *block, const float *dy, float *dh, float *dc, long from, long to,
                         long first, long last, int count, int separate, BackwardUnits units)
{
    long size = block->size;
    float whole[TOGETHER * PANEL] __attribute__((aligned(64)));
    for (long t = to - 1; t >= from - 1; t--)
        for (long b = first; b < last; b += TOGETHER) {
            long rows = least(TOGETHER, last - b);
            for (long unit = 0; unit < size; unit += PANEL) {
                long width = least(PANEL, size - unit);
                if (t == to - 1)
                    memset(whole, 0, rows * PANEL * sizeof(float));
                else
                    through_weights(block, t + 1, b, rows, unit, width, count, separate, whole);
                for (long r = 0; r < rows; r++) {
                    float *own = whole + r * PANEL, *direct = dh + (b + r) * size + unit;
                    for (long u = 0; u < width; u++)
                        own[u] += direct[u];
                    if (t < from) {
                        memcpy(direct, own, width * sizeof(float));
                        continue;
                    }
                    const float *above = dy + ((t - from) * block->streams + b + r) * size + unit;
                    for (long u = 0; u < width; u++)
                        own[u] += above[u];
                    Place place = {block, t, b + r, unit, width};
                    units(&place, own, direct, dc ? dc + (b + r) * size + unit : dc);
                }
            }
        }
}

#endif
