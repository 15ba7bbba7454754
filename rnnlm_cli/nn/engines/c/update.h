/* Updates of weights. The compiler must not contract a product and a sum into one operation here
   (-ffp-contract=off): so each value is rounded as NumPy rounds it, and the bits are the same. */

#ifndef RNNLM_UPDATE_H
#define RNNLM_UPDATE_H

#include <math.h>

/* One step of Adam, as in nn/engines/updates.py:

   w = keep w   m = beta1 m + (1 - beta1) g   v = beta2 v + (1 - beta2) g^2
   w = w - mean_scale (m / (root_scale sqrt(v) + epsilon)) */
static void adam(float *value, const float *gradient, float *mean, float *square, long count,
                 double keep, double beta1, double beta2, double mean_scale, double root_scale,
                 double epsilon)
{
    const float kept = (float)keep, b1 = (float)beta1, b2 = (float)beta2;
    const float new1 = (float)(1 - beta1), new2 = (float)(1 - beta2);
    const float mean_by = (float)mean_scale, root_by = (float)root_scale, add = (float)epsilon;
    for (long k = 0; k < count; k++) {
        float g = gradient[k];
        float m = mean[k] * b1 + new1 * g;
        float v = square[k] * b2 + new2 * (g * g);
        float root = sqrtf(v) * root_by + add;
        mean[k] = m;
        square[k] = v;
        value[k] = value[k] * kept - mean_by * (m / root);
    }
}

#endif
