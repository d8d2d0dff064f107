package pyyaml

// The productions of PyYAML's parser below a document.

// node is parse_node.
func (d *Decoder) node(block, indentless bool) (Event, error) {
	if d.is(aliasToken) {
		t, err := d.scanner.next()
		d.pop()
		return Event{Kind: Alias, Start: t.start, End: t.end, Text: t.text}, err
	}
	e := Event{Start: -1}
	var tag *token
	for range 2 { // an anchor and a tag, in any order
		if d.is(anchorToken) && e.Anchor == "" || d.is(tagToken) && tag == nil {
			t, err := d.scanner.next()
			if err != nil {
				return e, err
			}
			if e.Start < 0 {
				e.Start = t.start
			}
			e.End = t.end
			if t.kind == anchorToken {
				e.Anchor = t.text
			} else {
				tag = &t
			}
		}
	}
	if tag != nil {
		e.Tag = tag.text
		if tag.handle != "" {
			prefix, ok := d.handles[tag.handle]
			if !ok {
				return d.errorf("the tag handle %q is not declared", tag.handle)
			}
			e.Tag = prefix + tag.text
		}
	}
	t, err := d.scanner.peek()
	if err != nil {
		return e, err
	}
	if e.Start < 0 {
		e.Start = t.start
	}
	switch {
	case indentless && t.kind == blockEntry:
		e.Kind, e.End = SequenceStart, t.end
		d.state = indentlessEntry
		return e, nil
	case t.kind == scalarToken:
		tok, err := d.scanner.next()
		e.Kind, e.End, e.Text, e.Plain = Scalar, tok.end, tok.text, tok.plain
		d.pop()
		return e, err
	case t.kind == flowSequenceStart:
		e.Kind, d.state = SequenceStart, flowSequenceFirst
	case t.kind == flowMappingStart:
		e.Kind, d.state = MappingStart, flowMappingFirst
	case block && t.kind == blockSequenceStart:
		e.Kind, d.state = SequenceStart, blockSequenceFirst
	case block && t.kind == blockMappingStart:
		e.Kind, d.state = MappingStart, blockMappingFirst
	case e.Anchor != "" || tag != nil:
		e.Kind, e.Plain = Scalar, true // an empty value
		d.pop()
		return e, nil
	default:
		return d.errorf("no value where one is expected")
	}
	e.End = t.end
	return e, nil
}

// then parses a node and goes on in a state.
func (d *Decoder) then(next state, block, indentless bool) (Event, error) {
	if err := d.push(next); err != nil {
		return Event{}, err
	}
	return d.node(block, indentless)
}

// close ends a collection with the token in hand.
func (d *Decoder) close(kind Kind) (Event, error) {
	t, err := d.scanner.next()
	d.pop()
	return Event{Kind: kind, Start: t.start, End: t.end}, err
}

func (d *Decoder) skip() error {
	_, err := d.scanner.next()
	return err
}

func (d *Decoder) blockSequence() (Event, error) {
	if d.state == blockSequenceFirst {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		d.state = blockSequenceEntry
	}
	switch {
	case d.is(blockEntry):
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if d.isOneOf(blockEntry, blockEnd) {
			return d.empty()
		}
		return d.then(blockSequenceEntry, true, false)
	case d.is(blockEnd):
		return d.close(SequenceEnd)
	}
	return d.errorf("neither an entry nor the end of a sequence")
}

func (d *Decoder) indentless() (Event, error) {
	if !d.is(blockEntry) {
		e, err := d.at(SequenceEnd)
		d.pop()
		return e, err
	}
	if err := d.skip(); err != nil {
		return Event{}, err
	}
	if d.isOneOf(blockEntry, keyToken, valueToken, blockEnd) {
		return d.empty()
	}
	return d.then(indentlessEntry, true, false)
}

func (d *Decoder) blockKey() (Event, error) {
	if d.state == blockMappingFirst {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		d.state = blockMappingKey
	}
	switch {
	case d.is(keyToken):
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if d.isOneOf(keyToken, valueToken, blockEnd) {
			d.state = blockMappingValue
			return d.empty()
		}
		return d.then(blockMappingValue, true, true)
	case d.is(blockEnd):
		return d.close(MappingEnd)
	}
	return d.errorf("neither a key nor the end of a mapping")
}

func (d *Decoder) blockValue() (Event, error) {
	if d.is(valueToken) {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if !d.isOneOf(keyToken, valueToken, blockEnd) {
			return d.then(blockMappingKey, true, true)
		}
	}
	d.state = blockMappingKey
	return d.empty()
}

func (d *Decoder) flowSequence(first bool) (Event, error) {
	if first {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
	}
	d.state = flowSequenceEntry
	if d.is(flowSequenceEnd) {
		return d.close(SequenceEnd)
	}
	if !first {
		if !d.is(flowEntry) {
			return d.errorf("neither ',' nor ']' in a sequence")
		}
		if err := d.skip(); err != nil {
			return Event{}, err
		}
	}
	switch {
	case d.is(keyToken):
		d.state = flowPairKey
		return d.at(MappingStart)
	case d.is(flowSequenceEnd):
		return d.close(SequenceEnd)
	}
	return d.then(flowSequenceEntry, false, false)
}

func (d *Decoder) pairKey() (Event, error) {
	if err := d.skip(); err != nil {
		return Event{}, err
	}
	if d.isOneOf(valueToken, flowEntry, flowSequenceEnd) {
		d.state = flowPairValue
		return d.empty()
	}
	return d.then(flowPairValue, false, false)
}

func (d *Decoder) pairValue() (Event, error) {
	if d.is(valueToken) {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if !d.isOneOf(flowEntry, flowSequenceEnd) {
			return d.then(flowPairEnd, false, false)
		}
	}
	d.state = flowPairEnd
	return d.empty()
}

func (d *Decoder) flowKey(first bool) (Event, error) {
	if first {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
	}
	d.state = flowMappingKey
	if d.is(flowMappingEnd) {
		return d.close(MappingEnd)
	}
	if !first {
		if !d.is(flowEntry) {
			return d.errorf("neither ',' nor '}' in a mapping")
		}
		if err := d.skip(); err != nil {
			return Event{}, err
		}
	}
	switch {
	case d.is(keyToken):
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if d.isOneOf(valueToken, flowEntry, flowMappingEnd) {
			d.state = flowMappingValue
			return d.empty()
		}
		return d.then(flowMappingValue, false, false)
	case d.is(flowMappingEnd):
		return d.close(MappingEnd)
	}
	return d.then(flowMappingEmpty, false, false)
}

func (d *Decoder) flowValue() (Event, error) {
	if d.is(valueToken) {
		if err := d.skip(); err != nil {
			return Event{}, err
		}
		if !d.isOneOf(flowEntry, flowMappingEnd) {
			return d.then(flowMappingKey, false, false)
		}
	}
	d.state = flowMappingKey
	return d.empty()
}
