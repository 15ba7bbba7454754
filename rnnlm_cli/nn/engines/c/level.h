/* The kernels of one level. */

#include "elman.h"
#include "gru.h"
#include "lstm.h"
#include "mogrifier.h"
#include "names.h"
#include "rows.h"
#include "softmax.h"
#include "sru.h"

#define CELL(cell, count, separate)                                                               \
    void FUNCTION(cell##_forward)(const Block *block, long from, long to, long first, long last,  \
                                  long begin, long end)                                           \
    {                                                                                             \
        run_forward(block, from, to, first, last, begin, end, count, cell##_forward_units);       \
    }                                                                                             \
    void FUNCTION(cell##_backward)(const Block *block, const float *dy, float *dh, float *dc,     \
                                   long from, long to, long first, long last)                     \
    {                                                                                             \
        run_backward(block, dy, dh, dc, from, to, first, last, count, separate,                   \
                     cell##_backward_units);                                                      \
    }

CELL(elman, 1, 0)
CELL(lstm, 4, 0)
CELL(gru, 3, 1)

void FUNCTION(mogrifier_forward)(const MogrifierBlock *block, long from, long to, long first, long last)
{
    run_mogrifier(block, from, to, first, last);
}

void FUNCTION(mogrifier_backward)(const MogrifierBlock *block, const float *dy, float *dh, float *dc,
                                  long from, long to, long first, long last)
{
    run_mogrifier_back(block, dy, dh, dc, from, to, first, last);
}

void FUNCTION(sru_forward)(const SruBlock *block, long from, long to, long first, long last)
{
    run_sru(block, from, to, first, last);
}

void FUNCTION(sru_backward)(const SruBlock *block, const float *dy, const float *dh, float *dc,
                            long from, long to, long first, long last)
{
    run_sru_back(block, dy, dh, dc, from, to, first, last);
}

/* Floats of a packed matrix (depth, columns). */
long FUNCTION(packed_size)(long depth, long columns) { return depth * padded(columns); }

void FUNCTION(pack)(const float *weights, long depth, long columns, long down, long right,
                    float *packed)
{
    pack(weights, depth, columns, down, right, packed);
}

void FUNCTION(softmax_rows)(float *logits, long rows, long columns, const float *bias,
                            const int64_t *targets, double *log_probs, float *total, float *scale,
                            float *dbias, double n)
{
    softmax_rows(logits, rows, columns, bias, targets, log_probs, total, scale, dbias, n);
}

/* Where columns may be divided between cores: a multiple of this. */
long FUNCTION(panel)(void) { return PANEL; }

void FUNCTION(product_packed)(long rows, const float *x, long depth, const float *packed,
                              long columns, long begin, long end, float *out)
{
    product_packed(rows, x, depth, packed, columns, begin, end, out);
}

void FUNCTION(log_softmax_rows)(float *logits, long rows, long columns, const float *bias)
{
    log_softmax_rows(logits, rows, columns, bias);
}

void FUNCTION(sum_rows)(long rows, long columns, const float *values, const int64_t *index,
                        long begin, long end, float *sums)
{
    sum_rows(rows, columns, values, index, begin, end, sums);
}
