// Package modelsigning reads and writes OpenSSF Model Signing bundles, version 1.0
// (github.com/ossf/model-signing-spec, spec/v1.0.md): an in-toto statement that
// lists the files of a model, in a DSSE envelope, in a Sigstore bundle. Signing is
// with a key or a certificate; what a keyless signature needs beyond this package is
// done by a program of its own.
//
// Nothing of a statement is believed, and no file of the model is opened, before the
// signature has been verified and every name judged.
package modelsigning
