/* What the kernels share. They are in the part of C++ that is C too, so that a C compiler makes
 * the same functions for a test without a device (tests/nn/cuda/emulated.h).
 *
 * REAL is float or double. Every kernel loops over its elements in strides of all threads, or over
 * its rows in strides of all blocks, so that any number of blocks and threads computes the same,
 * down to one thread of one block. None adds with atomics: the order of each sum is fixed. */

typedef REAL real;
typedef long long integer;
typedef unsigned long long wide;

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void
#define FUNCTION __device__ static inline
#define SHARED __shared__
#else
#define KERNEL void
#define FUNCTION static inline
#define SHARED static
#endif

#define MOST_THREADS 1024

#define EACH(k, count)                                                      \
    for (integer k = (integer)blockIdx.x * blockDim.x + threadIdx.x;        \
         k < (count); k += (integer)gridDim.x * blockDim.x)

#define EACH_ROW(row, rows) for (integer row = blockIdx.x; row < (rows); row += gridDim.x)

/* sigmoid(x) = (1 + tanh(x / 2)) / 2 does not overflow */
FUNCTION real sigmoid(real x) { return (real)0.5 * tanh((real)0.5 * x) + (real)0.5; }

/* Sum over the threads of a block, as a tree. Their number is a power of two. */
FUNCTION double block_sum(double own) {
    SHARED double parts[MOST_THREADS];
    parts[threadIdx.x] = own;
    __syncthreads();
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
        __syncthreads();
    }
    double total = parts[0];
    __syncthreads();
    return total;
}

/* The largest over the threads of a block; NaN if one is NaN. */
FUNCTION real block_largest(real own) {
    SHARED real parts[MOST_THREADS];
    parts[threadIdx.x] = own;
    __syncthreads();
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) {
            real other = parts[threadIdx.x + half];
            if (!(other <= parts[threadIdx.x])) parts[threadIdx.x] = other;
        }
        __syncthreads();
    }
    real largest = parts[0];
    __syncthreads();
    return largest;
}
