package main

import "testing"

func TestNearest(t *testing.T) {
	words := []string{"high", "lambda-bytecode", "custom-object", "sarif"}
	for s, want := range map[string]string{
		"hihg":             "high",
		"sarf":             "sarif",
		"lambda_bytecode":  "lambda-bytecode",
		"lambda-byte-code": "lambda-bytecode",
		"object":           "",
		"pdf":              "",
		"":                 "",
	} {
		if got := nearest(s, words); got != want {
			t.Errorf("nearest(%q) = %q, want %q", s, got, want)
		}
	}
}
