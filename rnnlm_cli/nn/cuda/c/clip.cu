/* Gradient clipping, without waiting for the norm; see train/clipping.py. */

/* figures[0]: the root of the sum of parts (count); figures[1]: the factor for every gradient,
 * limit / (norm + 1e-6) where the norm is at least the limit. One block; a negative limit is none.
 */
KERNEL clip_factor(const double *parts, double *figures, double limit, integer count) {
    double total = 0;
    for (integer k = threadIdx.x; k < count; k += blockDim.x) total += parts[k];
    total = block_sum(total);
    if (threadIdx.x == 0) {
        double norm = sqrt(total);
        figures[0] = norm;
        figures[1] = limit >= 0 && norm >= limit ? limit / (norm + 1e-6) : 1;
    }
}

/* x *= figures[1] */
KERNEL clip_scale(real *x, const double *figures, integer count) {
    real factor = (real)figures[1];
    if (factor != 1) EACH(k, count) x[k] *= factor;
}
