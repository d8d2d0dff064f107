// Package integrity knows what bytes a model consists of and holds them against
// what was written down about them: hash lists, hash stores kept apart from the
// models, and the names that caches and Git LFS give to content.
//
// Names that come from a list are judged before anything is opened, and files are
// opened below an [os.Root], so that neither a name nor a symbolic link leads out
// of the directory at hand.
package integrity
