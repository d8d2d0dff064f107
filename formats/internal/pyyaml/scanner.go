package pyyaml

import (
	"strings"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// tokenKind is a kind of token of PyYAML's scanner (scanner.py).
type tokenKind uint8

const (
	streamEnd tokenKind = iota + 1
	directive
	documentStart
	documentEnd
	blockSequenceStart
	blockMappingStart
	blockEnd
	flowSequenceStart
	flowMappingStart
	flowSequenceEnd
	flowMappingEnd
	blockEntry
	flowEntry
	keyToken
	valueToken
	aliasToken
	anchorToken
	tagToken
	scalarToken
)

type token struct {
	kind       tokenKind
	start, end int
	text       string // of a scalar, an anchor, an alias, a directive or a tag
	handle     string // of a tag
	plain      bool   // of a scalar
}

// scanner is PyYAML's Scanner over a text in UTF-8.
type scanner struct {
	text   string
	budget *bounds.Budget
	pos    int
	index  int // characters before pos
	line   int
	column int

	err      error // the first one
	broken   bool  // a character that is not taken follows the text
	done     bool
	flow     int
	indent   int
	indents  []int
	tokens   []token
	taken    int // tokens handed out
	allowKey bool
	keys     []simpleKey // at most one for each flow level, the outer ones first
}

// simpleKey is a place where a key without "?" may begin.
type simpleKey struct {
	level, number       int
	required            bool
	index, line, column int
	pos                 int
}

func newScanner(text string, b *bounds.Budget) *scanner {
	s := &scanner{text: text, budget: b, indent: -1, allowKey: true}
	if i := strings.IndexFunc(text, func(r rune) bool { return !printable(r) }); i >= 0 {
		s.text, s.broken = text[:i], true
	}
	return s
}

// printable reports whether PyYAML takes a character (reader.py, NON_PRINTABLE); one that it
// does not makes it refuse the whole text.
func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85, r >= ' ' && r <= '~', r >= 0xa0 && r <= 0xd7ff:
		return true
	}
	return r >= 0xe000 && r <= 0xfffd || r >= 0x10000
}

func (s *scanner) errorf(format string, args ...any) error {
	return bounds.Malformedf(int64(s.pos), "YAML: "+format, args...)
}

// peek returns the token that comes next.
func (s *scanner) peek() (t *token, err error) {
	if s.err != nil {
		return nil, s.err
	}
	defer func() { s.err = err }()
	for {
		more, err := s.needMore()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if err := s.fetch(); err != nil {
			return nil, err
		}
	}
	return &s.tokens[0], nil
}

// next takes a token.
func (s *scanner) next() (token, error) {
	t, err := s.peek()
	if err != nil {
		return token{}, err
	}
	tok := *t
	s.tokens = s.tokens[1:]
	s.taken++
	return tok, nil
}

func (s *scanner) needMore() (bool, error) {
	if s.done {
		return false, nil
	}
	if len(s.tokens) == 0 {
		return true, nil
	}
	if err := s.staleKeys(); err != nil {
		return false, err
	}
	return len(s.keys) > 0 && s.keys[0].number == s.taken, nil
}

// The characters that end a word or a line.
func isBreak(c byte) bool { return c == '\n' || c == '\r' }

// at returns the byte n places on; 0 at the end.
func (s *scanner) at(n int) byte {
	if s.pos+n < len(s.text) {
		return s.text[s.pos+n]
	}
	return 0
}

// breakLen is the length of the line break at a place: CR LF, CR, LF, NEL, LS or PS.
func breakLen(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && isBreak(s[0]):
		return 1
	case strings.HasPrefix(s, "\u0085"):
		return 2
	case strings.HasPrefix(s, "\u2028"), strings.HasPrefix(s, "\u2029"):
		return 3
	}
	return 0
}

// ends reports whether the place n bytes on is a blank, a break or the end.
func (s *scanner) ends(n int) bool {
	if s.pos+n >= len(s.text) {
		return true
	}
	c := s.text[s.pos+n]
	return c == 0 || c == ' ' || c == '\t' || breakLen(s.text[s.pos+n:]) > 0
}

// forward passes n bytes, which hold whole characters.
func (s *scanner) forward(n int) {
	for end := min(s.pos+n, len(s.text)); s.pos < end; {
		if size := breakLen(s.text[s.pos:]); size > 0 {
			s.pos += size
			s.index++
			s.line++
			s.column = 0
			continue
		}
		_, size := utf8.DecodeRuneInString(s.text[s.pos:])
		s.pos += size
		s.index++
		s.column++
	}
}

func (s *scanner) emit(kind tokenKind, n int) {
	start := s.pos
	s.forward(n)
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: s.pos})
}

// fetch is fetch_more_tokens.
func (s *scanner) fetch() error {
	if err := s.budget.Step(1); err != nil {
		return err
	}
	s.skipToToken()
	if err := s.staleKeys(); err != nil {
		return err
	}
	s.unwind(s.column)
	if s.pos >= len(s.text) || s.text[s.pos] == 0 {
		return s.fetchEnd()
	}
	c := s.text[s.pos]
	if s.column == 0 {
		switch {
		case c == '%':
			return s.fetchDirective()
		case strings.HasPrefix(s.text[s.pos:], "---") && s.ends(3):
			return s.fetchDocument(documentStart)
		case strings.HasPrefix(s.text[s.pos:], "...") && s.ends(3):
			return s.fetchDocument(documentEnd)
		}
	}
	switch c {
	case '[':
		return s.fetchFlowStart(flowSequenceStart)
	case '{':
		return s.fetchFlowStart(flowMappingStart)
	case ']':
		return s.fetchFlowEnd(flowSequenceEnd)
	case '}':
		return s.fetchFlowEnd(flowMappingEnd)
	case ',':
		s.allowKey = true
		if err := s.removeKey(); err != nil {
			return err
		}
		s.emit(flowEntry, 1)
		return nil
	case '*':
		return s.fetchAnchor(aliasToken)
	case '&':
		return s.fetchAnchor(anchorToken)
	case '!':
		return s.fetchTag()
	case '\'', '"':
		return s.fetchQuoted(c)
	case '|', '>':
		if s.flow == 0 {
			return s.fetchBlockScalar(c)
		}
	case '-':
		if s.ends(1) {
			return s.fetchBlockEntry()
		}
	case '?':
		if s.flow > 0 || s.ends(1) {
			return s.fetchKey()
		}
	case ':':
		if s.flow > 0 || s.ends(1) {
			return s.fetchValue()
		}
	}
	if s.plainStarts(c) {
		return s.fetchPlain()
	}
	return s.errorf("character %q cannot start a token", s.text[s.pos:min(len(s.text), s.pos+1)])
}

// plainStarts is check_plain.
func (s *scanner) plainStarts(c byte) bool {
	if !s.ends(0) && !strings.ContainsRune("-?:,[]{}#&*!|>'\"%@`", rune(c)) {
		return true
	}
	return !s.ends(1) && (c == '-' || s.flow == 0 && (c == '?' || c == ':'))
}

// skipToToken is scan_to_next_token: blanks, comments and line breaks.
func (s *scanner) skipToToken() {
	if s.pos == 0 && strings.HasPrefix(s.text, "\ufeff") {
		s.forward(3)
	}
	for {
		for s.at(0) == ' ' {
			s.forward(1)
		}
		if s.at(0) == '#' {
			for s.pos < len(s.text) && s.text[s.pos] != 0 && breakLen(s.text[s.pos:]) == 0 {
				s.forward(1)
			}
		}
		n := breakLen(s.text[s.pos:])
		if n == 0 {
			return
		}
		s.forward(n)
		if s.flow == 0 {
			s.allowKey = true
		}
	}
}

// staleKeys is stale_possible_simple_keys. The oldest come first.
func (s *scanner) staleKeys() error {
	const maxKey = 1024 // characters
	for len(s.keys) > 0 && (s.keys[0].line != s.line || s.index-s.keys[0].index > maxKey) {
		if s.keys[0].required {
			return s.errorf("no ':' behind a key")
		}
		s.keys = s.keys[1:]
	}
	return nil
}

func (s *scanner) saveKey() error {
	if !s.allowKey {
		return nil
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	s.keys = append(s.keys, simpleKey{level: s.flow, number: s.taken + len(s.tokens), required: s.flow == 0 && s.indent == s.column,
		index: s.index, line: s.line, column: s.column, pos: s.pos})
	return nil
}

// removeKey forgets the possible key of the current level.
func (s *scanner) removeKey() error {
	if n := len(s.keys); n > 0 && s.keys[n-1].level == s.flow {
		if s.keys[n-1].required {
			return s.errorf("no ':' behind a key")
		}
		s.keys = s.keys[:n-1]
	}
	return nil
}

// unwind is unwind_indent.
func (s *scanner) unwind(column int) {
	if s.flow > 0 {
		return
	}
	for s.indent > column {
		s.indent = s.indents[len(s.indents)-1]
		s.indents = s.indents[:len(s.indents)-1]
		s.tokens = append(s.tokens, token{kind: blockEnd, start: s.pos, end: s.pos})
	}
}

// addIndent is add_indent.
func (s *scanner) addIndent(column int) (bool, error) {
	if s.indent >= column {
		return false, nil
	}
	if err := s.budget.Depth(len(s.indents) + s.flow + 1); err != nil {
		return false, err
	}
	s.indents = append(s.indents, s.indent)
	s.indent = column
	return true, nil
}
