/* Vectors of floats, and the element-wise functions of the cells.

   A vector is as wide as a register of the level that is compiled: GCC and clang turn its
   arithmetic into the processor's instructions, so no function here names one. */

#ifndef RNNLM_VECTOR_H
#define RNNLM_VECTOR_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4 /* Arm's NEON */
#endif

typedef float vec __attribute__((vector_size(4 * LANES)));
typedef uint32_t bits __attribute__((vector_size(4 * LANES)));
typedef int32_t mask __attribute__((vector_size(4 * LANES)));

#define INLINE static inline __attribute__((always_inline))

/* The first n floats of an array, then zeros. */
INLINE vec load(const float *from, long n)
{
    vec x = {0};
    if (n >= LANES)
        memcpy(&x, from, sizeof x);
    else
        memcpy(&x, from, n * sizeof(float));
    return x;
}

INLINE void store(float *to, vec x, long n)
{
    if (n >= LANES)
        memcpy(to, &x, sizeof x);
    else
        memcpy(to, &x, n * sizeof(float));
}

INLINE vec all(float x) { return x - (vec){0}; }

/* The bits of x, or those of y where a comparison holds. */
INLINE vec where(mask holds, vec y, vec x) { return (vec)((holds & (mask)y) | (~holds & (mask)x)); }

/* Comparisons with NaN do not hold, so NaN stays NaN. */
INLINE vec at_most(vec x, float bound) { return where(x > bound, all(bound), x); }
INLINE vec at_least(vec x, float bound) { return where(x < bound, all(bound), x); }

/* e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln(2) / 2, as *power = 2^n; returns e^r - 1.

   Adding 1.5 * 2^23 to a float rounds it to a whole number, which is then in its lowest bits. The
   polynomial is the interpolation of (e^r - 1 - r) / r^2 at five Chebyshev points; its error is
   1e-8 relative. For |x| < 87. */
INLINE vec reduced_exp(vec x, vec *power)
{
    const float rounder = 12582912.0f;
    vec shifted = x * 1.44269504f + rounder;
    vec n = shifted - rounder;
    vec r = x - n * 0.693359375f; /* ln 2 in two parts: this one has nine bits, so n * it is exact */
    r = r + n * 2.12194440e-4f;
    *power = (vec)(((bits)shifted << 23) + 0x3f800000u);
    vec p = 1.39336882e-3f * r + 8.36320501e-3f;
    p = p * r + 4.16664630e-2f;
    p = p * r + 1.66665763e-1f;
    p = p * r + 0.5f;
    return p * r * r + r;
}

INLINE vec exp_of(vec x)
{
    vec power;
    vec e = reduced_exp(at_least(at_most(x, 87.0f), -87.0f), &power);
    return e * power + power;
}

INLINE vec sigmoid(vec x) { return 1.0f / (1.0f + exp_of(-x)); }

/* tanh(x) = m / (m + 2) with m = e^2x - 1, which keeps its relative accuracy near 0. */
INLINE vec tanh_of(vec x)
{
    vec power;
    vec e = reduced_exp(2.0f * at_least(at_most(x, 10.0f), -10.0f), &power);
    vec m = e * power + (power - 1.0f);
    return m / (m + 2.0f);
}

#endif
