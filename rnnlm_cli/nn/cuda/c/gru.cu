/* A step of nn/cells/gru.py: all streams, all units.
 *
 *     r, z = sigmoid(a)   n = tanh(x_n + r (h_n + b_hn))   h = (1 - z) n + z h'
 *
 * Arguments as in elman.cu; separate is h_n + b_hn. */

KERNEL gru_forward(real *gates, const real *from_h, const real *bias, const real *inner,
                   const real *h_before, const real *c_before, real *h, real *c,
                   const real *mask, real *read, real *separate, integer streams, integer size) {
    EACH(k, streams * size) {
        integer j = k % size, first = 3 * size * (k / size) + j;
        real *a = gates + first;
        const real *p = from_h + first, *b = bias + j;
        real r = sigmoid(a[0] + p[0] + b[0]);
        real z = sigmoid(a[size] + p[size] + b[size]);
        real h_n = p[2 * size] + inner[j];
        real n = tanh(a[2 * size] + b[2 * size] + r * h_n);
        a[0] = r, a[size] = z, a[2 * size] = n;
        separate[k] = h_n;
        h[k] = (1 - z) * n + z * h_before[k];
        if (mask) read[k] = h[k] * mask[k];
    }
}

KERNEL gru_backward(real *gates, real *dp, const real *dy, const real *dh, const real *mask,
                    real *direct, real *dc, const real *h_before, const real *c_before,
                    const real *h, const real *c, const real *separate, integer streams,
                    integer size) {
    EACH(k, streams * size) {
        integer first = 3 * size * (k / size) + k % size;
        real *a = gates + first, *p = dp + first;
        real r = a[0], z = a[size], n = a[2 * size];
        real d = dy[k] + (mask ? dh[k] * mask[k] : dh[k]) + direct[k];
        real da_n = d * (1 - z) * (1 - n * n);
        real da_r = da_n * separate[k] * r * (1 - r);
        real da_z = d * (h_before[k] - n) * z * (1 - z);
        a[0] = p[0] = da_r;
        a[size] = p[size] = da_z;
        a[2 * size] = da_n;
        p[2 * size] = da_n * r;
        direct[k] = d * z;
    }
}
