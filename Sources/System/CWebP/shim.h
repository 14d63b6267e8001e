#pragma once
#include <stddef.h>
#include <string.h>
#include <webp/decode.h>

/* What a WebP file's header says. */
typedef struct {
    int width, height, has_alpha, has_animation;
} mirage_webp_info;

/* Reads the header into `info`. Returns libwebp's status, 0 for a header that is sound. */
static inline int mirage_webp_look(const unsigned char *bytes, size_t size, mirage_webp_info *info) {
    WebPBitstreamFeatures features;
    memset(info, 0, sizeof *info);
    VP8StatusCode status = WebPGetFeatures(bytes, size, &features);
    if (status != VP8_STATUS_OK) return status;
    info->width = features.width;
    info->height = features.height;
    info->has_alpha = features.has_alpha;
    info->has_animation = features.has_animation;
    return 0;
}

/* Decodes a still picture of the size that its header says into width × height × 3 bytes of RGB; alpha
   is dropped, not laid on any colour. How it is decoded is stated, not left to the version of the
   library: smooth upsampling, no dithering, one thread. Returns libwebp's status. */
static inline int mirage_webp_read(const unsigned char *bytes, size_t size, unsigned char *pixels,
                                   int width, int height) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return VP8_STATUS_INVALID_PARAM;
    config.options.no_fancy_upsampling = 0;
    config.options.dithering_strength = 0;
    config.options.alpha_dithering_strength = 0;
    config.options.use_threads = 0;
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = 3 * width;
    config.output.u.RGBA.size = (size_t)3 * (size_t)width * (size_t)height;
    VP8StatusCode status = WebPDecode(bytes, size, &config);
    WebPFreeDecBuffer(&config.output);
    return status;
}
