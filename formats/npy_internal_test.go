package formats

import (
	"math"
	"testing"
)

func TestArrayBytes(t *testing.T) {
	for _, tt := range []struct {
		header string
		want   int64
	}{
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", 48},
		{"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4},
		{"{'descr': '|b1', 'fortran_order': False, 'shape': (5,), }", 5},
		{"{'descr': '<U3', 'fortran_order': False, 'shape': (2,), }", 24},
		{"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (2,), }", 16},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (3L, 4L), }", 96},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }", 0},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", math.MaxInt64},
		{"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", math.MaxInt64},
		{"{'descr': '<f8', 'fortran_order': False}", 0},
		{"", 0},
	} {
		if got := arrayBytes(tt.header); got != tt.want {
			t.Errorf("arrayBytes(%s) = %d, want %d", tt.header, got, tt.want)
		}
	}
}

func TestBegins(t *testing.T) {
	pe := make([]byte, 128)
	copy(pe, "MZ")
	pe[60] = 64
	copy(pe[64:], "PE\x00\x00")
	for _, tt := range []struct {
		head    string
		what    string
		program bool
	}{
		{"\x7fELF\x02\x01", "an ELF program or library", true},
		{string(pe), "a Windows program or library", true},
		{"MZ is no program by these two letters alone, however much text there is behind it.", "", false},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x41", "a Java class", true},
		{"\xca\xfe\xba\xbe\x00\x00\x00\x02", "a Mach-O program or library", true},
		{"#!/bin/sh\n", "a script with an interpreter line", true},
		{"#! /usr/bin/env python3\n", "a script with an interpreter line", true},
		{"#!version\n", "", false},
		{"\xa7\x0d\r\n\x00\x00\x00\x00", "compiled Python", true},
		{"\xff\xff\r\n\x00\x00\x00\x00", "", false},
		{"PK\x03\x04", "a zip archive", false},
		{"\x80\x04\x95", "a pickle", false},
		{"\x00\x00", "NUL bytes", false},
		{"the\nof\n", "", false},
		{"", "", false},
	} {
		if what, program := begins([]byte(tt.head)); what != tt.what || program != tt.program {
			t.Errorf("begins(%q) = %q, %v, want %q, %v", tt.head, what, program, tt.what, tt.program)
		}
	}
}
