package formats

import "testing"

func TestOpOfNodeDef(t *testing.T) {
	tests := []struct{ name, message, want string }{
		{"empty", "", ""},
		{"plain", "\n\x02op\x12\x04Relu\x1a\x02in", "Relu"},
		{"last one counts", "\x12\x04Relu\x12\x08ReadFile", "ReadFile"},
		{"other wire types", "\x28\x96\x01\x31abcdefgh\x3dabcd\x12\x04Relu", "Relu"},
		{"long varint", "\x92\x80\x80\x00\x84\x00Relu", "Relu"},
		{"truncated", "\x12\x05Relu", ""},
		{"truncated key", "\x92", ""},
		{"huge length", "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01Relu", ""},
		{"group", "\x12\x04Relu\x13", ""},
		{"text", "op: \"Relu\"", ""},
	}
	for _, tt := range tests {
		if got := opOfNodeDef(tt.message); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
