/* Which levels this processor has, as the x86-64 psABI defines v3 and v4. Compiled for the oldest
   processor of the family. (__builtin_cpu_supports is not used: with zig's libraries it knows none.) */

#if defined(__x86_64__)

#include <cpuid.h>

#define HAS(bits, number) ((bits) >> (number) & 1)

/* Which registers the system saves when it switches to another process. */
static unsigned saved_registers(void)
{
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

int has_v3(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    int fma = HAS(c, 12), movbe = HAS(c, 22), xsave = HAS(c, 27), avx = HAS(c, 28), f16c = HAS(c, 29);
    if (!(fma && movbe && xsave && avx && f16c) || (saved_registers() & 0x06) != 0x06)
        return 0;
    if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !HAS(c, 5)) /* lzcnt */
        return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    return HAS(b, 3) && HAS(b, 5) && HAS(b, 8); /* bmi1, avx2, bmi2 */
}

int has_v4(void)
{
    unsigned a, b, c, d;
    if (!has_v3() || (saved_registers() & 0xe6) != 0xe6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    /* avx512f, dq, cd, bw, vl */
    return HAS(b, 16) && HAS(b, 17) && HAS(b, 28) && HAS(b, 30) && HAS(b, 31);
}

#elif defined(__aarch64__)

int has_aarch64(void) { return 1; }

#endif
