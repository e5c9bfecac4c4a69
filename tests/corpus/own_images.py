# ruff: noqa: D103
"""Images. python own_images.py OUT [NAME ...]."""

from building import Corpus, Spec, export, np, tensor_module, tf, uniform

corpus = Corpus()


@corpus.case("image_ops", x=uniform(1, 8, 8, 3))
def _():
    return tensor_module(
        lambda m, x: [
            tf.image.rgb_to_grayscale(x),
            tf.image.adjust_contrast(x, 2.0),
            tf.image.adjust_saturation(x, 0.5),
            tf.image.flip_left_right(x),
            tf.image.central_crop(x, 0.5),
            tf.image.crop_and_resize(x, [[0.1, 0.1, 0.9, 0.9]], [0], [4, 4]),
            tf.image.resize_with_pad(x, 10, 12),
            tf.image.per_image_standardization(x),
            tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
            tf.nn.depth_to_space(tf.nn.space_to_depth(x, 2), 2),
            tf.image.sobel_edges(x),
        ],
        Spec([1, 8, 8, 3], tf.float32),
    )


@corpus.case(
    "decode_png",
    s=np.array(tf.io.encode_png(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)).numpy(), "O"),
)
def _():
    return tensor_module(
        lambda m, s: tf.image.convert_image_dtype(tf.io.decode_png(s, channels=3), tf.float32),
        Spec([], tf.string),
    )


@corpus.case("nms_combined", b=uniform(1, 4, 1, 4), s=uniform(1, 4, 2))
def _():
    return tensor_module(
        lambda m, b, s: list(tf.image.combined_non_max_suppression(b, s, 3, 4)),
        Spec([1, 4, 1, 4], tf.float32),
        Spec([1, 4, 2], tf.float32),
    )


@corpus.case("resizes", x=uniform(1, 7, 5, 3))
def _():
    return tensor_module(
        lambda m, x: [
            *(tf.image.resize(x, [4, 9], method) for method in ("bilinear", "nearest", "bicubic")),
            *(tf.image.resize(x, [4, 9], method) for method in ("area", "lanczos3", "gaussian")),
            *(
                tf.image.resize(x, [4, 3], method, antialias=True)
                for method in ("bilinear", "mitchellcubic")
            ),
            tf.image.resize(x, [9, 9], preserve_aspect_ratio=True),
            tf.image.resize_with_crop_or_pad(x, 4, 8),
            tf.compat.v1.image.resize_bilinear(x, [4, 9], align_corners=True),
            tf.image.crop_and_resize(x, [[0.1, 0.1, 0.9, 0.9]], [0], [4, 4], "nearest"),
        ],
        Spec([1, None, None, 3], tf.float32),
    )


@corpus.case("colours", x=uniform(2, 6, 6, 3))
def _():
    return tensor_module(
        lambda m, x: [
            *(
                tf.image.adjust_hue(x, 0.2),
                tf.image.adjust_gamma(x, 2.0),
                tf.image.adjust_brightness(x, 0.1),
            ),
            *(
                tf.image.rgb_to_hsv(x),
                tf.image.hsv_to_rgb(x),
                tf.image.rgb_to_yuv(x),
                tf.image.rgb_to_yiq(x),
            ),
            *(tf.image.rot90(x), tf.image.transpose(x), tf.image.flip_up_down(x)),
            *(tf.image.total_variation(x), tf.image.psnr(x, x * 0.9, 1.0)),
            *(tf.image.ssim(x, x * 0.9, 1.0, filter_size=3), tf.image.image_gradients(x)),
            tf.image.grayscale_to_rgb(x[..., :1]),
            tf.image.pad_to_bounding_box(x, 1, 2, 9, 9),
            tf.image.draw_bounding_boxes(
                x, tf.constant([[[0.1, 0.1, 0.9, 0.9]]] * 2), [[1.0, 0.0, 0.0]]
            ),
            tf.image.extract_glimpse(x, [3, 3], [[0.0, 0.0], [0.5, 0.5]]),
            tf.image.convert_image_dtype(tf.image.convert_image_dtype(x, tf.uint8), tf.float32),
        ],
        Spec([2, 6, 6, 3], tf.float32),
    )


@corpus.case("boxes", b=uniform(6, 4), s=uniform(6))
def _():
    return tensor_module(
        lambda m, b, s: [
            tf.image.non_max_suppression(b, s, 4, 0.3),
            *tf.image.non_max_suppression_with_scores(b, s, 4, 0.5, soft_nms_sigma=0.0),
            *tf.image.non_max_suppression_padded(b, s, 5, 0.5, pad_to_max_output_size=True),
            tf.image.non_max_suppression_overlaps(tf.matmul(b, b, transpose_b=True) / 4, s, 3, 0.4),
            *tf.image.combined_non_max_suppression(
                b[None, :, None], tf.stack([s, 1 - s], 1)[None], 3, 5, clip_boxes=False
            ),
        ],
        Spec([6, 4], tf.float32),
        Spec([6], tf.float32),
    )


@corpus.case(
    "decode_image", s=np.array(tf.io.encode_jpeg(np.full((8, 8, 3), 90, np.uint8)).numpy(), "O")
)
def _():
    return tensor_module(
        lambda m, s: [
            tf.io.decode_image(s, 3, expand_animations=False),
            tf.io.decode_jpeg(s, ratio=2),
            tf.io.is_jpeg(s),
            tf.io.extract_jpeg_shape(s),
        ],
        Spec([], tf.string),
    )


if __name__ == "__main__":
    export(corpus)
