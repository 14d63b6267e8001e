/* Any CPU, with the registers that every CPU of its kind has: SSE2, or NEON. */
#include "rows.h"

#define CK_ROWS_SET any
#include "rows.inc"
