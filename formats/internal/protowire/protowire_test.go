package protowire

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

func reader(data []byte, steps int64) *Reader {
	b := bounds.New(context.Background(), bounds.Limits{ReadBytes: 1 << 30, MemberBytes: 64 << 20, TextBytes: 96 << 20, StructureBytes: 64 << 20,
		Nodes: 700_000, Steps: steps, Depth: 10_000, Nesting: 6})
	return NewReader(bounds.NewSource(bytes.NewReader(data), int64(len(data)), b))
}

// dump writes the fields of a message: number, type, and value or bytes.
func dump(data []byte) (fields []string, err error) {
	err = reader(data, 1<<20).Message().Each(func(f *Field) error {
		switch f.Type {
		case Bytes:
			s, err := f.Text(10)
			fields = append(fields, fmt.Sprintf("%d %q", f.Number, s))
			return err
		case Varint, Fixed32, Fixed64:
			fields = append(fields, fmt.Sprintf("%d %d", f.Number, f.Value))
		}
		return nil
	})
	return fields, err
}

func TestFields(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"empty":              {"", nil},
		"a number":           {"\x08\x96\x01", []string{"1 150"}},
		"a negative number":  {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", []string{"1 18446744073709551615"}},
		"an overlong number": {"\x08\x81\x80\x00", []string{"1 1"}},
		"text":               {"\x12\x03abc", []string{`2 "abc"`}},
		"text that is cut":   {"\x12\x0cabcdefghijkl", []string{`2 "abcdefghij"`}},
		"an overlong length": {"\x12\x83\x80\x00abc", []string{`2 "abc"`}},
		"fixed numbers":      {"\x0d\x01\x00\x00\x00\x11\x02\x00\x00\x00\x00\x00\x00\x00", []string{"1 1", "2 2"}},
		"a group":            {"\x0b\x08\x01\x13\x14\x0c\x10\x05", []string{"2 5"}},
		"the largest number": {"\xf8\xff\xff\xff\x0f\x01", []string{"536870911 1"}},
		"twice the same":     {"\x08\x01\x08\x02", []string{"1 1", "1 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := dump([]byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLies(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"field 0":                       {"\x00\x01", "not the key of a protocol buffer field at offset 0"},
		"a key of 6 bytes":              {"\x88\x80\x80\x80\x80\x00\x01", "not the key of a protocol buffer field at offset 0"},
		"a key above 32 bits":           {"\xf8\xff\xff\xff\x1f\x01", "not the key of a protocol buffer field at offset 0"},
		"wire type 6":                   {"\x0e", "wire type 6 at offset 0"},
		"a number that ends":            {"\x08\x80", "a number that the end of its message cuts at offset 1"},
		"a length that ends":            {"\x12\x80", "not the length of a protocol buffer field at offset 1"},
		"text that ends":                {"\x12\x05abc", "a field of 5 bytes, where 3 are left at offset 0"},
		"a fixed number that ends":      {"\x0d\x01\x00", "a field of 4 bytes, where 2 are left at offset 0"},
		"a group that ends as another":  {"\x0b\x14", "the end of another group at offset 1"},
		"a group in a group, unended":   {"\x0b\x13\x14", "a group without an end at offset 3"},
		"groups deeper than protobuf's": {string(bytes.Repeat([]byte{0x0b}, 101)), "groups nested more than 100 deep at offset 100"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dump([]byte(c.data))
			if err == nil || err.Error() != c.want || bounds.As(err).Code != bounds.Malformed {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestSteps lets the budget for work end a message of many fields.
func TestSteps(t *testing.T) {
	err := reader(bytes.Repeat([]byte{0x08, 0x01}, 1000), 999).Message().Each(func(*Field) error { return nil })
	if e := bounds.As(err); err == nil || e.Limit != "Steps" {
		t.Errorf("got %v", err)
	}
}

// TestLargeValues passes over values larger than the window and reads what lies
// behind them.
func TestLargeValues(t *testing.T) {
	var data []byte
	for i := range 3 {
		data = append(data, 0x12, 0x80, 0x80, 0x40) // 1 MiB
		data = append(data, bytes.Repeat([]byte{'a' + byte(i)}, 1<<20)...)
	}
	got, err := dump(data)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`2 "aaaaaaaaaa"`, `2 "bbbbbbbbbb"`, `2 "cccccccccc"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
