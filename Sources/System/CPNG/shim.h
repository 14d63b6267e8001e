#pragma once
#include <png.h>
#include <setjmp.h>
#include <string.h>

/* A piece of memory that a picture file is written to. */
typedef struct { unsigned char *bytes; size_t size, room; } mirage_png_sink;

static void mirage_png_put(png_structp png, png_bytep bytes, size_t count) {
    mirage_png_sink *sink = (mirage_png_sink *)png_get_io_ptr(png);
    if (count > sink->room - sink->size) png_error(png, "no room");
    memcpy(sink->bytes + sink->size, bytes, count);
    sink->size += count;
}

static void mirage_png_flush(png_structp png) { (void)png; }

/* Writes 8-bit grey (channels 1) or RGB (3) pixels as a PNG file without filters and without
   compression, so that its bytes depend as little as possible on the version of zlib. The simplified
   interface cannot be told so; the long jumps of this one begin and end inside this function.
   Returns the size of the file, or 0 if libpng gave up or `room` is too small. */
static inline size_t mirage_png_store(unsigned char *bytes, size_t room, const unsigned char *pixels,
                                      unsigned width, unsigned height, int channels) {
    mirage_png_sink sink = {bytes, 0, room};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        return 0;
    }
    /* C allows setjmp alone in a condition, and in few places else. */
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return 0;
    }
    png_set_write_fn(png, &sink, mirage_png_put, mirage_png_flush);
    png_set_IHDR(png, info, width, height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 0);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_write_info(png, info);
    for (unsigned y = 0; y < height; y++)
        png_write_row(png, pixels + (size_t)y * width * (size_t)channels);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return sink.size;
}

/* A piece of memory that a picture file is read from, and the reason why it could not be. */
typedef struct { const unsigned char *bytes; size_t size; char *message; size_t room; } mirage_png_source;

static void mirage_png_take(png_structp png, png_bytep bytes, size_t count) {
    mirage_png_source *source = (mirage_png_source *)png_get_io_ptr(png);
    if (count > source->size) png_error(png, "the file ends early");
    memcpy(bytes, source->bytes, count);
    source->bytes += count;
    source->size -= count;
}

static void mirage_png_fail(png_structp png, png_const_charp words) {
    mirage_png_source *source = (mirage_png_source *)png_get_error_ptr(png);
    strncpy(source->message, words, source->room - 1);
    png_longjmp(png, 1);
}

/* What libpng would only remark on stderr. */
static void mirage_png_ignore(png_structp png, png_const_charp words) { (void)png; (void)words; }

/* Reads a PNG file of any kind into width × height × channels bytes: palettes and narrow greys are
   widened, of 16 bits the upper 8 are kept, alpha is dropped, and grey becomes RGB where three channels
   are asked for. Chunks that are not needed for this (texts and gamma among them) are passed over,
   however long they are: none is held in memory. Warnings are no errors: libpng warns of what it can put
   right (a palette in a grey picture, bytes after the pixels, a bad checksum of a text), and fails
   where pixels would be missing or wrong.
   The long jumps of libpng begin and end inside this function. Returns 1, or 0 with a message. */
static inline int mirage_png_load(const unsigned char *bytes, size_t size, unsigned char *pixels,
                                  unsigned width, unsigned height, int channels, char *message,
                                  size_t room) {
    mirage_png_source source = {bytes, size, message, room};
    memset(message, 0, room);
    png_structp png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, mirage_png_fail, mirage_png_ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return 0;
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    png_set_read_fn(png, &source, mirage_png_take);
    png_set_benign_errors(png, 1);
    /* Chunks are skipped, not kept: their length is no matter. */
    png_set_chunk_malloc_max(png, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(png, info);
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    if (channels == 3) png_set_gray_to_rgb(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row = (size_t)width * (size_t)channels;
    if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height ||
        png_get_rowbytes(png, info) != row)
        png_error(png, "its header contradicts itself");
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < height; y++) png_read_row(png, pixels + y * row, NULL);
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}
