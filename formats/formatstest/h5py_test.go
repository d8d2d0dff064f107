package formatstest_test

import (
	"path/filepath"
	"testing"
)

// h5pyHead opens the file that a test wrote; show prints a value, or the name
// of the exception that reading it raises.
const h5pyHead = `
import sys, json, h5py, numpy as np
def show(f):
    try:
        v = f()
        print(v.tolist() if hasattr(v, "tolist") else v)
    except Exception as e:
        print(type(e).__name__)
f = h5py.File(sys.argv[1], "r")
config = lambda: json.loads(f.attrs["model_config"])
`

// Each script runs under all superblocks that it does not choose itself.
var h5pyTests = []struct {
	name, script, python, want string
}{
	{"soft-link", "dataset /k f4 2x2 7\nsoft-link /g/w /k",
		`show(lambda: f.get("g/w", getlink=True).path); show(lambda: f["g/w"][()])`, "/k\n[[7.0, 7.0], [7.0, 7.0]]\n"},
	{"external-link", "external-link /g/w other.h5 /b\ndataset /g/v f4 1 2",
		`l = f.get("g/w", getlink=True); print(type(l).__name__, l.filename, l.path); show(lambda: f["g/v"][()]); show(lambda: f["g/w"])`,
		"ExternalLink other.h5 /b\n[2.0]\nKeyError\n"},
	{"user-link", "user-link /u 70 0102",
		`import h5py.h5l; print(f.id.links.get_info(b"u").type)`, "70\n"},
	{"hard-link-cycle", "group /a\nhard-link /a/b /\nhard-link /c /a",
		`show(lambda: f["a/b/a/b"] == f["/"]); show(lambda: f["c"] == f["a"])`, "True\nTrue\n"},
	{"external-storage", "external-storage /d /etc/passwd 3 100",
		`show(lambda: f["d"].external); show(lambda: f["d"].shape)`, "[('/etc/passwd', 3, 100)]\n(100,)\n"},
	{"external-storage-two", "dataset /d f4 2x3\nexternal-storage /d a.bin 0 12\nexternal-storage /d b.bin 8 12",
		`show(lambda: f["d"].external); show(lambda: f["d"].dtype)`, "[('a.bin', 0, 12), ('b.bin', 8, 12)]\nfloat32\n"},
	{"virtual", "virtual /d other.h5 /src",
		`show(lambda: f["d"].is_virtual); s = f["d"].virtual_sources()[0]; print(s.file_name, s.dset_name); show(lambda: f["d"][0].tolist())`,
		"True\nother.h5 /src\n[0.0, 0.0, 0.0]\n"},
	{"virtual-same-file", "dataset /src f4 3x3 7\nvirtual /d . src",
		`show(lambda: f["d"][2])`, "[7.0, 7.0, 7.0]\n"},
	{"types", "dataset /a >f8 1 7\ndataset /b f2 2 1.5 -2\ndataset /c i2 2 -1 3\ndataset /d u8 scalar 0xffffffffffffffff\ndataset /s S4 1 ab\ndataset /o V2 1 0102\ndataset /v string 2 a bc",
		`for n in "abcdsov": show(lambda: f[n][()]); print(f[n].dtype)`,
		"[7.0]\n>f8\n[1.5, -2.0]\nfloat16\n[-1, 3]\nint16\n18446744073709551615\nuint64\n[b'ab']\n|S4\n[b'\\x01\\x02']\n|V2\n[b'a', b'bc']\nobject\n"},
	{"reference", "dataset /k f4 1 7\ndataset /r ref 1 /k\ndataset /n regref 1",
		`show(lambda: f[f["r"][0]][()]); show(lambda: bool(f["n"][0]))`, "[7.0]\nFalse\n"},
	{"nested-type", "type /t seq*3:f4", `show(lambda: f["t"].id.get_super().get_super().get_super().get_size())`, "4\n"},
	{"committed-dataset", "type /t f4\ndataset /d =/t 2 7\nattr /d@a =/t 1 3",
		`show(lambda: f["d"][()]); show(lambda: f["d"].id.get_type().committed()); show(lambda: f["d"].attrs["a"])`, "[7.0, 7.0]\nTrue\n[3.0]\n"},
	{"compact", "compact /d f4 2 7", `show(lambda: f["d"][()]); print(f["d"].id.get_create_plist().get_layout() == h5py.h5d.COMPACT)`, "[7.0, 7.0]\nTrue\n"},
	{"unallocated-bomb", "unallocated /d f4 1000000x1000000",
		`show(lambda: f["d"].shape); show(lambda: f["d"].id.get_storage_size()); show(lambda: f["d"][5, 5])`, "(1000000, 1000000)\n0\n0.0\n"},
	{"chunked-bomb", "chunked /d f4 1000000x1000000 1000x1000\nfilter /d 1",
		`show(lambda: f["d"].shape); show(lambda: f["d"].id.get_storage_size()); show(lambda: f["d"].compression)`, "(1000000, 1000000)\n0\ngzip\n"},
	{"fill", "unallocated /d f4 2\nfill /d 7", `show(lambda: f["d"][()])`, "[7.0, 7.0]\n"},
	{"chunked", "chunked /d f4 3x3 2x2 1 2 3 4 5 6 7 8 9", `show(lambda: f["d"][()])`, "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]\n"},
	{"chunked-filters", "chunked /d f4 3x3 2x2 1 2 3 4 5 6 7 8 9\nfilter /d 2\nfilter /d 1 9\nfilter /d 3",
		`show(lambda: f["d"][()]); print(f["d"].shuffle, f["d"].compression, f["d"].fletcher32)`, "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]\nTrue gzip True\n"},
	{"unknown-filter", "chunked /d f4 2 2 7\nfilter /d 32015 1 2 3",
		`p = f["d"].id.get_create_plist(); print(p.get_filter(0)[0], p.get_filter(0)[2]); show(lambda: f["d"][()])`, "32015 (1, 2, 3)\nOSError\n"},
	{"claim-shape", "dataset /d f4 2\nclaim-shape /d 1000000", `show(lambda: f["d"].shape)`, "KeyError\n"},
	{"claim-shape-chunked", "chunked /d f4 2 2 1\nclaim-shape /d 1000000", `show(lambda: f["d"].shape); show(lambda: f["d"][:3])`, "(1000000,)\n[1.0, 1.0, 0.0]\n"},
	{"claim-address", "dataset /d f4 2\nclaim-address /d 0x10000000", `show(lambda: f["d"][()])`, "KeyError\n"},
	{"names", "attr /model_weights@layer_names S5 2 dense flat\ngroup /model_weights/dense",
		`show(lambda: f["model_weights"].attrs["layer_names"]); print(list(f["model_weights"]))`, "[b'dense', b'flat']\n['dense']\n"},
	{"unknown-message", "group /g\nmessage /g 0x7f 0 0102", `show(lambda: list(f["g"]))`, "[]\n"},
	{"unknown-message-refused", "group /g\nmessage /g 0x7f 0x80 0102", `show(lambda: list(f["g"]))`, "KeyError\n"},
	{"continuation", "group /g/h\nattr /g@a i4 1 5\ncontinuation /g", `show(lambda: f["g"].attrs["a"]); print(list(f["g"]))`, "[5]\n['h']\n"},
	{"new-style", "group /g/h\nnew-style /g", `print(list(f["g"]))`, "['h']\n"},
	{"dense", "group /g\nattr /g@a i4 1 5\nattr /g@b string scalar text\ndense /g", `show(lambda: f["g"].attrs["a"]); show(lambda: f["g"].attrs["b"]); print(sorted(f["g"].attrs))`, "[5]\ntext\n['a', 'b']\n"},
	{"dense-links", "dataset /g/a f4 1 5\nexternal-link /g/b x.h5 /y\nsoft-link /g/c /g/a\ndense-links /g",
		`print(sorted(f["g"])); show(lambda: f["g/c"][()]); print(f["g"].get("b", getlink=True).filename)`, "['a', 'b', 'c']\n[5.0]\nx.h5\n"},
	{"dense-empty", "group /g\ndense /g\ndense-links /g", `print(list(f["g"]), list(f["g"].attrs))`, "[] []\n"},
	{"user-block", "user-block 512 \"PK and more\"\ndataset /d f4 2 7", `print(f.userblock_size); show(lambda: f["d"][()])`, "512\n[7.0, 7.0]\n"},
	{"sizes", "sizes 4 4\ndataset /g/d f4 2 7\nattr /g@a string scalar text\nsoft-link /s /g/d",
		`show(lambda: f["s"][()]); show(lambda: f["g"].attrs["a"]); print(f.id.get_create_plist().get_sizes())`, "[7.0, 7.0]\ntext\n(4, 4)\n"},
	{"prefix", "dataset /d f4 2 7\nprefix zeros 512", `show(lambda: f["d"][()])`, "[7.0, 7.0]\n"},
	{"many-links", manyGroups, `print(len(f["g"])); show(lambda: "x150" in f["g"])`, "200\nTrue\n"},
}

var manyGroups = func() string {
	s := ""
	for i := range 200 {
		s += "group /g/x" + itoa(i) + "\n"
	}
	return s
}()

func TestHDF5ReadByH5py(t *testing.T) {
	var jobs []pythonJob
	for _, superblock := range []string{"0", "1", "2", "3"} {
		for _, test := range h5pyTests {
			text := "container: keras\n-- model.weights.h5 --\n!h5\nsuperblock " + superblock + "\n" + test.script + "\n"
			path := filepath.Join(t.TempDir(), "x.h5")
			writeMember(t, build(t, text, "keras"), "model.weights.h5", path)
			jobs = append(jobs, pythonJob{test.name + "/superblock-" + superblock, path, h5pyHead + test.python, test.want})
		}
	}
	runJobs(t, "h5py", jobs)
}

func TestAttributeStylesReadByH5py(t *testing.T) {
	tests := []struct{ style, python string }{
		{"vlen", `config()`},
		{"vlen-ascii", `config()`},
		{"vlen-array", `json.loads(f.attrs["model_config"][0])`},
		{"fixed", `config()`},
		{"fixed-utf8", `config()`},
		{"fixed-array", `json.loads(f.attrs["model_config"][0])`},
		{"null-terminated", `config()`},
		{"null-padded", `config()`},
		{"space-padded", `config()`},
		{"latin-1", `config()`},
		{"opaque", `json.loads(bytes(f.attrs["model_config"]))`},
		{"uint8", `json.loads(bytes(f.attrs["model_config"]))`},
		{"committed", `config()`},
		{"null", `{"class_name": "Sequential"} if f.attrs["model_config"] == h5py.Empty("O") else 0`},
	}
	var jobs []pythonJob
	for _, superblock := range []string{"0", "2"} {
		for _, extra := range []string{"", "h5: dense /\n"} {
			for _, test := range tests {
				text := "container: h5\nkeras: 2.15.0\nh5: superblock " + superblock + "\nh5: attr-style " + test.style + "\n" + extra +
					"-- config.json --\n{\"class_name\": \"Sequential\"}\n"
				jobs = append(jobs, pythonJob{
					name:   test.style + "/superblock-" + superblock + extra,
					path:   write(t, build(t, text, "h5")),
					script: h5pyHead + "print(" + test.python + `, f.attrs["keras_version"], f.attrs["backend"])`,
					want:   "{'class_name': 'Sequential'} 2.15.0 tensorflow\n",
				})
			}
		}
	}
	runJobs(t, "h5py", jobs)
}

func TestHugeAttributeReadByH5py(t *testing.T) {
	var jobs []pythonJob
	for _, style := range []string{"fixed", "vlen"} {
		text := "container: h5\nh5: superblock 2\nh5: dense /\nh5: attr-style " + style +
			"\nappend: config.json repeat 70000 \" \"\n-- config.json --\n{}\n-- /@other --\ntext\n-- /g@third --\nmore\n"
		jobs = append(jobs, pythonJob{style, write(t, build(t, text, "h5")), h5pyHead +
			`print(len(f.attrs["model_config"]), f.attrs["other"], f["g"].attrs["third"])`, "70003 text more\n"})
	}
	runJobs(t, "h5py", jobs)
}

// TestLiesRefusedByH5py has the constructs that the library itself refuses.
func TestLiesRefusedByH5py(t *testing.T) {
	const script = `
import sys, h5py
try:
    h5py.File(sys.argv[1], "r")["g"]
    print("opened")
except (OSError, RuntimeError, KeyError) as e:
    print("no such object" if "doesn't exist" in str(e) else "refused")
`
	lies := []struct{ name, lines string }{
		{"claim-eof", "h5: claim-eof 1000000\n"},
		{"superblock-checksum", "h5: superblock 2\nh5: break-checksum superblock\n"},
		{"header-checksum", "h5: superblock 2\nh5: group /g\nh5: break-checksum /g\n"},
		{"header-checksum-dense", "h5: group /g\nh5: dense /g\nh5: break-checksum /g\n"},
		{"continuation-loop", "h5: group /g\nh5: continuation /g loop\n"},
		{"continuation-loop-2", "h5: superblock 2\nh5: group /g\nh5: continuation /g loop\n"},
		{"truncate", "truncate: -100\n"},
		{"poke", "poke: 0 hex 00\n"},
		{"prefix-500", "prefix: zeros 500\n"},
	}
	var jobs []pythonJob
	for _, lie := range lies {
		b := build(t, "container: h5\n"+lie.lines+"-- config.json --\n{}\n", "h5")
		jobs = append(jobs, pythonJob{lie.name, write(t, b), script, "refused\n"})
	}
	runJobs(t, "h5py", jobs)
}

func TestGraphOddities(t *testing.T) {
	unsorted := "container: h5\nh5: group /z\nh5: group /b\nh5: group /a\nh5: unsorted /\n-- config.json --\n{}\n"
	stale := "container: h5\nh5: group /g/x\nh5: new-style /g\nh5: stale /g\n-- config.json --\n{}\n"
	both := "container: keras h5\n-- config.json --\n{}\n-- model.weights.h5 --\n!h5\nexternal-link /layers/w other.h5 /b\n"
	staleOld := "container: h5\nh5: group /g/x\nh5: stale /g\n-- config.json --\n{}\n"
	layout := "container: h5\nh5: dataset /d f4 2\nh5: claim-size /d 0x10000000\n-- config.json --\n{}\n"
	twice := "container: h5\n-- @a --\nfirst\n-- @a#2 --\nsecond\n"
	runJobs(t, "h5py", []pythonJob{
		{"listing and lookup disagree", write(t, build(t, unsorted, "h5")),
			h5pyHead + `print(list(f), [n in f for n in f])`, "['z', 'b', 'a'] [False, False, False]\n"},
		{"stale address of a new-style group", write(t, build(t, stale, "h5")),
			h5pyHead + `print(list(f["g"]))`, "['x']\n"},
		{"stale address of an old group", write(t, build(t, staleOld, "h5")),
			h5pyHead + `show(lambda: list(f["g"]))`, "['x']\n"},
		{"claimed size of the layout", write(t, build(t, layout, "h5")),
			h5pyHead + `show(lambda: f["d"].id.get_storage_size())`, "268435456\n"},
		{"weights script in the legacy file", write(t, build(t, both, "h5")),
			h5pyHead + `print(config(), f["layers"].get("w", getlink=True).filename)`, "{} other.h5\n"},
		{"duplicate attribute", write(t, build(t, twice, "h5")),
			h5pyHead + `print(f.attrs["a"], h5py.h5a.get_num_attrs(f.id))`, "first 2\n"},
	})
}
