/* Any CPU, with the registers that every CPU of its kind has: SSE2, or NEON. */
#include "layers.h"

#define CK_LAYERS_SET any
#include "layers.inc"
