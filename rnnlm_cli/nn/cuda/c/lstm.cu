/* A step of nn/cells/lstm.py: all streams, all units.
 *
 *     i, f, o = sigmoid(a)   g = tanh(a)   c = f c' + i g   h = o tanh(c)
 *
 * Arguments as in elman.cu. */

KERNEL lstm_forward(real *gates, const real *from_h, const real *bias, const real *inner,
                    const real *h_before, const real *c_before, real *h, real *c,
                    const real *mask, real *read, real *separate, integer streams, integer size) {
    EACH(k, streams * size) {
        integer j = k % size, first = 4 * size * (k / size) + j;
        real *a = gates + first;
        const real *p = from_h + first, *b = bias + j;
        real i = sigmoid(a[0] + p[0] + b[0]);
        real f = sigmoid(a[size] + p[size] + b[size]);
        real g = tanh(a[2 * size] + p[2 * size] + b[2 * size]);
        real o = sigmoid(a[3 * size] + p[3 * size] + b[3 * size]);
        a[0] = i, a[size] = f, a[2 * size] = g, a[3 * size] = o;
        c[k] = f * c_before[k] + i * g;
        h[k] = o * tanh(c[k]);
        if (mask) read[k] = h[k] * mask[k];
    }
}

KERNEL lstm_backward(real *gates, real *dp, const real *dy, const real *dh, const real *mask,
                     real *direct, real *dc, const real *h_before, const real *c_before,
                     const real *h, const real *c, const real *separate, integer streams,
                     integer size) {
    EACH(k, streams * size) {
        real *a = gates + 4 * size * (k / size) + k % size;
        real i = a[0], f = a[size], g = a[2 * size], o = a[3 * size], tanh_c = tanh(c[k]);
        real d = dy[k] + (mask ? dh[k] * mask[k] : dh[k]);
        real slope = dc[k] + d * o * (1 - tanh_c * tanh_c);
        a[0] = slope * g * i * (1 - i);
        a[size] = slope * c_before[k] * f * (1 - f);
        a[2 * size] = slope * i * (1 - g * g);
        a[3 * size] = d * tanh_c * o * (1 - o);
        dc[k] = slope * f;
    }
}
