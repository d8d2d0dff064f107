package formatstest

import (
	"encoding/hex"
	"slices"
	"strings"
)

// hdf5 runs a script in a file of its own.
func (c *Case) hdf5(script []line) ([]byte, error) {
	f := newH5File()
	late, err := c.runH5(f, script)
	if err != nil {
		return nil, err
	}
	return c.finishH5(f, script, late)
}

// buildH5 writes the legacy file: the script of the weights, the "h5:" lines,
// and the sections that are attributes.
func (c *Case) buildH5() ([]byte, error) {
	f := newH5File()
	var script []line
	if s := c.section("model.weights.h5"); s != nil {
		if body, found := strings.CutPrefix(string(s.text), "!h5\n"); found {
			lines, err := c.scriptLines(s, body, s.line+1)
			if err != nil {
				return nil, err
			}
			script = append(script, lines...)
		}
	}
	script = append(script, c.scripts["h5"]...)
	late, err := c.runH5(f, script)
	if err != nil {
		return nil, err
	}
	if err := c.attachSections(f); err != nil {
		return nil, err
	}
	return c.finishH5(f, script, late)
}

// runH5 runs the lines about the graph and returns those about bytes.
func (c *Case) runH5(f *h5File, script []line) (late []line, err error) {
	for _, l := range script {
		if slices.Contains([]string{"prefix", "suffix", "truncate", "poke"}, l.verb) {
			late = append(late, l)
			continue
		}
		verb, found := h5Verbs[l.verb]
		if !found {
			return nil, l.errorf("unknown verb %q", l.verb)
		}
		if err := l.want(verb.least, verb.most); err != nil {
			return nil, err
		}
		if err := verb.run(c, f, l); err != nil {
			return nil, l.at(err)
		}
	}
	return late, nil
}

func (c *Case) finishH5(f *h5File, script, late []line) ([]byte, error) {
	data, err := f.bytes()
	if err != nil && len(script) > 0 {
		return nil, script[0].errorf("%v", err)
	}
	if err != nil {
		return nil, c.errorf(1, "%v", err)
	}
	for _, l := range late {
		if data, _, err = c.editBytes(l, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// attachSections adds the attribute sections, config.json as model_config
// where no section says otherwise, and the version attributes.
func (c *Case) attachSections(f *h5File) error {
	explicit := map[string]bool{}
	for _, s := range c.sections {
		if isAttribute(s.name) {
			path, name := cutAttribute(s.name)
			explicit[path+"@"+name] = true
		}
	}
	for _, s := range c.sections {
		path, name := cutAttribute(s.name)
		bare, _ := cutCopy(s.name)
		switch {
		case bare == "config.json" && !explicit["/@model_config"]:
			path, name = "/", "model_config"
		case !isAttribute(s.name):
			continue
		}
		data, err := c.content(s)
		if err != nil {
			return err
		}
		if err := f.attach(path, name, strings.TrimSuffix(string(data), "\n")); err != nil {
			return c.errorf(s.line, "%v", err)
		}
	}
	if c.Keras == "" {
		return nil
	}
	for _, a := range [][2]string{{"keras_version", c.Keras}, {"backend", "tensorflow"}} {
		if !explicit["/@"+a[0]] {
			if err := f.attach("/", a[0], a[1]); err != nil {
				return c.errorf(1, "%v", err)
			}
		}
	}
	return nil
}

type h5Verb struct {
	least, most int
	run         func(*Case, *h5File, line) error
}

// h5Verbs is filled by init, since its functions reach back to it.
var h5Verbs map[string]h5Verb

func init() {
	h5Verbs = map[string]h5Verb{
		"superblock": {1, 1, func(_ *Case, f *h5File, l line) error {
			n, err := l.number(0)
			if err == nil && n > 3 {
				err = l.errorf("there are superblocks 0, 1, 2 and 3")
			}
			f.superblock = int(n)
			return err
		}},
		"sizes":      {2, 2, setSizes},
		"user-block": {1, -1, setUserBlock},
		"claim-eof": {1, 1, func(_ *Case, f *h5File, l line) error {
			n, err := l.number(0)
			f.claimedEOF = &n
			return err
		}},
		"group":         {1, 1, func(_ *Case, f *h5File, l line) error { _, err := f.group(l.args[0]); return err }},
		"type":          {2, 2, addType},
		"attr":          {3, -1, addAttr},
		"attr-style":    {1, 2, setStyle},
		"soft-link":     {2, 2, addSoftLink},
		"external-link": {3, 3, addExternalLink},
		"user-link":     {3, 3, addUserLink},
		"hard-link":     {2, 2, addHardLink},
		"message":       {4, 4, addMessage},

		"dataset":          {3, -1, addDataset},
		"compact":          {3, -1, addDataset},
		"unallocated":      {3, 3, addDataset},
		"chunked":          {4, -1, addChunked},
		"external-storage": {4, 4, addExternalStorage},
		"virtual":          {3, 3, addVirtual},
		"filter":           {2, -1, addFilter},
		"fill":             {2, 2, setFill},
		"claim-shape":      {2, 2, claimShape},
		"claim-size":       {2, 2, claimSize},
		"claim-address":    {2, 2, claimAddress},

		"dense":          {1, 1, mark(func(o *h5Object) { o.dense = true })},
		"dense-links":    {1, 1, mark(func(o *h5Object) { o.denseLinks = true })},
		"new-style":      {1, 1, mark(func(o *h5Object) { o.newStyle = true })},
		"unsorted":       {1, 1, mark(func(o *h5Object) { o.unsorted = true })},
		"stale":          {1, 1, mark(func(o *h5Object) { o.staleAddress = true })},
		"break-checksum": {1, 1, breakChecksum},
		"continuation":   {1, 2, addContinuation},
	}
}

// object is the object at a path, or an error.
func (f *h5File) object(path string, l line) (*h5Object, error) {
	if o := f.find(path); o != nil {
		return o, nil
	}
	return nil, l.errorf("%s is not an object of this script", path)
}

// mark makes a verb that changes how one object is written.
func mark(set func(*h5Object)) func(*Case, *h5File, line) error {
	return func(_ *Case, f *h5File, l line) error {
		o, err := f.object(l.args[0], l)
		if err == nil {
			set(o)
		}
		return err
	}
}

func setSizes(_ *Case, f *h5File, l line) error {
	for i, p := range []*int{&f.offsetSize, &f.lenSize} {
		n, err := l.number(i)
		if err != nil {
			return err
		}
		if n != 2 && n != 4 && n != 8 {
			return l.errorf("a size is 2, 4 or 8, not %d", n)
		}
		*p = int(n)
	}
	return nil
}

// setUserBlock puts text in front of the superblock, which knows of it.
func setUserBlock(c *Case, f *h5File, l line) error {
	n, err := l.number(0)
	if err != nil || n > maxContent {
		return l.errorf("%q is not a size", l.args[0])
	}
	f.userBlock = make([]byte, n)
	if len(l.args) == 1 {
		return nil
	}
	text, err := c.source(l, l.args[1:])
	if uint64(len(text)) > n {
		return l.errorf("%d bytes do not fit in a user block of %d", len(text), n)
	}
	copy(f.userBlock, text)
	return err
}

func addType(_ *Case, f *h5File, l line) error {
	t, err := f.parseType(l.args[1])
	if err != nil {
		return err
	}
	return f.place(l.args[0], h5Link{object: &h5Object{kind: h5CommittedType, typ: t}})
}

func addSoftLink(_ *Case, f *h5File, l line) error {
	return f.place(l.args[0], h5Link{kind: softLink, value: []byte(l.args[1])})
}

// addExternalLink stores version and flags, then the two names.
func addExternalLink(_ *Case, f *h5File, l line) error {
	return f.place(l.args[0], h5Link{kind: externalLink, value: []byte("\x00" + l.args[1] + "\x00" + l.args[2] + "\x00")})
}

func addUserLink(_ *Case, f *h5File, l line) error {
	n, err := l.number(1)
	if err != nil || n < 64 || n > 255 {
		return l.errorf("a user-defined link type is 64 to 255, not %q", l.args[1])
	}
	value, err := hex.DecodeString(l.args[2])
	if err != nil {
		return err
	}
	return f.place(l.args[0], h5Link{kind: h5LinkKind(n), value: value})
}

func addHardLink(_ *Case, f *h5File, l line) error {
	o, err := f.object(l.args[1], l)
	if err != nil {
		return err
	}
	return f.place(l.args[0], h5Link{object: o})
}

func addMessage(_ *Case, f *h5File, l line) error {
	o, err := f.object(l.args[0], l)
	if err != nil {
		return err
	}
	id, err := l.number(1)
	if err != nil {
		return err
	}
	flags, err := l.number(2)
	if err != nil {
		return err
	}
	data, err := hex.DecodeString(l.args[3])
	o.raw = append(o.raw, h5Message{uint16(id), byte(flags), data})
	return err
}

func breakChecksum(_ *Case, f *h5File, l line) error {
	o := f.find(l.args[0])
	if f.superblock < 2 && (o == nil || !f.newHeader(o)) {
		return l.errorf("only superblock 2 and 3 and dense objects have checksums; put that line first")
	}
	if l.args[0] == "superblock" {
		f.breakSuperblock = true
		return nil
	}
	return mark(func(o *h5Object) { o.breakHeader = true })(nil, f, l)
}

func addContinuation(_ *Case, f *h5File, l line) error {
	if len(l.args) == 2 && l.args[1] != "loop" {
		return l.errorf("only the word loop may follow")
	}
	return mark(func(o *h5Object) { o.continued, o.loop = true, len(l.args) == 2 })(nil, f, l)
}
