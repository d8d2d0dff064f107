package pyyaml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

func (s *scanner) scalar(start int, text string, plain bool) {
	s.tokens = append(s.tokens, token{kind: scalarToken, start: start, end: s.pos, text: text, plain: plain})
}

// fetchPlain is scan_plain.
func (s *scanner) fetchPlain() error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowKey = false
	start, end := s.pos, s.pos
	indent := s.indent + 1
	var b strings.Builder
	spaces := ""
	for {
		if s.at(0) == '#' {
			break
		}
		n := 0
		for !s.ends(n) {
			c := s.text[s.pos+n]
			if c == ':' && (s.ends(n+1) || s.flow > 0 && strings.ContainsRune(",[]{}", rune(s.at(n+1)))) {
				break
			}
			if s.flow > 0 && strings.ContainsRune(",?[]{}", rune(c)) {
				break
			}
			_, size := utf8.DecodeRuneInString(s.text[s.pos+n:])
			n += size
		}
		if n == 0 {
			break
		}
		if err := s.budget.Step(int64(n) >> 6); err != nil {
			return err
		}
		s.allowKey = false
		b.WriteString(spaces)
		b.WriteString(s.text[s.pos : s.pos+n])
		s.forward(n)
		end = s.pos
		var ok bool
		spaces, ok = s.plainSpaces()
		if !ok || spaces == "" || s.at(0) == '#' || s.flow == 0 && s.column < indent {
			break
		}
	}
	s.tokens = append(s.tokens, token{kind: scalarToken, start: start, end: end, text: b.String(), plain: true})
	return nil
}

// plainSpaces is scan_plain_spaces; ok is false where a document ends.
func (s *scanner) plainSpaces() (spaces string, ok bool) {
	n := 0
	for s.at(n) == ' ' {
		n++
	}
	blanks := s.text[s.pos : s.pos+n]
	s.forward(n)
	if breakLen(s.text[s.pos:]) == 0 {
		return blanks, true
	}
	first := s.lineBreak()
	s.allowKey = true
	if s.documentMark() {
		return "", false
	}
	var breaks strings.Builder
	for {
		if s.at(0) == ' ' {
			s.forward(1)
			continue
		}
		if breakLen(s.text[s.pos:]) == 0 {
			break
		}
		breaks.WriteString(s.lineBreak())
		if s.documentMark() {
			return "", false
		}
	}
	return folded(first, breaks.String()), true
}

// folded is what a line break and the empty lines behind it become.
func folded(first, breaks string) string {
	switch {
	case first != "\n":
		return first + breaks
	case breaks == "":
		return " "
	}
	return breaks
}

func (s *scanner) documentMark() bool {
	return (strings.HasPrefix(s.text[s.pos:], "---") || strings.HasPrefix(s.text[s.pos:], "...")) && s.ends(3)
}

// lineBreak is scan_line_break: every break but LS and PS becomes LF.
func (s *scanner) lineBreak() string {
	n := breakLen(s.text[s.pos:])
	b := s.text[s.pos : s.pos+n]
	s.forward(n)
	if n == 3 {
		return b
	}
	if n == 0 {
		return ""
	}
	return "\n"
}

// fetchQuoted is scan_flow_scalar.
func (s *scanner) fetchQuoted(quote byte) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowKey = false
	start := s.pos
	s.forward(1)
	var b strings.Builder
	for {
		if err := s.quotedText(&b, quote); err != nil {
			return err
		}
		if s.at(0) == quote && s.pos < len(s.text) {
			break
		}
		if err := s.quotedSpaces(&b); err != nil {
			return err
		}
	}
	s.forward(1)
	s.scalar(start, b.String(), false)
	return nil
}

// escapes are ESCAPE_REPLACEMENTS.
var escapes = map[byte]string{'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '\\': `\`, '/': "/", 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029"}

// quotedText takes what is neither a blank nor the end of the quoted text.
func (s *scanner) quotedText(b *strings.Builder, quote byte) error {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case quote == '\'' && c == '\'' && s.at(1) == '\'':
			b.WriteByte('\'')
			s.forward(2)
		case c == quote || s.ends(0):
			return nil
		case quote == '"' && c == '\\':
			if err := s.escape(b); err != nil {
				return err
			}
		default:
			n := 1
			for !s.ends(n) && s.text[s.pos+n] != quote && s.text[s.pos+n] != '\\' {
				n++
			}
			if err := s.budget.Step(int64(n) >> 6); err != nil {
				return err
			}
			b.WriteString(s.text[s.pos : s.pos+n])
			s.forward(n)
		}
	}
	return nil
}

func (s *scanner) escape(b *strings.Builder) error {
	c := s.at(1)
	if text, ok := escapes[c]; ok {
		b.WriteString(text)
		s.forward(2)
		return nil
	}
	if size := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; size > 0 {
		if s.pos+2+size > len(s.text) {
			return s.errorf("an escape that is cut off")
		}
		v, err := strconv.ParseUint(s.text[s.pos+2:s.pos+2+size], 16, 32)
		if err != nil || v > utf8.MaxRune {
			return s.errorf("an escape without a character")
		}
		if v >= 0xd800 && v < 0xe000 { // kept as pyjson keeps lone surrogates
			b.Write([]byte{0xe0 | byte(v>>12), 0x80 | byte(v>>6)&0x3f, 0x80 | byte(v)&0x3f})
		} else {
			b.WriteRune(rune(v))
		}
		s.forward(2 + size)
		return nil
	}
	s.forward(1)
	if n := breakLen(s.text[s.pos:]); n > 0 {
		s.lineBreak()
		breaks, err := s.quotedBreaks()
		b.WriteString(breaks)
		return err
	}
	return s.errorf("an escape that is unknown")
}

// quotedSpaces is scan_flow_scalar_spaces.
func (s *scanner) quotedSpaces(b *strings.Builder) error {
	n := 0
	for s.at(n) == ' ' || s.at(n) == '\t' {
		n++
	}
	blanks := s.text[s.pos : s.pos+n]
	s.forward(n)
	if s.pos >= len(s.text) || s.text[s.pos] == 0 {
		return s.errorf("a quoted text without an end")
	}
	if breakLen(s.text[s.pos:]) == 0 {
		b.WriteString(blanks)
		return nil
	}
	first := s.lineBreak()
	breaks, err := s.quotedBreaks()
	if err != nil {
		return err
	}
	b.WriteString(folded(first, breaks))
	return nil
}

func (s *scanner) quotedBreaks() (string, error) {
	var b strings.Builder
	for {
		if s.documentMark() {
			return "", s.errorf("a document mark in a quoted text")
		}
		for s.at(0) == ' ' || s.at(0) == '\t' {
			s.forward(1)
		}
		if breakLen(s.text[s.pos:]) == 0 {
			return b.String(), nil
		}
		b.WriteString(s.lineBreak())
	}
}

// fetchBlockScalar is scan_block_scalar.
func (s *scanner) fetchBlockScalar(style byte) error {
	s.allowKey = true
	if err := s.removeKey(); err != nil {
		return err
	}
	start := s.pos
	s.forward(1)
	chomp, increment, err := s.blockIndicators()
	if err != nil {
		return err
	}
	least := max(s.indent+1, 1)
	var breaks string
	indent := least + increment - 1
	if increment == 0 {
		var widest int
		breaks, widest = s.blockIndentation()
		indent = max(least, widest)
	} else {
		breaks = s.blockBreaks(indent)
	}
	var b strings.Builder
	lineBreak := ""
	for s.column == indent && s.pos < len(s.text) && s.text[s.pos] != 0 {
		b.WriteString(breaks)
		blank := s.at(0) == ' ' || s.at(0) == '\t'
		n := 0
		for s.pos+n < len(s.text) && s.text[s.pos+n] != 0 && breakLen(s.text[s.pos+n:]) == 0 {
			n++
		}
		if err := s.budget.Step(1 + int64(n)>>6); err != nil {
			return err
		}
		b.WriteString(s.text[s.pos : s.pos+n])
		s.forward(n)
		lineBreak = s.lineBreak()
		breaks = s.blockBreaks(indent)
		if s.column != indent || s.pos >= len(s.text) || s.text[s.pos] == 0 {
			break
		}
		if style == '>' && lineBreak == "\n" && !blank && s.at(0) != ' ' && s.at(0) != '\t' {
			if breaks == "" {
				b.WriteByte(' ')
			}
		} else {
			b.WriteString(lineBreak)
		}
	}
	if chomp != '-' {
		b.WriteString(lineBreak)
	}
	if chomp == '+' {
		b.WriteString(breaks)
	}
	s.scalar(start, b.String(), false)
	return nil
}

// blockIndicators is scan_block_scalar_indicators and scan_block_scalar_ignored_line.
func (s *scanner) blockIndicators() (chomp byte, increment int, err error) {
	for range 2 {
		switch c := s.at(0); {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
			s.forward(1)
		case c >= '0' && c <= '9' && increment == 0:
			if increment = int(c - '0'); increment == 0 {
				return 0, 0, s.errorf("an indentation of 0")
			}
			s.forward(1)
		}
	}
	for s.at(0) == ' ' {
		s.forward(1)
	}
	if s.at(0) == '#' {
		for s.pos < len(s.text) && s.text[s.pos] != 0 && breakLen(s.text[s.pos:]) == 0 {
			s.forward(1)
		}
	}
	if s.pos < len(s.text) && s.text[s.pos] != 0 && breakLen(s.text[s.pos:]) == 0 {
		return 0, 0, s.errorf("text on the line of a block scalar's indicator")
	}
	s.lineBreak()
	return chomp, increment, nil
}

func (s *scanner) blockIndentation() (breaks string, widest int) {
	var b strings.Builder
	for s.at(0) == ' ' || breakLen(s.text[s.pos:]) > 0 {
		if s.at(0) == ' ' {
			s.forward(1)
			widest = max(widest, s.column)
		} else {
			b.WriteString(s.lineBreak())
		}
	}
	return b.String(), widest
}

func (s *scanner) blockBreaks(indent int) string {
	var b strings.Builder
	for {
		for s.column < indent && s.at(0) == ' ' {
			s.forward(1)
		}
		if breakLen(s.text[s.pos:]) == 0 {
			return b.String()
		}
		b.WriteString(s.lineBreak())
	}
}
