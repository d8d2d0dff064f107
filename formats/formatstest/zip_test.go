package formatstest_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// zipHead opens the archive; read prints what a member holds, or the name of
// the exception that reading it raises.
const zipHead = `
import sys, zipfile
def read(name):
    try:
        print(z.read(name).decode().strip())
    except Exception as e:
        print(type(e).__name__)
try:
    z = zipfile.ZipFile(sys.argv[1])
except Exception as e:
    print(type(e).__name__)
    z = None
`

const twoMembers = "-- config.json --\nfirst\n-- readme.txt --\nother\n"

var zipTests = []struct{ name, header, sections, python, want string }{
	{"plain", "", twoMembers, `print(z.namelist(), z.testzip()); read("config.json")`, "['config.json', 'readme.txt'] None\nfirst\n"},
	{"keras-version", "keras: 3.8.0", twoMembers, `import json; print(json.loads(z.read("metadata.json"))["keras_version"])`, "3.8.0\n"},
	{"T50 second section", "", twoMembers + "-- config.json#2 --\nsecond\n", `print(z.namelist()); read("config.json")`,
		"['config.json', 'readme.txt', 'config.json']\nsecond\n"},
	{"T50 duplicate", "zip: duplicate config.json", twoMembers, `print(z.namelist().count("config.json")); read("config.json")`, "2\nfirst\n"},
	{"T50 central-first", "zip: central-first config.json#2", twoMembers + "-- config.json#2 --\nsecond\n", `read("config.json")`, "first\n"},
	{"T51 local-name", "zip: local-name config.json xonfig.json", twoMembers, `read("config.json")`, "BadZipFile\n"},
	{"T51 central-name", "zip: central-name config.json xonfig.json", twoMembers, `print(z.namelist()); read("xonfig.json")`, "['xonfig.json', 'readme.txt']\nBadZipFile\n"},
	{"T52 local fields", "zip: local-method config.json 8\nzip: local-size config.json 9\nzip: local-compressed config.json 1\nzip: local-crc config.json 1", twoMembers, `read("config.json")`, "first\n"},
	{"T52 local encrypted", "zip: local-flag config.json 1", twoMembers, `read("config.json")`, "first\n"},
	{"T52 crc", "zip: crc config.json 1", twoMembers, `read("config.json")`, "BadZipFile\n"},
	{"T52 central-crc", "zip: central-crc config.json 1", twoMembers, `read("config.json")`, "BadZipFile\n"},
	{"T53 nul", `zip: raw-name config.json "config.json\x00x"`, twoMembers, `print(z.namelist()); read("config.json")`, "['config.json', 'readme.txt']\nfirst\n"},
	{"T54 bytes", "zip: unicode-path readme.txt other.json", twoMembers,
		`import zlib, struct; e = z.infolist()[1].extra; print(struct.unpack("<HHBI", e[:9])[3] == zlib.crc32(b"readme.txt"), e[9:], struct.unpack("<HH", e[:4]) == (0x7075, len(e) - 4))`,
		"True b'other.json' True\n"},
	{"T54 bad crc", "zip: unicode-path-bad-crc readme.txt other.json", twoMembers, `print(z.namelist())`, "['config.json', 'readme.txt']\n"},
	{"T55 prefix", `zip: prefix "#!/bin/sh\n"`, twoMembers, `read("config.json")`, "first\n"},
	{"T55 preamble", "zip: preamble zeros 1000", twoMembers, `read("config.json"); print(z.infolist()[0].header_offset)`, "first\n1000\n"},
	{"T55 gap", "zip: gap repeat 100 gap", twoMembers, `read("config.json"); print(z.start_dir > 350)`, "first\nTrue\n"},
	{"T55 concatenated", "zip: suffix $second", twoMembers + "-- $second!config.json --\nsecond\n", `print(z.namelist()); read("config.json")`, "['config.json']\nsecond\n"},
	{"T55 archive in comment", "zip: comment $second", twoMembers + "-- $second!config.json --\nsecond\n", `read("config.json")`, "second\n"},
	{"T55 hdf5 in front", "zip: prefix $h5", twoMembers + "-- $h5 --\n!h5\ngroup /g\n", `read("config.json"); print(open(sys.argv[1], "rb").read(4))`, "first\nb'\\x89HDF'\n"},
	{"T56 suffix 65535", "zip: suffix repeat 65535 x", twoMembers, `read("config.json")`, "first\n"},
	{"T56 suffix 65537", "zip: suffix repeat 65537 x", twoMembers, `print(z)`, "BadZipFile\nNone\n"},
	{"T56 comment", "zip: comment \"a comment\"", twoMembers, `print(z.comment)`, "b'a comment'\n"},
	{"T56 comment too short", "zip: comment short\nzip: end-comment 255", twoMembers, `read("config.json"); print(z.comment)`, "first\nb'short'\n"},
	{"T57 deflate", "zip: method config.json deflate", twoMembers, `read("config.json"); print(z.infolist()[0].compress_type)`, "first\n8\n"},
	{"T57 bzip2", "zip: method config.json bzip2", twoMembers, `read("config.json"); print(z.infolist()[0].compress_type)`, "first\n12\n"},
	{"T57 lzma", "zip: method config.json lzma", twoMembers, `read("config.json"); print(z.infolist()[0].compress_type)`, "first\n14\n"},
	{"T57 claimed number", "zip: method config.json 9", twoMembers, `read("config.json")`, "NotImplementedError\n"},
	{"T58 encrypted", "zip: flag config.json 1", twoMembers, `read("config.json")`, "RuntimeError\n"},
	{"T58 strong encryption", "zip: flag config.json 0x40", twoMembers, `read("config.json")`, "NotImplementedError\n"},
	{"T59 names", "", twoMembers + "-- assets/../../x --\n\n-- /etc/x --\n\n", `print(z.namelist()[2:])`, "['assets/../../x', '/etc/x']\n"},
	{"T60 symlink", "zip: mode readme.txt symlink", twoMembers, `import stat; print(stat.S_ISLNK(z.infolist()[1].external_attr >> 16))`, "True\n"},
	{"T60 mode", "zip: mode readme.txt 0o100755", twoMembers, `print(oct(z.infolist()[1].external_attr >> 16))`, "0o100755\n"},
	{"T61 claim-size", "zip: claim-size config.json 0xfffffffe", twoMembers, `print(z.infolist()[0].file_size)`, "4294967294\n"},
	{"T61 claim-size zip64", "zip: zip64 config.json\nzip: claim-size config.json 0x1000000000", twoMembers, `print(z.infolist()[0].file_size)`, "68719476736\n"},
	{"T61 claim-compressed", "zip: claim-compressed config.json 100", twoMembers, `print(z.infolist()[0].compress_size)`, "100\n"},
	{"T61 overlap", "zip: overlap other.json config.json", twoMembers, `i = z.infolist(); print(i[2].filename, i[2].header_offset == i[0].header_offset, i[2].CRC == i[0].CRC)`, "other.json True True\n"},
	{"T61 overlap same name", "zip: overlap config.json config.json", twoMembers, `print(z.namelist(), z.infolist()[0].header_offset == z.infolist()[2].header_offset)`, "['config.json', 'readme.txt', 'config.json'] True\n"},
	{"T61 bomb", "zip: method config.json deflate\nrepeat: config.json 1000000 [", twoMembers, `i = z.infolist()[0]; print(i.file_size, i.compress_size < 5000)`, "1000000 True\n"},
	{"claim-offset", "zip: claim-offset config.json 5", twoMembers, `read("config.json")`, "BadZipFile\n"},
	{"hidden", "zip: hidden readme.txt", twoMembers, `print(z.namelist()); print(b"readme.txt" in open(sys.argv[1], "rb").read())`, "['config.json']\nTrue\n"},
	{"zip64 end", "zip: zip64", twoMembers, `read("config.json"); print(b"PK\x06\x06" in open(sys.argv[1], "rb").read())`, "first\nTrue\n"},
	{"zip64 member", "zip: zip64 config.json", twoMembers, `read("config.json")`, "first\n"},
	{"descriptor", "zip: method config.json deflate\nzip: descriptor config.json", twoMembers, `read("config.json"); print(z.infolist()[0].flag_bits)`, "first\n8\n"},
	{"descriptor lies", "zip: descriptor config.json\nzip: descriptor-size config.json 77", twoMembers, `read("config.json")`, "first\n"},
	{"no-end", "zip: no-end", twoMembers, `print(z)`, "BadZipFile\nNone\n"},
	{"end lies", "zip: end-entries 1\nzip: end-disk 0", twoMembers, `print(z.namelist())`, "['config.json', 'readme.txt']\n"},
	{"truncate", "truncate: -1", twoMembers, `print(z)`, "BadZipFile\nNone\n"},
	{"poke", "poke: 0 X", twoMembers, `read("config.json")`, "BadZipFile\n"},
	{"extra", "zip: extra config.json 7570ff00616263", twoMembers, ``, "BadZipFile\n"},
	{"central-extra", "zip: central-extra config.json feca0000", twoMembers, `read("config.json"); print(z.infolist()[0].extra)`, "first\nb'\\xfe\\xca\\x00\\x00'\n"},
	{"local-extra", "zip: local-extra config.json feca0000", twoMembers, `read("config.json")`, "first\n"},
	{"repeat", "zip: repeat assets/%d.txt 1000", twoMembers, `print(len(z.namelist()), z.namelist()[-1])`, "1002 assets/999.txt\n"},
	{"utf-8 name", "", twoMembers + "-- é.txt --\nx\n", `print(z.namelist()[2])`, "é.txt\n"},
	{"directory entry", "", twoMembers + "-- assets/ --\n", `print(z.infolist()[2].is_dir())`, "True\n"},
	{"nested", "", twoMembers + "-- a.zip!b.zip!c.txt --\ninner\n-- a.zip!d.txt --\nd\n",
		`import io; a = zipfile.ZipFile(io.BytesIO(z.read("a.zip"))); b = zipfile.ZipFile(io.BytesIO(a.read("b.zip"))); print(a.namelist(), b.read("c.txt"))`, "['b.zip', 'd.txt'] b'inner\\n'\n"},
	{"hex and base64", "", "-- a --\n!hex\n00 01\nff\n-- b --\n!base64\nAAH/\n-- c --\n!chomp\nx\n-- d --\n!!x\n",
		`print([z.read(n) for n in z.namelist()])`, "[b'\\x00\\x01\\xff', b'\\x00\\x01\\xff', b'x', b'!x\\n']\n"},
	{"edits", "replace: config.json HERE hex eda080\nappend: config.json \"\\x00\"", "-- config.json --\n\"HERE\"\n", `print(z.read("config.json"))`, "b'\"\\xed\\xa0\\x80\"\\n\\x00'\n"},
}

func TestZipReadByPython(t *testing.T) {
	var jobs []pythonJob
	for _, test := range zipTests {
		path := write(t, build(t, "container: keras\n"+test.header+"\n"+test.sections, "keras"))
		jobs = append(jobs, pythonJob{test.name, path, zipHead + test.python, test.want})
	}
	runJobs(t, "zipfile", jobs)
}

// TestUnicodePathRenames needs Python 3.12, which first heeded the field.
func TestUnicodePathRenames(t *testing.T) {
	python := cmp.Or(os.Getenv("PYTHON"), "python3")
	if err := exec.Command(python, "-c", "import sys; sys.exit(sys.version_info < (3, 12))").Run(); err != nil {
		t.Skipf("not verified: needs %s of version 3.12 or newer (PYTHON names another): %v", python, err)
	}
	path := write(t, build(t, "container: keras\nzip: unicode-path readme.txt config.json\n-- readme.txt --\nother\n", "keras"))
	runJobs(t, "zipfile", []pythonJob{{"renamed", path, zipHead + `print(z.namelist()); read("config.json")`, "['config.json']\nother\n"}})
}

func TestEncodingsReadByPython(t *testing.T) {
	var jobs []pythonJob
	for _, encoding := range strings.Fields("utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be utf-8-sig latin-1") {
		text := "container: json\nencode: config.json " + encoding + "\n-- config.json --\n{\"name\": \"é\"}\n"
		jobs = append(jobs, pythonJob{encoding, write(t, build(t, text, "json")),
			"import sys; b = open(sys.argv[1], 'rb').read(); print(b == '{\"name\": \"é\"}\\n'.encode('" + encoding + "'))", "True\n"})
	}
	runJobs(t, "json", jobs)
}

// TestStockReader has what Go's own reader agrees on, so that something is
// verified also where there is no Python.
func TestStockReader(t *testing.T) {
	text := "container: zip\nzip: method a deflate\nzip: descriptor a\nzip: zip64 b\nzip: zip64\nzip: preamble zeros 10\n-- a --\nfirst\n-- b --\nsecond\n-- a#2 --\nthird\n"
	b := build(t, text, "zip")
	z, err := zip.NewReader(bytes.NewReader(b.Data), int64(len(b.Data)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Name+" "+content.String())
	}
	if want := []string{"a first\n", "b second\n", "a third\n"}; !slices.Equal(got, want) {
		t.Errorf("archive/zip reads %q, want %q", got, want)
	}
}
