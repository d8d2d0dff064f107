// Package loaders knows which Keras the user runs.
//
// What a model file can do depends on the package that loads it, so findings are
// told apart by loader. This package answers three questions:
//
//   - Which packages are there? ParseRequirement reads what the user states
//     ("3.12.4", "tf-keras==2.19.0", "tensorflow==2.15.1", a range); ReadLock reads
//     it from a lock file or from an environment. Both give Pins: a package, a set
//     of versions, and where that is written.
//   - Which loaders are these? Loaders turns pins into families and versions, as
//     the measured table of effects names them.
//   - Which advisories apply? Embedded holds the reviewed list, ReadOSV reads newer
//     ones, Applies compares them with pins.
//
// Nothing here ever says "safe". A version that is not known is affected by every
// advisory of its package; a range is affected if any version in it is; a lock file
// that cannot be read is an error, never an empty list; what a file refers to and
// was not read is listed in Lock.Unread. Versions are compared as packaging, the
// PyPA library, does; see package pep440.
package loaders
