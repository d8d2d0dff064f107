package pickle

// slot is one place of the stack. The weight of a value is noted, since the value
// may grow while it lies there.
type slot struct {
	v      *Value
	weight uint32
}

// push puts a value on the stack and pays for the largest that the stack becomes.
func (w *walker) push(v *Value) error {
	w.stack = append(w.stack, slot{v, v.size})
	w.weight += int64(v.size) + 1
	if more := w.weight - w.paid; more > 0 {
		w.paid = w.weight
		return w.src.Budget.Text(valueSize * more)
	}
	return nil
}

// cut shortens the stack to n places.
func (w *walker) cut(n int) {
	for _, s := range w.stack[n:] {
		w.weight -= int64(s.weight) + 1
	}
	w.stack = w.stack[:n]
}

// pop takes the topmost value. Of an empty stack it takes something unknown, where
// CPython stops; a mark is not taken.
func (w *walker) pop() *Value {
	v := w.top()
	if n := len(w.stack); n > 0 && w.stack[n-1].v.Kind != mark {
		w.cut(n - 1)
	}
	return v
}

// discard executes POP, which takes a mark as well.
func (w *walker) discard() {
	if len(w.stack) == 0 {
		w.faultf("stack underflow")
		return
	}
	w.cut(len(w.stack) - 1)
}

func (w *walker) top() *Value {
	n := len(w.stack)
	if n == 0 || w.stack[n-1].v.Kind == mark {
		w.faultf("stack underflow")
		return unknown
	}
	return w.stack[n-1].v
}

// popN takes n values, the lowest first.
func (w *walker) popN(n int) []*Value {
	items := make([]*Value, n)
	for i := n - 1; i >= 0; i-- {
		items[i] = w.pop()
	}
	return items
}

// popMark takes all values down to the topmost mark, and the mark.
func (w *walker) popMark() []*Value {
	i := len(w.stack) - 1
	for i >= 0 && w.stack[i].v.Kind != mark {
		i--
	}
	if i < 0 {
		w.faultf("no mark on the stack")
	}
	items := make([]*Value, 0, len(w.stack)-i-1)
	for _, s := range w.stack[i+1:] {
		items = append(items, s.v)
	}
	w.cut(max(i, 0))
	return items
}

// fresh is an empty container.
func (w *walker) fresh(kind Kind) *Value { return &Value{Kind: kind, size: 1, gen: w.gen} }

// tuple makes a tuple.
func (w *walker) tuple(items []*Value) *Value {
	v := w.fresh(Tuple)
	n := min(len(items), KeptItems)
	size := uint32(1)
	for i, item := range items[:n] {
		if size += 1 + item.size; size > keptSize {
			n = i
			break
		}
		v.active = v.active || item.active
		v.size = size
	}
	v.Items, v.More = items[:n:n], n < len(items)
	for _, item := range items[n:] {
		v.active = v.active || item.active
	}
	return v
}

// filled pushes a container with the values down to the mark.
func (w *walker) filled(kind Kind) error {
	v := w.fresh(kind)
	items := w.popMark()
	if err := w.push(v); err != nil {
		return err
	}
	return w.add(v, items)
}

// add appends what is kept of items. Elements that hold no name are kept as long
// as there are few; for a dict an element is a key with its value.
func (w *walker) add(v *Value, items []*Value) error {
	if v.gen != w.gen || v.size == 0 {
		return nil // of the first reading, or shared
	}
	group := 1
	if v.Kind == Dict {
		group = 2
	}
	for len(items) >= group {
		g := items[:group]
		items = items[group:]
		active, size := false, int64(0)
		for _, x := range g {
			active = active || x.active
			size += int64(x.size) + 1
		}
		v.active = v.active || active
		switch {
		case len(v.Items) >= KeptItems:
			v.More = true
			continue
		case !active && (w.inert+int(size) > keptInert):
			v.More = true
			continue
		case active:
			if err := w.src.Budget.Text(8*int64(group) + valueSize*size); err != nil {
				return err
			}
		default:
			w.inert += int(size)
		}
		v.Items = append(v.Items, g...)
	}
	return nil
}

// fill adds items to the container on top of the stack. An object's own method
// is called where it is none.
func (w *walker) fill(kind EventKind, items []*Value) error {
	target := w.top()
	switch target.Kind {
	case List, Set, Dict:
		return w.add(target, items)
	case Unknown:
		return nil
	}
	return w.event(kind, w.made(target, w.tuple(items)))
}

// memo is what PUT and its relatives keep: by number, which a writer counts up
// from 0 and others may not.
type memo struct {
	below  *memo // of the first reading, read only
	dense  []*Value
	sparse map[int64]*Value
}

// next is the number that MEMOIZE uses: how many there are.
func (m *memo) next() int64 {
	n := int64(len(m.dense) + len(m.sparse))
	if m.below != nil {
		n += m.below.next()
	}
	return n
}

func (m *memo) get(n int64) *Value {
	if n >= 0 && n < int64(len(m.dense)) {
		return m.dense[n]
	}
	if v := m.sparse[n]; v != nil {
		return v
	}
	if m.below != nil {
		return m.below.get(n)
	}
	return nil
}

// slimMemo is from how many entries on bytes, and tuples without names in them, are
// not kept: they are data, of which there may be millions.
const slimMemo = 1 << 12

// remember keeps the topmost value under a number.
func (w *walker) remember(n int64) error {
	v := w.top()
	if !v.active && (v.Kind == Tuple || v.Kind == Bytes) && w.memo.next() > slimMemo {
		v = inertSome[v.Kind]
	}
	if v.size > 0 {
		if err := w.src.Budget.Text(valueSize*int64(v.size) + int64(len(v.Text))); err != nil {
			return err
		}
	} else if err := w.src.Budget.Text(8); err != nil {
		return err
	}
	m := &w.memo
	switch {
	case n < 0:
	case n < int64(len(m.dense)):
		m.dense[n] = v
	case n == int64(len(m.dense)) && len(m.sparse) == 0 && m.below == nil:
		m.dense = append(m.dense, v)
	default:
		if m.sparse == nil {
			m.sparse = map[int64]*Value{}
		}
		m.sparse[n] = v
	}
	return nil
}

// recall pushes what is kept under a number.
func (w *walker) recall(n int64) error {
	if v := w.memo.get(n); v != nil {
		return w.push(v)
	}
	w.faultf("memo has nothing under %d", n)
	return w.push(unknown)
}
