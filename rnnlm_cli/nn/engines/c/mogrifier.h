/* Mogrifier LSTM, as in nn/cells/mogrifier.py: an LSTM of x and h' after some rounds,

   x = 2 sigmoid(h' Q) * x    h' = 2 sigmoid(x Q) * h'    and so on, each with its own Q

   As in recurrence.h, each core takes some of the streams through all steps; no product of x can
   come before the step. What a round changes is kept: the gradients of all Q are products over all
   steps, after the last one. */

#ifndef RNNLM_MOGRIFIER_H
#define RNNLM_MOGRIFIER_H

#include "lstm.h"

/* A round: after = 2 sigmoid(by Q) * changed. Q is (K, N), or left right, (K, R) and (R, N). */
typedef struct {
    long depth, columns;     /* K, N */
    const float *left;       /* packed: left, or Q */
    const float *right;      /* packed */
    const float *left_back;  /* packed: left transposed, or Q transposed */
    const float *right_back; /* packed: right transposed */
    const float *by;         /* (T, B, K) */
    const float *changed;    /* (T, B, N) */
    float *after;            /* (T, B, N) */
    float *gate;             /* (T, B, N): 2 sigmoid, then the gradient of its argument */
    float *narrow;           /* (T, B, R): by left */
    float *dnarrow;          /* (T, B, R) */
} Round;

/* One block. `lstm` has its x and what it reads of h after the rounds, and no mask. */
typedef struct {
    const Block *lstm;
    const Round *rounds;
    long count, rank;        /* rank: R; 0 where Q is no product */
    const float *mask;       /* (B, H): multiplies h' before the rounds; or NULL */
    float *start;            /* (T, B, H): h' before the rounds; `h` itself without a mask */
    const float *input_back; /* W_ih transposed, packed: (4H, D) */
    float *dx;               /* (T, B, D) */
} MogrifierBlock;

/* Take `rows` streams, from one row of (T, B), through a round. */
INLINE void run_round(const Round *p, long rank, long row, long rows)
{
    float found[TOGETHER * PANEL] __attribute__((aligned(64)));
    const float *in = p->by + row * p->depth, *packed = p->left;
    long depth = p->depth;
    if (rank) {
        product_packed(rows, in, depth, packed, rank, 0, rank, p->narrow + row * rank);
        in = p->narrow + row * rank, packed = p->right, depth = rank;
    }
    for (long first = 0; first < p->columns; first += PANEL) {
        long width = least(PANEL, p->columns - first);
        panel_product(rows, in, depth, depth, panel_of(packed, depth, first), width, found, 0);
        for (long r = 0; r < rows; r++)
            for (long u = 0; u < width; u += LANES) {
                long at = (row + r) * p->columns + first + u, n = width - u;
                vec gate = 2.0f * sigmoid(load(found + r * PANEL + u, LANES));
                store(p->gate + at, gate, n);
                store(p->after + at, gate * load(p->changed + at, n), n);
            }
    }
}

/* Steps `from` to `to` of the streams `first` to `last`. */
INLINE void run_mogrifier(const MogrifierBlock *p, long from, long to, long first, long last)
{
    const Block *lstm = p->lstm;
    long size = lstm->size;
    for (long t = from; t < to; t++)
        for (long b = first; b < last; b += TOGETHER) {
            long rows = least(TOGETHER, last - b), row = t * lstm->streams + b;
            if (p->mask)
                for (long k = 0; k < rows * size; k++)
                    p->start[row * size + k] = lstm->h[row * size + k] * p->mask[b * size + k];
            for (long k = 0; k < p->count; k++)
                run_round(p->rounds + k, p->rank, row, rows);
            run_forward(lstm, t, t + 1, b, b + rows, 0, size, 4, lstm_forward_units);
        }
}

/* Back through a round. `dchanged` (rows, N) is the gradient of `after` on entry, of `changed` on exit;
   that of `by` is added to `dby` (rows, K). */
INLINE void run_round_back(const Round *p, long rank, long row, long rows, float *dchanged, float *dby)
{
    float found[TOGETHER * PANEL] __attribute__((aligned(64)));
    float *gates = p->gate + row * p->columns;
    const float *changed = p->changed + row * p->columns, *da = gates;
    long depth = p->columns;
    for (long k = 0; k < rows * p->columns; k += LANES) {
        long n = rows * p->columns - k;
        vec gate = load(gates + k, n), d = load(dchanged + k, n);
        store(gates + k, d * load(changed + k, n) * gate * (1.0f - 0.5f * gate), n);
        store(dchanged + k, d * gate, n);
    }
    if (rank) {
        product_packed(rows, da, depth, p->right_back, rank, 0, rank, p->dnarrow + row * rank);
        da = p->dnarrow + row * rank, depth = rank;
    }
    for (long first = 0; first < p->depth; first += PANEL) {
        long width = least(PANEL, p->depth - first);
        panel_product(rows, da, depth, depth, panel_of(p->left_back, depth, first), width, found, 0);
        for (long r = 0; r < rows; r++)
            for (long u = 0; u < width; u++)
                dby[r * p->depth + first + u] += found[r * PANEL + u];
    }
}

/* Steps `to` - 1 down to `from`; dy (to - from, B, H) comes from above. `dh` and `dc` (B, H) are the
   gradients of the state after on entry, of the state before on exit. */
INLINE void run_mogrifier_back(const MogrifierBlock *p, const float *dy, float *dh, float *dc, long from,
                               long to, long first, long last)
{
    const Block *lstm = p->lstm;
    long size = lstm->size, inputs = lstm->inputs;
    float own[PANEL] __attribute__((aligned(64))) = {0};
    for (long t = to - 1; t >= from; t--)
        for (long b = first; b < last; b += TOGETHER) {
            long rows = least(TOGETHER, last - b), row = t * lstm->streams + b;
            float *dx = p->dx + row * inputs, *before = dh + b * size;
            const float *da = lstm->gates + row * 4 * size;
            for (long r = 0; r < rows; r++)
                for (long unit = 0; unit < size; unit += PANEL) {
                    long width = least(PANEL, size - unit), at = (b + r) * size + unit;
                    const float *above = dy + (t - from) * lstm->streams * size + at;
                    for (long u = 0; u < width; u++)
                        own[u] = above[u] + dh[at + u];
                    Place place = {lstm, t, b + r, unit, width};
                    lstm_backward_units(&place, own, dh + at, dc + at);
                }
            product_packed(rows, da, 4 * size, p->input_back, inputs, 0, inputs, dx);
            product_packed(rows, da, 4 * size, lstm->backward, size, 0, size, before);
            for (long k = p->count - 1; k >= 0; k--) /* the first round and every other change x */
                run_round_back(p->rounds + k, p->rank, row, rows, k % 2 ? before : dx, k % 2 ? dx : before);
            if (p->mask)
                for (long k = 0; k < rows * size; k++)
                    before[k] *= p->mask[b * size + k];
        }
}

#endif
