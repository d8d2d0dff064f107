package formats

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/pycodec"
	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// Flow is what a code object does, with everything nested in it; see the fields
// of pyflow.Facts.
type Flow = pyflow.Facts

// Site is one place in a code object where something is called.
type Site = pyflow.Site

// Argument is what is known of one argument of a call.
type Argument = pyflow.Arg

// The kinds of an Argument.
const (
	ArgumentUnknown = pyflow.ArgUnknown
	ArgumentText    = pyflow.ArgText
	ArgumentConst   = pyflow.ArgConst
	ArgumentPath    = pyflow.ArgPath
	ArgumentLocal   = pyflow.ArgLocal
	ArgumentOther   = pyflow.ArgOther
)

// Function is a serialized Python function in a document: a code object as
// text, which a loader unmarshals, and what it is given.
type Function struct {
	At      *Node  // the value that the loader turns into a function
	Code    *Node  // the string with the code; its children are the code objects
	Key     string // the argument that it is
	Modules []string
	// Digest identifies the function: the SHA-256, in hex, of the code's bytes.
	// Where there is more to it (defaults, a closure, a module whose names it
	// sees, bytes that some loader decodes otherwise) it is that of all of them.
	Digest string
	// Err says why no reading of the bytes is a code object; nil otherwise.
	Err error
}

// CodeObject is what a KindCode stands for.
type CodeObject struct {
	Versions []string // the versions of Python that take the bytes for this code object, such as "3.11"
	// Strict is those of Versions whose compiler may have written it.
	Strict   []string
	Repaired bool   // bytes 0x2f stand for 0x5c, which Keras on Windows replaced: what was written, not what is loaded
	Misfit   string // why the first of Versions did not write it, where Strict is empty
	Rest     int    // bytes behind the code object, which no Python reads

	object *pymarshal.Code
	flows  map[string]*Flow // by version; only for the outermost code object
	follow func(version string) *Flow
}

// Function returns the serialized function whose code the KindString n holds, nil
// for other nodes.
func (n *Node) Function() *Function { f, _ := n.facts.(*Function); return f }

// CodeObject returns the facts of a KindCode, nil for other nodes.
func (n *Node) CodeObject() *CodeObject { c, _ := n.facts.(*CodeObject); return c }

// Name is co_name: "<lambda>" or the name of the function.
func (c *CodeObject) Name() string { return c.object.Name }

// Names are the names that the instructions refer to (co_names).
func (c *CodeObject) Names() []string { return c.object.Names }

// Flow returns what the code does under one of Versions. It is nil where the limits
// do not suffice to tell, and for nested code objects, which are part of their
// parent's. What a version that is not among Strict makes of the code is worked out
// when it is first asked for.
func (c *CodeObject) Flow(version string) *Flow {
	flow, ok := c.flows[version]
	if !ok && c.follow != nil && slices.Contains(c.Versions, version) {
		flow = c.follow(version)
		c.flows[version] = flow
	}
	return flow
}

// Mentions yields every name and every text constant of the code object and of
// those nested in it: whatever any version makes of the instructions, it can use
// no others.
func (c *CodeObject) Mentions() iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := map[*pymarshal.Code]bool{}
		for queue := []*pymarshal.Code{c.object}; len(queue) > 0; {
			code := queue[0]
			if queue = queue[1:]; seen[code] {
				continue
			}
			seen[code] = true
			for _, names := range [][]string{code.Names, code.VarNames, code.CellVars, code.FreeVars} {
				for _, n := range names {
					if !yield(n) {
						return
					}
				}
			}
			for v := range constants(code.Consts) {
				switch {
				case v.Kind == pymarshal.KindCode:
					queue = append(queue, v.Code)
				case (v.Kind == pymarshal.KindText || v.Kind == pymarshal.KindBytes) && !yield(v.Text):
					return
				}
			}
		}
	}
}

// constants yields values and what they contain, each once.
func constants(values []*pymarshal.Value) iter.Seq[*pymarshal.Value] {
	return func(yield func(*pymarshal.Value) bool) {
		var seen map[*pymarshal.Value]bool
		for stack := slices.Clone(values); len(stack) > 0; {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if len(v.Items) > 0 {
				if seen[v] {
					continue
				}
				if seen == nil {
					seen = map[*pymarshal.Value]bool{}
				}
				seen[v] = true
				stack = append(stack, v.Items...)
			}
			if !yield(v) {
				return
			}
		}
	}
}

// Unit returns which unit of its outermost parent's Flow the code object is; -1 if
// it is none.
func (c *CodeObject) Unit(f *Flow) int {
	return slices.IndexFunc(f.Units, func(u pyflow.Unit) bool { return u.Code == c.object })
}

// Line is one line of a listing of code.
type Line = pyflow.Line

// Listing shows the code, with everything nested in it, as a version of Python
// reads it: source-like where that is easy, else its instructions. What is too
// much to show is left out.
func (c *CodeObject) Listing(version string) []Line {
	limits := DefaultLimits.bounds()
	limits.Steps = followSteps
	for _, v := range pymarshal.Versions {
		if v.String() == version {
			lines, _ := pyflow.Listing(c.object, v, bounds.New(context.Background(), limits))
			return lines
		}
	}
	return nil
}

// functions builds the code objects of every serialized function in the document
// whose values candidates belong to.
func (o *opener) functions(candidates []*Node) {
	done := map[*Node]bool{}
	for _, n := range candidates {
		if done[n] {
			continue
		}
		done[n] = true
		for _, f := range carriers(n) {
			o.function(f)
		}
	}
}

// function decodes one serialized function and adds its code objects to the tree.
func (o *opener) function(f *Function) {
	if f.Code.facts != nil { // met from another side
		return
	}
	f.Code.facts = f
	known, err := o.decoded(f)
	f.Digest = f.digest(known.data)
	if err == nil && len(known.codes) == 0 {
		f.Err, err = known.err, known.err
	}
	for _, c := range known.codes {
		if err == nil {
			err = o.code(f.Code, c, "python"+slices.Concat(c.Strict, c.Versions)[0], 0)
		}
	}
	if err != nil {
		o.problem(f.Code, err)
	}
}

// surroundings writes what an environment adds to code.
func surroundings(env pyflow.Env) string {
	var b strings.Builder
	for _, m := range env.Modules {
		b.WriteString(m + "\x00")
	}
	for _, list := range [][]pyflow.Given{env.Defaults, env.Closure} {
		for _, g := range list {
			if g.Const != nil {
				b.WriteString(strconv.Quote(g.Const.Text))
			}
			b.WriteByte(',')
		}
		b.WriteByte(';')
	}
	return b.String()
}

// decoded is what became of one string of code; equal ones share it.
type decoded struct {
	codes []*CodeObject
	data  [][]byte // the bytes that are code objects to some Python; the first reading if none are
	err   error    // why the first reading is none
}

// decoded decodes the text of a function in every way that some loader does. The
// error is that of a budget.
func (o *opener) decoded(f *Function) (*decoded, error) {
	env := f.environment()
	key := f.Code.Text + "\x00" + surroundings(env)
	if d := o.codes[key]; d != nil {
		return d, nil
	}
	readings := pycodec.Readings(f.Code.Text)
	d := &decoded{}
	for i, data := range readings {
		if i > 0 && !beginsCode(data) {
			continue
		}
		before := len(d.codes)
		if err := o.decode(d, data, env); err != nil {
			d.data = readings[:1]
			return d, err
		}
		if len(d.codes) > before {
			d.data = append(d.data, data)
		}
	}
	if len(d.codes) == 0 {
		d.data = readings[:1]
	}
	if o.codes == nil {
		o.codes = map[string]*decoded{}
	}
	o.codes[key] = d
	return d, nil
}

// beginsCode reports whether bytes begin as a code object does to marshal: TYPE_CODE,
// with FLAG_REF or without.
func beginsCode(data []byte) bool { return len(data) > 0 && data[0]&0x7f == 'c' }

// decode unmarshals one reading of the bytes under every version of Python that
// takes it, and says what the code does. The error is that of a budget.
//
// A version that cannot have written the bytes is among them: code may be made to
// look honest under the version that fits and run under another.
func (o *opener) decode(d *decoded, data []byte, env pyflow.Env) error {
	readings, err := pymarshal.Candidates(data, o.budget)
	if err == nil && !slices.ContainsFunc(readings, func(r pymarshal.Reading) bool { return r.Strict }) {
		readings, err = pymarshal.Readings(data, o.budget) // which repairs
	}
	if err != nil {
		if bounds.As(err).Code != bounds.Malformed {
			return err
		}
		if d.err == nil {
			d.err = err
		}
		return nil
	}
	byObject := map[*pymarshal.Code]*CodeObject{}
	for _, r := range readings {
		c := byObject[r.Code]
		if c == nil {
			c = &CodeObject{object: r.Code, Rest: r.Rest, Repaired: len(r.Repairs) > 0, flows: map[string]*Flow{}, follow: o.follow(r.Code, env)}
			byObject[r.Code] = c
			d.codes = append(d.codes, c)
		}
		v := r.Version.String()
		c.Versions = append(c.Versions, v)
		if !r.Strict {
			if len(c.Strict) == 0 && c.Misfit == "" {
				c.Misfit = r.Misfit.String()
			}
			continue
		}
		c.Misfit = ""
		c.Strict = append(c.Strict, v)
		flow, err := pyflow.Analyze(r.Code, r.Version, env, o.budget)
		if err == nil {
			err = o.budget.Text(flowSize(flow))
		}
		if err != nil {
			return err
		}
		c.flows[v] = flow
	}
	return nil
}

// followSteps bounds the work of following code as a version that did not write it
// reads it.
const followSteps = 1 << 20

// follow returns a function that says what code does under a version of Python,
// nil where that takes more than followSteps.
func (o *opener) follow(code *pymarshal.Code, env pyflow.Env) func(string) *Flow {
	limits := o.budget.Limits()
	return func(version string) *Flow {
		limits.Steps = min(limits.Steps, followSteps)
		for _, v := range pymarshal.Versions {
			if v.String() == version {
				flow, err := pyflow.Analyze(code, v, env, bounds.New(context.Background(), limits))
				if err != nil {
					return nil
				}
				return flow
			}
		}
		return nil
	}
}

// flowSize is about what the facts of a code object take of memory, in bytes.
func flowSize(f *Flow) int64 {
	n := int64(512 + 32*(len(f.Refs)+len(f.Calls)+len(f.Writes)+len(f.Imports)))
	for _, u := range f.Units {
		n += 256 + 256*int64(len(u.Sites))
	}
	return n
}

// code adds a code object, its constants and its calls below parent.
func (o *opener) code(parent *Node, c *CodeObject, name string, depth int) error {
	if err := o.budget.Depth(depth); err != nil {
		return err
	}
	n, err := o.add(parent, KindCode, name)
	if err != nil {
		return err
	}
	n.facts = c
	n.Text = c.object.Name
	n.Span = Span{int64(c.object.Off), int64(c.object.End)}
	for i, v := range c.object.Consts {
		if err := o.constant(n, c, i, v, depth); err != nil {
			return err
		}
	}
	return nil
}

// constant adds one constant: a nested code object, or what can be shown in a line.
func (o *opener) constant(parent *Node, c *CodeObject, i int, v *pymarshal.Value, depth int) error {
	if v.Kind == pymarshal.KindCode {
		return o.code(parent, &CodeObject{Versions: c.Versions, Strict: c.Strict, Repaired: c.Repaired, object: v.Code}, v.Code.Name, depth+1)
	}
	n, err := o.add(parent, KindConstant, fmt.Sprint(i))
	if err != nil {
		return err
	}
	n.Text = v.Text
	n.Span = Span{int64(v.Off), int64(v.End)}
	return nil
}

// digest identifies the function; see Function.Digest.
func (f *Function) digest(readings [][]byte) string {
	var more []string
	for _, r := range readings[1:] {
		more = append(more, string(r))
	}
	for _, n := range []*Node{f.defaults(), f.closure()} {
		if n != nil && n.Kind != KindLiteral {
			more = append(more, n.source())
		}
	}
	more = append(more, f.Modules...)
	if len(more) == 0 {
		sum := sha256.Sum256(readings[0])
		return hex.EncodeToString(sum[:])
	}
	h := sha256.New()
	for _, part := range append([]string{string(readings[0])}, more...) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil))
}
