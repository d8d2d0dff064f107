package loaders

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// logical is a line of a requirements file as pip sees it: continuation lines
// joined, the comment removed. pieces say where in the file its bytes are.
type logical struct {
	text   string
	pieces []piece
	limit  int // no byte is said to be at or behind this offset; 0 for no limit
}

// piece is a run of bytes: those of the text from at on are in the file from
// offset on.
type piece struct{ at, offset int }

// offset returns where byte i of the text is in the file.
func (l logical) offset(i int) int {
	n, found := slices.BinarySearchFunc(l.pieces, i, func(p piece, i int) int { return p.at - i })
	if !found {
		n--
	}
	off := l.pieces[n].offset + i - l.pieces[n].at
	if l.limit > 0 {
		off = min(off, l.limit-1)
	}
	return off
}

// end is where the byte before i ends, in the file.
func (l logical) end(i int) int { return l.offset(i-1) + 1 }

var (
	comment  = regexp.MustCompile(`(?:^|[\s\v]+)#.*$`)
	variable = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)
	hashes   = regexp.MustCompile(`--hash[= ]+([a-z0-9]+:[0-9A-Fa-f]+)`)
	egg      = regexp.MustCompile(`#(?:[^#]*&)?egg=([A-Za-z0-9._-]+)`)
	coding   = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)`)
)

// parseRequirements reads what pip 26 reads with -r, and prints with freeze.
func parseRequirements(s *source) (Lock, []include, error) {
	// The bytes that line ends have, or begin with.
	if err := tooMany(s, "\n\r\v\f\x1c\x1d\x1e\xc2\xe2"); err != nil {
		return Lock{}, nil, err
	}
	lock := Lock{Format: "requirements.txt"}
	var includes []include
	lines := splitLines(s.data)
	number := 0
	for l := range lines {
		if number++; number > 2 {
			break
		}
		if m := coding.FindStringSubmatch(l.text); m != nil && !strings.EqualFold(m[1], "utf-8") && !strings.EqualFold(m[1], "utf8") && !strings.EqualFold(m[1], "ascii") {
			return Lock{}, nil, s.errorf(l.offset(0), "encoding %q: UTF-8 is expected", excerpt(m[1]))
		}
	}
	for l := range joinLines(lines) {
		l = l.strip()
		if l.text == "" {
			continue
		}
		if l.text[0] == '-' {
			in, u := readOption(s, l)
			includes = append(includes, in...)
			lock.Unread = append(lock.Unread, u...)
			continue
		}
		pin, u, err := readRequirement(s, l)
		if err != nil {
			return Lock{}, nil, err
		}
		lock.Pins = append(lock.Pins, pin...)
		lock.Unread = append(lock.Unread, u...)
	}
	return lock, includes, nil
}

// lineEnds are the characters at which str.splitlines of Python ends a line.
const lineEnds = "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029"

// splitLines splits as Python's str.splitlines: form feeds and the like end lines.
func splitLines(data []byte) iter.Seq[logical] {
	return func(yield func(logical) bool) {
		text := string(data)
		from := len(text) - len(strings.TrimPrefix(text, "\ufeff"))
		for from <= len(text) {
			next := len(text) + 1
			n := strings.IndexAny(text[from:], lineEnds)
			if n < 0 {
				n = len(text) - from
			} else if rest := text[from+n:]; strings.HasPrefix(rest, "\r\n") {
				next = from + n + 2
			} else {
				_, size := utf8.DecodeRuneInString(rest)
				next = from + n + size
			}
			if !yield(logical{text: text[from : from+n], pieces: []piece{{0, from}}}) {
				return
			}
			from = next
		}
	}
}

// joinLines does what join_lines and ignore_comments of pip's req_file.py do: a
// comment line ends a continuation, and a comment is removed after joining.
func joinLines(lines iter.Seq[logical]) iter.Seq[logical] {
	return func(yield func(logical) bool) {
		var open []logical
		for l := range lines {
			isComment := strings.HasPrefix(strings.TrimLeft(l.text, " \t"), "#")
			switch {
			case isComment:
				l = logical{} // it would be removed anyway, and ends what is open
			case strings.HasSuffix(l.text, "\\"):
				from := len(l.text) - len(strings.TrimLeft(l.text, "\\"))
				open = append(open, l.slice(from, max(from, len(strings.TrimRight(l.text, "\\")))))
				continue
			}
			if len(open) > 0 {
				l = concat(append(open, l))
				open = nil
			}
			if !yield(l.withoutComment()) {
				return
			}
		}
		if len(open) > 0 {
			yield(concat(open).withoutComment())
		}
	}
}

func (l logical) withoutComment() logical {
	if !strings.Contains(l.text, "#") {
		return l
	}
	if m := comment.FindStringIndex(l.text); m != nil {
		return l.slice(0, m[0])
	}
	return l
}

func concat(lines []logical) logical {
	var text strings.Builder
	var l logical
	for _, part := range lines {
		for _, p := range part.pieces {
			l.pieces = append(l.pieces, piece{text.Len() + p.at, p.offset})
		}
		text.WriteString(part.text)
	}
	l.text = text.String()
	// Of pieces without bytes, which end where the next begins, the last counts.
	slices.Reverse(l.pieces)
	l.pieces = slices.CompactFunc(l.pieces, func(a, b piece) bool { return a.at == b.at })
	slices.Reverse(l.pieces)
	return l
}

func (l logical) slice(from, to int) logical {
	out := logical{text: l.text[from:to], limit: l.limit}
	for i, p := range l.pieces {
		end := len(l.text)
		if i+1 < len(l.pieces) {
			end = l.pieces[i+1].at
		}
		if end > from && p.at < to {
			skip := max(0, from-p.at)
			out.pieces = append(out.pieces, piece{p.at + skip - from, p.offset + skip})
		}
	}
	return out
}

func (l logical) strip() logical {
	left := len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	return l.slice(left, max(left, len(strings.TrimRight(l.text, " \t"))))
}

// readOption reads a line of options. Those that name other files are includes,
// editable packages are pins or unread, the others say nothing about versions.
func readOption(s *source, l logical) ([]include, []Unread) {
	option, value := l.text, ""
	switch {
	case strings.HasPrefix(option, "--"):
		if i := strings.IndexAny(option, " \t="); i >= 0 {
			option, value = option[:i], option[i+1:]
		}
	case len(option) > 2:
		option, value = option[:2], option[2:]
	}
	value = strings.Trim(value, " \t=\"'")
	// optparse takes any beginning of a long option that is not ambiguous.
	is := func(short, long string) bool {
		return option == short || len(option) > 2 && strings.HasPrefix(long, option)
	}
	whole := s.unread("", l.offset(0), l.end(len(l.text)))
	switch {
	case is("-r", "--requirement"):
		return []include{{Unread: whole, path: value}}, nil
	case is("-c", "--constraint"):
		return []include{{Unread: whole, path: value, constraint: true}}, nil
	case is("-e", "--editable"):
		if m := egg.FindStringSubmatch(value); m != nil && Of(m[1]) == "" {
			return nil, nil
		}
		whole.Why = "an editable package does not state its version"
		return nil, []Unread{whole}
	}
	return nil, nil
}

// readRequirement reads a requirement with its options.
func readRequirement(s *source, l logical) ([]Pin, []Unread, error) {
	args := l
	if i := strings.Index(l.text, " -"); i >= 0 {
		args = l.slice(0, i).strip()
	}
	whole := s.unread("", l.offset(0), args.end(len(args.text)))
	if isPath(args.text) {
		whole.Why = "a file or URL does not state its package"
		if m := egg.FindStringSubmatch(args.text); m != nil && Of(m[1]) == "" {
			return nil, nil, nil
		}
		return nil, []Unread{whole}, nil
	}
	r, err := splitRequirement(args.text)
	if err != nil {
		if variable.MatchString(args.text) {
			whole.Why = "an environment variable is not known"
			return nil, []Unread{whole}, nil
		}
		return nil, nil, s.errorf(l.offset(0), "%v", err)
	}
	if Of(r.name) == "" || Of(r.name) == "python" {
		return nil, nil, nil
	}
	v, err := r.versions()
	if err != nil {
		return nil, nil, s.errorf(l.offset(0), "%v", err)
	}
	p := Pin{Package: Normalize(r.name), Versions: v, Marker: r.marker}
	for _, m := range hashes.FindAllStringSubmatch(l.text[len(args.text):], -1) {
		p.Hashes = append(p.Hashes, m[1])
	}
	return []Pin{s.pin(p, args.offset(0), args.end(r.end))}, nil, nil
}

// isPath tells a path or URL from a requirement, as pip does by its looks.
func isPath(text string) bool {
	name := requirementName(text)
	rest := strings.TrimLeft(text[len(name):], " \t")
	if strings.HasPrefix(rest, "@") || strings.HasPrefix(rest, "[") && strings.Contains(rest, "@") {
		return false
	}
	before, _, _ := strings.Cut(text, ";")
	return strings.Contains(before, "://") || strings.ContainsAny(before, "/\\") || strings.HasPrefix(before, ".") || strings.HasSuffix(strings.TrimSpace(before), ".whl")
}
