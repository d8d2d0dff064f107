package pyyaml

import (
	"slices"
	"strings"
)

// The fetch_* methods of PyYAML's scanner.

func (s *scanner) fetchEnd() error {
	if s.broken {
		return s.errorf("a character that cannot be printed")
	}
	s.unwind(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowKey, s.keys, s.done = false, nil, true
	s.emit(streamEnd, 0)
	return nil
}

func (s *scanner) fetchDirective() error {
	s.unwind(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowKey = false
	start := s.pos
	n := 0
	for s.pos+n < len(s.text) && s.text[s.pos+n] != 0 && breakLen(s.text[s.pos+n:]) == 0 {
		n++
	}
	s.forward(n)
	s.tokens = append(s.tokens, token{kind: directive, start: start, end: s.pos, text: s.text[start:s.pos]})
	return nil
}

func (s *scanner) fetchDocument(kind tokenKind) error {
	s.unwind(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowKey = false
	s.emit(kind, 3)
	return nil
}

func (s *scanner) fetchFlowStart(kind tokenKind) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	if err := s.budget.Depth(len(s.indents) + s.flow + 1); err != nil {
		return err
	}
	s.flow++
	s.allowKey = true
	s.emit(kind, 1)
	return nil
}

func (s *scanner) fetchFlowEnd(kind tokenKind) error {
	if err := s.removeKey(); err != nil {
		return err
	}
	s.flow = max(0, s.flow-1) // below zero the parser refuses the token
	s.allowKey = false
	s.emit(kind, 1)
	return nil
}

func (s *scanner) fetchBlockEntry() error {
	if s.flow == 0 {
		if !s.allowKey {
			return s.errorf("an entry of a sequence is not allowed here")
		}
		added, err := s.addIndent(s.column)
		if err != nil {
			return err
		}
		if added {
			s.emit(blockSequenceStart, 0)
		}
	}
	s.allowKey = true
	if err := s.removeKey(); err != nil {
		return err
	}
	s.emit(blockEntry, 1)
	return nil
}

func (s *scanner) fetchKey() error {
	if err := s.mapping("key"); err != nil {
		return err
	}
	s.emit(keyToken, 1)
	return nil
}

// mapping makes room for a key or value that no simple key goes before: in block
// style it may begin a mapping.
func (s *scanner) mapping(what string) error {
	if s.flow == 0 {
		if !s.allowKey {
			return s.errorf("a %s is not allowed here", what)
		}
		added, err := s.addIndent(s.column)
		if err != nil {
			return err
		}
		if added {
			s.emit(blockMappingStart, 0)
		}
	}
	s.allowKey = s.flow == 0
	return s.removeKey()
}

func (s *scanner) fetchValue() error {
	if n := len(s.keys); n > 0 && s.keys[n-1].level == s.flow {
		k := s.keys[n-1]
		s.keys = s.keys[:n-1]
		at := k.number - s.taken
		s.tokens = slices.Insert(s.tokens, at, token{kind: keyToken, start: k.pos, end: k.pos})
		if s.flow == 0 {
			added, err := s.addIndent(k.column)
			if err != nil {
				return err
			}
			if added {
				s.tokens = slices.Insert(s.tokens, at, token{kind: blockMappingStart, start: k.pos, end: k.pos})
			}
		}
		s.allowKey = false
	} else if err := s.mapping("value"); err != nil {
		return err
	}
	s.emit(valueToken, 1)
	return nil
}

// fetchAnchor is fetch_anchor and fetch_alias.
func (s *scanner) fetchAnchor(kind tokenKind) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowKey = false
	start := s.pos
	n := 1
	for s.pos+n < len(s.text) && wordByte(s.text[s.pos+n]) {
		n++
	}
	if n == 1 {
		return s.errorf("an anchor or alias without a name")
	}
	if !s.ends(n) && !strings.ContainsRune("?:,]}%@`", rune(s.at(n))) {
		return s.errorf("an anchor or alias with a character that names do not have")
	}
	name := s.text[start+1 : start+n]
	s.forward(n)
	s.tokens = append(s.tokens, token{kind: kind, start: start, end: s.pos, text: name})
	return nil
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_'
}

// fetchTag is scan_tag.
func (s *scanner) fetchTag() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowKey = false
	start := s.pos
	t := token{kind: tagToken, start: start}
	switch {
	case s.at(1) == '<':
		s.forward(2)
		uri, err := s.scanURI()
		if err != nil {
			return err
		}
		if s.at(0) != '>' {
			return s.errorf("a tag without '>'")
		}
		s.forward(1)
		t.text = uri
	case s.ends(1):
		s.forward(1)
		t.text = "!"
	default:
		t.handle = s.scanHandle()
		uri, err := s.scanURI()
		if err != nil {
			return err
		}
		t.text = uri
	}
	if !s.ends(0) && !(s.flow > 0 && s.at(0) == ',') {
		return s.errorf("a tag with a character that tags do not have")
	}
	t.end = s.pos
	s.tokens = append(s.tokens, t)
	return nil
}

// scanHandle takes "!" or "!word!".
func (s *scanner) scanHandle() string {
	for n := 1; s.pos+n < len(s.text); n++ {
		c := s.text[s.pos+n]
		if c == '!' {
			handle := s.text[s.pos : s.pos+n+1]
			s.forward(n + 1)
			return handle
		}
		if !wordByte(c) {
			break
		}
	}
	s.forward(1)
	return "!"
}

// scanURI is scan_tag_uri.
func (s *scanner) scanURI() (string, error) {
	var b strings.Builder
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c == '%' {
			if s.pos+2 >= len(s.text) || !isHex(s.text[s.pos+1]) || !isHex(s.text[s.pos+2]) {
				return "", s.errorf("an escape of a tag without two hexadecimal digits")
			}
			b.WriteByte(unhex(s.text[s.pos+1])<<4 | unhex(s.text[s.pos+2]))
			s.forward(3)
			continue
		}
		if !wordByte(c) && !strings.ContainsRune(";/?:@&=+$,.!~*'()[]", rune(c)) {
			break
		}
		b.WriteByte(c)
		s.forward(1)
	}
	if b.Len() == 0 {
		return "", s.errorf("a tag without a name")
	}
	return b.String(), nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
