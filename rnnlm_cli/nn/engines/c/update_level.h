/* The updates of one level. */

#include "names.h"
#include "update.h"

void FUNCTION(adam)(float *value, const float *gradient, float *mean, float *square, long count,
                    double keep, double beta1, double beta2, double mean_scale, double root_scale,
                    double epsilon)
{
    adam(value, gradient, mean, square, count, keep, beta1, beta2, mean_scale, root_scale, epsilon);
}
