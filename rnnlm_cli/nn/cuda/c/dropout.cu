/* Dropout masks from the very numbers that NumPy's generator draws on the CPU.
 *
 * PCG64 is a linear congruential generator of 128 bits (O'Neill, 2014), so any of its numbers can
 * be reached in a logarithm of steps (Brown, 1994). Each thread goes to its first number and draws
 * a few one after another. A number of 64 bits gives two draws of float32, the lower half first. */

#define DRAWS 16 /* per thread and turn */

typedef struct {
    wide high, low;
} wider;

#define HALF_OF(word, draw) (unsigned)((draw) & 1 ? (word) >> 32 : (word))

FUNCTION wider plus(wider a, wider b) {
    wider sum = {a.high + b.high, a.low + b.low};
    sum.high += sum.low < a.low;
    return sum;
}

FUNCTION wider times(wider a, wider b) {
    wider product = {__umul64hi(a.low, b.low) + a.high * b.low + a.low * b.high, a.low * b.low};
    return product;
}

FUNCTION wider multiplier(void) {
    wider found = {2549297995355413924ULL, 4865540595714422341ULL};
    return found;
}

FUNCTION wider advanced(wider state, wider increment, integer steps) {
    wider factor = {0, 1}, shift = {0, 0}, one = {0, 1}, own_factor = multiplier();
    for (; steps > 0; steps >>= 1) {
        if (steps & 1) {
            factor = times(factor, own_factor);
            shift = plus(times(shift, own_factor), increment);
        }
        increment = times(plus(own_factor, one), increment);
        own_factor = times(own_factor, own_factor);
    }
    return plus(times(factor, state), shift);
}

FUNCTION wide output(wider state) {
    wide mixed = state.high ^ state.low;
    unsigned turn = (unsigned)(state.high >> 58);
    return mixed >> turn | mixed << (-turn & 63);
}

/* mask (count): 0 where the draw is below rate, else scale. Values k ... k + width - 1 of a step are
 * the draws from first in every stride; with stride 0 all draws are made, one after another. If
 * has_half, the first draw is half, left over from before; the others begin after state. */
KERNEL dropout_mask(real *mask, wide high, wide low, wide step_high, wide step_low,
                    integer has_half, wide half, double rate, double scale, integer width,
                    integer stride, integer first, integer count) {
    wider start = {high, low}, increment = {step_high, step_low}, state = start;
    EACH(turn, (count + DRAWS - 1) / DRAWS) {
        integer held = -1;
        wide word = 0;
        for (integer k = turn * DRAWS; k < (turn + 1) * DRAWS && k < count; k++) {
            integer draw = stride ? k / width * stride + first + k % width : k;
            unsigned bits = (unsigned)half;
            if (draw >= has_half) {
                integer after = draw - has_half, at = after / 2;
                if (held >= 0 && at == held + 1)
                    state = plus(times(state, multiplier()), increment);
                else if (at != held)
                    state = advanced(start, increment, at + 1);
                if (at != held) word = output(state);
                held = at;
                bits = HALF_OF(word, after);
            }
            float uniform = (float)(bits >> 8) * (1.0f / 16777216.0f);
            mask[k] = uniform >= (float)rate ? (real)scale : 0;
        }
    }
}
