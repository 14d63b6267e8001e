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
    if (info == NULL || setjmp(png_jmpbuf(png))) {
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
