/* Updates of the weights, rounded as NumPy rounds them (nn/engines/updates.py). */

/* value -= rate gradient */
KERNEL descend(real *value, const real *gradient, double rate, integer count) {
    EACH(k, count) value[k] -= (real)rate * gradient[k];
}

/* Adam (Kingma and Ba, 2015); the numbers are those of AdamStep. */
KERNEL adam(real *value, const real *gradient, real *m, real *v, double keep, double beta1,
            double beta2, double mean_scale, double root_scale, double epsilon, integer count) {
    EACH(k, count) {
        real g = gradient[k];
        real mean = m[k] * (real)beta1 + (real)(1 - beta1) * g;
        real square = v[k] * (real)beta2 + (real)(1 - beta2) * (g * g);
        real root = sqrt(square) * (real)root_scale + (real)epsilon;
        m[k] = mean, v[k] = square;
        value[k] = value[k] * (real)keep - (real)mean_scale * (mean / root);
    }
}

/* mean += (value - mean) / steps */
KERNEL running_mean(real *mean, const real *value, double steps, integer count) {
    EACH(k, count) mean[k] += (value[k] - mean[k]) / (real)steps;
}
