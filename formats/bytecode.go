package formats

import "github.com/kerasvet/kerasvet/formats/internal/pycodec"

// Bytecode returns the bytes of a marshalled function in every way that some
// version of Keras and Python decodes the string that holds it, without
// repetition: first that of Keras since 2.1.3 (func_load in
// keras/src/utils/python_utils.py), which takes it for base64 with foreign
// characters in between and, where that fails, for the characters themselves.
func Bytecode(s string) [][]byte { return pycodec.Readings(s) }
