/* Softmax and cross-entropy of whole rows, as in nn/outputs/softmax.py, while each row is in a core's
   cache:

   e = exp(logits + b - peak), total = sum of e, so that p = e / total
   log p[target] = logits[target] + b[target] - peak - log total
   d logits = (p - onehot(target)) / n = (e - total * onehot) * scale with scale = 1 / (total n) */

#ifndef RNNLM_SOFTMAX_H
#define RNNLM_SOFTMAX_H

#include <math.h>

#include "vector.h"

#define CALM 64 /* vectors that are summed in float32, before their sum is added in float64 */

INLINE float largest(vec x)
{
    float most = x[0];
    for (int k = 1; k < LANES; k++)
        most = x[k] > most || x[k] != x[k] ? x[k] : most; /* NaN is found */
    return most;
}

INLINE double sum_of(vec x)
{
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += x[k];
    return sum;
}

/* The larger of each two; NaN, if the second is. */
INLINE vec larger(vec x, vec y) { return where(~(x >= y), y, x); }

/* Add the bias to a row of logits; return the largest. */
INLINE float add_bias(float *row, long columns, const float *bias)
{
    vec most = all(-INFINITY);
    long whole = columns / LANES * LANES;
    for (long j = 0; j < whole; j += LANES) {
        vec x = load(row + j, LANES) + load(bias + j, LANES);
        most = larger(most, x);
        store(row + j, x, LANES);
    }
    float peak = largest(most);
    for (long j = whole; j < columns; j++) {
        row[j] += bias[j];
        peak = !(peak >= row[j]) ? row[j] : peak;
    }
    return peak;
}

/* Return the sum of exp(x - peak) over a row; with `replace`, each x is replaced by it. */
INLINE double sum_exp(float *row, long columns, float peak, int replace)
{
    long whole = columns / LANES * LANES, rest = columns - whole;
    double total = 0;
    for (long first = 0; first < whole; first += CALM * LANES) {
        long end = first + CALM * LANES < whole ? first + CALM * LANES : whole;
        vec sum = {0};
        for (long j = first; j < end; j += LANES) {
            vec e = exp_of(load(row + j, LANES) - peak);
            sum += e;
            if (replace)
                store(row + j, e, LANES);
        }
        total += sum_of(sum);
    }
    if (rest) {
        vec e = exp_of(load(row + whole, rest) - peak);
        if (replace)
            store(row + whole, e, rest);
        for (long k = 0; k < rest; k++)
            total += e[k];
    }
    return total;
}

/* Replace rows of logits (rows, columns) by e, or with `dbias` by e - total * onehot.

   targets: (rows,), -1 is ignored. log_probs: (rows,), 0 if ignored. total: (rows,). With `dbias`
   (columns,), the gradient of the bias is added to it, and `scale` (rows,) is written, 0 if ignored;
   `n` is the number of targets in the mean. */
static void softmax_rows(float *logits, long rows, long columns, const float *bias,
                         const int64_t *targets, double *log_probs, float *total, float *scale,
                         float *dbias, double n)
{
    for (long r = 0; r < rows; r++) {
        float *row = logits + r * columns;
        long target = targets[r];
        double logit = target < 0 ? 0 : (double)row[target] + bias[target];
        float peak = add_bias(row, columns, bias);
        double sum = sum_exp(row, columns, peak, 1);
        total[r] = (float)sum;
        log_probs[r] = target < 0 ? 0 : logit - peak - log(sum);
        if (!dbias)
            continue;
        scale[r] = target < 0 ? 0 : (float)(1 / (sum * n));
        if (target < 0)
            continue;
        row[target] -= total[r];
        for (long j = 0; j < columns; j += LANES) {
            long left = columns - j;
            store(dbias + j, load(dbias + j, left) + load(row + j, left) * scale[r], left);
        }
    }
}

/* Replace rows of logits (rows, columns), without bias, by log-probabilities. */
static void log_softmax_rows(float *logits, long rows, long columns, const float *bias)
{
    for (long r = 0; r < rows; r++) {
        float *row = logits + r * columns;
        float peak = add_bias(row, columns, bias);
        float whole = (float)(peak + log(sum_exp(row, columns, peak, 0)));
        for (long j = 0; j < columns; j += LANES)
            store(row + j, load(row + j, columns - j) - whole, columns - j);
    }
}

#endif
