/* Which kernels of ck_layers.h this CPU can run. */
#include "layers.h"
#include "tables.h"

const ck_layers *ck_layers_table(ck_set set) {
    if (ck_table(set) == NULL) return NULL;
    switch (set) {
    case CK_REFERENCE:
        return &ck_layers_reference;
#if defined(__x86_64__)
    case CK_AVX2:
        return &ck_layers_avx2;
    case CK_AVX512:
        return &ck_layers_avx512;
#endif
    default:
        return &ck_layers_any;
    }
}
