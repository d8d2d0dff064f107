"""Writes tars.txt: tar archives, honest and not, and what CPython's tarfile makes of them.

A case is "case NAME HEX" (the archive, compressed with zlib), then a line per member in the order of getmembers(): type, mode in
octal, size, offset of the data, name and link name as Python literals, and the CRC-32 of the content of a sparse file; then "end" or "error". Run: python3 tars.py > tars.txt
"""
import io
import sys
import tarfile
import zlib


def build(fmt, entries, end=True):
    out = io.BytesIO()
    t = tarfile.open(fileobj=out, mode="w", format=fmt)
    for name, kind, data, extra in entries:
        i = tarfile.TarInfo(name)
        i.type = kind
        i.size = len(data)
        i.mtime = 0
        for k, v in extra.items():
            setattr(i, k, v)
        t.addfile(i, io.BytesIO(data))
    if end:
        t.close()
    return out.getvalue()


def header(name=b"x", size=b"00000000005\x00", kind=b"0", link=b"", magic=b"ustar\x0000", prefix=b"", mode=b"0000644\x00", rest=b""):
    b = bytearray(512)
    b[0:len(name)] = name
    b[100:108] = mode.ljust(8, b"\0")
    b[108:116] = b[116:124] = b"0000000\x00"
    b[124:136] = size.ljust(12, b"\0")
    b[136:148] = b"00000000000\x00"
    b[156:157] = kind
    b[157:157 + len(link)] = link
    b[257:265] = magic.ljust(8, b"\0")
    b[345:345 + len(prefix)] = prefix
    if rest:
        b[386:386 + len(rest)] = rest
    return bytes(b)


def seal(b, signed=False, field=None):
    b = bytearray(b)
    b[148:156] = b" " * 8
    s = sum((c - 256 if signed and c > 127 else c) for c in b)
    b[148:156] = field or (b"%06o\0 " % s)
    return bytes(b)


def data(text):
    return text + bytes(-len(text) % 512)


def record(k, v):
    body = b" " + k + b"=" + v + b"\n"
    n = len(body)
    while len(str(n).encode()) + len(body) != n:
        n = len(str(n).encode()) + len(body)
    return str(n).encode() + body


def pax(*records, kind=b"x"):
    body = b"".join(record(k, v) for k, v in records)
    return seal(header(b"pax", b"%011o\0" % len(body), kind)) + data(body)


def gnu_sparse(name, parts, size, stored):
    """An old GNU sparse file: four parts in the header, 21 in each block behind it."""
    fields = [b"%011o\0%011o\0" % p for p in parts]
    blocks = [fields[i:i + 21] for i in range(4, len(fields), 21)]
    rest = b"".join(fields[:4]).ljust(96, b"\0") + (b"\1" if blocks else b"\0") + b"%011o\0" % size
    more = b"".join(b"".join(f).ljust(504, b"\0") + (b"\0" if f is blocks[-1] else b"\1").ljust(8, b"\0") for f in blocks)
    return seal(header(name, b"%011o\0" % len(stored), b"S", magic=b"ustar  \0", rest=rest)) + more + data(stored)


SPARSE_10 = pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.name", b"real"), (b"GNU.sparse.realsize", b"2000"))
END = bytes(1024)
A = seal(header(b"a")) + data(b"hello")
S = seal(header(b"s")) + data(b"hello")
REG, LNK, SYM, DIR, CHR, BLK, FIFO = b"0", b"1", b"2", b"5", b"3", b"4", b"6"
HONEST = [
    ("models", DIR, b"", {}),
    ("models/model.keras", REG, b"PK" * 400, {}),
    ("models/latest.keras", SYM, b"", {"linkname": "model.keras"}),
    ("models/same.keras", LNK, b"", {"linkname": "models/model.keras"}),
    ("models/" + "long/" * 40 + "name.txt", REG, b"x", {}),
    ("models/link", SYM, b"", {"linkname": "t/" * 80 + "x"}),
    ("models/\u00fc.txt", REG, b"", {"mode": 0o4755}),
    ("dev", CHR, b"", {"devmajor": 1, "devminor": 3}),
    ("pipe", FIFO, b"", {}),
]
CASES = [
    ("ustar", build(tarfile.USTAR_FORMAT, HONEST[:4] + HONEST[6:])),
    ("gnu", build(tarfile.GNU_FORMAT, HONEST)),
    ("pax", build(tarfile.PAX_FORMAT, HONEST)),
    ("no-end", A),
    ("old-v7", seal(header(b"a", magic=b"")) + data(b"hello") + END),
    ("old-directory", seal(header(b"d/", b"0", b"\0", magic=b"")) + A + END),
    ("prefix", seal(header(b"a", prefix=b"p/q")) + data(b"hello") + END),
    ("signed-checksum", seal(header(b"\xff\xfe"), True) + data(b"hello") + END),
    ("checksum-wrong", A + seal(header(b"b"), field=b"000001\0 ") + data(b"hello") + A + END),
    ("checksum-wrong-first", seal(header(b"b"), field=b"000001\0 ") + data(b"hello") + A + END),
    ("checksum-blanks", seal(header(b"a"), field=b"  %04o  " % sum(bytes(seal(header(b"a"))[:148] + b" " * 8 + seal(header(b"a"))[156:]))) + data(b"hello") + END),
    ("size-base256", seal(header(b"a", b"\x80" + bytes(10) + b"\x05")) + data(b"hello") + END),
    ("size-negative", A + seal(header(b"b", b"\xff" * 10 + b"\xfc\x00")) + data(b"hello") + A + END),
    ("size-minus-octal", A + seal(header(b"b", b"-0000000001")) + data(b"hello") + A + END),
    ("size-huge", A + seal(header(b"b", b"\x80" + b"\x7f" * 11)) + data(b"hello") + END),
    ("size-0o-underscore", seal(header(b"a", b" 0o0_5 ")) + data(b"hello") + END),
    ("size-empty", seal(header(b"a", b"")) + A + END),
    ("size-8", A + seal(header(b"b", b"00000000008")) + data(b"hello") + END),
    ("size-past-end", A + seal(header(b"b", b"00000010000")) + data(b"hello")),
    ("zero-block-between", A + bytes(512) + seal(header(b"b")) + data(b"hello") + END),
    ("concatenated", A + END + seal(header(b"b")) + data(b"hello") + END),
    ("garbage-between", A + b"g" * 512 + seal(header(b"b")) + data(b"hello") + END),
    ("link-with-size", seal(header(b"l", kind=SYM, link=b"/etc")) + data(b"hello") + A + END),
    ("directory-with-size", seal(header(b"d", kind=DIR)) + A + END),
    ("unknown-type", seal(header(b"u", kind=b"Z")) + data(b"hello") + A + END),
    ("contiguous", seal(header(b"c", kind=b"7")) + data(b"hello") + A + END),
    ("duplicate", A + A + seal(header(b"a")) + data(b"other") + END),
    ("long-name", seal(header(b"././@LongLink", b"%011o\0" % 301, b"L", magic=b"ustar  \0")) + data(b"n" * 300 + b"\0") + A + END),
    ("long-name-twice", seal(header(b"L", b"2", b"L")) + data(b"p\0") + seal(header(b"L", b"2", b"L")) + data(b"q\0") + A + END),
    ("long-name-then-pax", seal(header(b"L", b"2", b"L")) + data(b"p\0") + pax((b"path", b"q")) + A + END),
    ("pax-then-long-name", pax((b"path", b"q")) + seal(header(b"L", b"2", b"L")) + data(b"p\0") + A + END),
    ("pax-twice", pax((b"path", b"q")) + pax((b"path", b"p"), (b"linkpath", b"l")) + A + END),
    ("long-name-then-nothing", A + seal(header(b"L", b"2", b"L")) + data(b"p\0") + END),
    ("pax-path-slash", pax((b"path", b"../q/")) + A + END),
    ("pax-size", pax((b"size", b"512")) + seal(header(b"b", b"0")) + data(b"x" * 512) + A + END),
    ("pax-size-wrong", pax((b"size", b"many")) + seal(header(b"b")) + A + END),
    ("pax-global-path", pax((b"path", b"everywhere"), kind=b"g") + A + A + END),
    ("pax-global-then-own", pax((b"path", b"everywhere"), kind=b"g") + pax((b"path", b"own")) + A + END),
    ("pax-solaris", pax((b"path", b"q"), kind=b"X") + A + END),
    ("pax-linkpath", pax((b"linkpath", b"../" * 40 + b"etc")) + seal(header(b"l", b"0", SYM, b"short")) + END),
    ("sparse-gnu", gnu_sparse(b"s", [(0, 5)], 5, b"hello") + A + END),
    ("sparse-gnu-holes", gnu_sparse(b"s", [(0, 3), (700, 0), (1000, 2)], 5000, b"hello") + A + END),
    ("sparse-gnu-extended", gnu_sparse(b"s", [(512 * n, 1) for n in range(40)], 30000, bytes(range(65, 105))) + A + END),
    ("sparse-gnu-empty", gnu_sparse(b"s", [], 3000, b"") + A + END),
    ("sparse-gnu-disorder", gnu_sparse(b"s", [(512, 2), (0, 3)], 600, b"hello") + A + END),
    ("sparse-gnu-past-end", gnu_sparse(b"s", [(0, 50)], 50, b"hello") + END),
    ("sparse-00", pax((b"GNU.sparse.size", b"2000"), (b"GNU.sparse.numblocks", b"2"), (b"GNU.sparse.offset", b"0"), (b"GNU.sparse.numbytes", b"3"), (b"GNU.sparse.offset", b"900"), (b"GNU.sparse.numbytes", b"2")) + S + A + END),
    ("sparse-01", pax((b"GNU.sparse.size", b"2000"), (b"GNU.sparse.numblocks", b"2"), (b"GNU.sparse.name", b"real"), (b"GNU.sparse.map", b"10,3,900,2")) + S + A + END),
    ("sparse-01-odd", pax((b"GNU.sparse.size", b"2000"), (b"GNU.sparse.map", b"10,3,900")) + S + A + END),
    ("sparse-10", SPARSE_10 + seal(header(b"s", b"%o" % 517)) + data(b"1\n0\n5\n") + data(b"hello") + A + END),
    ("sparse-10-small", SPARSE_10.replace(b"=2000", b"=0005") + seal(header(b"s", b"%o" % 517)) + data(b"1\n0\n5\n") + data(b"hello") + A + END),
    ("sparse-10-long", SPARSE_10 + seal(header(b"s", b"%o" % (1024 + 150))) + data(b"150\n" + b"".join(b"%d\n1\n" % (9 * n) for n in range(150))) + data(bytes(range(100, 250))) + A + END),
    ("sparse-10-unended", SPARSE_10 + seal(header(b"s", b"%o" % 517)) + data(b"9999\n0\n5\n") + data(b"hello") + A + END),
    ("only-zeros", bytes(10240)),
    ("cut-header", A + seal(header(b"b"))[:300]),
]


def content(t, m):
    if m.sparse is None:
        return []
    try:
        return ["%08x" % zlib.crc32(t.extractfile(m).read())]
    except Exception:  # noqa: BLE001
        return ["unread"]


def main():
    out = sys.stdout
    for name, raw in CASES:
        print("case", name, zlib.compress(raw, 9).hex(), file=out)
        members, error = [], None
        try:
            t = tarfile.open(fileobj=io.BytesIO(raw))
            while True:
                m = t.next()
                if m is None:
                    break
                members.append(m)
        except Exception as e:  # noqa: BLE001
            error = e
        for m in members:
            kind = {REG: "file", b"\0": "file", LNK: "hardlink", SYM: "symlink", DIR: "directory", CHR: "device", BLK: "device", FIFO: "pipe"}.get(m.type, "file")
            print(kind, "%o" % m.mode, m.size, m.offset_data, ascii(m.name.encode("utf-8", "surrogateescape"))[1:],
                  ascii(m.linkname.encode("utf-8", "surrogateescape"))[1:], *content(t, m), file=out)
        print("error" if error else "end", file=out)


main()
