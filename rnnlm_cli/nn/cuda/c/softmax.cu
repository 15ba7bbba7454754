/* Softmax and cross-entropy, one row of logits per block; see nn/outputs/plain.py.
 *
 * x (rows, types) is h W^T, to which the bias is added; targets (rows), -1 where ignored. */

/* Return the largest of a row plus bias, with the bias added in place. */
FUNCTION real add_bias(real *x, const real *bias, integer types) {
    real peak = x[0] + bias[0];
    __syncthreads(); /* before the first value changes */
    for (integer j = threadIdx.x; j < types; j += blockDim.x) {
        x[j] += bias[j];
        if (!(x[j] <= peak)) peak = x[j];
    }
    return block_largest(peak);
}

/* Return the sum of exp(x - peak) over a row. */
FUNCTION double sum_exp(const real *x, real peak, integer types) {
    double total = 0;
    for (integer j = threadIdx.x; j < types; j += blockDim.x) total += exp(x[j] - peak);
    return block_sum(total);
}

/* x becomes (p - q) / divisor with q = (1 - s) onehot(target) + s / types; log_probs (rows) gets
 * the natural log of each target's probability, 0 if ignored. */
KERNEL softmax_gradient(real *x, const real *bias, const integer *targets, double *log_probs,
                        double smoothing, double divisor, integer rows, integer types) {
    real hit = (real)(1 - smoothing), others = (real)(smoothing / types);
    EACH_ROW(row, rows) {
        real *own = x + row * types;
        integer target = targets[row];
        real peak = add_bias(own, bias, types);
        double total = sum_exp(own, peak, types);
        double counts = target < 0 ? 0 : 1;
        if (target < 0 && threadIdx.x == 0) log_probs[row] = 0;
        for (integer j = threadIdx.x; j < types; j += blockDim.x) {
            real score = own[j] - peak, p = (real)(exp(score) / total);
            if (j == target) {
                log_probs[row] = (double)score - log(total);
                p -= hit;
            }
            own[j] = counts ? (p - others) / (real)divisor : 0;
        }
    }
}

/* log_probs (rows): the natural log of each target's probability, 0 if ignored. */
KERNEL softmax_targets(real *x, const real *bias, const integer *targets, double *log_probs,
                       integer rows, integer types) {
    EACH_ROW(row, rows) {
        real *own = x + row * types, peak = add_bias(own, bias, types);
        double total = sum_exp(own, peak, types);
        integer target = targets[row];
        if (threadIdx.x == 0)
            log_probs[row] = target < 0 ? 0 : (double)(own[target] - peak) - log(total);
    }
}

/* x becomes the natural logs of all probabilities. */
KERNEL log_softmax(real *x, const real *bias, integer rows, integer types) {
    EACH_ROW(row, rows) {
        real *own = x + row * types, peak = add_bias(own, bias, types);
        real shift = (real)(log(sum_exp(own, peak, types)) + peak);
        for (integer j = threadIdx.x; j < types; j += blockDim.x) own[j] -= shift;
    }
}
