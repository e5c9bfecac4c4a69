"""THE table of TensorFlow releases. Everything else reads it: Bazel, noxfile.py, the wheel, the tests.

Adding a runtime is adding a row: its wheel and the wheel's hash (`pip install --dry-run --report -`
prints both), the flags of `tensorflow.sysconfig.get_compile_flags()` and the library to link.
"""

def runtime(version, wheel, sha256, std, cxx11_abi, framework, tier):
    """One release of TensorFlow.

    Args:
      version: the release that the library is compiled for; it serves all of its minor release.
      wheel: file name of a stock wheel, which names the package, the interpreter and the platform.
      sha256: hash of that wheel.
      std: the C++ standard the release was built with; it decides what absl::string_view is.
      cxx11_abi: its _GLIBCXX_USE_CXX11_ABI.
      framework: the library that op libraries link, or "" where the symbols are global.
      tier: "tested" in every run of the tests; "built" and run once per release of opgraft;
        "unseen": no library of its own, stands in the tests for a TensorFlow of the future.

    Returns:
      A dict of the arguments. Python executes this file as well (build_configs/runtimes.py).
    """
    return dict(
        version = version,
        wheel = wheel,
        sha256 = sha256,
        std = std,
        cxx11_abi = cxx11_abi,
        framework = framework,
        tier = tier,
    )

RUNTIMES = [
    runtime("0.12.1", "tensorflow-0.12.1-cp36-cp36m-manylinux1_x86_64.whl", "0e563602ef3b4c56ec30cbe750179464e6cd31d9235b5821c4be0134264007a9", "c++11", 0, "", "built"),
    runtime("1.0.1", "tensorflow-1.0.1-cp36-cp36m-manylinux1_x86_64.whl", "1fbc3c142f8c0dc0f41ad625f45ee0b10dc9512bc974ebbf49aae6ffab4bc5c1", "c++11", 0, "", "built"),
    runtime("1.1.0", "tensorflow-1.1.0-cp36-cp36m-manylinux1_x86_64.whl", "b6b580912142eaf7ebc1c806d040fed2cc15bcf4422302502f53a65d00d5830b", "c++11", 0, "", "tested"),
    runtime("1.2.1", "tensorflow-1.2.1-cp36-cp36m-manylinux1_x86_64.whl", "653b892b24475de4f74fa019ef8467e6305cfb701eee331b7cedd95f5a600055", "c++11", 0, "", "built"),
    runtime("1.3.0", "tensorflow-1.3.0-cp36-cp36m-manylinux1_x86_64.whl", "a535a4a32aaaf5c59dc582ed472f321a86bf1786d17931c017c0ec7c8f1a1c02", "c++11", 0, "", "built"),
    runtime("1.4.1", "tensorflow-1.4.1-cp36-cp36m-manylinux1_x86_64.whl", "233d66bfad2287c61434384ec315bbf37b2f551beda2e0d37a8c24a0f2ed3896", "c++11", 0, "libtensorflow_framework.so", "tested"),
    runtime("1.5.1", "tensorflow-1.5.1-cp36-cp36m-manylinux1_x86_64.whl", "24e5b3c9114be12685cd5c95a364196544b4b2a68fbd3be6e4b537988218eeba", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.6.0", "tensorflow-1.6.0-cp36-cp36m-manylinux1_x86_64.whl", "d0e5daf51cf9a711a0dc95b5bf4a9eeeb1cb485197cb923b8940f2a905850407", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.7.1", "tensorflow-1.7.1-cp36-cp36m-manylinux1_x86_64.whl", "6f18752f79f0e037e0e4298d375dabb233394d5dcbf513b35cfb544e5d78b479", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.8.0", "tensorflow-1.8.0-cp36-cp36m-manylinux1_x86_64.whl", "de51f60021ea8160ea6d0340e827a26331cd549f6e7c470fba7ee83aeab4f818", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.9.0", "tensorflow-1.9.0-cp36-cp36m-manylinux1_x86_64.whl", "cd83f4a50c0eaf18526e4e56e519c3593d998d1d213df161bbc78fffdd097cb8", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.10.1", "tensorflow-1.10.1-cp36-cp36m-manylinux1_x86_64.whl", "34dfc6b017edffc8dfef1b57146edf45a39160dd6f2819449d05251df0181f36", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.11.0", "tensorflow-1.11.0-cp36-cp36m-manylinux1_x86_64.whl", "8e70949273d52fe85c2f85c3159e0fcc666773beaae75a52ae9d90d71f599cc6", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.12.3", "tensorflow-1.12.3-cp36-cp36m-manylinux1_x86_64.whl", "2ddac2240072860c047b1ffc5f8e90acdac8bb3cec1c87065c7cd20fa730c9cc", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.13.2", "tensorflow-1.13.2-cp36-cp36m-manylinux1_x86_64.whl", "bb75f52b17221a3f90f9c4935169fc78b938c9a3e7e92edd3a4860cf12b87c3b", "c++11", 0, "libtensorflow_framework.so", "built"),
    runtime("1.14.0", "tensorflow-1.14.0-cp36-cp36m-manylinux1_x86_64.whl", "4008a56940d23345e52ac4885fb4782604eb02574c2d95f3946f5b6baf0e1276", "c++11", 0, "libtensorflow_framework.so.1", "built"),
    runtime("1.15.5", "tensorflow-1.15.5-cp37-cp37m-manylinux2010_x86_64.whl", "29831dda98d668067de75403b2fca0d06a2f026ef6f217fa2ca873c20b4ee4d3", "c++11", 0, "libtensorflow_framework.so.1", "tested"),
    runtime("2.0.4", "tensorflow-2.0.4-cp37-cp37m-manylinux2010_x86_64.whl", "607a08db860c1338a34c1d123f395a2652ae020eb3c9815840694f552af5346c", "c++11", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.1.4", "tensorflow_cpu-2.1.4-cp37-cp37m-manylinux2010_x86_64.whl", "a9c567e33f03579f2a883fa1110777082069a6a0221332efbbca92c587d7424c", "c++11", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.2.3", "tensorflow_cpu-2.2.3-cp38-cp38-manylinux2010_x86_64.whl", "250745464f3b226f35dd499f78453c569977458cb8a960e2e4d651a701b5444a", "c++11", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.3.4", "tensorflow_cpu-2.3.4-cp38-cp38-manylinux2010_x86_64.whl", "11b2da66ab93572944562fb9d0054a2e790bb25f282a189020b4bd15b9ca8335", "c++11", 0, "libtensorflow_framework.so.2", "tested"),
    runtime("2.4.4", "tensorflow_cpu-2.4.4-cp38-cp38-manylinux2010_x86_64.whl", "870686392ccfb30775c1da9388a33aca0edf4eb12432c44a8718d958812c1c41", "c++14", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.5.3", "tensorflow_cpu-2.5.3-cp38-cp38-manylinux2010_x86_64.whl", "7b98cfd184183c9c4b556e9e0c811f31fac440fbf3043b9ae280397ab912e859", "c++14", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.6.5", "tensorflow_cpu-2.6.5-cp38-cp38-manylinux2010_x86_64.whl", "b42429b05cbe8105a45df47435ddcf4e709c510e0a8351f9970c38f1e4a1ba61", "c++14", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.7.4", "tensorflow_cpu-2.7.4-cp38-cp38-manylinux2010_x86_64.whl", "d88e2b4b7266a9f30fc60d1c9214d7c11ae25be7c7c4745cc9248e94b3ec8285", "c++14", 0, "libtensorflow_framework.so.2", "built"),
    runtime("2.8.4", "tensorflow_cpu-2.8.4-cp310-cp310-manylinux2010_x86_64.whl", "be9e933164e9359ab81452416fb202de7ae404053c530d859e50f0930fafd4ef", "c++14", 0, "libtensorflow_framework.so.2", "tested"),
    runtime("2.9.3", "tensorflow_cpu-2.9.3-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "9037ab0580b0dfcc054713490dd6c84a6e66ea32216488faadcc2e8f7a0abaa8", "c++14", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.10.1", "tensorflow_cpu-2.10.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "0d30c8199b542b7144d7fffa5ee9bd9e539657b15c60a61b7a0ad44a8d1379d2", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.11.1", "tensorflow_cpu-2.11.1-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "ab7d16ae47d4356ebc1dbf4c9cffefd11fac0d10e9cc84a8f45887452fb5de7e", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.12.1", "tensorflow_cpu-2.12.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "7ffb595707a8fb376deaddc768784c7a0242b16cbc6e06393b1733b2ce19f855", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.13.1", "tensorflow_cpu-2.13.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.14.1", "tensorflow_cpu-2.14.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "7f9d705b4d57acc5835de9d926515a70535e3a178a89ad59f0d380503b69f705", "c++17", 1, "libtensorflow_framework.so.2", "tested"),
    runtime("2.15.1", "tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.16.2", "tensorflow_cpu-2.16.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "c855cb6bf05d32dd5928086b03a5f6b4189b63c22b95e017703cbee4291023ca", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.17.1", "tensorflow_cpu-2.17.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "4935d35d15924602605c839cb6cd5a578f89f626d8736f62065fe3a089b63b6f", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.18.1", "tensorflow_cpu-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.19.1", "tensorflow_cpu-2.19.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "0b6d72bd09c267e7573757bd309f5b1e2cdb02577339991da751f3a1411e4dae", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.20.0", "tensorflow_cpu-2.20.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "cf756bbe2d256e942ab5d0ad2c858fb40017581494febdb4387c149b1afde780", "c++17", 1, "libtensorflow_framework.so.2", "built"),
    runtime("2.21.0", "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl", "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c", "c++17", 1, "libtensorflow_framework.so.2", "tested"),
    runtime("2.22.0rc0", "tensorflow_cpu-2.22.0rc0-cp311-cp311-manylinux_2_27_x86_64.whl", "9ae0b6e770cc6a60dfd52d86b4737e78ed8858719994c742a9e3fc7999a5e2ee", "c++17", 1, "libtensorflow_framework.so.2", "unseen"),
]

# Releases that the C API build is tested on, besides those that are "unseen".
C_API_TESTED = ["2.4.4", "2.18.1"]
