"""Writes streams.txt: compressed streams, whole and broken, and what CPython's gzip, bz2 and
lzma modules make of them.

Each line: name, kind, the stream in hex, then "ok" and the CRC-32 and length of the text, or "error" and the
length of the text that came before it. Run with CPython 3.8 or later: python3 streams.py > streams.txt
"""
import bz2
import gzip
import io
import lzma
import random
import zlib

random.seed(1)
WORDS = [bytes(random.choices(b"abcdefgh", k=random.randint(1, 9))) for _ in range(60)]
TEXT = b" ".join(random.choices(WORDS, k=900))
NOISE = bytes(random.randrange(256) for _ in range(700))


def gz(data, **k):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, **k) as f:
        f.write(data)
    return out.getvalue()


def xz(data, check=-1, filters=None, preset=None):
    return lzma.compress(data, format=lzma.FORMAT_XZ, check=check, filters=filters, preset=preset)


def blocks(data, n):
    """One xz stream with a full flush between parts: many LZMA2 chunks."""
    return b"".join(xz(data[i:i + n]) for i in range(0, len(data), n))


def readers(kind):
    return {"gzip": lambda b: gzip.GzipFile(fileobj=b), "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile,
            "lzma": lambda b: lzma.LZMAFile(b, format=lzma.FORMAT_ALONE)}[kind]


def read(kind, data):
    got = b""
    f = readers(kind)(io.BytesIO(data))
    try:
        while True:
            piece = f.read(1)
            if not piece:
                return got, None
            got += piece
    except Exception as e:  # noqa: BLE001
        return got, e


BIG = TEXT * 40
CASES = [
    ("gzip-text", "gzip", gz(TEXT)),
    ("gzip-stored", "gzip", gz(NOISE, compresslevel=0)),
    ("gzip-name", "gzip", gz(TEXT, filename="models.tar")),
    ("gzip-two", "gzip", gz(TEXT) + gz(NOISE)),
    ("gzip-padding", "gzip", gz(TEXT) + bytes(700)),
    ("gzip-padding-between", "gzip", gz(TEXT) + bytes(7) + gz(NOISE)),
    ("gzip-empty", "gzip", gz(b"")),
    ("gzip-cut", "gzip", gz(TEXT)[:-500]),
    ("gzip-cut-trailer", "gzip", gz(TEXT)[:-3]),
    ("gzip-crc", "gzip", gz(TEXT)[:-8] + bytes(4) + gz(TEXT)[-4:]),
    ("gzip-all-fields", "gzip", b"\x1f\x8b\x08\x1f" + bytes(6) + b"\x03\x00abc" + b"n\x00" + b"c\x00" + b"hh" + gz(TEXT)[10:]),
    ("bzip2-text", "bzip2", bz2.compress(TEXT)),
    ("bzip2-two", "bzip2", bz2.compress(TEXT) + bz2.compress(NOISE)),
    ("bzip2-garbage", "bzip2", bz2.compress(TEXT) + b"garbage"),
    ("bzip2-cut", "bzip2", bz2.compress(BIG)[:-30]),
    ("xz-text", "xz", xz(TEXT)),
    ("xz-noise", "xz", xz(NOISE)),
    ("xz-empty", "xz", xz(b"")),
    ("xz-big", "xz", xz(BIG + NOISE * 200)),
    ("xz-crc32", "xz", xz(TEXT, check=lzma.CHECK_CRC32)),
    ("xz-sha256", "xz", xz(TEXT, check=lzma.CHECK_SHA256)),
    ("xz-none", "xz", xz(TEXT, check=lzma.CHECK_NONE)),
    ("xz-lc-lp-pb", "xz", xz(TEXT, filters=[{"id": lzma.FILTER_LZMA2, "lc": 1, "lp": 3, "pb": 0}])),
    ("xz-many", "xz", blocks(TEXT, 700)),
    ("xz-padding", "xz", xz(TEXT) + bytes(8) + xz(NOISE) + bytes(4)),
    ("xz-garbage", "xz", xz(TEXT) + b"garbage"),
    ("xz-cut", "xz", xz(TEXT)[:-200]),
    ("xz-cut-footer", "xz", xz(TEXT)[:-2]),
    ("xz-crc-wrong", "xz", xz(TEXT)[:-36] + bytes(8) + xz(TEXT)[-28:]),
    ("lzma-text", "lzma", lzma.compress(TEXT, format=lzma.FORMAT_ALONE)),
    ("lzma-big", "lzma", lzma.compress(BIG, format=lzma.FORMAT_ALONE)),
]

for name, kind, data in CASES:
    text, error = read(kind, data)
    line = "error %d" % len(text) if error else "ok %08x %d" % (zlib.crc32(text), len(text))
    print(name, kind, data.hex(), line)
