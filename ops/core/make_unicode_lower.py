"""Makes ops/core/unicode_lower.inc.

    python3.9 ops/core/make_unicode_lower.py > ops/core/unicode_lower.inc
    python ops/core/make_unicode_lower.py --check   # compare with the TensorFlow of this Python

TensorFlow 2.21 lowercases as Unicode 13.0 does (its ICU's version), which is Python 3.9's. Both are
asked in the same way, so equal tables mean equal behaviour: every character is lowercased alone,
and next to a capital sigma, whose lowercase depends on whether its neighbours are letters.
"""

import sys

UNICODE = "13.0.0"
# Characters whose lowercase is more than a change of one character; unicode_lower.cc knows them.
SPECIAL = {0x130}  # "i" and a combining dot above
# The lowercase of NUL: TensorFlow ends a string there; unicode_lower.cc does so too.
CHARACTERS = [c for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000]


def python_lower(texts):
    """Lowercase of each text by Python."""
    import unicodedata

    if unicodedata.unidata_version != UNICODE:
        sys.exit(
            "make_unicode_lower.py: Unicode %s is needed (Python 3.9 has it); this Python %s has %s"
            % (UNICODE, sys.version.split()[0], unicodedata.unidata_version)
        )
    return [text.lower() for text in texts]


def tensorflow_lower(texts):
    """Lowercase of each text by TensorFlow, which has to be installed."""
    import tensorflow as tf

    lower = tf.strings.lower([text.encode() for text in texts], encoding="utf-8")
    return [text.decode() for text in lower.numpy()]


def mapping_runs(lower):
    """[first, last, stride, delta] of the characters that have a lowercase."""
    runs = []
    for c, text in zip(CHARACTERS, lower([chr(c) for c in CHARACTERS])):
        if c in SPECIAL or text == chr(c):
            continue
        (mapped,) = text
        delta = ord(mapped) - c
        if runs and runs[-1][3] == delta:
            run = runs[-1]
            stride = c - run[1]
            if stride <= 2 and (run[0] == run[1] or run[2] == stride):
                run[1:3] = [c, stride]
                continue
        runs.append([c, c, 1, delta])
    return runs


def ranges(characters):
    """The characters, which are sorted, as [first, last] ranges."""
    result = []
    for c in characters:
        if result and result[-1][1] == c - 1:
            result[-1][1] = c
        else:
            result.append([c, c])
    return result


def sigma_classes(lower):
    """Ranges of what a search for sigma's neighbours skips, and of what it finds."""
    # "AΣc" ends in a final sigma unless c is found; with a letter behind, unless c is skipped too.
    alone = lower(["A\u03a3" + chr(c) for c in CHARACTERS])
    followed = lower(["A\u03a3" + chr(c) + "A" for c in CHARACTERS])
    found = [c for c, text in zip(CHARACTERS, alone) if text[1] == "\u03c3"]
    either = [c for c, text in zip(CHARACTERS, followed) if text[1] == "\u03c3"]
    return ranges(sorted(set(either) - set(found))), ranges(found)


def render(lower):
    """The text of unicode_lower.inc."""
    lines = [
        "// Made by make_unicode_lower.py from Unicode %s; do not edit." % UNICODE,
        "",
        "// First and last character, stride, distance to the lowercase.",
        "constexpr Mapping kMappings[] = {",
    ]
    lines += ["    {0x%x, 0x%x, %d, %d}," % tuple(run) for run in mapping_runs(lower)]
    skipped, found = sigma_classes(lower)
    for comment, name, pairs in (
        ("What Unicode calls Case_Ignorable.", "kCaseIgnorable", skipped),
        ("What Unicode calls Cased, without kCaseIgnorable.", "kCased", found),
    ):
        lines += ["};", "", "// " + comment, "constexpr Range %s[] = {" % name]
        row = "   "
        for pair in pairs:
            text = " {0x%x, 0x%x}," % tuple(pair)
            if len(row) + len(text) > 100:
                lines.append(row)
                row = "   "
            row += text
        lines.append(row)
    lines += ["};", ""]
    return "\n".join(lines)


def main():
    """Prints the table, or with --check compares it with the file."""
    if sys.argv[1:] == ["--check"]:
        with open(__file__.replace("make_unicode_lower.py", "unicode_lower.inc")) as file:
            if file.read() != render(tensorflow_lower):
                sys.exit("ops/core/unicode_lower.inc is not what this TensorFlow does")
        print("ops/core/unicode_lower.inc is what this TensorFlow does")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        sys.stdout.write(render(python_lower))


if __name__ == "__main__":
    main()
