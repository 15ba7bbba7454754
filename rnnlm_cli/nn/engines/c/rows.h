/* Sums of rows by the table's row that they belong to, as `Rows` in nn/gradient.py. */

#ifndef RNNLM_ROWS_H
#define RNNLM_ROWS_H

#include "vector.h"

/* sums (n, columns) += values (rows, columns), row r to row index[r], for the columns `begin` to `end`. */
static void sum_rows(long rows, long columns, const float *values, const int64_t *index, long begin,
                     long end, float *sums)
{
    for (long r = 0; r < rows; r++) {
        const float *from = values + r * columns;
        float *to = sums + index[r] * columns;
        for (long j = begin; j < end; j += LANES)
            store(to + j, load(to + j, end - j) + load(from + j, end - j), end - j);
    }
}

#endif
