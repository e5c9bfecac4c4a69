# ruff: noqa: D101, D102, D103
"""report.html: what it shows, names that mean harm, its size, and a browser that draws it."""

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from slim.attribution import op_sizes
from slim.report import format_difference, format_size, payload, show, write_report

from .sample import HOSTILE, make_document, renamed
from .test_document import small

ROOT = Path(__file__).resolve().parents[2]


class Page(HTMLParser):
    """The elements of a page: (tag, attributes), and the text of its data block."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.data, self.inside = [], "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("id") == "data"

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.data += data


def written(document, tmp_path):
    write_report(tmp_path / "report.html", document)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_is_one_file_and_the_same_twice(tmp_path):
    text = written(make_document(30), tmp_path)
    assert written(make_document(30), tmp_path) == text
    assert str(ROOT) not in text and str(tmp_path) not in text
    assert not re.search(r"url\(|@import|https?:", text)
    for _, attributes in Page(text).elements:
        assert not {"src", "action", "srcset", "data"} & set(attributes)
        assert attributes.get("href", "#").startswith("#")
    policy = next(
        attributes["content"]
        for tag, attributes in Page(text).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    assert "6.62 MB" in text and "549 MB" in text and "3.0e-8" in text
    assert os.listdir(tmp_path) == ["report.html"]


def test_the_page_has_every_op_and_file(tmp_path):
    document = make_document(40)
    page = Page(written(document, tmp_path))
    data = json.loads(page.data)
    assert [op["name"] for op in data["ops"]] == [op["name"] for op in document["ops"]]
    assert sum(file["bytes"] for file in data["files"]) == document["sizes"]["stripped"]
    rows = [attributes for tag, attributes in page.elements if "data-op" in attributes]
    sizes = op_sizes(document)
    assert len(rows) == 40
    for row in rows:
        size = sizes[document["ops"][int(row["data-op"])]["name"]]
        assert (int(row["data-exclusive"]), int(row["data-shared"])) == (
            size.exclusive,
            size.shared,
        )
    assert [int(row["data-exclusive"]) for row in rows] == sorted(
        (size.exclusive for size in sizes.values()), reverse=True
    )


def test_hostile_names_stay_text(tmp_path):
    plain = make_document(24)
    hostile = written(renamed(plain, HOSTILE), tmp_path)
    page = Page(hostile)

    def shape(text):
        return [
            (tag, sorted(name for name in attributes if name != "title"))
            for tag, attributes in Page(text).elements
            if tag not in ("dt", "dd")  # one tool more
        ]

    assert shape(hostile) == shape(written(renamed(plain, ["harmless"] * 8), tmp_path))
    assert hostile.count("<script") == 2 and hostile.count("</script") == 2
    assert not re.search("[\u202e\u2066\u200b\ud800\x00\x07]", hostile)
    data = json.loads(page.data)
    assert any(op["name"].startswith("<script>document.title") for op in data["ops"])
    assert max(len(op["name"]) for op in data["ops"]) <= 200


@pytest.mark.parametrize(("ops", "files", "most"), [(30, 530, 800_000), (800, 1800, 2_000_000)])
def test_the_page_stays_small(ops, files, most, tmp_path):
    document = make_document(ops, files)
    for op in document["ops"][::20]:
        op["reasons"] = [{**op["reasons"][0], "node": f"layer/{n}/x"} for n in range(2000)]
    assert len(written(document, tmp_path).encode()) < most


def test_symbols_that_are_shown_are_the_largest():
    document = make_document(300, 1500)
    shown = [size for file in payload(document)["files"] for _, size in file["symbols"]]
    known = [symbol["bytes"] for file in document["sizes"]["files"] for symbol in file["symbols"]]
    assert len(shown) == 4000 < len(known)
    assert sorted(shown) == sorted(known)[-4000:]


@pytest.mark.parametrize(
    ("statuses", "head"),
    [
        (["agrees", "agrees"], "agrees"),
        (["agrees", "fails", "runs"], "fails"),
        (["differs", "agrees"], "differs"),
        (["runs", "skipped"], "runs"),
        (["skipped"], "not tried"),
        ([], "not tried"),
    ],
)
def test_the_worst_proof_counts(statuses, head, tmp_path):
    document = make_document(3)
    [proof] = document["proofs"]
    document["proofs"] = [{**proof, "status": status} for status in statuses]
    text = written(document, tmp_path)
    assert f'<span class="mark" aria-hidden="true"></span>{head}</dd>' in text


def test_a_library_of_nothing(tmp_path):
    document = small()
    document["models"], document["proofs"] = [], []
    assert "0 B" in written(document, tmp_path)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_960, "10.0 kB"), (99_940, "99.9 kB"),
        (99_960, "100 kB"), (523_400, "523 kB"), (999_499, "999 kB"), (999_600, "1.00 MB"),
        (6_304_000, "6.30 MB"), (12_340_000, "12.3 MB"), (549_000_000, "549 MB"),
    ],
)  # fmt: skip
def test_format_size(size, text):
    assert format_size(size) == text


def test_small_formats():
    assert [format_difference(value) for value in (None, 0.0, 3e-8, 12.5)] == [
        "–",
        "0",
        "3.0e-8",
        "1.2e1",
    ]
    assert show("a\u202eb\n") == "a\\u202eb\\u000a"
    assert show("x" * 300, 11) == "xxxxx…xxxxx"


CHROMIUM = shutil.which("chromium")
BROWSER = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --dump-dom "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is missing: apt-get install chromium")
@pytest.mark.parametrize("hostile", [False, True])
def test_a_browser_draws_it(hostile, tmp_path):
    document = make_document(30)
    if hostile:
        document = renamed(document, HOSTILE)
    written(document, tmp_path)
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    page = f"file://{tmp_path / 'report.html'}"
    done = subprocess.run([CHROMIUM, *BROWSER, profile, page], capture_output=True, timeout=120)
    drawn = done.stdout.decode()
    elements = Page(drawn).elements
    title = re.search("<title>(.*)</title>", drawn)
    assert title and title[1] == "Slim TensorFlow 2.14.1: 6.62 MB"
    cells = [
        attributes for tag, attributes in elements if "cell" in attributes.get("class", "").split()
    ]
    assert len(cells) > 300
    assert [cell["tabindex"] for cell in cells].count("0") == 1
    assert any(cell["aria-label"].startswith("kernels, 7") for cell in cells)
    for cell in cells:
        left, top, width, height = (
            float(re.search(rf"(?:^|;)\s*{key}:\s*([\d.]+)%", cell["style"])[1])
            for key in ("left", "top", "width", "height")
        )
        assert left + width < 100.01 and top + height < 100.01
    assert not [attributes for _, attributes in elements if "onerror" in attributes]
