#pragma once
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* In this order: jpeglib.h needs the ones above. */
#include <jpeglib.h>
#include <jerror.h>

/* What a JPEG file's header says, or why it cannot be read. */
typedef struct {
    unsigned width, height;
    int components;    /* of a pixel in the file */
    int is_inverted;   /* four components: 1 YCCK, 0 CMYK */
    int is_arithmetic; /* coded in a way that few programs read */
    int needs_memory;  /* more than it was allowed to take */
    char message[JMSG_LENGTH_MAX];
} mirage_jpeg_info;

/* libjpeg's error handler, and where it shall go on. */
typedef struct {
    struct jpeg_error_mgr standard;
    jmp_buf escape;
    mirage_jpeg_info *info;
} mirage_jpeg_errors;

static void mirage_jpeg_fail(j_common_ptr jpeg) {
    mirage_jpeg_errors *errors = (mirage_jpeg_errors *)jpeg->err;
    jpeg->err->format_message(jpeg, errors->info->message);
    errors->info->needs_memory =
        jpeg->err->msg_code == JERR_NO_BACKING_STORE || jpeg->err->msg_code == JERR_OUT_OF_MEMORY;
    longjmp(errors->escape, 1);
}

/* A level below 0 is a warning: libjpeg would go on and fill what is missing with grey. Only those
   after which every pixel is still right are passed over. */
static void mirage_jpeg_warn(j_common_ptr jpeg, int level) {
    int code = jpeg->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
        mirage_jpeg_fail(jpeg);
}

/* A progressive file of a few kilobytes may hold thousands of scans of the whole picture. */
static void mirage_jpeg_watch(j_common_ptr jpeg) {
    if (((j_decompress_ptr)jpeg)->input_scan_number <= 100) return;
    mirage_jpeg_errors *errors = (mirage_jpeg_errors *)jpeg->err;
    strcpy(errors->info->message, "more than 100 scans");
    longjmp(errors->escape, 1);
}

/* Reads the header into `info`, and where `pixels` is not null the picture into width × height × 3
   bytes of RGB. How it is decoded is stated, not left to the version of the library: accurate integer
   DCT, smooth upsampling, and no smoothing between blocks, which is done for progressive files that end
   early and differs from version to version. `memory` bounds what the library takes for a picture
   that it cannot decode row by row. Errors are long jumps in libjpeg; these begin and end
   inside this function. Returns 1, or 0 with info->message set. */
static inline int mirage_jpeg_read(const unsigned char *bytes, size_t size, mirage_jpeg_info *info,
                                   unsigned char *pixels, long memory) {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr watch;
    mirage_jpeg_errors errors;
    memset(info, 0, sizeof *info);
    memset(&jpeg, 0, sizeof jpeg);
    memset(&watch, 0, sizeof watch);
    jpeg.err = jpeg_std_error(&errors.standard);
    errors.standard.error_exit = mirage_jpeg_fail;
    errors.standard.emit_message = mirage_jpeg_warn;
    errors.info = info;
    if (setjmp(errors.escape)) {
        jpeg_destroy_decompress(&jpeg);
        return 0;
    }
    jpeg_create_decompress(&jpeg);
    watch.progress_monitor = mirage_jpeg_watch;
    jpeg.progress = &watch;
    jpeg.mem->max_memory_to_use = memory;
    jpeg_mem_src(&jpeg, (unsigned char *)bytes, (unsigned long)size);
    jpeg_read_header(&jpeg, TRUE);
    info->width = jpeg.image_width;
    info->height = jpeg.image_height;
    info->components = jpeg.num_components;
    info->is_inverted = jpeg.jpeg_color_space == JCS_YCCK;
    info->is_arithmetic = jpeg.arith_code;
    if (pixels) {
        jpeg.out_color_space = JCS_RGB;
        jpeg.dct_method = JDCT_ISLOW;
        jpeg.do_fancy_upsampling = TRUE;
        jpeg.do_block_smoothing = FALSE;
        jpeg_start_decompress(&jpeg);
        while (jpeg.output_scanline < jpeg.output_height) {
            JSAMPROW row = pixels + (size_t)jpeg.output_scanline * info->width * 3;
            jpeg_read_scanlines(&jpeg, &row, 1);
        }
        jpeg_finish_decompress(&jpeg);
    }
    jpeg_destroy_decompress(&jpeg);
    return 1;
}
