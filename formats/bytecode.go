package formats

import "github.com/kerasvet/kerasvet/formats/internal/pycodec"

// Bytecode returns the bytes of a marshalled function as Keras decodes them
// (keras/src/utils/python_utils.py, func_load): base64 with foreign characters
// skipped, and where that fails the characters themselves.
func Bytecode(s string) []byte { return pycodec.FuncLoad(s) }
