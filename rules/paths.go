package rules

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"

	"github.com/kerasvet/kerasvet/formats"
)

// leaves says how a path leaves the working directory of the process that opens
// it, empty if it stays below.
func leaves(path string) string {
	switch {
	case scheme().MatchString(path):
		return "a URL"
	case strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//"):
		return "a network path"
	case strings.HasPrefix(path, "/") || strings.HasPrefix(path, `\`) || drive().MatchString(path):
		return "an absolute path"
	case climbs(path):
		return "a path with .."
	}
	return ""
}

var (
	scheme = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+://`) })
	drive  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]:[/\\]`) })
)

// climbs reports whether a path has .. as a component, on either kind of system.
func climbs(path string) bool {
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == ".." {
			return true
		}
	}
	return false
}

// fileArgument is an argument of an object that names a file or folder to read.
type fileArgument struct {
	at  *formats.Node
	key string
}

// savedModels returns the SavedModel folders that layers open.
func (p *Pass) savedModels() []fileArgument {
	var found []fileArgument
	for _, r := range p.built(func(m *meaning) bool { return m.is(isTFSMLayer) }) {
		if at := stringArgument(r.object.Config, "filepath"); at != nil {
			found = append(found, fileArgument{at, "filepath"})
		}
	}
	return found
}

var isTFSMLayer = oneOf("TFSMLayer")

// vocabularies returns the files that lookup layers and tokenizers read. In an
// honest model these arguments are lists, null, or the data itself.
func (p *Pass) vocabularies() []fileArgument {
	var found []fileArgument
	for _, r := range p.built(func(m *meaning) bool { return vocabularyKeys(m) != nil }) {
		for _, key := range vocabularyKeys(r.meaning) {
			if at := r.object.Config.Get(key); at != nil && at.Kind == formats.KindString && at.Text != "" && !(key == "proto" && inlineProto(at.Text)) {
				found = append(found, fileArgument{at, key})
			}
		}
	}
	return found
}

// vocabularyKeys are the arguments of a class that hold a path if they hold a
// string, nil if it has none.
func vocabularyKeys(m *meaning) []string {
	for _, v := range vocabularyArguments {
		if m.is(v.class) {
			return v.keys
		}
	}
	return nil
}

// vocabularyArguments are the arguments that hold a path if they hold a string,
// by class. The first entry that knows the class counts.
var vocabularyArguments = []struct {
	class func(string) bool
	keys  []string
}{
	{oneOf("StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"), []string{"vocabulary"}},
	{oneOf("WhisperTokenizer"), []string{"vocabulary", "merges", "special_tokens", "language_tokens"}},
	{func(name string) bool { return strings.HasSuffix(name, "Tokenizer") }, []string{"vocabulary", "merges", "proto"}},
}

// inlineProto reports whether SentencePieceTokenizer takes a string for the model
// itself: one of more than 2048 characters that is strict base64.
func inlineProto(s string) bool {
	if len(s) <= 2048 {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}
