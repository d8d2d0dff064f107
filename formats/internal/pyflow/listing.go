package pyflow

import (
	"fmt"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
	"github.com/kerasvet/kerasvet/formats/internal/pyopcode"
)

const (
	// listingLimit is how many lines a listing has at most.
	listingLimit = 5000
	// sourceLimit is up to how many instructions a code object is shown as
	// source.
	sourceLimit = 2000
	// lineLimit is how long a line may become, in bytes.
	lineLimit = 400
	// constLimit is how much of a constant is shown, in bytes.
	constLimit = 120
)

// Line is one line of a listing.
type Line struct {
	Unit int // index of the code object in Facts.Units
	// Off and End are the bytes of its code that the line stands for; a site is
	// on the line with Off <= Site.Off < End. Both are -1 for the line that names
	// the code object.
	Off, End int
	Text     string
}

// Listing shows code and all code objects nested in it, each after its parent and
// in the order of Facts.Units: as source, where the code is one straight line of
// what is simple to show, otherwise as instructions. The text is for reading, not
// for Python. It ends with a line "..." where it would be too long. It spends a
// step of the budget for each line.
func Listing(code *pymarshal.Code, v pymarshal.Version, b *bounds.Budget) ([]Line, error) {
	table := pyopcode.For(v)
	if table == nil {
		return nil, bounds.Unsupportedf(-1, "instructions of Python %s", v)
	}
	l := &lister{v: v, table: table, budget: b, seen: map[*pymarshal.Code]bool{}, values: map[*pymarshal.Value]bool{}}
	err := l.code(code)
	return l.lines, err
}

type lister struct {
	v      pymarshal.Version
	table  *pyopcode.Table
	budget *bounds.Budget
	units  int
	seen   map[*pymarshal.Code]bool
	values map[*pymarshal.Value]bool
	lines  []Line
	full   bool
	// of the code object in hand: what indexes of variables name
	locals, free []string
}

func (l *lister) code(c *pymarshal.Code) error {
	if l.full || l.seen[c] {
		return nil
	}
	l.seen[c] = true
	unit := l.units
	l.units++
	l.add(Line{Unit: unit, Off: -1, End: -1, Text: header(c)})
	ins := l.table.Decode(c.Bytecode)
	if err := l.budget.Step(int64(1 + len(ins))); err != nil {
		return err
	}
	l.locals, l.free = c.VarNames, append(append([]string(nil), c.CellVars...), c.FreeVars...)
	if l.v.AtLeast(3, 11) {
		l.locals, l.free = c.LocalsPlus, c.LocalsPlus
	}
	lines, ok := l.source(c, ins)
	if !ok {
		lines = l.disassembly(c, ins)
	}
	for _, line := range lines {
		line.Unit = unit
		line.Text = "    " + line.Text
		l.add(line)
	}
	for _, k := range c.Consts {
		if err := l.nested(k); err != nil {
			return err
		}
	}
	return nil
}

// nested lists the code objects in a constant, in the order of search.
func (l *lister) nested(k *pymarshal.Value) error {
	switch {
	case k == nil:
	case k.Kind == pymarshal.KindCode && k.Code != nil:
		return l.code(k.Code)
	case len(k.Items) > 0 && !l.values[k]:
		l.values[k] = true
		if err := l.budget.Step(int64(len(k.Items))); err != nil {
			return err
		}
		for _, x := range k.Items {
			if err := l.nested(x); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lister) add(line Line) {
	if l.full {
		return
	}
	if len(l.lines) == listingLimit {
		l.full = true
		line = Line{Unit: line.Unit, Off: -1, End: -1, Text: "..."}
	}
	line.Text = cut(line.Text, lineLimit)
	l.lines = append(l.lines, line)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// header is the name and the parameters of a code object: "f(x, *, k):".
func header(c *pymarshal.Code) string {
	var params []string
	vars := c.VarNames
	take := func(n int, prefix string) {
		for i := 0; i < n && len(vars) > 0 && len(params) < 100; i++ {
			params = append(params, prefix+vars[0])
			vars = vars[1:]
		}
	}
	take(c.ArgCount, "")
	if c.PosOnlyArgCount > 0 && c.PosOnlyArgCount <= len(params) {
		params = append(params[:c.PosOnlyArgCount], append([]string{"/"}, params[c.PosOnlyArgCount:]...)...)
	}
	if c.KwOnlyArgCount > 0 && c.Flags&flagVarArgs == 0 {
		params = append(params, "*")
	}
	kwOnly := len(params)
	take(c.KwOnlyArgCount, "")
	if c.Flags&flagVarArgs != 0 {
		rest := append([]string(nil), params[kwOnly:]...)
		params = params[:kwOnly]
		take(1, "*")
		params = append(params, rest...)
	}
	if c.Flags&flagVarKw != 0 {
		take(1, "**")
	}
	name := c.Name
	if c.Qualname != "" {
		name = c.Qualname
	}
	return cut(printable(name), 200) + "(" + printable(strings.Join(params, ", ")) + "):"
}

// printable is s where nothing can disturb a line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
}

// disassembly is one line an instruction: its offset, its name, and what its
// argument means.
func (l *lister) disassembly(c *pymarshal.Code, ins []pyopcode.Instr) []Line {
	lines := make([]Line, 0, len(ins))
	for _, in := range ins {
		if len(lines) > listingLimit {
			break
		}
		name := in.Op.String()
		if in.Op == pyopcode.Invalid {
			name = fmt.Sprintf("<%d>", in.Raw)
		}
		text := fmt.Sprintf("%6d  %-24s %s", in.At, name, l.meaning(c, in))
		lines = append(lines, Line{Off: in.Off, End: in.End, Text: strings.TrimRight(text, " ")})
	}
	return lines
}

// meaning is what the argument of an instruction stands for.
func (l *lister) meaning(c *pymarshal.Code, in pyopcode.Instr) string {
	kind, i, second := l.table.Operand(in)
	pick := func(list []string, i int) string {
		if i < 0 || i >= len(list) {
			return fmt.Sprintf("%d (out of range)", i)
		}
		return printable(list[i])
	}
	switch {
	case in.Target != -1:
		return fmt.Sprintf("to %d", in.Target)
	case kind == pyopcode.None:
		return ""
	case kind == pyopcode.Const:
		if i < 0 || i >= len(c.Consts) || c.Consts[i] == nil {
			return fmt.Sprintf("%d (out of range)", i)
		}
		return l.repr(c.Consts[i])
	case kind == pyopcode.Name:
		return pick(c.Names, i)
	case kind == pyopcode.Local:
		return pick(l.locals, i)
	case kind == pyopcode.Free:
		return pick(l.free, i)
	case kind == pyopcode.Pair:
		return pick(l.locals, i) + ", " + pick(l.locals, second)
	}
	return fmt.Sprint(in.Arg)
}

// repr is a constant as Python writes it, cut short.
func (l *lister) repr(v *pymarshal.Value) string {
	var b strings.Builder
	l.write(&b, v, 0)
	return cut(b.String(), constLimit)
}

func (l *lister) write(b *strings.Builder, v *pymarshal.Value, depth int) {
	if b.Len() > constLimit || depth > 8 {
		b.WriteString("…")
		return
	}
	brackets := map[pymarshal.Kind][2]string{pymarshal.KindTuple: {"(", ")"}, pymarshal.KindList: {"[", "]"}, pymarshal.KindSet: {"{", "}"},
		pymarshal.KindFrozenSet: {"{", "}"}, pymarshal.KindSlice: {"slice(", ")"}, pymarshal.KindDict: {"dict(", ")"}}
	switch v.Kind {
	case pymarshal.KindText:
		b.WriteString(quote(v.Text, true))
	case pymarshal.KindBytes:
		if l.v.Major > 2 {
			b.WriteByte('b')
		}
		b.WriteString(quote(v.Text, false))
	case pymarshal.KindInt, pymarshal.KindFloat, pymarshal.KindComplex, pymarshal.KindBool:
		b.WriteString(v.Text)
	case pymarshal.KindNone:
		b.WriteString("None")
	case pymarshal.KindEllipsis:
		b.WriteString("...")
	case pymarshal.KindCode:
		b.WriteString("<code " + printable(cut(v.Code.Name, 80)) + ">")
	default:
		pair, ok := brackets[v.Kind]
		if !ok {
			b.WriteString("<" + v.Kind.String() + ">")
			return
		}
		b.WriteString(pair[0])
		for i, x := range v.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			if b.Len() > constLimit {
				b.WriteString("…")
				break
			}
			l.write(b, x, depth+1)
		}
		if v.Kind == pymarshal.KindTuple && len(v.Items) == 1 {
			b.WriteByte(',')
		}
		b.WriteString(pair[1])
	}
}

// quote is a string literal of the beginning of s, in ASCII and printable
// letters.
func quote(s string, isText bool) string {
	var b strings.Builder
	b.WriteByte('\'')
	put := func(r rune, width int) {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f || width == 1 && r >= 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	if isText {
		for _, r := range strings.ToValidUTF8(cut(s, constLimit), "\ufffd") {
			put(r, 0)
		}
	} else {
		for i := 0; i < len(s) && i < constLimit; i++ {
			put(rune(s[i]), 1)
		}
		if len(s) > constLimit {
			b.WriteString("…")
		}
	}
	b.WriteByte('\'')
	return b.String()
}
