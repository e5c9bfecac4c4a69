"""Tables from text files: index modes, offset, delimiter, and files with something wrong."""

from __future__ import annotations

from typing import Any

from ..case import Graph, Table

WHOLE, LINE = -2, -1
DEFAULT = {"int64": -9, "int32": -9, "float": -9.5, "double": -9.5, "string": b"?", "bool": False}


def read(
    name: str,
    text: bytes | None,
    key: tuple[str, int],
    value: tuple[str, int],
    ask: list[Any],
    kind: str = "HashTableV2",
    **attrs: Any,
) -> dict[str, Any]:
    """Initialise from a file, find some keys, and see that the table is still usable."""
    graph = Graph(chain=kind.startswith("Anonymous"))
    if text is not None:
        graph.files["file.txt"] = text
    table = Table(graph, kind, key[0], value[0])
    graph.step(table.init_file("file.txt", key[1], value[1], **attrs))
    found = table.find(ask, DEFAULT[value[0]])
    graph.step(found, table.size())
    if not graph.chain:
        graph.step(table.init_file("file.txt", key[1], value[1], **attrs))
        graph.step(found)
    return graph.case(f"file-{name}" + ("" if kind == "HashTableV2" else f"-{kind}"))


WORDS = b"alpha\nbeta\ngamma\n"
COLUMNS = b"a\t10\t1.5\tx\nb\t20\t-2.5\ty\nc\t-30\t1e3\tz\n"
TO_LINE = (("string", WHOLE), ("int64", LINE))
FROM_LINE = (("int64", LINE), ("string", WHOLE))


def modes() -> list[dict[str, Any]]:
    """Every pair of index modes that makes sense, and some that do not."""
    some = [b"beta", b"none", b""]
    result = [
        read("word-line", WORDS, *TO_LINE, some),
        read("line-word", WORDS, *FROM_LINE, [0, 2, 3, -1]),
        read("word-word", WORDS, ("string", WHOLE), ("string", WHOLE), some),
        read("line-line", WORDS, ("int64", LINE), ("int64", LINE), [0, 2, 3]),
        read("column-column", COLUMNS, ("string", 0), ("int64", 1), [b"a", b"c", b"x"]),
        read("column-back", COLUMNS, ("int64", 1), ("string", 0), [10, -30, 7]),
        read("column-float", COLUMNS, ("string", 0), ("float", 2), [b"a", b"b", b"c"]),
        read("column-double", COLUMNS, ("string", 0), ("double", 2), [b"a", b"b", b"c"]),
        read("column-int32", COLUMNS, ("string", 0), ("int32", 1), [b"a", b"b", b"c"]),
        read("column-text", COLUMNS, ("string", 0), ("string", 3), [b"a", b"b", b"q"]),
        read("column-line", COLUMNS, ("string", 3), ("int64", LINE), [b"x", b"z"]),
        read("line-column", COLUMNS, ("int64", LINE), ("string", 3), [0, 2]),
        read("same-column", COLUMNS, ("string", 0), ("string", 0), [b"a", b"z"]),
        read("whole-with-tabs", COLUMNS, *TO_LINE, [b"a", b"a\t10\t1.5\tx"]),
        read("bool", b"a\ttrue\n", ("string", 0), ("bool", 1), [b"a"]),
        # A line number that is not int64, and a whole line that is no string, are refused.
        read("line-int32", WORDS, ("string", WHOLE), ("int32", LINE), some),
        read("line-float", WORDS, ("string", WHOLE), ("float", LINE), some),
        read("line-key-int32", WORDS, ("int32", LINE), ("string", WHOLE), [0]),
        read("whole-int64", b"1\n2\n", ("int64", WHOLE), ("string", WHOLE), [1]),
        read("whole-value-int64", b"1\n2\n", ("int64", LINE), ("int64", WHOLE), [1]),
        read("no-such-column", COLUMNS, ("string", 0), ("string", 4), [b"a"]),
        read("no-such-key-column", COLUMNS, ("string", 9), ("string", 0), [b"a"]),
        read("index-below", COLUMNS, ("string", -3), ("string", 0), [b"a"]),
    ]
    for kind in ("HashTable", "AnonymousHashTable"):
        result += [
            read("word-line", WORDS, *TO_LINE, some, kind),
            read("column-column", COLUMNS, ("string", 0), ("int64", 1), [b"a", b"x"], kind),
            read("missing", None, *TO_LINE, some, kind),
        ]
    return result


def lines() -> list[dict[str, Any]]:
    """What counts as a line."""
    texts = {
        "no-last-newline": b"alpha\nbeta",
        "crlf": b"alpha\r\nbeta\r\ngamma",
        "cr": b"alpha\rbeta\r",
        "cr-inside": b"al\rpha\nbeta\r\r\n",
        "empty": b"",
        "only-newline": b"\n",
        "empty-line-middle": b"alpha\n\nbeta\n",
        "empty-line-last": b"alpha\nbeta\n\n",
        "spaces": b" alpha \n\tbeta\n",
        "zeros": b"al\0pha\nbeta\n",
        "binary": bytes(range(256)),  # an error about it would be no UTF-8, as Python wants it
        "bad-utf8": b"\xff\xfe\nbeta\n\xc3\n",
        "bom": b"\xef\xbb\xbfalpha\nbeta\n",
        "long-line": b"x" * 300_000 + b"\nbeta\n",
        "long-lines": b"".join(b"%06d" % i + b"y" * 70_000 + b"\n" for i in range(8)) + b"beta\n",
        "many": b"".join(b"w%d\n" % i for i in range(20_000)) + b"beta\n",
        "duplicate": b"alpha\nbeta\nalpha\n",
        "duplicate-adjacent": b"alpha\nalpha\n",
    }
    ask = [b"alpha", b"beta", b"beta\r", b"", b"\tbeta", b"al\0pha", b"w19999", b"\xff\xfe"]
    result = [read(f"lines-{name}", text, *TO_LINE, ask) for name, text in texts.items()]
    for name in ("empty-line-middle", "crlf", "cr-inside", "duplicate", "no-last-newline"):
        result.append(read(f"numbers-{name}", texts[name], *FROM_LINE, [0, 1, 2, 3]))
    return result


def sizes() -> list[dict[str, Any]]:
    """vocab_size and offset."""
    result = []
    ask = [b"alpha", b"beta", b"gamma"]
    for n in (-1, 0, 1, 2, 3, 4, 100, -2):
        result.append(read(f"vocab-size-{n}", WORDS, *TO_LINE, ask, vocab_size=n))
    for n in (2, 4):
        result.append(read(f"vocab-size-numbers-{n}", WORDS, *FROM_LINE, [0, 1, 2], vocab_size=n))
        text = COLUMNS + b"one column only\n"
        one = read(
            f"vocab-size-bad-line-{n}", text, ("string", 0), ("int64", 1), [b"a"], vocab_size=n
        )
        result.append(one)
    for offset in (1, -1, 100, 2**40):
        result.append(read(f"offset-{offset}", WORDS, *TO_LINE, ask, offset=offset))
        asked = [0, 1, 2, offset, offset + 2]
        result.append(read(f"offset-key-{offset}", WORDS, *FROM_LINE, asked, offset=offset))
    result.append(
        read("offset-column", COLUMNS, ("string", 0), ("int64", 1), [b"a", b"b"], offset=1)
    )
    result.append(read("offset-vocab-size", WORDS, *TO_LINE, ask, offset=1, vocab_size=2))
    return result


def columns() -> list[dict[str, Any]]:
    """Delimiters, missing columns, and numbers that do not parse."""
    pair = (("string", 0), ("int64", 1))
    ask = [b"a", b"b", b"c"]
    result = [
        read("delimiter-comma", b"a,1\nb,2\n", *pair, ask, delimiter=b","),
        read("delimiter-space", b"a 1\nb  2\n", *pair, ask, delimiter=b" "),
        read("delimiter-utf8", "a\xa71\n".encode(), *pair, ask, delimiter="\xa7".encode()),
        read("delimiter-two", b"a||1\n", *pair, ask, delimiter=b"||"),
        read("delimiter-none", b"a\t1\n", *pair, ask, delimiter=b""),
        read("delimiter-absent", b"a 1\nb 2\n", *pair, ask),
        read("delimiter-unused", WORDS, *TO_LINE, ask, delimiter=b"::"),
        read("column-missing", b"a\t1\nb\nc\t3\n", *pair, ask),
        read("column-missing-last", b"a\t1\nb", *pair, ask),
        read("column-missing-first", b"b\na\t1\n", *pair, ask),
        read("column-empty-value", b"a\t\nb\t2\n", *pair, ask),
        read("column-empty-key", b"\t1\nb\t2\n", *pair, [b"", b"b"]),
        read("column-empty-line", b"a\t1\n\nb\t2\n", *pair, ask),
        read("column-extra", b"a\t1\tzzz\t\n", *pair, ask),
        read("column-crlf", b"a\t1\r\nb\t2\r\n", *pair, ask),
        read("column-crlf-text", b"a\tx\r\nb\ty\r\n", ("string", 0), ("string", 1), ask),
        read("column-duplicate", b"a\t1\na\t1\n", *pair, ask),
        read("column-conflict", b"a\t1\na\t2\n", *pair, ask),
    ]
    numbers = {
        "int64": ["007", "+5", " 5", "5 ", "0x10", "9223372036854775807", "9223372036854775808",
                  "-9223372036854775808", "1e3", "1.0", "one", "-", "--1", "1_000"],
        "int32": ["2147483647", "2147483648", "-2147483648", "-2147483649", "12abc"],
        "float": ["1", "-.5", "1e40", "1e-50", "nan", "inf", "-Infinity", "0x1p3", "1,5", "1.5f",
                  " 2.5 ", "1e", ""],
        "double": ["1e308", "1e309", "1e-320", "NaN", "0.1", "1..2", "1.5 x"],
    }  # fmt: skip
    for dtype, texts in numbers.items():
        for text in texts:
            name = text.replace(" ", "_") or "nothing"
            line = b"a\t" + text.encode() + b"\n"
            one = read(f"parse-{dtype}-{name}", line, ("string", 0), (dtype, 1), [b"a"])
            result.append(one)
    for text in ("12", "x", "99999999999999999999"):
        line = text.encode() + b"\tv\n"
        result.append(read(f"parse-key-{text}", line, ("int64", 0), ("string", 1), [12]))
    return result


def paths() -> list[dict[str, Any]]:
    """Files that cannot be read, and file names that are not one."""
    result = [read("missing", None, *TO_LINE, [b"a"])]
    graph = Graph()
    graph.files["file.txt"] = None
    table = Table(graph, "HashTableV2", "string", "int64")
    graph.step(table.init_file("file.txt", WHOLE, LINE))
    graph.step(table.find([b"a"], -1))
    result.append(graph.case("file-directory"))
    for name, data in (
        ("empty-name", b""),
        ("zero-in-name", b"{dir}/file\0.txt"),
        ("vector", [b"{dir}/file.txt"]),
        ("two-names", [b"{dir}/file.txt", b"{dir}/file.txt"]),
        ("no-name", []),
        ("unknown-scheme", b"gopher://nowhere/file.txt"),
    ):
        for static in (False, True):
            graph = Graph()
            graph.files["file.txt"] = WORDS
            table = Table(graph, "HashTableV2", "string", "int64")
            shape = [0] if data == [] else None
            path = graph.data("string", data, shape, static=static)
            graph.step(table.init_file(path, WHOLE, LINE))
            graph.step(table.find([b"alpha"], -1))
            label = f"file-name-{name}" + ("-static" if static else "")
            result.append(graph.case(label))
    # After a file that cannot be used the table takes a good one.
    graph = Graph()
    graph.files.update({"bad.txt": b"a\t1\nb\tx\n", "good.txt": b"a\t5\nc\t6\n"})
    table = Table(graph, "HashTableV2", "string", "int64")
    find = table.find([b"a", b"b", b"c"], -1)
    for name in ("bad.txt", "absent.txt", "good.txt", "bad.txt", "good.txt"):
        graph.step(table.init_file(name, 0, 1))
        graph.step(find)
    result.append(graph.case("file-bad-then-good"))
    return result


def cases() -> list[dict[str, Any]]:
    """All of them."""
    return [*modes(), *lines(), *sizes(), *columns(), *paths()]
