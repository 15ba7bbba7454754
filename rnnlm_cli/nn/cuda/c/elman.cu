/* A step of nn/cells/elman.py: h = tanh(a).
 *
 * All cells have the same arguments; some do not need all of them. B streams, H units, G gates.
 *
 * forward:
 *     gates     (B, G*H)  the input product; becomes the gates
 *     from_h    (B, G*H)  the recurrent product
 *     bias      (G*H)     inner (H): the bias within the recurrent product, or null
 *     h_before, c_before, h, c  (B, H)  the states before and after the step
 *     mask      (B, H)    of the recurrent h, or null; with it, read = h mask is written
 *     separate  (B, H)    what else backward needs
 * backward:
 *     gates     (B, G*H)  the gates; becomes the gradient of their inputs
 *     dp        (B, G*H)  written: that of the recurrent product, if it differs
 *     dy, dh    (B, H)    the gradient of h from above, and from the step after; mask as above
 *     direct    (B, H)    that of h from the step after, but for its product; replaced
 *     dc        (B, H)    that of c; replaced */

KERNEL rnn_forward(real *gates, const real *from_h, const real *bias, const real *inner,
                   const real *h_before, const real *c_before, real *h, real *c,
                   const real *mask, real *read, real *separate, integer streams, integer size) {
    EACH(k, streams * size) {
        h[k] = tanh(gates[k] + from_h[k] + bias[k % size]);
        if (mask) read[k] = h[k] * mask[k];
    }
}

KERNEL rnn_backward(real *gates, real *dp, const real *dy, const real *dh, const real *mask,
                    real *direct, real *dc, const real *h_before, const real *c_before,
                    const real *h, const real *c, const real *separate, integer streams,
                    integer size) {
    EACH(k, streams * size) {
        real d = dy[k] + (mask ? dh[k] * mask[k] : dh[k]);
        gates[k] = d * (1 - h[k] * h[k]);
    }
}
