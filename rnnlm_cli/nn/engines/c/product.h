/* Products of few rows with weights that are used many times.

   The weights (depth, columns) are laid out once, as panels of PANEL columns: a panel is
   (depth, PANEL), contiguous, the last one narrower, a multiple of LANES columns, filled with
   zeros. One call multiplies a few rows with one panel and keeps the sums in registers. How many
   rows and columns the registers hold differs from level to level: 5 x 64 with the 32 registers
   of AVX-512, 6 x 16 with the 16 of AVX2, 6 x 16 with the 32 short ones of NEON. */

#ifndef RNNLM_PRODUCT_H
#define RNNLM_PRODUCT_H

#include "vector.h"

#if LANES == 16
#define MOST_ROWS 5
#define PANEL 64
#else
#define MOST_ROWS 6
#define PANEL 16
#endif

/* Rows that are multiplied with a panel one after another: their sums stay in the nearest cache. */
#define TOGETHER 30

/* Columns of a matrix with the zeros at its end. */
INLINE long padded(long columns) { return (columns + LANES - 1) / LANES * LANES; }

INLINE long least(long a, long b) { return a < b ? a : b; }

/* out (rows, PANEL) = x (rows, depth) @ panel, or out += if `more`. */
INLINE void tile(int rows, int vectors, const float *x, long stride, long depth,
                 const float *panel, float *out, int more)
{
    vec sum[MOST_ROWS][PANEL / LANES];
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
            sum[r][v] = more ? load(out + r * PANEL + v * LANES, LANES) : (vec){0};
    for (long k = 0; k < depth; k++) {
        vec w[PANEL / LANES];
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
            w[v] = load(panel + (k * vectors + v) * LANES, LANES);
#pragma GCC unroll 8
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++)
                sum[r][v] += x[r * stride + k] * w[v];
    }
#pragma GCC unroll 8
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++)
            store(out + r * PANEL + v * LANES, sum[r][v], LANES);
}

#define CASE(rows, vectors)                                                 \
    case (rows) * 8 + (vectors):                                            \
        tile(rows, vectors, x, stride, depth, panel, out, more);            \
        break;

#if LANES == 16
#define CASES(rows) CASE(rows, 1) CASE(rows, 2) CASE(rows, 3) CASE(rows, 4)
#define ALL_CASES CASES(1) CASES(2) CASES(3) CASES(4) CASES(5)
#else
#if LANES == 8
#define CASES(rows) CASE(rows, 1) CASE(rows, 2)
#else
#define CASES(rows) CASE(rows, 1) CASE(rows, 2) CASE(rows, 3) CASE(rows, 4)
#endif
#define ALL_CASES CASES(1) CASES(2) CASES(3) CASES(4) CASES(5) CASES(6)
#endif

/* As `tile`, for any number of rows, cut into groups of nearly equal size. */
static void panel_product(long rows, const float *x, long stride, long depth, const float *panel,
                          long width, float *out, int more)
{
    int vectors = (int)(padded(width) / LANES);
    for (long groups = (rows + MOST_ROWS - 1) / MOST_ROWS; groups > 0; groups--) {
        int now = (int)(rows / groups);
        switch (now * 8 + vectors) {
            ALL_CASES
        }
        rows -= now, x += now * stride, out += now * PANEL;
    }
}

/* Where the panel of columns `first` and up begins. */
INLINE const float *panel_of(const float *packed, long depth, long first)
{
    return packed + depth * first;
}

/* Lay out one matrix of (depth, columns): element (k, j) is weights[k * down + j * right]. */
static void pack(const float *weights, long depth, long columns, long down, long right,
                 float *packed)
{
    for (long first = 0; first < columns; first += PANEL) {
        long own = least(PANEL, columns - first), width = padded(own);
        for (long k = 0; k < depth; k++, packed += width) {
            const float *row = weights + k * down + first * right;
            for (long j = 0; j < own; j++)
                packed[j] = row[j * right];
            for (long j = own; j < width; j++)
                packed[j] = 0;
        }
    }
}

/* out (rows, columns) = x (rows, depth) @ packed weights, for the columns `begin` to `end`. */
static void product_packed(long rows, const float *x, long depth, const float *packed, long columns,
                           long begin, long end, float *out)
{
    float found[TOGETHER * PANEL] __attribute__((aligned(64)));
    for (long first = begin; first < end; first += PANEL) {
        long width = least(PANEL, columns - first);
        for (long r = 0; r < rows; r += TOGETHER) {
            long now = least(TOGETHER, rows - r);
            panel_product(now, x + r * depth, depth, depth, panel_of(packed, depth, first), width,
                          found, 0);
            for (long k = 0; k < now; k++)
                memcpy(out + (r + k) * columns + first, found + k * PANEL, width * sizeof(float));
        }
    }
}

#endif
