/* Sums in a fixed order: of columns, of rows that share a number, and of squares. */

/* out (columns): the sum of each column of x (rows, columns). A block has up to 8 columns, whose
 * rows are dealt among groups of its threads. */
KERNEL sum_columns(const real *x, real *out, integer rows, integer columns) {
    SHARED real parts[MOST_THREADS];
    unsigned lanes = blockDim.x < 8 ? blockDim.x : 8, groups = blockDim.x / lanes;
    unsigned lane = threadIdx.x % lanes, group = threadIdx.x / lanes;
    for (integer first = (integer)blockIdx.x * lanes; first < columns;
         first += (integer)gridDim.x * lanes) {
        integer column = first + lane;
        real total = 0;
        if (column < columns)
            for (integer row = group; row < rows; row += groups) total += x[row * columns + column];
        parts[threadIdx.x] = total;
        __syncthreads();
        for (unsigned half = groups / 2; half > 0; half /= 2) {
            if (group < half) parts[threadIdx.x] += parts[threadIdx.x + half * lanes];
            __syncthreads();
        }
        if (group == 0 && column < columns) out[column] = parts[lane];
        __syncthreads();
    }
}

/* out (segments, columns): the sum of the rows order[starts[s]] ... order[starts[s + 1] - 1] of x,
 * one after another, as np.add.reduceat adds them. starts has segments + 1 elements. */
KERNEL sum_rows(const real *x, const integer *order, const integer *starts, real *out,
                integer segments, integer columns) {
    EACH(k, segments * columns) {
        integer segment = k / columns, column = k % columns, row = starts[segment];
        real total = x[order[row] * columns + column];
        for (row++; row < starts[segment + 1]; row++) total += x[order[row] * columns + column];
        out[k] = total;
    }
}

/* parts (shares): the sum of the squares of a share of x (count) each. */
KERNEL sum_squares(const real *x, double *parts, integer count, integer shares) {
    EACH_ROW(share, shares) {
        double total = 0;
        for (integer k = share * blockDim.x + threadIdx.x; k < count; k += shares * blockDim.x)
            total += (double)x[k] * x[k];
        total = block_sum(total);
        if (threadIdx.x == 0) parts[share] = total;
    }
}
