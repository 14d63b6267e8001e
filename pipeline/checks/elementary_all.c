/* Compares ck_expf and ck_logf with wider arithmetic for all 2^32 inputs, and ck_soft_fma with the
 * CPU's own instruction. Build and run it with elementary.sh.
 *
 * The answer expected is the exact value rounded to float once. A long double (64 bits) is taken as
 * exact within 2^-58 of itself; if both ends of that interval round to the same float, that is the
 * answer. Otherwise the same is asked of libquadmath (113 bits, within 2^-105). An input that even
 * this cannot settle counts as a failure.
 *
 *     elementary_all exp | log        all inputs; prints the count of wrong ones and a digest
 *     elementary_all fma [millions]   random and special operands; needs a CPU with FMA */
#include <math.h>
#include <quadmath.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ck_elementary.h"

enum { THREADS = 2 };

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A mixer whose sum over all inputs does not depend on their order. */
static uint64_t mix(uint32_t input, uint32_t output) {
    uint64_t x = ((uint64_t)input << 32 | output) + 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

struct function {
    const char *name;
    float (*ours)(float);
    long double (*wide)(long double);
    __float128 (*wider)(__float128);
};

static const struct function functions[] = {
    {"exp", ck_expf, expl, expq},
    {"log", ck_logf, logl, logq},
};

struct tally {
    uint64_t wrong, unsettled, settled_by_quad, digest;
};

/* The bits that ck_<name>(x) must have; the tally learns what it took to find them. */
static uint32_t expected(const struct function *f, float x, struct tally *tally) {
    long double y = f->wide(x);
    if (y != y) return 0x7fc00000;
    if (isinf(y) || y == 0) return bits_of((float)y); /* also exact zero of log 1 */
    long double slack = fabsl(y) * 0x1p-58L;
    float low = (float)(y - slack), high = (float)(y + slack);
    if (bits_of(low) == bits_of(high)) return bits_of(low);
    if (x == 0) return bits_of(1.0f); /* e^0 alone is exact, and the interval around 1 is not */
    tally->settled_by_quad++;
    __float128 z = f->wider(x), tiny = fabsq(z) * 0x1p-105Q;
    low = (float)(z - tiny), high = (float)(z + tiny);
    if (bits_of(low) != bits_of(high)) {
        tally->unsettled++;
        printf("%s(%a) cannot be settled\n", f->name, x);
    }
    return bits_of(low);
}

static int check_function(const struct function *f) {
    static struct tally parts[THREADS];
    #pragma omp parallel for num_threads(THREADS) schedule(static, 1)
    for (int part = 0; part < THREADS; part++) {
        struct tally tally = {0};
        for (uint64_t input = (uint64_t)part; input < UINT64_C(1) << 32; input += THREADS) {
            float x = float_of((uint32_t)input);
            uint32_t found = bits_of(f->ours(x)), wanted = expected(f, x, &tally);
            tally.digest += mix((uint32_t)input, found);
            if (found == wanted) continue;
            if (tally.wrong++ < 20)
                printf("%s(%a) [%08x] is %08x, expected %08x\n", f->name, x, (unsigned)input,
                    found, wanted);
        }
        parts[part] = tally;
    }
    struct tally all = {0};
    for (int part = 0; part < THREADS; part++) {
        all.wrong += parts[part].wrong;
        all.unsettled += parts[part].unsettled;
        all.settled_by_quad += parts[part].settled_by_quad;
        all.digest += parts[part].digest;
    }
    printf("%s: 4294967296 inputs, %llu wrong, %llu unsettled (%llu needed 113 bits), "
           "digest %016llx\n", f->name, (unsigned long long)all.wrong, (unsigned long long)all.unsettled,
        (unsigned long long)all.settled_by_quad, (unsigned long long)all.digest);
    return all.wrong || all.unsettled;
}

#ifdef __x86_64__
__attribute__((target("fma"), noinline)) static float hardware_fma(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}
static int has_fma(void) { return __builtin_cpu_supports("fma"); }
#else
static float hardware_fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static int has_fma(void) { return 1; }
#endif

static uint64_t wrong_fma;

static void compare_fma(uint32_t a, uint32_t b, uint32_t c) {
    float ours = ck_soft_fma(float_of(a), float_of(b), float_of(c));
    float theirs = hardware_fma(float_of(a), float_of(b), float_of(c));
    if (bits_of(ours) == bits_of(theirs) || (isnan(ours) && isnan(theirs))) return;
    if (wrong_fma++ < 20)
        printf("fma(%08x, %08x, %08x) is %08x, expected %08x\n", a, b, c, bits_of(ours),
            bits_of(theirs));
}

static uint32_t draw(void) {
    static uint64_t count = 0;
    count++;
    return (uint32_t)(mix((uint32_t)(count >> 32), (uint32_t)count) >> 32);
}

static int check_fma(long millions) {
    if (!has_fma()) return puts("this CPU has no FMA: nothing to compare with"), 77;
    static const uint32_t magnitudes[] = {
        0, 1, 2, 3, 0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0xffffff, 0x1000000, 0x33800000,
        0x33800001, 0x34000000, 0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001,
        0x3fffffff, 0x40000000, 0x4b000000, 0x4b7fffff, 0x4b800000, 0x5f800000, 0x7effffff,
        0x7f000000, 0x7f7ffffe, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff,
    };
    enum { SPECIALS = 2 * sizeof magnitudes / sizeof *magnitudes };
    uint32_t specials[SPECIALS];
    for (int i = 0; i < SPECIALS; i++) specials[i] = magnitudes[i / 2] | (uint32_t)(i & 1) << 31;
    for (int i = 0; i < SPECIALS; i++)
        for (int j = 0; j < SPECIALS; j++)
            for (int k = 0; k < SPECIALS; k++) compare_fma(specials[i], specials[j], specials[k]);
    for (long n = 0; n < millions * 1000000; n++) {
        uint32_t a = draw(), b = draw(), c = draw();
        switch (n & 7) {
        case 0: break; /* any three patterns */
        case 1: c = specials[c % SPECIALS]; break;
        case 2: a = specials[a % SPECIALS]; break;
        case 3: /* c cancels the product to within a few units */
            c = bits_of(-(float_of(a) * float_of(b))) + (c & 7) - 3;
            break;
        case 4: /* c is near half a unit of the product */
            c = bits_of(float_of(a) * float_of(b) * 0x1p-24f) ^ (c & 0x80000003);
            break;
        case 5: /* the product is near half a unit of c */
            c = bits_of(float_of(a) * float_of(b) * 0x1p+24f) ^ (c & 0x80000003);
            break;
        case 6: /* results among the denormals: exponents of a and b add up to about 2^-140 */
            a = (a & 0x807fffff) | (20 + (a >> 23) % 40) << 23;
            b = (b & 0x807fffff) | (60 + (b >> 23) % 40) << 23;
            c = (c & 0x807fffff) | ((c >> 23) % 3) << 23;
            break;
        case 7: { /* few bits set, so that ties and exact results are common */
            a &= 0xff800000 | 0x7fffffu << draw() % 24, b &= 0xff800000 | 0x7fffffu << draw() % 24;
            const uint32_t exponent = (a >> 23 & 255) + (b >> 23 & 255) - 157 + draw() % 60;
            c = (c & 0x807fffffu << draw() % 24) | exponent % 255 << 23;
            break;
        }
        }
        compare_fma(a, b, c);
    }
    printf("fma: %ld million random and %d special operand triples, %llu wrong\n", millions,
        SPECIALS * SPECIALS * SPECIALS, (unsigned long long)wrong_fma);
    return wrong_fma != 0;
}

int main(int count, char **arguments) {
    for (size_t i = 0; count == 2 && i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(arguments[1], functions[i].name)) return check_function(&functions[i]);
    if (count >= 2 && !strcmp(arguments[1], "fma"))
        return check_fma(count > 2 ? atol(arguments[2]) : 200);
    fprintf(stderr, "usage: elementary_all exp | log | fma [millions]\n");
    return 64;
}
