package savedmodel

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
	"github.com/kerasvet/kerasvet/formats/internal/protowire"
)

// ReadText reads saved_model.pbtxt: the text form of protocol buffers, as
// google.protobuf.text_format parses it. With an error it returns what was read before.
func ReadText(src *bounds.Source) (*Model, error) {
	if err := src.Budget.Member(src.Size()); err != nil {
		return &Model{}, err
	}
	if err := src.Budget.Text(2 * src.Size()); err != nil { // the text and what it becomes
		return &Model{}, err
	}
	text, err := src.Bytes(0, src.Size())
	if err != nil {
		return &Model{}, err
	}
	t := &transcoder{lexer: lexer{text: text}, budget: src.Budget, schema: schemas(), spans: map[int64][2]int64{}}
	err = t.message("tensorflow.SavedModel", 0, 0)
	t.close()
	m, e := Read(bounds.FromBytes(t.out, src.Budget))
	if err == nil {
		err = e
	}
	m.place(t.spans)
	return m, err
}

// transcoder turns text form into wire form.
type transcoder struct {
	lexer
	budget *bounds.Budget
	schema *schema
	out    []byte
	open   []int              // where the lengths of open messages stand
	spans  map[int64][2]int64 // where in the text the messages that become nodes stand
}

// spanned are the messages whose place is shown.
var spanned = map[string]bool{"tensorflow.MetaGraphDef": true, "tensorflow.NodeDef": true, "tensorflow.FunctionDef": true, "tensorflow.AssetFileDef": true}

// message reads fields up to the closing bracket, or to the end of the text if that is 0.
func (t *transcoder) message(name string, closing byte, depth int) error {
	if depth > protowire.MaxDepth {
		return bounds.Unsupportedf(int64(t.at), "messages nested more than %d deep", protowire.MaxDepth)
	}
	fields := t.schema.messages[name]
	for {
		if err := t.budget.Step(1); err != nil {
			return err
		}
		t.blank()
		switch c := t.peek(); {
		case c == 0 && closing == 0 && t.at == len(t.text):
			return nil
		case c == closing && c != 0:
			t.at++
			return nil
		case c == '[': // an Any, or an extension: nothing that is looked at
			if err := t.extension(depth); err != nil {
				return err
			}
			continue
		}
		word := t.word()
		f, ok := fields[word]
		if !ok {
			return t.malformed("a field of %s, found %q", name, word)
		}
		if err := t.values(f, depth); err != nil {
			return err
		}
		t.blank()
		if c := t.peek(); c == ',' || c == ';' {
			t.at++
		}
	}
}

// values reads the value of a field, or a list of them.
func (t *transcoder) values(f textField, depth int) error {
	t.blank()
	colon := t.peek() == ':'
	if colon {
		t.at++
		t.blank()
	} else if f.kind != "message" {
		return t.malformed(`":"`)
	}
	if t.peek() != '[' {
		return t.value(f, depth)
	}
	t.at++
	for first := true; ; first = false {
		t.blank()
		if t.peek() == ']' && first {
			t.at++
			return nil
		}
		if err := t.value(f, depth); err != nil {
			return err
		}
		t.blank()
		switch c := t.peek(); c {
		case ',':
			t.at++
		case ']':
			t.at++
			return nil
		default:
			return t.malformed(`"," or "]"`)
		}
	}
}

// value reads one value and writes it as a field.
func (t *transcoder) value(f textField, depth int) error {
	t.blank()
	switch f.kind {
	case "message":
		return t.nested(f, depth)
	case "string", "bytes":
		s, err := t.literal()
		if err != nil {
			return err
		}
		t.key(f.number, protowire.Bytes)
		t.out = binary.AppendUvarint(t.out, uint64(len(s)))
		t.out = append(t.out, s...)
		return nil
	case "float", "fixed32", "sfixed32":
		t.key(f.number, protowire.Fixed32)
		t.out = append(t.out, 0, 0, 0, 0) // nothing looks at the numbers of a model
		return t.number()
	case "double", "fixed64", "sfixed64":
		t.key(f.number, protowire.Fixed64)
		t.out = append(t.out, 0, 0, 0, 0, 0, 0, 0, 0)
		return t.number()
	}
	v, err := t.integer(f)
	t.key(f.number, protowire.Varint)
	t.out = binary.AppendUvarint(t.out, v)
	return err
}

func (t *transcoder) key(number int, typ protowire.Type) {
	t.out = binary.AppendUvarint(t.out, uint64(number)<<3|uint64(typ))
}

// lengthSize is how many bytes the length of a message takes: it is written when the
// message ends.
const lengthSize = 5

// nested reads a message in brackets.
func (t *transcoder) nested(f textField, depth int) error {
	closing := byte('}')
	switch t.peek() {
	case '{':
	case '<':
		closing = '>'
	default:
		return t.malformed(`"{"`)
	}
	start := t.at
	t.at++
	t.key(f.number, protowire.Bytes)
	t.open = append(t.open, len(t.out))
	t.out = append(t.out, make([]byte, lengthSize)...)
	at := int64(len(t.out))
	if err := t.message(f.of, closing, depth+1); err != nil {
		return err
	}
	if spanned[f.of] {
		t.spans[at] = [2]int64{int64(start), int64(t.at)}
	}
	t.end()
	return nil
}

// end writes the length of the innermost open message.
func (t *transcoder) end() {
	at := t.open[len(t.open)-1]
	t.open = t.open[:len(t.open)-1]
	n := len(t.out) - at - lengthSize
	for i := range lengthSize {
		t.out[at+i] = byte(n>>(7*i))&0x7f | 0x80
	}
	t.out[at+lengthSize-1] &= 0x7f
}

// close ends the messages that an error leaves open.
func (t *transcoder) close() {
	for len(t.open) > 0 {
		t.end()
	}
}

// integer reads a number, a name of an enum, or a truth value.
func (t *transcoder) integer(f textField) (uint64, error) {
	word := t.token()
	switch f.kind {
	case "bool":
		switch word {
		case "true", "True", "t", "1":
			return 1, nil
		case "false", "False", "f", "0":
			return 0, nil
		}
		return 0, t.malformed("true or false, found %q", word)
	case "enum":
		if v, ok := t.schema.enums[f.of][word]; ok {
			return v, nil
		}
	}
	if v, err := strconv.ParseInt(word, 0, 64); err == nil {
		return uint64(v), nil
	}
	v, err := strconv.ParseUint(word, 0, 64)
	if err != nil {
		return 0, t.malformed("a number, found %q", word)
	}
	return v, nil
}

// number reads a number with a fraction, or a word for one.
func (t *transcoder) number() error {
	word := t.token()
	text := strings.TrimRight(strings.ToLower(strings.TrimPrefix(word, "-")), "f")
	switch text {
	case "in", "infinity", "nan": // "inf" has lost its last letter
		return nil
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		if _, err := strconv.ParseUint(text, 0, 64); err != nil && !strings.Contains(err.Error(), "range") {
			return t.malformed("a number, found %q", word)
		}
	}
	return nil
}

// extension passes over a name in brackets and its value.
func (t *transcoder) extension(depth int) error {
	end := strings.IndexByte(string(t.text[t.at:min(len(t.text), t.at+maxName)]), ']')
	if end < 0 {
		return t.malformed(`"]"`)
	}
	t.at += end + 1
	t.blank()
	if t.peek() == ':' {
		t.at++
		t.blank()
	}
	var open []byte
	for {
		if err := t.budget.Step(1); err != nil {
			return err
		}
		t.blank()
		switch c := t.peek(); c {
		case 0:
			return t.malformed("the end of an extension")
		case '{', '<', '[':
			if open = append(open, c+2); len(open)+depth > protowire.MaxDepth { // the closing one is the next but one
				return bounds.Unsupportedf(int64(t.at), "messages nested more than %d deep", protowire.MaxDepth)
			}
			t.at++
		case '}', '>', ']':
			if len(open) == 0 || open[len(open)-1] != c {
				return t.malformed("a matching bracket")
			}
			open = open[:len(open)-1]
			t.at++
		case '"', '\'':
			if _, err := t.literal(); err != nil {
				return err
			}
		case ':', ',', ';':
			t.at++
			continue
		default:
			if t.token() == "" {
				return t.malformed("a value")
			}
		}
		if len(open) == 0 {
			return nil
		}
	}
}

// place moves what was read from wire form to where it stands in the text.
func (m *Model) place(spans map[int64][2]int64) {
	move := func(off, end *int64) {
		if s, ok := spans[*off]; ok {
			*off, *end = s[0], s[1]
		} else {
			*off, *end = 0, 0
		}
	}
	for _, g := range m.Graphs {
		move(&g.Off, &g.End)
		for _, op := range g.Ops {
			move(&op.Off, &op.End)
		}
		for _, f := range g.Functions {
			move(&f.Off, &f.End)
			for _, op := range f.Ops {
				move(&op.Off, &op.End)
			}
		}
		for i := range g.Assets {
			move(&g.Assets[i].Off, &g.Assets[i].End)
		}
		for i := range g.Objects {
			move(&g.Objects[i].Off, &g.Objects[i].End)
		}
	}
}
