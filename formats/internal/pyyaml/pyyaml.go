// Package pyyaml reads YAML as PyYAML does (scanner.py and parser.py of 6.0, which read
// what versions 3 to 5 read): what model.to_yaml of Keras 1 and 2 wrote, and what
// model_from_yaml would make of anything else. Tags are kept: they are what makes a
// YAML document dangerous.
package pyyaml

import (
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/bounds"
)

// Kind says what an Event is. The zero Kind is invalid.
type Kind uint8

const (
	EOF Kind = iota + 1
	DocumentStart
	DocumentEnd
	Alias
	Scalar
	SequenceStart
	SequenceEnd
	MappingStart
	MappingEnd
)

// Event is one event of PyYAML's parser.
type Event struct {
	Kind       Kind
	Start, End int    // bytes in the text
	Text       string // of a scalar; the anchor that an alias names
	Anchor     string // that the value is given
	Tag        string // in full, such as "tag:yaml.org,2002:python/tuple"; empty where there is none
	Plain      bool   // a scalar without quotes
}

// CorePrefix begins the tags that are written with "!!".
const CorePrefix = "tag:yaml.org,2002:"

// Decoder gives the events of a text one by one.
type Decoder struct {
	scanner *scanner
	state   state
	states  []state
	handles map[string]string
}

type state uint8

const (
	implicitDocument state = iota + 1
	documentBegin
	documentFinish
	documentContent
	blockNode
	blockSequenceFirst
	blockSequenceEntry
	indentlessEntry
	blockMappingFirst
	blockMappingKey
	blockMappingValue
	flowSequenceFirst
	flowSequenceEntry
	flowPairKey
	flowPairValue
	flowPairEnd
	flowMappingFirst
	flowMappingKey
	flowMappingValue
	flowMappingEmpty
	finished
)

// NewDecoder returns a Decoder of a text in UTF-8.
func NewDecoder(text string, b *bounds.Budget) *Decoder {
	return &Decoder{scanner: newScanner(text, b), state: implicitDocument}
}

// Next returns the next event. After an error or EOF it must not be called again.
func (d *Decoder) Next() (Event, error) {
	switch d.state {
	case implicitDocument:
		return d.implicit()
	case documentBegin:
		return d.document()
	case documentFinish:
		return d.endDocument()
	case documentContent:
		if d.isOneOf(directive, documentStart, documentEnd, streamEnd) {
			d.pop()
			return d.empty()
		}
		return d.node(true, false)
	case blockNode:
		return d.node(true, false)
	case blockSequenceFirst, blockSequenceEntry:
		return d.blockSequence()
	case indentlessEntry:
		return d.indentless()
	case blockMappingFirst, blockMappingKey:
		return d.blockKey()
	case blockMappingValue:
		return d.blockValue()
	case flowSequenceFirst, flowSequenceEntry:
		return d.flowSequence(d.state == flowSequenceFirst)
	case flowPairKey:
		return d.pairKey()
	case flowPairValue:
		return d.pairValue()
	case flowPairEnd:
		d.state = flowSequenceEntry
		return d.at(MappingEnd)
	case flowMappingFirst, flowMappingKey:
		return d.flowKey(d.state == flowMappingFirst)
	case flowMappingValue:
		return d.flowValue()
	case flowMappingEmpty:
		d.state = flowMappingKey
		return d.empty()
	}
	return d.at(EOF)
}

func (d *Decoder) push(s state) error {
	if err := d.scanner.budget.Depth(len(d.states) / 2); err != nil {
		return err
	}
	d.states = append(d.states, s)
	return nil
}

func (d *Decoder) pop() {
	d.state = d.states[len(d.states)-1]
	d.states = d.states[:len(d.states)-1]
}

// at makes an event of no length at the next token.
func (d *Decoder) at(kind Kind) (Event, error) {
	t, err := d.scanner.peek()
	if err != nil {
		return Event{}, err
	}
	return Event{Kind: kind, Start: t.start, End: t.start}, nil
}

// empty is a scalar that is not there: null.
func (d *Decoder) empty() (Event, error) {
	e, err := d.at(Scalar)
	e.Plain = true
	return e, err
}

// is reports whether the next token is of a kind; an error is met again by who reads on.
func (d *Decoder) is(kind tokenKind) bool {
	t, err := d.scanner.peek()
	return err == nil && t.kind == kind
}

func (d *Decoder) isOneOf(kinds ...tokenKind) bool {
	t, err := d.scanner.peek()
	if err != nil {
		return false
	}
	for _, k := range kinds {
		if t.kind == k {
			return true
		}
	}
	return false
}

func (d *Decoder) errorf(format string, args ...any) (Event, error) {
	if _, err := d.scanner.peek(); err != nil {
		return Event{}, err
	}
	return Event{}, d.scanner.errorf(format, args...)
}

// implicit begins a document without a mark.
func (d *Decoder) implicit() (Event, error) {
	d.state = documentBegin
	if _, err := d.scanner.peek(); err != nil {
		return Event{}, err
	}
	if d.isOneOf(directive, documentStart, streamEnd) {
		return d.document()
	}
	d.handles = map[string]string{"!": "!", "!!": CorePrefix}
	d.state = blockNode
	if err := d.push(documentFinish); err != nil {
		return Event{}, err
	}
	return d.at(DocumentStart)
}

func (d *Decoder) document() (Event, error) {
	for d.is(documentEnd) {
		if _, err := d.scanner.next(); err != nil {
			return Event{}, err
		}
	}
	t, err := d.scanner.peek()
	if err != nil {
		return Event{}, err
	}
	if t.kind == streamEnd {
		d.state = finished
		return d.at(EOF)
	}
	if err := d.directives(); err != nil {
		return Event{}, err
	}
	if !d.is(documentStart) {
		return d.errorf("no '---' where a document begins")
	}
	t2, err := d.scanner.next()
	if err != nil {
		return Event{}, err
	}
	d.state = documentContent
	return Event{Kind: DocumentStart, Start: t2.start, End: t2.end}, d.push(documentFinish)
}

// directives is process_directives.
func (d *Decoder) directives() error {
	d.handles = map[string]string{}
	for d.is(directive) {
		t, err := d.scanner.next()
		if err != nil {
			return err
		}
		f := strings.Fields(t.text)
		if f[0] == "%TAG" && len(f) >= 3 {
			if _, twice := d.handles[f[1]]; twice {
				return d.scanner.errorf("the tag handle %q is declared twice", f[1])
			}
			d.handles[f[1]] = f[2]
		}
	}
	for handle, prefix := range map[string]string{"!": "!", "!!": CorePrefix} {
		if _, ok := d.handles[handle]; !ok {
			d.handles[handle] = prefix
		}
	}
	return nil
}

func (d *Decoder) endDocument() (Event, error) {
	e, err := d.at(DocumentEnd)
	if err != nil {
		return e, err
	}
	if d.is(documentEnd) {
		if _, err := d.scanner.next(); err != nil {
			return e, err
		}
	}
	d.state = documentBegin
	return e, nil
}
