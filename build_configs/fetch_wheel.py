"""Fetches a TensorFlow wheel through pip and unpacks the part that op libraries compile against.

usage: fetch_wheel.py WHEEL SHA256 [LIBRARY ...]

Writes ./include (headers) and ./lib (the named shared libraries). Run by tf_runtime.bzl.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

# The wheels also carry the headers of LLVM, gRPC and others: tens of thousands of files.
HEADERS = re.compile(
    r"(tensorflow/(c|core|tsl)|xla/tsl|tsl|absl|google|Eigen|unsupported|third_party"
    r"|ml_dtypes|external/(eigen_archive|ml_dtypes|nsync))/"
)


def download(wheel, sha256, directory):
    """Downloads exactly this wheel; pip checks the hash."""
    name, version, python, abi, platforms = wheel[: -len(".whl")].split("-")
    requirements = os.path.join(directory, "requirements.txt")
    with open(requirements, "w") as f:
        f.write("%s==%s --hash=sha256:%s\n" % (name.replace("_", "-"), version, sha256))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", directory]
    command += ["--implementation", "cp", "--python-version", python[2:], "--abi", abi]
    for platform in platforms.split("."):
        command += ["--platform", platform]
    subprocess.check_call(command + ["--requirement", requirements])
    return os.path.join(directory, wheel)


def unpack(wheel, libraries):
    """Writes the headers below include/ and the libraries into lib/."""
    missing = set(libraries)
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            # tensorflow/include/... or, up to 1.12, tensorflow-1.1.0.data/purelib/tensorflow/...
            path = member.split("/purelib/")[-1]
            package, _, rest = path.partition("/")
            if package not in ("tensorflow", "tensorflow_core") or path.endswith("/"):
                continue
            if rest.startswith("include/") and HEADERS.match(rest[len("include/") :]):
                target = rest
            elif rest in missing:
                target = "lib/" + rest
                missing.remove(rest)
            else:
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(member) as source, open(target, "wb") as out:
                shutil.copyfileobj(source, out)
    if missing:
        sys.exit("%s holds no %s" % (os.path.basename(wheel), ", ".join(sorted(missing))))
    os.makedirs("lib", exist_ok=True)


def main():
    """See the module's docstring."""
    wheel, sha256 = sys.argv[1:3]
    with tempfile.TemporaryDirectory(dir=".") as directory:
        unpack(download(wheel, sha256, directory), sys.argv[3:])


if __name__ == "__main__":
    main()
