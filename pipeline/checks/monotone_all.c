/* Whether the sigmoid and tanh ever fall, over all floats from -infinity to infinity: what intervals
 * through them rest on. Includes the expressions themselves. */
#include <stdio.h>
#include <string.h>

#include "layer_expressions.h"

static float of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static long count, falls;
static float sigmoid = -1.0f, hyperbolic_tangent = -2.0f; /* below all answers */

static void visit(uint32_t bits) {
    const float s = ck_sigmoid(of_bits(bits)), t = ck_tanh(of_bits(bits));
    if (!(s >= sigmoid && t >= hyperbolic_tangent)) falls++;
    sigmoid = s, hyperbolic_tangent = t;
    count++;
}

int main(void) {
    for (uint32_t bits = 0xff800000; bits >= 0x80000000; bits--) visit(bits);
    for (uint32_t bits = 0; bits <= 0x7f800000; bits++) visit(bits);
    printf("%ld floats, the sigmoid or tanh falls at %ld\n", count, falls);
    return falls != 0;
}
