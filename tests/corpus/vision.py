# ruff: noqa: D103
"""Exports Keras' vision models at their usual size: python vision.py OUT [NAME ...].

Too large for the cases that every test run has; slim builds are tried and timed on them.
"""

from building import Corpus, export, keras, uniform

corpus = Corpus()


@corpus.case("mobilenet_v2_224", x=uniform(1, 224, 224, 3))
def _():
    return keras.applications.MobileNetV2(weights=None)


@corpus.case("resnet50_224", x=uniform(1, 224, 224, 3))
def _():
    return keras.applications.ResNet50(weights=None)


if __name__ == "__main__":
    export(corpus)
