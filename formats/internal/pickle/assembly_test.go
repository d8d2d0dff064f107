package pickle

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/formatstest"
	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// assembled are pickles by hand, and what is called in them, as far as it has a
// name; "?" has none.
var assembled = []struct {
	name, text string
	calls      []string
	fault      string
}{
	{"getattr chain", `
		PROTO 4
		GLOBAL builtins getattr
		GLOBAL builtins getattr
		GLOBAL importlib import_module
		SHORT_BINUNICODE os
		TUPLE1
		REDUCE
		SHORT_BINUNICODE path
		TUPLE2
		REDUCE
		SHORT_BINUNICODE join
		TUPLE2
		REDUCE
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"importlib.import_module=os", "builtins.getattr=os.path", "builtins.getattr=os.path.join", "os.path.join"}, ""},
	{"getattr with a computed name", `
		PROTO 4
		GLOBAL builtins getattr
		GLOBAL os path
		GLOBAL builtins chr
		BININT1 97
		TUPLE1
		REDUCE
		TUPLE2
		REDUCE
		STOP`, []string{"builtins.chr", "builtins.getattr"}, ""},
	{"method of an instance", `
		PROTO 4
		GLOBAL builtins getattr
		GLOBAL pathlib PosixPath
		EMPTY_TUPLE
		NEWOBJ
		SHORT_BINUNICODE unlink
		TUPLE2
		REDUCE
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"pathlib.PosixPath", "builtins.getattr=pathlib.PosixPath().unlink", "pathlib.PosixPath().unlink"}, ""},
	{"partial whose state names another function", `
		PROTO 4
		GLOBAL functools partial
		GLOBAL builtins len
		TUPLE1
		REDUCE
		MARK
		GLOBAL os system
		SHORT_BINUNICODE id
		TUPLE1
		EMPTY_DICT
		NONE
		TUPLE
		BUILD
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"functools.partial", "os.system"}, ""},
	{"methodcaller", `
		PROTO 4
		GLOBAL operator methodcaller
		SHORT_BINUNICODE system
		SHORT_BINUNICODE id
		TUPLE2
		REDUCE
		GLOBAL numpy.core os
		TUPLE1
		REDUCE
		STOP`, []string{"operator.methodcaller", "numpy.core.os.system"}, ""},
	{"attrgetter", `
		PROTO 4
		GLOBAL operator attrgetter
		SHORT_BINUNICODE os.system
		TUPLE1
		REDUCE
		GLOBAL numpy core
		TUPLE1
		REDUCE
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"operator.attrgetter", "?=numpy.core.os.system", "numpy.core.os.system"}, ""},
	{"sys.modules by item", `
		PROTO 4
		GLOBAL operator getitem
		GLOBAL sys modules
		SHORT_BINUNICODE os
		TUPLE2
		REDUCE
		STOP`, []string{"operator.getitem=os"}, ""},
	{"bound method", `
		PROTO 4
		GLOBAL types MethodType
		GLOBAL os system
		SHORT_BINUNICODE id
		TUPLE2
		REDUCE
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"types.MethodType", "os.system"}, ""},
	{"INST whose name ends with the stream", `
		MARK
		STRING 'id'
		RAW 696f730a73797374656d58`, []string{"os.system"}, "pickle ends without STOP"},
	{"GLOBAL that the end of the stream cuts", `
		RAW 636f730a73797374656d58`, []string{}, "pickle ends without STOP"},
	{"what a frame's end cannot hide", `
		PROTO 4
		FRAME 1
		GLOBAL os system
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"os.system"}, ""},
	{"behind an underflow", `
		PROTO 4
		POP
		GLOBAL os system
		EMPTY_TUPLE
		REDUCE
		STOP`, []string{"os.system"}, "stack underflow"},
}

func TestAssembled(t *testing.T) {
	for _, test := range assembled {
		t.Run(test.name, func(t *testing.T) {
			data, err := formatstest.AssemblePickle(test.text)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Walk(source(data), 0)
			if err != nil {
				t.Fatal(err)
			}
			calls := []string{}
			for _, e := range p.Events {
				if e.Kind != Call {
					continue
				}
				call := e.Value.Func.Path()
				if call == "" {
					call = "?"
				}
				if e.Value.Text != "" {
					call += "=" + e.Value.Text
				}
				calls = append(calls, call)
			}
			if diff := cmp.Diff(test.calls, calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			fault := ""
			if p.Fault != nil {
				fault = p.Fault.What
			}
			if fault != test.fault {
				t.Errorf("fault %q, want %q", fault, test.fault)
			}
		})
	}
}

// TestBounded walks streams of 400 kB with a budget of 1 MiB for what is kept in
// memory: those that make Python keep much are stopped, those that only seem to
// are not.
func TestBounded(t *testing.T) {
	for _, test := range []struct {
		name, head, body, tail string
		stopped                bool
	}{
		{"numbers on the stack", "\x80\x04", "M\x00\x10", ".", true},
		{"a tree of tuples", "\x80\x04M\x00\x10", "2\x86", ".", false},
		{"memoized texts", "\x80\x04", "\x8c\x04abcd\x940", "N.", true},
		{"marks", "\x80\x04", "(", ".", true},
		{"lists in a list", "\x80\x04]", "]a", ".", false},
		{"numbers in a list", "\x80\x04]", "M\x00\x10a", ".", false},
		{"functions in a list", "\x80\x04]", "ca\nb\na", ".", false},
		{"one name", "\x80\x04", "ca\nb\n0", "N.", false},
		{"one call", "\x80\x04", "ca\nb\n)R0", "N.", false},
		{"calls that hand a name over", "\x80\x04ca\nb\n\x94", "h\x00h\x00\x85R0", "N.", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := []byte(test.head)
			for len(data) < 400<<10 {
				data = append(data, test.body...)
			}
			data = append(data, test.tail...)
			b := bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, TextBytes: 1 << 20, StructureBytes: 64 << 20, Steps: 20_000_000, Nesting: 6})
			_, err := Walk(bounds.FromBytes(data, b), 0)
			if stopped := err != nil; stopped != test.stopped {
				t.Errorf("error %v, want one: %v", err, test.stopped)
			}
		})
	}
}

// FuzzWalk: whatever the bytes are, the walker ends within its budget, and says
// nothing of places outside of them.
func FuzzWalk(f *testing.F) {
	for _, r := range readGolden(f) {
		f.Add(r.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Walk(source(data), 0)
		if err != nil {
			return
		}
		if p.End < 0 || p.End > int64(len(data)) || !p.Stopped && p.Fault == nil {
			t.Fatalf("end %d of %d, stopped %v, fault %v", p.End, len(data), p.Stopped, p.Fault)
		}
		for _, e := range p.Events {
			if e.Kind == 0 || e.Op == "" || e.Off < 0 || e.Off >= int64(len(data)) || e.Value == nil {
				t.Fatalf("event %+v", e)
			}
		}
		for _, v := range p.Embedded {
			if v.Off >= 0 && v.Off+v.Len > int64(len(data)) {
				t.Fatalf("bytes at %d of length %d in %d", v.Off, v.Len, len(data))
			}
		}
	})
}

// BenchmarkWalk walks every recorded pickle once.
func BenchmarkWalk(b *testing.B) {
	list := readGolden(b)
	for b.Loop() {
		for _, r := range list {
			if _, err := Walk(source(r.data), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(list)*b.N)/b.Elapsed().Seconds(), "pickles/s")
}
